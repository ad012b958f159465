import { elapsed } from "../../../tools/common/progress.ts";
import { kills } from "../suite/memory.ts";
import type { Stage } from "../suite/stage.ts";
import { check, proveChecker } from "./checker.ts";
import type { Verdict } from "./compare.ts";
import type { Fault, Struck } from "./fault.ts";
import { randomFrom } from "./plan.ts";
import type { Writer } from "./writer.ts";

/** Longer than the kubelet waits before it starts a container again that keeps ending (5 minutes), in seconds: what takes longer ends the run. */
const BACK_S = 330;

/** What became of one fault. */
export interface Result {
  readonly fault: string;
  /** What the fault itself saw. */
  readonly saw: string;
  /** What the product did wrong, or why the fault could not be done. */
  readonly failure?: string;
  /** The longest time without an acknowledged write, in ms. */
  readonly pause: number;
  /** Writes acknowledged while it lasted. */
  readonly acknowledged: number;
  readonly lost: number;
  /** Taken back by a restore, after the backup. */
  readonly takenBack: number;
  readonly doubled: number;
  /** Processes that the kernel killed for want of memory, on the whole machine. */
  readonly oomKills: number;
}

/** A whole run. */
export interface Run {
  readonly results: readonly Result[];
  readonly seed: number;
  readonly planned: number;
  readonly ms: number;
  readonly sent: number;
  readonly acknowledged: number;
  /** Acknowledged writes that the database has at the end, by the checker. */
  readonly present: number;
  /** Containers that were ended for want of memory. */
  readonly outOfMemory: readonly string[];
}

const say = (text: string) => process.stderr.write(`${text}\n`);

/** What the run promises: no write lost, none doubled, no fault that went otherwise than it must, all faults done. */
export const isGood = ({ results, planned, outOfMemory }: Run): boolean =>
  results.length === planned &&
  outOfMemory.length === 0 &&
  results.every(({ lost, doubled, failure, oomKills }) => lost + doubled + oomKills === 0 && failure === undefined);

/** Does one fault under the writer, waits until writes are acknowledged again, and looks into the database. @throws Error when they are not, which ends the run */
async function strike(stage: Stage, writer: Writer, fault: Fault, random: () => number, known: ReadonlySet<string>) {
  const [begun, total, oom] = [Date.now(), writer.total, kills()];
  const struck: Struck & { failure?: string } = await fault.strike({ stage, random }).then(
    (seen) => seen ?? {},
    (error: Error) => ({ failure: error.message }),
  );
  await writer.again(BACK_S);
  const pause = writer.pause(begun);
  const { lost, takenBack, doubled }: Verdict = await check(stage, writer, struck.excused);
  const result: Result = {
    fault: fault.name,
    saw: struck.saw ?? "",
    ...(struck.failure && { failure: struck.failure }),
    pause,
    acknowledged: writer.total - total,
    lost: lost.length,
    takenBack: takenBack.length,
    doubled: doubled.filter((name) => !known.has(name)).length,
    oomKills: kills() - oom,
  };
  return { result, doubled, ms: Date.now() - begun };
}

/** @param limit of the whole run in ms: no fault begins after it */
export async function chaos(stage: Stage, writer: Writer, plan: readonly Fault[], seed: number, limit: number): Promise<Run> {
  const random = randomFrom(seed + 1);
  const results: Result[] = [];
  const doubles = new Set<string>();
  const outOfMemory = new Set<string>();
  const begun = Date.now();
  writer.start();
  try {
    await writer.again(BACK_S);
    await proveChecker(stage, writer);
    for (const fault of plan) {
      if (Date.now() - begun > limit) break;
      const { result, doubled, ms } = await strike(stage, writer, fault, random, doubles);
      for (const name of doubled) doubles.add(name);
      results.push(result);
      say(`${lineOf(result)} (${results.length} of ${plan.length}, ${elapsed(ms)}, ${writer.acknowledged.size} acknowledged)`);
      const pods = await stage.everyPod().catch(() => []);
      for (const name of pods.flatMap((pod) => pod.outOfMemory)) outOfMemory.add(name);
    }
  } catch (error) {
    say(`✖ the run ends: ${(error as Error).message}`);
  } finally {
    await writer.end();
  }
  const { lost } = await check(stage, writer, undefined);
  const last = results.at(-1);
  if (last && lost.length > 0) results.push({ ...last, fault: "at the end", saw: "", lost: lost.length, takenBack: 0, acknowledged: 0 });
  const { sent, total: acknowledged, acknowledged: present } = writer;
  return {
    results,
    seed,
    planned: plan.length,
    ms: Date.now() - begun,
    sent,
    acknowledged,
    present: present.size,
    outOfMemory: [...outOfMemory],
  };
}

/** One fault for the output. */
function lineOf({ fault, saw, failure, pause, lost, takenBack, doubled, oomKills }: Result): string {
  const bad = failure !== undefined || lost + doubled + oomKills > 0;
  const counts = [
    `${lost} lost`,
    `${doubled} doubled`,
    ...(takenBack > 0 ? [`${takenBack} taken back`] : []),
    ...(oomKills ? [`${oomKills} OOM kills`] : []),
  ];
  const words = [failure, saw].filter((text) => text).join("; ");
  return `${bad ? "✖" : "✔"} ${fault}: no write for ${elapsed(pause)}; ${counts.join(", ")}${words && `; ${words}`}`;
}

/** One sentence for a whole run. */
export function summaryOf(run: Run): string {
  const sum = (count: (result: Result) => number) => run.results.reduce((total, result) => total + count(result), 0);
  const failed = run.results.filter(({ failure }) => failure !== undefined).length;
  return [
    `${run.results.length} of ${run.planned} faults in ${elapsed(run.ms)}`,
    `${run.acknowledged} writes acknowledged`,
    `${sum(({ lost }) => lost)} lost`,
    `${sum(({ doubled }) => doubled)} doubled`,
    `${sum(({ takenBack }) => takenBack)} taken back by restores`,
    `${sum(({ oomKills }) => oomKills)} OOM kills`,
    `${failed} faults went otherwise than they must`,
  ].join(", ");
}
