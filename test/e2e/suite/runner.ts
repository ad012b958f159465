import { onInterrupt } from "../../../tools/common/cleanup.ts";
import { elapsed } from "../../../tools/common/progress.ts";
import { showState } from "./distress.ts";
import { RequestsLost } from "./health.ts";
import { MemoryWatch } from "./memory.ts";
import type { Stage } from "./stage.ts";
import type { Outcome, Step } from "./step.ts";

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
  await stage.node("stop", "--delete-data").catch((error: Error) => say(`the node could not be stopped: ${error.message}`));
}

async function runStep(stage: Stage, step: Step): Promise<Outcome> {
  for (let before: string | undefined, left = stage.intensity.tries - 1; ; left--) {
    const begun = Date.now();
    say(`… ${step.name}: ${step.expects}`);
    const [ok, saw, error] = await step.run(stage).then(
      (text) => [true, text, undefined] as const,
      (error: Error) => [false, error.message, error] as const,
    );
    const ms = Date.now() - begun;
    say(`${ok ? "✔" : "✖"} ${step.name} ${elapsed(ms)}: ${saw}`);
    if (!step.again || left < 1 || !(error instanceof RequestsLost)) return { step, ok, saw, ms, before };
    await showState(stage);
    before = saw;
  }
}
