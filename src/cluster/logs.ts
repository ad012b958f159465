import { createInterface } from "node:readline";
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

/** The containers of a component's pods; all components' without a name. @throws ClusterError when there is none of that name */
export function speakers(pods: readonly KubeObject[], component: string | undefined): Speaker[] {
  const nameOf = ({ metadata }: KubeObject) => metadata.labels?.["app.kubernetes.io/name"] ?? metadata.name;
  const chosen = pods.filter((pod) => component === undefined || nameOf(pod) === component || pod.metadata.name === component);
  if (chosen.length === 0) {
    const known = [...new Set(pods.map(nameOf))].sort();
    const there = known.length > 0 ? words.thereAre(known.join(", ")) : words.noPodsOfOurs;
    throw new ClusterError(component === undefined ? words.noPods : words.noComponent(component), there);
  }
  return chosen.flatMap(({ metadata, spec }) =>
    [...(spec.initContainers ?? []), ...spec.containers].map(({ name }: { name: string }) => ({
      namespace: metadata.namespace ?? "",
      pod: metadata.name,
      container: name,
    })),
  );
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
