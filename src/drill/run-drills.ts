import { type Difference, diff, isDifference } from "../cluster/apply/diff.ts";
import { apply } from "../cluster/apply/index.ts";
import { readInventory } from "../cluster/apply/inventory-store.ts";
import { LeaseLost, withLease } from "../cluster/apply/lease.ts";
import { ClusterError } from "../cluster/cluster-error.ts";
import { nameOf } from "../cluster/objects/kube-object.ts";
import { Discovery } from "../cluster/transport/discovery.ts";
import { cluster as words } from "../messages/cluster.ts";
import { drillWords, type StepName } from "../messages/drill.ts";
import type { Drill } from "./catalogue.ts";
import type { DrillContext } from "./context.ts";
import { type DrillResult, runDrill } from "./drill-run.ts";

/** Callbacks during a run. */
export interface DrillEvents {
  readonly note: (words: string) => void;
  readonly begins: (drill: Drill) => void;
  /** @param after seconds since the fault */
  readonly step: (name: StepName, after: number) => void;
  readonly ended: (result: DrillResult) => void;
}

/** What became of the drills. */
export interface Report {
  readonly drills: readonly DrillResult[];
  /** What is not as it was; empty when all was restored. */
  readonly left: readonly Difference[];
}

/**
 * Repairs what an earlier run left, then performs the drills one after the other, and restores everything in any case: under the
 * lease, which is waited for again when another run has taken over, and not over what that one has applied.
 *
 * @throws ClusterError when another run is changing the environment, or it is not as its manifests say
 */
export async function drill(context: DrillContext, environment: string, drills: readonly Drill[], events: DrillEvents): Promise<Report> {
  const results: DrillResult[] = [];
  const applied = await digestOf(context);
  try {
    await leased(context, events, () => underLease(context, environment, drills, events, results), 0);
  } catch (error) {
    if (error instanceof LeaseLost) await takeBack(context, applied, events);
    throw error;
  }
  return { drills: results, left: await settle(context, environment, applied !== undefined) };
}

/** Runs `work` while no other run changes the environment. @param patienceMs see withLease */
const leased = ({ client, source }: DrillContext, { note }: DrillEvents, work: () => Promise<void>, patienceMs?: number): Promise<void> =>
  withLease(client, source.namespace, (...who) => note(words.waiting(...who)), work, patienceMs);

/** What stands for the manifests that were applied last. */
const digestOf = async ({ client, source }: DrillContext) => (await readInventory(client, source.namespace))?.digest;

/** Restores what a drill changed that has lost its lease. @param applied what was applied last when the drill began */
async function takeBack(context: DrillContext, applied: string | undefined, events: DrillEvents): Promise<void> {
  events.note(drillWords.leaseLost);
  const last = context.afterwards(context.client.anew());
  try {
    await leased(last, events, async () => {
      const isSame = applied ? (await digestOf(last)) === applied : false; // empty while an apply is under way, or cut off
      if (isSame) await repairEarlier(last, events);
      events.note(isSame ? drillWords.nothingLeft : drillWords.leftToRepair);
    });
  } catch (error) {
    events.note(`${(error as Error).message}; ${drillWords.leftToRepair}`);
  } finally {
    await last.inside.close();
    last.client.close();
  }
}

async function underLease(
  context: DrillContext,
  environment: string,
  drills: readonly Drill[],
  events: DrillEvents,
  results: DrillResult[],
) {
  await repairEarlier(context, events);
  if (drills.length === 0) return;
  const before = await differences(context, environment);
  if (before.length > 0) {
    const names = before.slice(0, 3).map(({ ref }) => nameOf(ref));
    throw new ClusterError(drillWords.differs(`${names.join(", ")}${before.length > 3 ? ", …" : ""}`), drillWords.applyFirst);
  }
  try {
    await context.prepare(drills, new Date().toISOString());
    for (const one of drills) {
      events.begins(one);
      const result = await runDrill(context, one, events.step);
      results.push(result);
      events.ended(result);
    }
  } finally {
    await restore(context, events);
  }
}

/** Also after Ctrl-C and after an error. */
async function restore(context: DrillContext, events: DrillEvents): Promise<void> {
  context.client.throwIfRefused();
  const interrupted = context.client.signal?.aborted;
  events.note(interrupted ? drillWords.interrupted : drillWords.restoring);
  await context.inside.close();
  const last = context.afterwards();
  try {
    await last.repair();
  } finally {
    await last.inside.close();
    last.client.close();
  }
}

async function repairEarlier(context: DrillContext, events: DrillEvents): Promise<void> {
  const [made, touched] = [await context.changes.made(), await context.changes.touched()];
  if (made.length + touched.length === 0) return;
  const names = [...touched.map(({ metadata }) => metadata), ...made].map(({ name }) => name);
  events.note(drillWords.cutOff(names.join(", ")));
  await restore(context, events);
}

function differences({ client, source }: DrillContext, environment: string): Promise<Difference[]> {
  const options = { environment, force: false, adopt: false, full: false };
  return diff(client, new Discovery(client), source, options).then((all) => all.filter(isDifference));
}

/** Has the record of the environment say again that all is as applied, and proves it. @param ours without a record another program applied it */
async function settle(context: DrillContext, environment: string, ours: boolean): Promise<Difference[]> {
  const { client, source } = context;
  const options = { environment, force: false, adopt: false, full: false };
  if (ours) await apply(client, new Discovery(client), source, options, { applied: () => undefined, note: () => undefined });
  return differences(context, environment);
}
