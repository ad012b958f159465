import { cluster } from "../../messages/cluster.ts";
import { readiness as words } from "../../messages/readiness.ts";
import { type KubeObject, type Ref, refOf } from "../objects/kube-object.ts";
import type { Client } from "../transport/client.ts";
import { pause } from "../transport/until.ts";
import { entryOf } from "./application-trouble.ts";
import { type Pulls, pullsOf } from "./pulls.ts";
import { type Readiness, readiness, refusedPods, takesTime } from "./readiness.ts";
import { controllerTrouble, troubles } from "./trouble.ts";
import type { Trouble } from "./trouble-type.ts";

/** The state of a workload. */
export interface Standing extends Readiness {
  readonly ref: Ref;
  /** Why it is not ready, as far as that is known. */
  readonly troubles: readonly Trouble[];
  /** The images that its pods pull; absent once it is ready. */
  readonly pulls?: Pulls;
}

/** Where each kind that comes up over time is listed. */
const LISTS: Readonly<Record<string, string>> = {
  Deployment: "apis/apps/v1/namespaces/NS/deployments",
  StatefulSet: "apis/apps/v1/namespaces/NS/statefulsets",
  DaemonSet: "apis/apps/v1/namespaces/NS/daemonsets",
  Job: "apis/batch/v1/namespaces/NS/jobs",
};

/** Enough that the cause is among them: gunicorn writes four lines after the error of a worker that did not start. */
const LOG_LINES = 30;

/** Looks once at the given workloads. @throws ClusterError when the API server refuses */
export async function look(client: Client, refs: readonly Ref[]): Promise<Standing[]> {
  const wanted = refs.filter(takesTime);
  const namespaces = [...new Set(wanted.map(({ namespace = "" }) => namespace))];
  const found = await Promise.all(
    namespaces.map((namespace) =>
      lookInNamespace(
        client,
        namespace,
        wanted.filter((ref) => ref.namespace === namespace),
      ),
    ),
  );
  const standings = found.flat();
  // In the manifests' order, whatever the order of the answers.
  return wanted.flatMap((ref) =>
    standings.filter((one) => one.ref.kind === ref.kind && one.ref.name === ref.name && one.ref.namespace === ref.namespace),
  );
}

async function list(client: Client, path: string): Promise<KubeObject[]> {
  return client.expect(await client.send({ path }), cluster.list(path.split("/").at(-1) ?? "")).body.items ?? [];
}

async function lookInNamespace(client: Client, namespace: string, refs: readonly Ref[]): Promise<Standing[]> {
  const kinds = [...new Set(refs.map(({ kind }) => kind))];
  const lists = await Promise.all(
    kinds.map(async (kind) => (await list(client, `/${LISTS[kind]?.replace("NS", namespace)}`)).map((object) => ({ ...object, kind }))),
  );
  const objects = lists.flat() as KubeObject[];
  const pods = await list(client, `/api/v1/namespaces/${namespace}/pods`);
  const states = refs.map((ref) => {
    const object = objects.find(({ kind, metadata }) => kind === ref.kind && metadata.name === ref.name);
    const own = object ? podsOf(object, pods).filter(({ metadata }) => !metadata.deletionTimestamp) : [];
    const state: Readiness = object ? byPods(readiness(object), own) : { state: "failed", ready: 0, wanted: 1, words: words.absent };
    return { ref, object, own, state };
  });
  if (states.every(({ state }) => state.state === "ready")) return states.map(({ ref, state }) => ({ ref, ...state, troubles: [] }));
  const events = await list(client, `/api/v1/namespaces/${namespace}/events`);
  return Promise.all(
    states.map(async ({ ref, object, own, state }) => {
      if (!object || state.state === "ready") return { ref, ...state, troubles: [] };
      return { ref, ...state, troubles: await troublesOf(client, object, own, events), pulls: pullsOf(own, events) };
    }),
  );
}

/**
 * How far a workload has come, when its pods say otherwise than its controller. After a restart of the machine the controllers of a
 * kubeadm cluster first wait for the lease that they held before, some twenty seconds, in which every workload says what it said before.
 */
function byPods(state: Readiness, own: readonly KubeObject[]): Readiness {
  if (state.state !== "ready") return state;
  const isReady = ({ status }: KubeObject) =>
    (status?.conditions as { type: string; status: string }[] | undefined)?.some(
      ({ type, status: is }) => type === "Ready" && is === "True",
    );
  const ready = own.filter(isReady).length;
  const ended = own.filter(({ status }) => ["Succeeded", "Failed"].includes(status?.phase)).length; // a Job's: never Ready again
  if (ready >= state.wanted || ready === own.length - ended) return state;
  return { state: "waiting", ready, wanted: state.wanted, words: words.available(ready, state.wanted) };
}

/** The pods that a workload's selector picks. */
export function podsOf({ spec }: KubeObject, pods: readonly KubeObject[]): KubeObject[] {
  const labels = Object.entries((spec?.selector?.matchLabels ?? {}) as Record<string, string>);
  return pods.filter(({ metadata }) => labels.length > 0 && labels.every(([key, text]) => metadata.labels?.[key] === text));
}

async function troublesOf(
  client: Client,
  object: KubeObject,
  own: readonly KubeObject[],
  events: readonly KubeObject[],
): Promise<Trouble[]> {
  const each = await Promise.all(
    own.map(async (pod) => {
      const about = events.filter(({ involvedObject }) => involvedObject?.uid === pod.metadata.uid);
      return troubles({ pod, events: about, logs: await containerLogs(client, pod, about) });
    }),
  );
  const refused = refusedPods(object) ?? failedCreate(object, events);
  const all = [
    ...(refused && own.length < (object.spec.replicas ?? 1) ? [controllerTrouble(refused, entryOf(object))] : []),
    ...each.flat(),
  ];
  return [...new Map(all.map((one) => [one.what, one])).values()]; // replicas mostly have the same trouble
}

/** A controller's message when it cannot create pods; StatefulSets, DaemonSets and Jobs say so only in events. */
function failedCreate({ kind, metadata }: KubeObject, events: readonly KubeObject[]): string | undefined {
  const own = events.filter(
    ({ reason, involvedObject }) => reason === "FailedCreate" && involvedObject?.kind === kind && involvedObject.name === metadata.name,
  );
  return own.at(-1)?.message;
}

/** The last lines of the containers that have ended, or that do not answer their probes. @param events about the pod */
async function containerLogs(
  client: Client,
  { metadata, status }: KubeObject,
  events: readonly KubeObject[],
): Promise<Record<string, string>> {
  const statuses = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  const unhealthy = events.some(({ reason }) => reason === "Unhealthy");
  const wanted = statuses.filter(({ name, state, lastState, ready }) => {
    const silent = state?.running && (unhealthy || name === "database"); // the init container that waits for MySQL says for what
    return !ready && (state?.terminated?.exitCode || lastState?.terminated?.exitCode || silent);
  });
  const texts = await Promise.all(
    wanted.map(async ({ name, state, lastState }) => {
      const query = `container=${name}&tailLines=${LOG_LINES}&previous=${!state?.terminated && lastState?.terminated !== undefined}`;
      const { status: code, body } = await client.send({
        path: `/api/v1/namespaces/${metadata.namespace}/pods/${metadata.name}/log?${query}`,
      });
      return [name, code === 200 ? String(body) : ""] as const;
    }),
  );
  return Object.fromEntries(texts);
}

interface Probed {
  readonly startupProbe?: { readonly periodSeconds?: number; readonly failureThreshold?: number };
}

/** How long an application of the user's may take until its first answer, by its startup probe, s; 0 for everything else. */
export function startSeconds(object: KubeObject): number {
  const containers: readonly Probed[] = entryOf(object) ? (object.spec?.template?.spec?.containers ?? []) : [];
  // Kubernetes' own defaults of a probe.
  const seconds = containers.map(({ startupProbe: probe }) => (probe ? (probe.periodSeconds ?? 10) * (probe.failureThreshold ?? 3) : 0));
  return Math.max(0, ...seconds);
}

const POLL_MS = 1000;

/** How far workloads have come, for comparing: pods that are ready, workloads that are done, images that were pulled. */
const progressOf = (standings: readonly Standing[]): number =>
  standings.reduce((sum, { ready, state, pulls }) => sum + ready + (state === "ready" ? 1 : 0) + (pulls?.done ?? 0), 0);

/**
 * Looks again and again until all is ready, something has failed for good, or nothing has come further for the whole time. An image
 * that is being pulled comes further, however slow the line is; a container that crashes and starts again does not.
 *
 * @param timeoutMs without progress
 * @param onLook called after every look with the state of the workloads
 */
export async function waitFor(
  client: Client,
  objects: readonly KubeObject[],
  timeoutMs: number,
  onLook: (standings: readonly Standing[]) => void,
): Promise<Standing[]> {
  const refs = objects.map(refOf);
  let furthest = -1;
  let deadline = 0;
  for (;;) {
    const standings = await look(client, refs);
    onLook(standings);
    if (standings.every(({ state }) => state === "ready") || standings.some(({ state }) => state === "failed")) return standings;
    const progress = progressOf(standings);
    if (progress > furthest || standings.some(({ pulls }) => pulls && pulls.now.length > 0)) deadline = Date.now() + timeoutMs;
    furthest = Math.max(furthest, progress);
    if (Date.now() > deadline) return standings;
    await pause(POLL_MS, client.signal);
  }
}
