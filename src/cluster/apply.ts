import type { Answer, Client } from "./client.ts";
import { concurrently } from "./concurrently.ts";
import { WIDTH } from "./connection.ts";
import type { Discovery } from "./discovery.ts";
import { departed, isKept, sameObjects, union } from "./inventory.ts";
import { withLease } from "./lease.ts";
import { readLive } from "./live.ts";
import { type KubeObject, keyOf, nameOf, type Ref, refOf } from "./objects.ts";
import { stageOf, stages } from "./order.ts";
import { changed, MANAGER } from "./outcome.ts";
import { prune } from "./prune.ts";
import { explainRefusal } from "./refusal.ts";
import { readInventory, refuseOther, writeInventory } from "./store.ts";

/** What became of one object. */
export interface Applied {
  readonly ref: Ref;
  readonly outcome: "created" | "changed" | "unchanged" | "pruned" | "kept" | "conflict" | "refused" | "not applied";
  /** Why it was kept or not taken. */
  readonly message?: string;
  readonly advice?: string;
}

export interface ApplyOptions {
  /** The environment's name; the inventory is kept under it. */
  readonly environment: string;
  /** The namespace of the inventory and the lease. */
  readonly namespace: string;
  /** Take fields over that another manager has set. */
  readonly force: boolean;
  /** Take a namespace over that another environment's name stands in. */
  readonly adopt: boolean;
}

/** What is told while it happens. */
export interface ApplyEvents {
  readonly applied: (result: Applied) => void;
  readonly note: (words: string) => void;
}

const TROUBLE = new Set(["conflict", "refused", "not applied"]);
/** Whether an object did not get to where the manifests want it. */
export const isTrouble = ({ outcome }: Applied): boolean => TROUBLE.has(outcome);

/**
 * Makes the cluster what the manifests say: stage by stage, each only when the one before went well, so that nothing starts
 * on a configuration that was refused. What left the manifests goes at the end, and only when all the rest is in place.
 * Every step may be repeated, and what may have been applied is recorded before it is: an interrupted run is finished by the next.
 */
export async function apply(
  client: Client,
  discovery: Discovery,
  objects: readonly KubeObject[],
  options: ApplyOptions,
  events: ApplyEvents,
): Promise<Applied[]> {
  const wanted = objects.map(refOf);
  const before = await readLive(client, discovery, wanted, "metadata");
  const run = new Run(client, discovery, options, events, before);
  const namespaces = objects.filter((object) => stageOf(object) === "namespaces");
  const rest = stages(objects.filter((object) => stageOf(object) !== "namespaces"));

  await run.stage(namespaces);
  if (run.results.some(isTrouble)) return run.skip(rest.flat());
  return withLease(
    client,
    options.namespace,
    (holder) => events.note(`waiting: ${holder} is changing this environment`),
    async () => {
      const inventory = await readInventory(client, options.namespace);
      refuseOther(inventory, options.environment, options.namespace, options.adopt);
      const recorded = inventory?.objects ?? [];
      const record = async (list: readonly Ref[]) =>
        writeInventory(client, options.namespace, { environment: options.environment, objects: list });
      const all = union(recorded, wanted);
      if (inventory?.environment !== options.environment || !sameObjects(all, recorded)) await record(all);

      for (const [index, stage] of rest.entries()) {
        await run.stage(stage);
        if (run.results.some(isTrouble)) return run.skip(rest.slice(index + 1).flat());
      }
      const left = departed(recorded, wanted);
      run.add(await prune(client, discovery, left));
      // What holds data stays on record, so that `down --delete-data` still finds it.
      const kept = run.results.filter(({ outcome }) => outcome === "kept").map(({ ref }) => ref);
      const final = union(wanted, kept.filter(isKept));
      if (!run.results.some(isTrouble) && !sameObjects(final, all)) await record(final);
      return run.results;
    },
  );
}

/** One apply: what it did so far. */
class Run {
  readonly results: Applied[] = [];

  constructor(
    private readonly client: Client,
    private readonly discovery: Discovery,
    private readonly options: ApplyOptions,
    private readonly events: ApplyEvents,
    private readonly before: ReadonlyMap<string, KubeObject>,
  ) {}

  /** Applies the objects, a few at a time. */
  async stage(objects: readonly KubeObject[]): Promise<void> {
    await concurrently(objects, WIDTH, async (object) => this.add([await this.one(object)]));
  }

  /** Notes what was left out because of what went wrong before. */
  skip(objects: readonly KubeObject[]): Applied[] {
    this.add(objects.map((object) => ({ ref: refOf(object), outcome: "not applied" as const, message: "because of the problem above" })));
    return this.results;
  }

  add(results: readonly Applied[]): void {
    for (const result of results) {
      this.results.push(result);
      this.events.applied(result);
    }
  }

  private async one(object: KubeObject): Promise<Applied> {
    const ref = refOf(object);
    const answer = await this.send(object);
    for (const warning of answer.warnings) this.events.note(`warning: ${nameOf(ref)}: ${warning}`);
    const context = this.client.connection.context;
    if (answer.status === 401) this.client.expect(answer, nameOf(ref));
    if (answer.status >= 400) return { ref, ...explainRefusal(answer.status, answer.body, ref, context) };
    if (ref.kind === "Namespace" && answer.body.status?.phase === "Terminating") {
      return { ref, ...explainRefusal(409, { message: "object is being deleted" }, ref, context) };
    }
    if (answer.status === 201) return { ref, outcome: "created" };
    const before = this.before.get(keyOf(ref));
    // What was there without our labels was somebody else's until now.
    return { ref, outcome: !before || changed(before, answer.body, answer.date ?? new Date()) ? "changed" : "unchanged" };
  }

  private async send(object: KubeObject): Promise<Answer> {
    return this.client.send(await patchOf(this.discovery, object, { force: this.options.force }));
  }
}

/** The request that applies an object. @param dryRun only ask what would come of it */
export async function patchOf(discovery: Discovery, object: KubeObject, { force, dryRun = false }: { force: boolean; dryRun?: boolean }) {
  const query = `fieldManager=${MANAGER}&fieldValidation=Strict&force=${force}${dryRun ? "&dryRun=All" : ""}`;
  return {
    method: "PATCH" as const,
    path: `${await discovery.path(refOf(object))}?${query}`,
    body: object, // JSON is YAML
    contentType: "application/apply-patch+yaml",
  };
}
