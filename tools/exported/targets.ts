import type { KubeObject } from "../../src/cluster/objects/kube-object.ts";
import type { Client } from "../../src/cluster/transport/client.ts";
import { openPrometheus } from "../../src/cluster/transport/prometheus-client.ts";
import { PORTS } from "../../src/ports.ts";
import { type Exported, exportedIn, merged } from "./exposition.ts";

/** A target as Prometheus tells of it. */
export interface Target {
  readonly scrapeUrl: string;
  readonly health: string;
  readonly labels: { readonly job: string; readonly instance: string };
}

/** The page of the ballast that stands in for a server which cannot be had: what it exports says nothing about the server. */
const STAND_IN = /^ballast_/m;

const list = async (client: Client, path: string): Promise<KubeObject[]> => client.expect(await client.send({ path }), path).body.items;

/** The API server's way to a target, which Prometheus reaches from inside. @throws Error when it belongs to nobody that is known */
export function proxyPath({ scrapeUrl }: Target, pods: readonly KubeObject[], nodes: readonly KubeObject[]): string {
  const { hostname, port, pathname, search } = new URL(scrapeUrl);
  const node = nodes.find(({ status }) => status.addresses.some(({ address }: { address: string }) => address === hostname));
  if (node && Number(port) === PORTS.kubelet) return `/api/v1/nodes/${node.metadata.name}/proxy${pathname}${search}`;
  const listens = ({ spec }: KubeObject) =>
    spec.containers.some(({ ports = [] }: { ports?: { hostPort?: number; containerPort: number }[] }) =>
      ports.some(({ hostPort, containerPort }) => (hostPort ?? (spec.hostNetwork ? containerPort : 0)) === Number(port)),
    );
  const pod = pods.find((one) => {
    if (hostname === "localhost") return one.metadata.labels?.["app.kubernetes.io/name"] === "prometheus";
    return node ? one.spec.nodeName === node.metadata.name && listens(one) : one.status.podIP === hostname;
  });
  if (!pod) throw new Error(`nobody listens at ${scrapeUrl} that the API server knows of`);
  return `/api/v1/namespaces/${pod.metadata.namespace}/pods/${pod.metadata.name}:${port}/proxy${pathname}${search}`;
}

/** The pages of every target that is up, by job. */
export async function targetPages(client: Client, namespace: string): Promise<{ readonly target: Target; readonly text: string }[]> {
  const prometheus = await openPrometheus(client, namespace);
  const targets = prometheus.api.get<{ activeTargets: Target[] }>("/api/v1/targets?state=active");
  const { activeTargets } = await targets.finally(() => prometheus.close());
  const [pods, nodes] = await Promise.all([list(client, "/api/v1/pods"), list(client, "/api/v1/nodes")]);
  const running = pods.filter(({ status }) => status.phase === "Running");
  const pages: { target: Target; text: string }[] = [];
  for (const target of activeTargets.filter(({ health }) => health === "up")) {
    const path = proxyPath(target, running, nodes);
    const { body } = client.expect(await client.send({ path, accept: "text/plain;version=0.0.4" }), target.scrapeUrl);
    pages.push({ target, text: String(body) });
  }
  return pages;
}

/** What the targets export, by job, whatever Prometheus keeps of it. */
export async function readExported(client: Client, namespace: string): Promise<Record<string, Exported>> {
  const byJob = new Map<string, Exported[]>();
  for (const { target, text } of await targetPages(client, namespace)) {
    if (STAND_IN.test(text)) continue;
    byJob.set(target.labels.job, [...(byJob.get(target.labels.job) ?? []), exportedIn(text)]);
  }
  return Object.fromEntries([...byJob].map(([job, pages]) => [job, merged(pages)]));
}
