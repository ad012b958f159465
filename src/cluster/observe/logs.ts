import type { IncomingMessage } from "node:http";
import { nearest } from "../../config/explain.ts";
import { cluster as words } from "../../messages/cluster.ts";
import { ClusterError, Interrupted } from "../cluster-error.ts";
import type { KubeObject } from "../objects/kube-object.ts";
import type { Client } from "../transport/client.ts";
import { concurrently } from "../transport/concurrently.ts";
import { WIDTH } from "../transport/connection.ts";

export interface LogOptions {
  /** Lines of each container before now. */
  readonly tail: number;
  /** Only newer ones, in seconds. */
  readonly since?: number;
  /** The container's run before its last restart. */
  readonly previous: boolean;
}

/** A container whose output is read. */
export interface LogSource {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
}

const componentOf = ({ metadata }: KubeObject): string => metadata.labels?.["app.kubernetes.io/name"] ?? metadata.name;

const containersOf = ({ metadata, spec }: KubeObject): LogSource[] =>
  [...(spec.initContainers ?? []), ...spec.containers].map(({ name }: { name: string }) => ({
    namespace: metadata.namespace ?? "",
    pod: metadata.name,
    container: name,
  }));

/**
 * The containers that a name means: a component, else a pod, else a container of any pod, such as an exporter beside what it
 * watches. All without a name.
 *
 * @throws ClusterError when there is none of that name; the message lists the components and the nearest name
 */
export function logSources(pods: readonly KubeObject[], name: string | undefined): LogSource[] {
  const all = pods.flatMap(containersOf);
  if (pods.length === 0) throw new ClusterError(words.noPods, words.noPodsOfOurs);
  if (name === undefined) return all;
  const found = [
    pods.filter((pod) => componentOf(pod) === name).flatMap(containersOf),
    all.filter(({ pod }) => pod === name),
    all.filter(({ container }) => container === name),
  ].find((some) => some.length > 0);
  if (found) return found;
  const components = [...new Set(pods.map(componentOf))].sort();
  const near = nearest(name, [...new Set([...components, ...all.flatMap(({ pod, container }) => [pod, container])])]);
  throw new ClusterError(`${words.noComponent(name)}${near}`, words.thereAre(components.join(", ")));
}

/** Where the output of a container is read. */
export const logPath = ({ namespace, pod, container }: LogSource, query: Readonly<Record<string, string>>): string =>
  `/api/v1/namespaces/${namespace}/pods/${pod}/log?${new URLSearchParams({ container, ...query })}`;

/** The lines of an answer, as they come. @throws Error with a code when the connection breaks */
export async function* linesOf(answer: IncomingMessage): AsyncGenerator<string> {
  let rest = "";
  for await (const chunk of answer.setEncoding("utf8")) {
    const lines = `${rest}${chunk}`.split(/\r?\n/);
    rest = lines.pop() ?? "";
    yield* lines;
  }
  if (rest) yield rest;
}

/** What is asked of a container's output. */
export const queryOf = ({ tail, since, previous }: LogOptions): Record<string, string> => ({
  tailLines: String(tail),
  previous: String(previous),
  ...(since !== undefined && { sinceSeconds: String(since) }),
});

/** Reads the output of containers as far as there is any by now. */
export async function readLogs(
  client: Client,
  from: readonly LogSource[],
  options: LogOptions,
  onLine: (logSource: LogSource, text: string) => void,
  onSilent: (logSource: LogSource, why: string) => void,
): Promise<void> {
  await concurrently(from, WIDTH, async (logSource) => {
    try {
      for await (const text of linesOf(await client.stream(logPath(logSource, queryOf(options))))) onLine(logSource, text);
    } catch (error) {
      if (client.signal?.aborted) throw new Interrupted();
      if (!(error instanceof ClusterError) && (error as NodeJS.ErrnoException).code === undefined) throw error;
      onSilent(logSource, (error as Error).message); // a container that has not started has no output yet
    }
  });
}
