import type { ManagedFields } from "../../src/cluster/objects/kube-object.ts";
import { BACKUP_MANAGER, REPLICAS_MANAGER } from "../../src/cluster/objects/managers.ts";
import { Client } from "../../src/cluster/transport/client.ts";
import { connect } from "../../src/cluster/transport/connection.ts";
import { pathOfScalable, type Scalable, setReplicas } from "../../src/cluster/transport/replicas.ts";
import { type ApiServer, startApiServer } from "../../tools/apiserver/server.ts";
import { kubectl } from "../cli/bundled-program.ts";

// Whom a real API server names as the owner of replicas: Argo CD leaves alone what the managers own that its Application names. And
// what Flux reads, which leaves a whole object alone.
jest.setTimeout(240_000);

const WEBAPP: Scalable = { kind: "Deployment", namespace: "cloudnova", name: "webapp" };
let api: ApiServer;
let client: Client;

beforeAll(async () => {
  api = await startApiServer();
  client = new Client(await connect({ kubeconfig: api.kubeconfig }));
  const apply = (file: string) =>
    kubectl(api.bin, api.kubeconfig, "apply", "--server-side", "--field-manager=argocd-controller", "-f", `dist/kind/${file}`);
  await apply("00-namespaces.k8s.yaml");
  await apply("30-webapp.k8s.yaml");
});
afterAll(async () => {
  client?.close();
  await api?.stop();
});

test.each([
  [0, BACKUP_MANAGER],
  [3, REPLICAS_MANAGER],
  [0, BACKUP_MANAGER],
  [1, BACKUP_MANAGER],
])("who sets %d replicas alone owns them: %s", async (replicas, manager) => {
  await setReplicas(client, WEBAPP, replicas, manager);
  const live = await client.find(pathOfScalable(WEBAPP), "webapp");
  const entries: readonly ManagedFields[] = live?.metadata.managedFields ?? [];
  const owners = entries.filter(({ fieldsV1 }) => JSON.stringify(fieldsV1).includes('"f:replicas"')).map(({ manager }) => manager);
  expect([live?.spec.replicas, owners]).toEqual([replicas, [manager]]);
  // Flux asks the live object: https://fluxcd.io/flux/components/kustomize/kustomizations/#controlling-the-apply-behavior-of-resources
  const flux = live?.metadata.annotations?.["kustomize.toolkit.fluxcd.io/reconcile"];
  expect(flux).toBe(manager === REPLICAS_MANAGER ? undefined : "disabled");
});
