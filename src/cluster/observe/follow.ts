import { setTimeout as sleep } from "node:timers/promises";
import { cluster as words } from "../../messages/cluster.ts";
import { ClusterError } from "../cluster-error.ts";
import type { KubeObject } from "../objects/kube-object.ts";
import type { Client } from "../transport/client.ts";
import { type LogOptions, type LogSource, linesOf, logPath, logSources, queryOf } from "./logs.ts";

/** A rollout takes longer than this between two pods. */
const POLL_MS = 2000;
/** After its output has ended, a container is reported as running for a moment still. */
const SETTLED_MS = 2 * POLL_MS;

/** Callbacks while containers are followed. */
export interface FollowEvents {
  readonly line: (logSource: LogSource, text: string) => void;
  /** Of a container: why it is silent. */
  readonly silent: (logSource: LogSource, why: string) => void;
  /** Of a pod: that it came or went. */
  readonly note: (words: string) => void;
}

/** A container's run whose output was asked for. */
interface Followed {
  readonly run: string;
  /** When its output ended, by a clock of ours, ms; undefined while it comes. */
  ended?: number;
}

/** The run of a container that writes output, or wrote it last; undefined before the first. */
function runOf({ status }: KubeObject, container: string): { readonly id: string; readonly isOver: boolean } | undefined {
  const all: { name: string; containerID?: string; state?: { running?: object } }[] = [
    ...(status?.initContainerStatuses ?? []),
    ...(status?.containerStatuses ?? []),
  ];
  const found = all.find(({ name }) => name === container);
  return found?.containerID ? { id: found.containerID, isOver: !found.state?.running } : undefined;
}

/**
 * Follows the output of what a name means (see logSources) until Ctrl-C: also of pods that take the place of others, and of containers
 * that start again. Of what was there before only as much as `options` say, of what comes later everything.
 *
 * @param list the pods there are now
 * @throws ClusterError when there is nothing of that name at the start
 */
export async function followLogs(
  client: Client,
  list: () => Promise<readonly KubeObject[]>,
  name: string | undefined,
  options: LogOptions,
  events: FollowEvents,
): Promise<void> {
  const follower = new Follower(client, queryOf(options), events);
  try {
    for (let first = true; ; first = false) {
      const pods = await list();
      follower.look(pods, first ? logSources(pods, name) : orNone(() => logSources(pods, name)), first);
      await sleep(POLL_MS, undefined, { signal: client.signal });
    }
  } catch (error) {
    if (!client.signal?.aborted) throw error; // Ctrl-C is how following ends
  }
}

/** Between two pods of a component there may be none. */
function orNone(find: () => LogSource[]): LogSource[] {
  try {
    return find();
  } catch (error) {
    if (error instanceof ClusterError) return [];
    throw error;
  }
}

class Follower {
  /** By pod and container. */
  private readonly followed = new Map<string, Followed>();
  /** What was reported of a container, so that it is reported once. */
  private readonly reported = new Map<string, string>();
  /** Names by uid: of a StatefulSet, the next pod has the same name. */
  private pods = new Map<string, string>();

  constructor(
    private readonly client: Client,
    private readonly beginning: Readonly<Record<string, string>>,
    private readonly events: FollowEvents,
  ) {}

  look(pods: readonly KubeObject[], chosen: readonly LogSource[], first: boolean): void {
    const now = new Map<string, string>();
    for (const logSource of chosen) {
      const pod = pods.find(({ metadata }) => metadata.name === logSource.pod && metadata.namespace === logSource.namespace);
      if (!pod) continue;
      now.set(pod.metadata.uid ?? "", logSource.pod);
      this.follow(logSource, pod, first);
    }
    for (const [uid, name] of this.pods) if (!now.has(uid)) this.events.note(words.podGone(name));
    for (const [uid, name] of now) if (!first && !this.pods.has(uid)) this.events.note(words.podNew(name));
    this.pods = now;
  }

  /** Opens the container's output, unless it is open, or all of it was read. */
  private follow(logSource: LogSource, pod: KubeObject, first: boolean): void {
    const run = runOf(pod, logSource.container);
    const key = `${pod.metadata.uid}/${logSource.container}`;
    if (!run) return void this.report(key, logSource, words.notStarted);
    const before = this.followed.get(key);
    if (before && before.ended === undefined) return;
    const isSame = before?.run === run.id;
    const silentMs = performance.now() - (before?.ended ?? 0);
    if (isSame && (run.isOver || silentMs < SETTLED_MS)) return;
    // The same run goes on, so the connection broke: read the output since then, to the second.
    const missed = { sinceSeconds: String(Math.ceil(silentMs / 1000)) };
    const followed: Followed = { run: run.id };
    this.followed.set(key, followed);
    void this.read(logSource, { follow: "true", ...(first && this.beginning), ...(isSame && missed) })
      .catch((error: Error) => this.client.signal?.aborted || this.report(key, logSource, error.message))
      .finally(() => {
        followed.ended = performance.now();
      });
  }

  private async read(logSource: LogSource, query: Readonly<Record<string, string>>): Promise<void> {
    for await (const text of linesOf(await this.client.stream(logPath(logSource, query)))) this.events.line(logSource, text);
  }

  private report(key: string, logSource: LogSource, why: string): void {
    if (this.reported.get(key) !== why) this.events.silent(logSource, why);
    this.reported.set(key, why);
  }
}
