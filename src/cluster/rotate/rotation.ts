import { rotate as words } from "../../messages/rotate.ts";
import { restart, runningPods } from "../apply/restart.ts";
import { ClusterError } from "../cluster-error.ts";
import type { KubeObject } from "../objects/kube-object.ts";
import { readiness } from "../observe/readiness.ts";
import type { Client } from "../transport/client.ts";
import { exec, type Run } from "../transport/exec.ts";
import { pickReady } from "../transport/forward.ts";
import { pause, until } from "../transport/until.ts";

/** On a Secret: what of it is being changed. */
const UNDER_WAY = "cloudnova.dev/rotating";
/** The label of the Secrets that the bootstrap Job made (helper/secrets). */
const [MADE, BY] = ["app.kubernetes.io/managed-by", "cloudnova-bootstrap"] as const;
const POLL_MS = 1000;

/** A key of a Secret. */
export interface Kept {
  readonly namespace: string;
  readonly secret: string;
  readonly key: string;
}

/** How a rotation works. */
export interface Rotation {
  readonly client: Client;
  readonly note: (text: string) => void;
  /** How long a workload may take until its pods are replaced, ms. */
  readonly timeoutMs: number;
  /** How long the kubelet may take to see a Secret that was changed, ms: it watches those that its pods have. @default 2000 */
  readonly seenMs?: number;
}

/** What is about to change. */
export interface RotationPlan {
  /** What gets another value, by the names that a user gives. */
  readonly changed: readonly string[];
  /** The workloads that restart. */
  readonly restarted: readonly string[];
  /** Data that only the former value opens, and that is lost with it, as a sentence. @default nothing */
  readonly lost?: string;
  readonly work: (rotation: Rotation) => Promise<void>;
}

/** What a plan is made of. */
export interface Wanted {
  readonly client: Client;
  /** The environment's manifests. */
  readonly objects: readonly KubeObject[];
  readonly namespace: string;
  /** What the user named; none means all. */
  readonly names: readonly string[];
}

/** The names that were given, or all. @throws ClusterError that says which there are */
export function chosenOf(all: readonly string[], names: readonly string[]): string[] {
  for (const name of names.filter((one) => !all.includes(one))) throw new ClusterError(words.noName(name), words.namesAre(all.join(", ")));
  return all.filter((name) => names.length === 0 || names.includes(name));
}

/** What runs commands in a container of a component's pod that is ready. @throws ClusterError where none is */
export async function runIn(client: Client, namespace: string, component: string): Promise<Run> {
  const [pod] = await pickReady(client, { name: component, namespace, component, target: 0 });
  const place = { namespace, pod: pod?.metadata.name ?? "", container: component };
  return (command, input) => exec(client, place, command, input);
}

const pathOf = ({ namespace, secret }: Kept) => `/api/v1/namespaces/${namespace}/secrets/${secret}`;
export const underWay = ({ metadata }: KubeObject): string[] => metadata.annotations?.[UNDER_WAY]?.split(",") ?? [];
export const valueIn = ({ data }: KubeObject, key: string) => Buffer.from(data?.[key] ?? "", "base64").toString();

/** A Secret that CloudNova made. @param others names of accounts that are not in it, for the advice @throws ClusterError */
export async function madeSecret(client: Client, kept: Kept, others = ""): Promise<KubeObject> {
  const found: KubeObject | undefined = await client.find(pathOf(kept), `Secret ${kept.secret}`);
  if (!found?.data?.[kept.key]) throw new ClusterError(words.noSecret(kept.secret, kept.key), words.applyFirst());
  if (found.metadata.labels?.[MADE] !== BY) throw new ClusterError(words.yours(kept.secret), words.yoursAdvice(others));
  return found;
}

/**
 * Changes a Secret that was read; refused when another writer was faster.
 *
 * @param values of its keys @param rotating what of it is under way from now on
 */
export async function change(
  client: Client,
  kept: Kept,
  found: KubeObject,
  values: Readonly<Record<string, string>>,
  rotating: readonly string[],
): Promise<void> {
  const { resourceVersion, annotations } = found.metadata;
  const encoded = Object.entries(values).map(([key, value]) => [key, Buffer.from(value).toString("base64")]);
  const body = {
    metadata: { resourceVersion, annotations: { ...annotations, [UNDER_WAY]: rotating.length > 0 ? rotating.join(",") : null } },
    data: { ...found.data, ...Object.fromEntries(encoded) },
  };
  const call = { method: "PATCH", path: pathOf(kept), body, contentType: "application/merge-patch+json" } as const;
  client.expect(await client.send(call), `Secret ${kept.secret}`);
}

/** Waits until new pods get a Secret as it is now. */
export const seen = ({ client, seenMs = 2000 }: Rotation): Promise<void> => pause(seenMs, client.signal);

/** Looks until there is an answer. @throws ClusterError when it takes too long */
export function within<T>({ client, timeoutMs }: Rotation, look: () => Promise<T | undefined>, what: () => string): Promise<T> {
  const late = () => {
    throw new ClusterError(what(), words.again());
  };
  return until(look, { limitMs: timeoutMs, everyMs: POLL_MS, signal: client.signal, late });
}

/** The Secret that is a volume of a workload's pods. @param volume its name in the pod */
export function secretOfVolume({ spec }: KubeObject, volume: string): string | undefined {
  const volumes: { name: string; secret?: { secretName: string } }[] = spec.template.spec.volumes ?? [];
  return volumes.find(({ name }) => name === volume)?.secret?.secretName;
}

/** Replaces a workload's pods, and waits until none is left that has the Secret of before. @throws ClusterError when it takes too long */
export async function replacePods(rotation: Rotation, workload: KubeObject): Promise<void> {
  const { client, note } = rotation;
  const { kind, metadata } = workload;
  const path = `/apis/apps/v1/namespaces/${metadata.namespace}/${kind.toLowerCase()}s/${metadata.name}`;
  const what = `${kind} ${metadata.name}`;
  if (!(await client.find(path, what))) return;
  note(words.restarting(metadata.name));
  const before = new Set((await runningPods(client, workload)).map((pod) => pod.metadata.uid));
  await restart(client, path, what);
  let why = "";
  const ready = async () => {
    const now = readiness(await client.find(path, what));
    why = now.words;
    if (now.state !== "ready") return undefined;
    return (await runningPods(client, workload, true)).some(({ metadata: { uid } }) => before.has(uid)) ? undefined : true;
  };
  await within(rotation, ready, () => words.notReady(metadata.name, why));
  note(words.ready(metadata.name));
}
