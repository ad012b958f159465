import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { destinationsOf, isInCluster } from "../../config/destinations.ts";
import type { Config } from "../../config/resolve.ts";
import { cluster as words } from "../../messages/cluster.ts";
import { ClusterError } from "../cluster-error.ts";
import type { Verdict } from "../finding.ts";
import type { KubeObject } from "../objects/kube-object.ts";
import { entryOf } from "../observe/application-trouble.ts";
import { logPath } from "../observe/logs.ts";
import { unansweredIn } from "../observe/unanswered.ts";
import type { Client } from "../transport/client.ts";
import { type PublicFacts, publicFacts } from "./public-names.ts";

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
  /** The last lines of each application's output, by its name. */
  readonly outputs?: Readonly<Record<string, string>>;
  /** IPv4 addresses of hosts that applications connect to, as this machine's DNS has them. */
  readonly hostAddresses?: Readonly<Record<string, readonly string[]>>;
  /** Keys of the Secret for the receivers of alerts; undefined when this account may not read it. */
  readonly receiverKeys?: readonly string[];
  /** What Let's Encrypt will see; undefined where no certificate is ordered from it. */
  readonly internet?: PublicFacts;
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
  const outputs = await outputsOf(client, config, pods);
  return {
    outputs,
    hostAddresses: await addressesOfHosts(config, outputs),
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
    internet: await publicFacts(client.connection, config, nodeList),
  };
}

/** Lines of an application's output in which connections that were not answered are looked for. */
const OUTPUT_LINES = "200";

/** The last lines of the pods of applications; an output that cannot be read is left out. */
async function outputsOf(client: Client, { applications }: Config, pods: readonly KubeObject[]): Promise<Record<string, string>> {
  const own = pods.filter((pod) => applications.some(({ name }) => entryOf(pod)?.name === name));
  const texts = await Promise.all(
    own.map(async ({ metadata: { namespace = "", name: pod, labels } }) => {
      const container = labels?.["app.kubernetes.io/name"] ?? "";
      const { status, body } = await client.send({ path: logPath({ namespace, pod, container }, { tailLines: OUTPUT_LINES }) });
      return [container, status === 200 ? String(body) : ""] as const;
    }),
  );
  return Object.fromEntries(applications.map(({ name }) => [name, texts.flatMap(([of, text]) => (of === name ? [text] : [])).join("\n")]));
}

/** Longest wait for this machine's DNS, ms. */
const DNS_MS = 2000;

/** The IPv4 addresses of the hosts that applications name; those that DNS does not know are left out. */
async function addressesOfHosts({ applications }: Config, outputs: Readonly<Record<string, string>>): Promise<Record<string, string[]>> {
  const named = applications.flatMap((one) => [...destinationsOf(one), ...unansweredIn(outputs[one.name] ?? "")]);
  const hosts = [...new Set(named.flatMap(({ host }) => host ?? []))].filter((host) => !isIP(host) && !isInCluster(host));
  const late = () => new Promise<never>((_, reject) => setTimeout(reject, DNS_MS).unref());
  const found = await Promise.all(
    hosts.map(async (host) => {
      const all = await Promise.race([lookup(host, { all: true, family: 4 }), late()]).catch(() => []);
      return [host, all.map(({ address }) => address)] as const;
    }),
  );
  return Object.fromEntries(found.filter(([, all]) => all.length > 0));
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
