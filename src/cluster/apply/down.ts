import { cluster as words } from "../../messages/cluster.ts";
import { ClusterError } from "../cluster-error.ts";
import { type KubeObject, keyOf, nameOf, type Ref } from "../objects/kube-object.ts";
import { isKeeper } from "../objects/managers.ts";
import { refuseDuringRelease } from "../release/state.ts";
import type { Client } from "../transport/client.ts";
import type { Discovery } from "../transport/discovery.ts";
import { OURS } from "../transport/live-objects.ts";
import { until } from "../transport/until.ts";
import { type Inventory, isKept, type Recorded, union } from "./inventory.ts";
import { deleteInventory, readInventory, writeInventory } from "./inventory-store.ts";
import { withLease } from "./lease.ts";
import { STAGES, stageOf } from "./order.ts";
import { countsOf, type Found, presence } from "./presence.ts";
import { placeOf, pruneDecision, remove } from "./prune.ts";
import { type KnownObjects, unmanagedObjects } from "./unmanaged-objects.ts";

/** What became of one object. */
export interface Removed {
  readonly ref: Ref;
  readonly outcome: "deleted" | "kept" | "conflict" | "refused";
  readonly message?: string;
  readonly advice?: string;
}

export interface DownOptions {
  readonly environment: string;
  readonly namespace: string;
  /** The objects of the manifests: what of them is in the cluster goes too, whatever brought it there. */
  readonly wanted: readonly Ref[];
  /** Delete volumes, the secrets that were generated in the cluster, and the namespaces too. */
  readonly deleteData: boolean;
  readonly timeoutMs: number;
}

const isTrouble = ({ outcome }: Removed) => outcome === "conflict" || outcome === "refused";

/** The reverse of the order in which they were applied: dependents first, namespaces last. */
export function takedown<T extends Ref>(objects: readonly T[]): T[] {
  const rank = (ref: T) => STAGES.indexOf(stageOf(ref));
  return objects
    .map((ref, index) => ({ ref, index }))
    .sort((a, b) => rank(b.ref) - rank(a.ref) || b.index - a.index)
    .map(({ ref }) => ref);
}

/**
 * Deletes what the inventory lists and what the manifests name, and nothing else. Volumes, namespaces and the secrets that were
 * made in the cluster stay unless their deletion was asked for: the next apply finds the data, and the passwords that open it.
 *
 * @returns undefined when nothing of the environment is in the cluster
 * @throws ClusterError before anything is deleted, when a program would bring it back
 */
export async function down(
  client: Client,
  discovery: Discovery,
  { environment, namespace, wanted, deleteData, timeoutMs }: DownOptions,
  events: { readonly removed: (result: Removed) => void; readonly note: (text: string) => void },
): Promise<Removed[] | undefined> {
  const { objects, others } = await presence(client, discovery, wanted);
  const recorded = await readInventory(client, namespace);
  if (!recorded && objects.length === 0 && others.length === 0) return undefined;
  refuseOther(recorded, environment, namespace);
  await refuseDuringRelease(client, namespace);
  refuseKept(objects);
  for (const [origin, count] of countsOf(objects)) events.note(words.cameBy(words.origins[origin], count));
  const results: Removed[] = [];
  const add = (result: Removed) => {
    results.push(result);
    events.removed(result);
  };
  const known = new Set([...(recorded?.objects ?? []), ...wanted].map(keyOf));
  const left = () => {
    for (const { ref } of others) if (!known.has(keyOf(ref))) add({ ref, outcome: "kept", message: words.notInManifests });
    return results;
  };
  if (!recorded && objects.length === 0) return left();
  return withLease(
    client,
    namespace,
    (...who) => events.note(words.waiting(...who)),
    async () => {
      const inventory = await readInventory(client, namespace);
      refuseOther(inventory, environment, namespace);
      const all = union<Recorded>(
        inventory?.objects ?? [],
        objects.map(({ ref }) => ref),
      );
      if (all.length === 0) return left();
      const [namespaces, rest] = partition(takedown(all), ({ kind }) => kind === "Namespace");
      for (const ref of rest) await removeOne(client, discovery, ref, deleteData, add);
      left();
      await podsGone(client, rest, namespace, timeoutMs, events.note);
      if (results.some(isTrouble)) return results;
      if (!deleteData) {
        const kept = all.filter(isKept).map((ref): Recorded => ({ ...ref, kept: true }));
        await writeInventory(client, namespace, { environment, digest: "", objects: kept });
        for (const ref of namespaces) add({ ref, outcome: "kept", message: whyNamespaceStays(ref, kept) });
        return results;
      }
      const spared = results.filter(({ outcome }) => outcome === "kept").map(({ ref }) => nameOf(ref));
      const ours: KnownObjects = { spared, ours: all.map(nameOf) };
      await deleteAllData(client, discovery, namespaces, ours, { namespace, timeoutMs }, add, events.note);
      return results;
    },
  );
}

/** @throws ClusterError when the namespace contains another environment, or the data of one */
function refuseOther(found: Inventory | undefined, environment: string, namespace: string): void {
  if (!found || found.environment === environment) return;
  throw new ClusterError(words.otherEnvironment(namespace, found.environment, environment), words.downOther(found.environment));
}

/** @throws ClusterError that names the program that would bring back what is deleted */
function refuseKept(objects: readonly Found[]): void {
  for (const [origin, count] of countsOf(objects.filter((one) => isKeeper(one.origin)))) {
    throw new ClusterError(words.keptByOther(words.origins[origin], count), words.endThere[origin]);
  }
}

/** Why a namespace is not deleted without --delete-data. @param kept what is left of the environment */
const whyNamespaceStays = ({ name }: Ref, kept: readonly Ref[]): string =>
  kept.some(({ kind, namespace }) => kind === "PersistentVolumeClaim" && namespace === name) ? words.holdsTheData : words.holdsNoData;

/** Deletes what holds data, the record of it last: an interrupted run is finished by the next. */
async function deleteAllData(
  client: Client,
  discovery: Discovery,
  namespaces: readonly Recorded[],
  recorded: KnownObjects,
  { namespace, timeoutMs }: Pick<DownOptions, "namespace" | "timeoutMs">,
  add: (result: Removed) => void,
  note: (text: string) => void,
): Promise<void> {
  const generated = `labelSelector=${encodeURIComponent(`app.kubernetes.io/managed-by=${BOOTSTRAP}`)}`;
  // An application of the user's has generated Secrets in a namespace of its own.
  for (const { name } of namespaces) {
    await client.remove(`/api/v1/namespaces/${name}/secrets?${generated}`, words.generatedSecrets);
  }
  const going: string[] = [];
  for (const ref of namespaces) if (await removeNamespace(client, discovery, ref, recorded, add)) going.push(ref.name);
  await deleteInventory(client, namespace);
  await namespacesGone(client, going, Date.now() + timeoutMs, note);
}

/** The label value by which the bootstrap Job marks the Secrets that it generates. */
const BOOTSTRAP = "cloudnova-bootstrap";

const partition = <T>(list: readonly T[], test: (item: T) => boolean): [T[], T[]] => [
  list.filter(test),
  list.filter((item) => !test(item)),
];

async function removeOne(client: Client, discovery: Discovery, ref: Recorded, deleteData: boolean, add: (result: Removed) => void) {
  const path = await placeOf(discovery, ref);
  const { decision, uid } = await pruneDecision(client, path, ref, !deleteData);
  if (decision === "delete" && path) add(await remove(client, path, ref, uid, "deleted"));
  else if (typeof decision === "object") add({ ref, outcome: "kept", message: decision.keep });
}

/** Deleting a namespace deletes everything in it, so it is deleted only when it holds no unmanaged object. */
async function removeNamespace(
  client: Client,
  discovery: Discovery,
  ref: Recorded,
  recorded: KnownObjects,
  add: (result: Removed) => void,
): Promise<boolean> {
  const foreign = await unmanagedObjects(client, ref.name, recorded);
  if (foreign.length > 0) add({ ref, outcome: "kept", message: words.foreign(foreign.join(", ")) });
  else await removeOne(client, discovery, ref, true, add);
  return foreign.length === 0;
}

/** Waits until the namespaces have ended: before that, nothing can be applied in them again. */
async function namespacesGone(client: Client, names: readonly string[], deadline: number, note: (text: string) => void): Promise<void> {
  for (const name of names) {
    let why = "";
    const ended = async () => {
      const live = await client.find(`/api/v1/namespaces/${name}`, words.namespace(name));
      const conditions = (live?.status?.conditions ?? []) as { status: string; message?: string }[];
      why = conditions.flatMap(({ status, message }) => (status === "True" ? [message] : [])).join("; ");
      return live === undefined || undefined;
    };
    const late = () => {
      note(words.stillEnding(name, why));
      return false;
    };
    await until<boolean>(ended, { limitMs: deadline - Date.now(), everyMs: 1000, signal: client.signal, late });
  }
}

/** Waits until our pods have ended: only then are ports, memory and volumes free again. */
async function podsGone(client: Client, refs: readonly Ref[], own: string, timeoutMs: number, note: (text: string) => void): Promise<void> {
  const namespaces = [...new Set([own, ...refs.flatMap(({ namespace }) => namespace ?? [])])];
  let pods: KubeObject[] = [];
  let noted = false;
  const ended = async () => {
    pods = [];
    for (const namespace of namespaces) {
      const answer = await client.send({ path: `/api/v1/namespaces/${namespace}/pods?labelSelector=${OURS}` });
      pods.push(...client.expect(answer, words.podsIn(namespace)).body.items);
    }
    if (pods.length === 0) return true;
    if (!noted) note(words.podsEnding(pods.length));
    noted = true;
    return undefined;
  };
  await until<boolean>(ended, {
    limitMs: timeoutMs,
    everyMs: 1000,
    signal: client.signal,
    late: () => {
      throw new ClusterError(words.podsLate(timeoutMs / 1000, pods.map(({ metadata }) => metadata.name).join(", ")), words.sameCommand);
    },
  });
}
