import type { Config } from "../../config/resolve.ts";
import { cluster as words } from "../../messages/cluster.ts";
import { ClusterError } from "../cluster-error.ts";
import type { Verdict } from "../finding.ts";
import type { KubeObject } from "../objects/kube-object.ts";
import type { Client } from "../transport/client.ts";

/** Everything that the checks look at, read once. */
export interface ClusterFacts {
  readonly config: Config;
  readonly manifests: readonly KubeObject[];
  /** The server's version, such as v1.34.2. */
  readonly version: string;
  /** How far this machine's clock is ahead of the server's, ms. */
  readonly skewMs?: number;
  readonly nodes: readonly KubeObject[];
  readonly pods: readonly KubeObject[];
  readonly services: readonly KubeObject[];
  /** Where the API server listens: the endpoints of its Service. */
  readonly apiServer: readonly { readonly address: string; readonly port: number }[];
  /** Ranges of Services' addresses; none from a server older than 1.33, which does not list them. */
  readonly serviceRanges: readonly string[];
  readonly storageClasses: readonly KubeObject[];
  readonly ingressClasses: readonly KubeObject[];
  /** API groups that the server has. */
  readonly groups: readonly string[];
  /** What this account may not do of what apply needs. */
  readonly forbidden: readonly string[];
  /** Keys of the Secret for the receivers of alerts; undefined when this account may not read it. */
  readonly receiverKeys?: readonly string[];
}

/** Judges what was read, and returns what it saw. */
export type Check = (facts: ClusterFacts) => Verdict;

/** What apply does, as the API names it. */
const NEEDED: readonly (readonly [verb: string, group: string, resource: string])[] = [
  ["patch", "", "namespaces"],
  ["patch", "", "configmaps"],
  ["patch", "apps", "deployments"],
  ["patch", "apps", "statefulsets"],
  ["patch", "batch", "jobs"],
  ["patch", "rbac.authorization.k8s.io", "clusterroles"],
  ["patch", "networking.k8s.io", "ingresses"],
  ["create", "coordination.k8s.io", "leases"],
  ["delete", "", "configmaps"],
  ["list", "", "pods"],
];

/** Reads what the checks look at. @throws ClusterError when the cluster cannot be reached or gives nothing away */
export async function readFacts(client: Client, config: Config, manifests: readonly KubeObject[]): Promise<ClusterFacts> {
  const sent = Date.now();
  const answer = await client.send({ path: "/version" });
  const { body, date } = client.expect(answer, words.version);
  // The header has whole seconds: the middle of that second against the middle of the request.
  const skewMs = date && (sent + Date.now()) / 2 - date.getTime() - 500;
  const list = async (path: string): Promise<KubeObject[]> => {
    const found = await client.send({ path });
    // Without the right to look, the check of rights says so; the others then see nothing.
    return found.status === 403 ? [] : (client.expect(found, words.list(path.split("/").at(-1) ?? "")).body.items ?? []);
  };
  const [nodeList, pods, services, slices, serviceRanges, storageClasses, ingressClasses, groups, forbidden, receiverKeys] =
    await Promise.all([
      list("/api/v1/nodes"),
      list("/api/v1/pods"),
      list("/api/v1/services"),
      list("/apis/discovery.k8s.io/v1/namespaces/default/endpointslices?labelSelector=kubernetes.io/service-name=kubernetes"),
      rangesOfServices(client),
      list("/apis/storage.k8s.io/v1/storageclasses"),
      list("/apis/networking.k8s.io/v1/ingressclasses"),
      client
        .send({ path: "/apis" })
        .then((one) => (client.expect(one, words.list("APIs")).body.groups as { name: string }[]).map(({ name }) => name)),
      missingRights(client, config.namespace),
      keysOf(client, config.namespace, config.secrets.alerting),
    ]);
  return {
    config,
    manifests,
    version: body.gitVersion,
    skewMs,
    nodes: nodeList,
    pods,
    services,
    apiServer: slices.flatMap(({ endpoints = [], ports = [] }) =>
      (endpoints as { addresses: string[] }[]).flatMap((endpoint) =>
        endpoint.addresses.flatMap((address) => (ports as { port: number }[]).map(({ port }) => ({ address, port }))),
      ),
    ),
    serviceRanges,
    storageClasses,
    ingressClasses,
    groups,
    forbidden,
    receiverKeys,
  };
}

/** What the API's ServiceCIDRs name, GA in Kubernetes 1.33; none where there is no such API, or no right to read it. */
async function rangesOfServices(client: Client): Promise<string[]> {
  const found = await client.send({ path: "/apis/networking.k8s.io/v1/servicecidrs" });
  if (found.status === 403 || found.status === 404) return [];
  const items: KubeObject[] = client.expect(found, words.list("servicecidrs")).body.items ?? [];
  return items.flatMap(({ spec }) => spec.cidrs as string[]);
}

/** The keys of a Secret; none when there is no such Secret. */
async function keysOf(client: Client, namespace: string, name: string): Promise<string[] | undefined> {
  const found = await client.send({ path: `/api/v1/namespaces/${namespace}/secrets/${name}` });
  if (found.status === 403) return undefined;
  return found.status === 404 ? [] : Object.keys(client.expect(found, `Secret ${name}`).body.data ?? {});
}

async function missingRights(client: Client, namespace: string): Promise<string[]> {
  const answers = await Promise.all(
    NEEDED.map(async ([verb, group, resource]) => {
      const body = {
        apiVersion: "authorization.k8s.io/v1",
        kind: "SelfSubjectAccessReview",
        spec: { resourceAttributes: { verb, group, resource, namespace } },
      };
      const answer = await client.send({ method: "POST", path: "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", body });
      if (answer.status === 401) client.expect(answer, "rights");
      if (answer.status >= 400) throw new ClusterError(words.rights(answer.body?.message ?? answer.status));
      return answer.body.status?.allowed ? undefined : `${verb} ${resource}`;
    }),
  );
  return answers.filter((one) => one !== undefined);
}
