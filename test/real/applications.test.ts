import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { synthesise } from "../../charts/synth.ts";
import { parseEnvironment } from "../../src/config/load.ts";
import { podsOf } from "../manifests.ts";
import { Cluster } from "./server-cluster.ts";

/** What the user's applications consist of, by a real API server, and their Secrets by the bootstrap Job's own script. */
jest.setTimeout(15 * 60_000); // the first run of a machine builds kube-apiserver

const ENVIRONMENT = `cluster: kind
machine: { memory: 8Gi, cpu: '4' }
applications:
  webapp: { sample: {} }
  tienda:
    image: "a:1"
    port: 80
    replicas: 2
    secrets: { SECRET_KEY: { generate: true }, PEM: { generate: true, file: /run/pem } }
    metrics: { port: 9000 }
    before: ["true"]
    volumes: { uploads: { path: /srv/uploads } }
    database: { initialise: [init.sql] }
    ingress: { host: tienda.example.com, maxUpload: 20Mi, timeoutSeconds: 300, sticky: true }
    outgoing: [203.0.113.0/24, 10.0.0.0/8]
  caja: { image: "b:1", user: 0, podSecurity: baseline, writable: true, ingress: { path: /caja, stripPath: true } }
`;

let cluster: Cluster;
beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), "cloudnova-applications-"));
  writeFileSync(join(folder, "init.sql"), "CREATE TABLE a (x INT);\n");
  cluster = await Cluster.start(synthesise(parseEnvironment(ENVIRONMENT, join(folder, "trial.yaml"))));
});
afterAll(() => cluster?.stop());

test("Pod Security admits every pod at the level of its namespace, and a root one in its own alone", async () => {
  const pods = podsOf(cluster.manifests).filter(({ owner }) => /^cloudnova-(tienda|caja)$/.test(owner.metadata.namespace));
  // A controller makes it in a cluster; this server has none.
  for (const namespace of ["cloudnova-tienda", "cloudnova-caja"]) {
    const account = { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "default" } };
    await cluster.server.client.call("POST", `/api/v1/namespaces/${namespace}/serviceaccounts`, account);
  }
  const create = (namespace: string, { metadata, spec }: (typeof pods)[number]) =>
    cluster.server.client.call("POST", `/api/v1/namespaces/${namespace}/pods?dryRun=All`, {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "trial", labels: metadata.labels },
      spec: { ...spec, restartPolicy: "Never" },
    });
  expect(pods.map(({ owner }) => owner.metadata.name.replace(/-[0-9a-f]{8}$/, "")).sort()).toEqual([
    ...Array(4).fill("backup"), // the first run and the nightly one, of each
    "caja",
    "tienda",
    "tienda-initialise",
  ]);
  for (const pod of pods) {
    const { status, body } = await create(pod.owner.metadata.namespace, pod);
    expect([pod.owner.metadata.name, status, body.message]).toEqual([pod.owner.metadata.name, 201, undefined]);
  }
  const root = pods.find(({ owner }) => owner.metadata.name === "caja");
  const refused = root && (await create("cloudnova-tienda", root));
  expect([refused?.status, refused?.body.message]).toEqual([403, expect.stringMatching(/violates PodSecurity "restricted/)]);
});

test("the API server stores what we write: sleep before the end, the ports' sysctl", async () => {
  const { body } = await cluster.server.client.call("GET", "/apis/apps/v1/namespaces/cloudnova-tienda/deployments/tienda");
  const { containers, securityContext } = body.spec.template.spec;
  expect(containers[0].lifecycle).toEqual({ preStop: { sleep: { seconds: 5 } } });
  expect(securityContext.sysctls).toEqual([{ name: "net.ipv4.ip_unprivileged_port_start", value: "0" }]);
});

describe("the bootstrap Job", () => {
  const copy = (name: string) => cluster.value(`${name}-database`, "password", `cloudnova-${name}`);

  test("makes each application's Secrets in its namespace, with the rights that it has; the second run changes nothing", async () => {
    const first = await cluster.bootstrap();
    expect(first).toMatch(/^cloudnova-tienda\/tienda-database: made password$/m);
    expect(first).toMatch(/^cloudnova-tienda\/tienda-secrets: made SECRET_KEY, PEM$/m);
    for (const name of ["tienda", "caja"]) {
      expect(await copy(name)).toMatch(/^[\w-]{43}$/);
      expect(await copy(name)).toBe(await cluster.value("mysql-applications", name));
    }
    expect(await copy("tienda")).not.toBe(await copy("caja"));
    expect(await cluster.bootstrap()).not.toMatch(/made|changed|issued/);
  });

  test("brings back a copy that was lost, and takes the copy where MySQL's own was", async () => {
    const before = await copy("tienda");
    await cluster.server.client.call("DELETE", "/api/v1/namespaces/cloudnova-tienda/secrets/tienda-database");
    await cluster.bootstrap();
    expect(await copy("tienda")).toBe(before);
    await cluster.setSecret("mysql-applications");
    await cluster.bootstrap();
    expect(await cluster.value("mysql-applications", "tienda")).toBe(before);
  });

  test("MySQL's is the one that counts", async () => {
    await cluster.setSecret("mysql-applications", { tienda: "x".repeat(43), caja: "y".repeat(43) });
    expect(await cluster.bootstrap()).toMatch(/^cloudnova-tienda\/tienda-database: changed password to MySQL's$/m);
    expect(await copy("tienda")).toBe("x".repeat(43));
  });
});
