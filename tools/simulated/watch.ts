import { setTimeout as sleep } from "node:timers/promises";
import type { ApiServer } from "../apiserver/server.ts";
import { ZONE_LABEL } from "./cluster.ts";

// biome-ignore lint/suspicious/noExplicitAny: API objects, of which a few fields are read
type Item = any;

/** A Deployment. */
export interface Place {
  readonly namespace: string;
  readonly name: string;
}

const listOf = async ({ client }: ApiServer, path: string): Promise<Item[]> => (await client.call("GET", path)).body.items ?? [];

export const nodes = (server: ApiServer): Promise<Item[]> => listOf(server, "/api/v1/nodes");

/** The pods of a Deployment that have a node and are not about to end. */
export async function podsOf(server: ApiServer, { namespace, name }: Place): Promise<Item[]> {
  const all = await listOf(server, `/api/v1/namespaces/${namespace}/pods?labelSelector=app.kubernetes.io/name%3D${name}`);
  return all.filter(({ metadata, spec }) => !metadata.deletionTimestamp && spec.nodeName);
}

export const deployment = async ({ client }: ApiServer, { namespace, name }: Place): Promise<Item> =>
  (await client.call("GET", `/apis/apps/v1/namespaces/${namespace}/deployments/${name}`)).body;

/** Waits until a Deployment has all of its replicas, of its last revision. @throws Error when it has not after two minutes */
export async function settled(server: ApiServer, place: Place): Promise<void> {
  for (const end = Date.now() + 120_000; Date.now() < end; await sleep(200)) {
    const { metadata, spec, status = {} } = await deployment(server, place);
    const counts = [status.replicas, status.updatedReplicas, status.availableReplicas];
    if (status.observedGeneration === metadata.generation && counts.every((count) => count === spec.replicas)) return;
  }
  throw new Error(`${place.name} did not get its replicas within two minutes`);
}

/** How replicas lie: pods by zone, and the most on one node. */
export interface Spread {
  readonly zones: Readonly<Record<string, number>>;
  readonly mostOnOneNode: number;
}

export async function spreadOf(server: ApiServer, place: Place): Promise<Spread> {
  const zoneOf = new Map((await nodes(server)).map(({ metadata }) => [metadata.name, metadata.labels[ZONE_LABEL]]));
  const zones: Record<string, number> = Object.fromEntries([...new Set(zoneOf.values())].sort().map((zone) => [zone, 0]));
  const perNode = new Map<string, number>();
  for (const { spec } of await podsOf(server, place)) {
    const zone = zoneOf.get(spec.nodeName) ?? "gone";
    zones[zone] = (zones[zone] ?? 0) + 1;
    perNode.set(spec.nodeName, (perNode.get(spec.nodeName) ?? 0) + 1);
  }
  return { zones, mostOnOneNode: Math.max(0, ...perNode.values()) };
}

/** Looks again and again how many replicas are available, until told to end; returns the fewest. */
export function fewest(server: ApiServer, place: Place): () => Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  let going = true;
  const looking = (async () => {
    while (going) {
      const { status = {} } = await deployment(server, place);
      least = Math.min(least, status.availableReplicas ?? 0);
      await sleep(50);
    }
  })();
  return async () => {
    going = false;
    await looking;
    return least;
  };
}
