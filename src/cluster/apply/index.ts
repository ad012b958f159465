import { isDeepStrictEqual } from "node:util";
import { cluster as words } from "../../messages/cluster.ts";
import { ClusterError } from "../cluster-error.ts";
import { type KubeObject, keyOf, nameOf, refOf } from "../objects/kube-object.ts";
import { changed, fingerprint, ownEntry } from "../objects/managed-fields.ts";
import { isKeeper, originOf } from "../objects/managers.ts";
import type { Source } from "../objects/manifests.ts";
import { refuseDuringRelease } from "../release/state.ts";
import type { Client } from "../transport/client.ts";
import { concurrently } from "../transport/concurrently.ts";
import { WIDTH } from "../transport/connection.ts";
import type { Discovery } from "../transport/discovery.ts";
import { type Applied, isTrouble } from "./applied.ts";
import { comparable } from "./comparable.ts";
import { type Inventory, isKept, type Recorded, union } from "./inventory.ts";
import { writeInventory } from "./inventory-store.ts";
import { withLease } from "./lease.ts";
import { unnamedUpgrade } from "./mysql-upgrade.ts";
import { stageOf, stages } from "./order.ts";
import { isIdle, type Plan, plan } from "./plan.ts";
import { countsOf } from "./presence.ts";
import { prune } from "./prune.ts";
import { explainRefusal } from "./refusal.ts";
import { sendObject } from "./send.ts";
import { isAutoscaler } from "./takeover.ts";

export interface ApplyOptions {
  /** The environment's name; the inventory is kept under it. */
  readonly environment: string;
  /** Take fields over that another manager has set. */
  readonly force: boolean;
  /** Replace another environment in the same namespace. */
  readonly adopt: boolean;
  /** Send every object, also those that the record proves unchanged. */
  readonly full: boolean;
  /** Whether it is a release's own. Any other is refused while there is one. @default false */
  readonly releasing?: boolean;
}

/** Callbacks during an apply. */
export interface ApplyEvents {
  readonly applied: (result: Applied) => void;
  readonly note: (text: string) => void;
  /** Called after each stage with the objects that were sent; the next stage waits for it. */
  readonly sent?: (objects: readonly KubeObject[]) => Promise<void>;
}

/**
 * Makes the cluster what the manifests say: stage by stage, each only when nothing was refused before, so that nothing starts
 * on half a configuration. What left the manifests goes at the end, and only when all the rest is in place.
 * Every step may be repeated, and what may get applied is recorded before it is: an interrupted run is finished by the next.
 */
export async function apply(
  client: Client,
  discovery: Discovery,
  source: Source,
  options: ApplyOptions,
  events: ApplyEvents,
): Promise<Applied[]> {
  if (!options.releasing) await refuseDuringRelease(client, source.namespace);
  const look = () => plan(client, discovery, source, options);
  const first = await look();
  const { environment = options.environment } = first.inventory ?? {};
  if (environment !== options.environment) events.note(words.tookOver(source.namespace, environment));
  if (!options.force) refuseKept(first);
  const run = new Run(client, discovery, source, options, events);
  if (isIdle(first)) return run.settle(first);

  // The lease lies in the namespace, so that comes before it; applying a namespace twice does no harm.
  const namespaces = first.pending.filter((object) => stageOf(object) === "namespaces");
  await run.stage(namespaces, first.live);
  if (run.blocked) return run.skip(first.pending.slice(namespaces.length));
  const waiting = (...who: [string, string]) => events.note(words.waiting(...who));
  return withLease(client, source.namespace, waiting, async () => run.rest(await look()));
}

/**
 * @throws ClusterError when a program keeps objects of which we own nothing. With equal values the server would name no conflict: both
 * would own the fields from then on, and what one takes out of its manifests would stay
 */
function refuseKept({ live, pending }: Plan): void {
  const theirs = pending.flatMap((object) => live.get(keyOf(refOf(object))) ?? []).filter((object) => !ownEntry(object));
  const found = theirs.map((object) => ({ ref: refOf(object), origin: originOf(object) })).filter(({ origin }) => isKeeper(origin));
  for (const [origin, count] of countsOf(found))
    throw new ClusterError(words.appliedByOther(words.origins[origin], count), words.changeThere);
}

/** One apply: what it did so far. */
class Run {
  private readonly results: Applied[] = [];
  private readonly proofs = new Map<string, string | undefined>();
  /** Objects of which kubectl's client-side apply had set fields until now. */
  private takenOver = 0;
  /** Namespaces in which an autoscaler has left the manifests. */
  private autoscalersLeft: ReadonlySet<string | undefined> = new Set();

  constructor(
    private readonly client: Client,
    private readonly discovery: Discovery,
    private readonly source: Source,
    private readonly options: ApplyOptions,
    private readonly events: ApplyEvents,
  ) {}

  /** Whether something was refused that later stages may need. A conflict is over one field of an object that is there. */
  get blocked(): boolean {
    return this.results.some(({ outcome }) => outcome === "refused");
  }

  /** Everything after the namespaces. */
  async rest({ inventory, live, settled, pending, removed: departed, kept }: Plan): Promise<Applied[]> {
    this.settle({ settled, kept });
    const done = new Set(this.results.map(({ ref }) => keyOf(ref)));
    const open = pending.filter((object) => !done.has(keyOf(refOf(object))));
    // Until the end it is not said what was applied in full, but all that may be there.
    await this.record(inventory, "", union<Recorded>([...settled, ...pending.map(refOf)], inventory?.objects ?? []));
    // An autoscaler goes before its workload gets back the replicas of the manifest: it would change them again.
    const [autoscalers, others] = [departed.filter(isAutoscaler), departed.filter((ref) => !isAutoscaler(ref))];
    this.autoscalersLeft = new Set(autoscalers.map(({ namespace }) => namespace));
    this.add(await prune(this.client, this.discovery, autoscalers));
    const queue = stages(open);
    for (const [index, stage] of queue.entries()) {
      await this.stage(stage, live);
      if (this.blocked) return this.skip(queue.slice(index + 1).flat());
      await this.events.sent?.(stage);
    }
    if (this.takenOver > 0) this.events.note(words.takenOver(this.takenOver));
    if (this.results.some(isTrouble)) return this.results;
    const gone = await prune(this.client, this.discovery, others);
    this.add(gone);
    if (this.results.some(isTrouble)) return this.results;
    const stay = gone.filter(({ outcome, ref }) => outcome === "kept" && isKept(ref)).map(({ ref }): Recorded => ({ ...ref, kept: true }));
    const proved = this.source
      .objects()
      .map(refOf)
      .map((ref): Recorded => ({ ...ref, proof: this.proofs.get(keyOf(ref)) }));
    await this.record(undefined, this.source.digest, union(proved, [...kept, ...stay]));
    return this.results;
  }

  /** Applies the objects, a few at a time. */
  async stage(objects: readonly KubeObject[], live: Plan["live"]): Promise<void> {
    await concurrently(objects, WIDTH, async (object) => this.add([await this.one(object, live.get(keyOf(refOf(object))))]));
  }

  /** Notes what needs no request. */
  settle({ settled, kept }: Pick<Plan, "settled" | "kept">): Applied[] {
    for (const ref of settled) this.proofs.set(keyOf(ref), ref.proof);
    const known = new Set(this.results.map(({ ref }) => keyOf(ref)));
    const quiet = settled.filter((ref) => !known.has(keyOf(ref)));
    this.add(quiet.map(({ proof: _, ...ref }) => ({ ref, outcome: "unchanged" as const })));
    this.add(kept.map(({ kept: _, ...ref }) => ({ ref, outcome: "kept" as const, message: words.holdsData })));
    return this.results;
  }

  /** Notes what was left out because of what went wrong before. */
  skip(objects: readonly KubeObject[]): Applied[] {
    this.add(objects.map((object) => ({ ref: refOf(object), outcome: "not applied" as const, message: words.because })));
    return this.results;
  }

  private add(results: readonly Applied[]): void {
    for (const result of results) {
      this.results.push(result);
      this.events.applied(result);
    }
  }

  private async one(object: KubeObject, before: KubeObject | undefined): Promise<Applied> {
    const ref = refOf(object);
    const upgrade = unnamedUpgrade(object, before);
    if (upgrade) return { ref, ...upgrade };
    const sendOptions = { force: this.options.force, autoscalerLeft: this.autoscalersLeft.has(ref.namespace) };
    const { answer, live, takenOver } = await sendObject(this.client, this.discovery, object, before, sendOptions);
    const { status, body, warnings } = answer;
    for (const warning of warnings) this.events.note(words.warning(nameOf(ref), warning));
    const { context } = this.client.connection;
    if (status === 401) this.client.expect({ status, body, warnings }, nameOf(ref));
    if (status >= 400) return { ref, ...explainRefusal(status, body, ref, context) };
    if (ref.kind === "Namespace" && body.status?.phase === "Terminating") {
      return { ref, ...explainRefusal(409, { message: "object is being deleted" }, ref, context) };
    }
    this.proofs.set(keyOf(ref), fingerprint(body));
    if (status === 201) return { ref, outcome: "created" };
    if (takenOver) this.takenOver += 1;
    // The record of who set which field has changed in any case then.
    if (live && takenOver) return { ref, outcome: isDeepStrictEqual(comparable(live), comparable(body)) ? "unchanged" : "changed" };
    // What was there without our labels was another's until now.
    return { ref, outcome: !live || changed(live, body) ? "changed" : "unchanged" };
  }

  private async record(found: Inventory | undefined, digest: string, objects: readonly Recorded[]): Promise<void> {
    const next: Inventory = { environment: this.options.environment, digest, objects };
    if (JSON.stringify(found) !== JSON.stringify(next)) await writeInventory(this.client, this.source.namespace, next);
  }
}
