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
import { type DrillResult, performDrill } from "./perform.ts";
import type { Stage } from "./stage.ts";

/** What is told while it happens. */
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
 * @throws ClusterError when somebody else is changing the environment, or it is not as its manifests say
 */
export async function drill(stage: Stage, environment: string, drills: readonly Drill[], events: DrillEvents): Promise<Report> {
  const results: DrillResult[] = [];
  const applied = await digestOf(stage);
  try {
    await leased(stage, events, () => underLease(stage, environment, drills, events, results), 0);
  } catch (error) {
    if (error instanceof LeaseLost) await takeBack(stage, applied, events);
    throw error;
  }
  return { drills: results, left: await settle(stage, environment) };
}

/** Runs `work` while nobody else changes the environment. @param patienceMs see withLease */
const leased = ({ client, source }: Stage, { note }: DrillEvents, work: () => Promise<void>, patienceMs?: number): Promise<void> =>
  withLease(client, source.namespace, (...who) => note(words.waiting(...who)), work, patienceMs);

/** What stands for the manifests that were applied last. */
const digestOf = async ({ client, source }: Stage) => (await readInventory(client, source.namespace))?.digest;

/** Restores what a drill changed that has lost its lease. @param applied what was applied last when the drill began */
async function takeBack(stage: Stage, applied: string | undefined, events: DrillEvents): Promise<void> {
  events.note(drillWords.leaseLost);
  const last = stage.afterwards(stage.client.anew());
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

async function underLease(stage: Stage, environment: string, drills: readonly Drill[], events: DrillEvents, results: DrillResult[]) {
  await repairEarlier(stage, events);
  if (drills.length === 0) return;
  const before = await differences(stage, environment);
  if (before.length > 0) {
    const names = before.slice(0, 3).map(({ ref }) => nameOf(ref));
    throw new ClusterError(drillWords.differs(`${names.join(", ")}${before.length > 3 ? ", …" : ""}`), drillWords.applyFirst);
  }
  try {
    await stage.prepare(drills, new Date().toISOString());
    for (const one of drills) {
      events.begins(one);
      const result = await performDrill(stage, one, events.step);
      results.push(result);
      events.ended(result);
    }
  } finally {
    await restore(stage, events);
  }
}

/** Also after Ctrl-C and after an error. */
async function restore(stage: Stage, events: DrillEvents): Promise<void> {
  stage.client.throwIfRefused();
  const interrupted = stage.client.signal?.aborted;
  events.note(interrupted ? drillWords.interrupted : drillWords.restoring);
  await stage.inside.close();
  const last = stage.afterwards();
  try {
    await last.repair();
  } finally {
    await last.inside.close();
    last.client.close();
  }
}

async function repairEarlier(stage: Stage, events: DrillEvents): Promise<void> {
  const [made, touched] = [await stage.changes.made(), await stage.changes.touched()];
  if (made.length + touched.length === 0) return;
  const names = [...touched.map(({ metadata }) => metadata), ...made].map(({ name }) => name);
  events.note(drillWords.cutOff(names.join(", ")));
  await restore(stage, events);
}

function differences({ client, source }: Stage, environment: string): Promise<Difference[]> {
  const options = { environment, force: false, adopt: false, full: false };
  return diff(client, new Discovery(client), source, options).then((all) => all.filter(isDifference));
}

/** Has the record of the environment say again that all is as applied, and proves it. */
async function settle(stage: Stage, environment: string): Promise<Difference[]> {
  const { client, source } = stage;
  const options = { environment, force: false, adopt: false, full: false };
  await apply(client, new Discovery(client), source, options, { applied: () => undefined, note: () => undefined });
  return differences(stage, environment);
}
