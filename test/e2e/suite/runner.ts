import { onInterrupt } from "../../../tools/common/cleanup.ts";
import { elapsed } from "../../../tools/common/progress.ts";
import { showState } from "./distress.ts";
import { MemoryWatch } from "./memory.ts";
import { type Pod, restarted } from "./rolled-pods.ts";
import type { Stage } from "./stage.ts";
import type { Outcome, Step } from "./step.ts";
import { mark, seenIn } from "./suite-report.ts";

const say = (text: string) => process.stderr.write(`${text}\n`);

/** The steps with those that are repeated as often as the suite's intensity says. */
export function unrolled(steps: readonly Step[], repeats: number): Step[] {
  return steps.flatMap((step) => {
    const times = step.repeated ? repeats : 1;
    return Array.from({ length: times }, (_, index) => (times === 1 ? step : { ...step, name: `${step.name} (${index + 1} of ${times})` }));
  });
}

/**
 * Runs the steps until one fails; then shows the cluster's state. The node is stopped and its data deleted in any case, after
 * Ctrl-C too; what a run leaves that was killed, the next one removes.
 */
export async function runSteps(stage: Stage, steps: readonly Step[]): Promise<Outcome[]> {
  const watch = new MemoryWatch();
  const memory: Step = {
    name: "memory",
    expects: "in the whole run nothing was killed because memory ran out",
    run: async () => watch.verdict(),
  };
  const outcomes: Outcome[] = [];
  let cleared: Promise<void> | undefined;
  const clear = () => {
    cleared ??= clearAway(stage); // Ctrl-C ends the step under way as well, and both come here
    return cleared;
  };
  const settled = onInterrupt(clear);
  try {
    for (const step of [...steps, memory]) {
      const outcome = await runStep(stage, step);
      outcomes.push(outcome);
      await watch.look(stage).catch(() => undefined); // before the first start, and after the last down, there is nothing
      if (outcome.ok) continue;
      await showState(stage);
      break;
    }
  } finally {
    settled();
    await clear();
  }
  return outcomes;
}

async function clearAway(stage: Stage): Promise<void> {
  await stage.load.end();
  await stage.cluster.delete().catch((error: Error) => say(`the cluster could not be deleted: ${error.message}`));
}

/** Our pods; none where there is no cluster to ask: before the first start, and after the last down. */
const podsNow = (stage: Stage): Promise<Pod[]> => stage.everyPod().catch(() => []);

/** Components of which a container was restarted in the step that does not restart them, with how often. */
function foreignRestarts({ restarts = [] }: Step, before: readonly Pod[], after: readonly Pod[]): string[] {
  if (restarts === "all") return [];
  return [...restarted(before, after)].filter(([component]) => !restarts.includes(component)).map(([name, count]) => `${name} ${count}×`);
}

async function attempt(stage: Stage, step: Step): Promise<Omit<Outcome, "step" | "ms">> {
  const before = await podsNow(stage);
  const outcome = await step.run(stage).then(
    (seen) => ({ ok: true, ...(typeof seen === "string" ? { saw: seen } : seen) }),
    (error: Error) => ({ ok: false, saw: error.message }),
  );
  const foreign = foreignRestarts(step, before, await podsNow(stage));
  if (foreign.length === 0) return outcome;
  return { ...outcome, ok: false, saw: `containers were restarted, not by this step: ${foreign.join(", ")}; ${outcome.saw}` };
}

async function runStep(stage: Stage, step: Step): Promise<Outcome> {
  const begun = Date.now();
  say(`… ${step.name}: ${step.expects}`);
  const outcome = { step, ...(await attempt(stage, step)), ms: Date.now() - begun };
  say(`${mark(outcome)} ${step.name} ${elapsed(outcome.ms)}: ${seenIn(outcome)}`);
  return outcome;
}
