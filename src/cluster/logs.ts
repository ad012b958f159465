import { createInterface } from "node:readline";
import { nearest } from "../config/explain.ts";
import { cluster as words } from "../messages/cluster.ts";
import type { Client } from "./client.ts";
import { concurrently } from "./concurrently.ts";
import { WIDTH } from "./connection.ts";
import { ClusterError } from "./errors.ts";
import type { KubeObject } from "./objects.ts";

export interface LogOptions {
  readonly follow: boolean;
  /** Lines of each container before now. */
  readonly tail: number;
  /** Only newer ones, in seconds. */
  readonly since?: number;
  /** The container's run before its last restart. */
  readonly previous: boolean;
}

/** A container whose output is read. */
export interface Speaker {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
}

const componentOf = ({ metadata }: KubeObject): string => metadata.labels?.["app.kubernetes.io/name"] ?? metadata.name;

const speakersOf = ({ metadata, spec }: KubeObject): Speaker[] =>
  [...(spec.initContainers ?? []), ...spec.containers].map(({ name }: { name: string }) => ({
    namespace: metadata.namespace ?? "",
    pod: metadata.name,
    container: name,
  }));

/**
 * The containers that a name means: a component, else a pod, else a container of any pod, such as an exporter beside what it
 * watches. All without a name.
 *
 * @throws ClusterError when there is none of that name; it tells the components and the nearest name
 */
export function speakers(pods: readonly KubeObject[], name: string | undefined): Speaker[] {
  const all = pods.flatMap(speakersOf);
  if (pods.length === 0) throw new ClusterError(words.noPods, words.noPodsOfOurs);
  if (name === undefined) return all;
  const found = [
    pods.filter((pod) => componentOf(pod) === name).flatMap(speakersOf),
    all.filter(({ pod }) => pod === name),
    all.filter(({ container }) => container === name),
  ].find((some) => some.length > 0);
  if (found) return found;
  const components = [...new Set(pods.map(componentOf))].sort();
  const near = nearest(name, [...new Set([...components, ...all.flatMap(({ pod, container }) => [pod, container])])]);
  throw new ClusterError(`${words.noComponent(name)}${near}`, words.thereAre(components.join(", ")));
}

/** Reads the output of containers, all at once when it is followed. */
export async function readLogs(
  client: Client,
  from: readonly Speaker[],
  { follow, tail, since, previous }: LogOptions,
  onLine: (speaker: Speaker, text: string) => void,
  onSilent: (speaker: Speaker, why: string) => void,
): Promise<void> {
  await concurrently(from, follow ? from.length : WIDTH, async (speaker) => {
    const query = new URLSearchParams({
      container: speaker.container,
      tailLines: String(tail),
      follow: String(follow),
      previous: String(previous),
    });
    if (since !== undefined) query.set("sinceSeconds", String(since));
    try {
      const stream = await client.stream(`/api/v1/namespaces/${speaker.namespace}/pods/${speaker.pod}/log?${query}`);
      for await (const text of createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })) onLine(speaker, text);
    } catch (error) {
      if (client.signal?.aborted) return; // Ctrl-C is how following ends
      if (!(error instanceof ClusterError)) throw error;
      onSilent(speaker, error.message); // a container that has not started has no output yet
    }
  });
}
