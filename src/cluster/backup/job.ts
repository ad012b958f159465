import { BACKUP, PATHS } from "../../backups.ts";
import { backup as words } from "../../messages/backup.ts";
import { ClusterError, Interrupted } from "../cluster-error.ts";
import type { KubeObject } from "../objects/kube-object.ts";
import { linesOf, logPath } from "../observe/logs.ts";
import { look } from "../observe/watch.ts";
import type { Client } from "../transport/client.ts";
import { pause, until } from "../transport/until.ts";

/** What a Job of the command line does otherwise than the scheduled run. */
export interface JobOptions {
  /** Words of the backup program after its name, without the plan: `["list", "--json"]`. */
  readonly words: readonly [string, ...string[]];
  /** Whether it may write to the application's volumes. @default false */
  readonly writable?: boolean;
  /** Whether it may change Secrets. @default false */
  readonly secrets?: boolean;
}

// biome-ignore lint/suspicious/noExplicitAny: a container of a pod's template; only the few fields that are changed are known
type Container = any;

/** Seconds after its end in which the API server deletes a Job that this program could not delete. */
const LEFT_SECONDS = 3600;

/** The words of a container's command or arguments, with others after `backup`. */
function withWords({ command, args, ...rest }: Container, said: readonly string[]): Container {
  const changed = (list: readonly string[] | undefined) =>
    list?.includes(BACKUP) ? [...list.slice(0, list.indexOf(BACKUP) + 1), ...said] : list;
  return { ...rest, ...(command && { command: changed(command) }), ...(args && { args: changed(args) }) };
}

/** The Job of a command, from the template of the scheduled run: the same pod, other words, one try. */
export function jobOf({ metadata, spec }: KubeObject, options: JobOptions): Record<string, unknown> {
  const [first, ...more] = options.words;
  const { template } = spec.jobTemplate.spec;
  const [main, ...others] = template.spec.containers as Container[];
  const writable = (mount: { readonly mountPath: string }) =>
    options.writable && mount.mountPath.startsWith(`${PATHS.volumes}/`) ? { ...mount, readOnly: false } : mount;
  const container = withWords({ ...main, volumeMounts: main.volumeMounts.map(writable) }, [first, PATHS.plan, ...more]);
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: {
      generateName: `${BACKUP}-${first}-`,
      namespace: metadata.namespace,
      labels: { "app.kubernetes.io/name": BACKUP },
    },
    spec: {
      backoffLimit: 0,
      ttlSecondsAfterFinished: LEFT_SECONDS,
      template: {
        ...template,
        spec: {
          ...template.spec,
          ...(options.secrets && { serviceAccountName: `${BACKUP}-restore` }),
          // Its exit code and its log are those of one run.
          restartPolicy: "Never",
          containers: [container, ...others],
        },
      },
    },
  };
}

/** Callbacks while a Job runs. */
export interface JobEvents {
  /** A line of its log for people. */
  readonly line: (text: string) => void;
  /** Why its pod has not started yet. */
  readonly note: (text: string) => void;
}

/** A pod that has not started after so long is reported, and after so long is given up, ms: an image may be pulled first. */
const [REPORTED_MS, STARTED_MS] = [30_000, 300_000];
const POLL_MS = 500;

/** A Job of this program in the cluster. */
export interface Running {
  readonly namespace: string;
  readonly job: string;
}

/** Makes the Job. @throws ClusterError when the environment's backups are not applied */
export async function startJob(client: Client, namespace: string, options: JobOptions): Promise<Running> {
  const cronJob = await client.find(`/apis/batch/v1/namespaces/${namespace}/cronjobs/${BACKUP}`, `CronJob ${BACKUP}`);
  if (!cronJob) throw new ClusterError(words.notApplied(namespace), words.applyFirst());
  const call = { method: "POST", path: `/apis/batch/v1/namespaces/${namespace}/jobs`, body: jobOf(cronJob, options) } as const;
  const { body } = client.expect(await client.send(call), words.job(options.words[0]));
  return { namespace, job: body.metadata.name };
}

/** Deletes the Job and its pod; also after Ctrl-C. */
export async function deleteJob(client: Client, { namespace, job }: Running): Promise<void> {
  const path = `/apis/batch/v1/namespaces/${namespace}/jobs/${job}?propagationPolicy=Background`;
  await client.withoutSignal().send({ method: "DELETE", path });
}

async function podOf(client: Client, { namespace, job }: Running): Promise<KubeObject | undefined> {
  const path = `/api/v1/namespaces/${namespace}/pods?labelSelector=${encodeURIComponent(`job-name=${job}`)}`;
  return client.expect(await client.send({ path }), words.podsOf(job)).body.items?.[0];
}

/** The state of the program's container; undefined before it has one. */
function stateOf(
  pod: KubeObject | undefined,
): { readonly running?: object; readonly terminated?: { readonly exitCode: number } } | undefined {
  const statuses = (pod?.status?.containerStatuses ?? []) as { name: string; state?: object }[];
  return statuses.find(({ name }) => name === BACKUP)?.state;
}

/** Waits until the program runs or has run. @throws ClusterError with the reason where its pod does not start */
export async function waitForStart(client: Client, running: Running, { note }: Pick<JobEvents, "note">): Promise<KubeObject> {
  const began = Date.now();
  let reported = "";
  const reasons = async () => {
    const [standing] = await look(client, [{ apiVersion: "batch/v1", kind: "Job", namespace: running.namespace, name: running.job }]);
    return (standing?.troubles ?? []).map(({ what, advice }) => (advice ? `${what}: ${advice}` : what)).join("; ");
  };
  return until(
    async () => {
      const pod = await podOf(client, running);
      const state = stateOf(pod);
      if (state?.running || state?.terminated) return pod;
      // An init container that failed ends the pod before the program's own has begun.
      if (pod?.status?.phase === "Failed") throw new ClusterError(words.notStarted(running.job), await reasons());
      if (Date.now() - began < REPORTED_MS) return undefined;
      const why = await reasons();
      if (why !== reported && why !== "") note(why);
      reported = why;
      return undefined;
    },
    {
      limitMs: STARTED_MS,
      everyMs: POLL_MS,
      signal: client.signal,
      late: () => {
        throw new ClusterError(words.notStarted(running.job), reported || words.seeStatus());
      },
    },
  );
}

/** Whether a failure is a connection that broke, and not an answer. */
const isBroken = (error: unknown): boolean => (error as NodeJS.ErrnoException).code !== undefined;

/**
 * Reads a pod's log to its end, over broken connections.
 * @param seen lines that were read before, which are passed over
 * @returns lines that were read by now
 */
async function readLog(client: Client, { namespace }: Running, pod: string, seen: number, onLine: (text: string) => void): Promise<number> {
  for (;;) {
    try {
      let index = 0;
      const answer = await client.stream(logPath({ namespace, pod, container: BACKUP }, { follow: "true" }));
      for await (const text of linesOf(answer)) {
        index += 1;
        if (index <= seen) continue;
        seen = index;
        onLine(text);
      }
      return seen;
    } catch (error) {
      if (client.signal?.aborted) throw new Interrupted();
      if (!isBroken(error)) throw error;
      await pause(POLL_MS, client.signal);
    }
  }
}

/** The program writes its result as one line of JSON; all other lines are for people. */
function resultIn(text: string): Record<string, unknown> | undefined {
  if (!text.startsWith("{")) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What the program said at its end. */
export interface Done<T> {
  readonly ok: boolean;
  /** Its result, where it wrote one. */
  readonly result: T | undefined;
  /** Its last line for people: the reason, where it failed. */
  readonly last: string;
}

/** Follows a Job to its end. */
async function follow<T>(client: Client, running: Running, events: JobEvents): Promise<Done<T>> {
  const { metadata } = await waitForStart(client, running, events);
  let result: unknown;
  let last = "";
  let seen = 0;
  for (let more = true; more; ) {
    seen = await readLog(client, running, metadata.name, seen, (text) => {
      const found = resultIn(text);
      if (found) result = found;
      else {
        last = text;
        events.line(text);
      }
    });
    // The log of a container may end before its state says so, and where the kubelet rotates it.
    more = stateOf(await podOf(client, running))?.running !== undefined;
    if (more) await pause(POLL_MS, client.signal);
  }
  const pod = await podOf(client, running);
  if (!pod) throw new ClusterError(words.podGone(running.job), words.seeList());
  return { ok: stateOf(pod)?.terminated?.exitCode === 0, result: result as T | undefined, last };
}

/**
 * Runs the backup program once in a unit's namespace, and removes the Job.
 *
 * @throws ClusterError when the pod does not start; what the program itself refuses is in the answer. Interrupted
 */
export async function runJob<T>(client: Client, namespace: string, options: JobOptions, events: JobEvents): Promise<Done<T>> {
  const running = await startJob(client, namespace, options);
  try {
    return await follow<T>(client, running, events);
  } finally {
    await deleteJob(client, running);
  }
}
