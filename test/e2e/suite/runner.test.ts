import { RequestsLost } from "./health.ts";
import { runSteps } from "./runner.ts";
import type { Stage } from "./stage.ts";
import type { Step } from "./step.ts";

const nothing = async () => "";
const stageOf = (tries: number): Stage =>
  ({
    intensity: { tries },
    load: { end: nothing },
    node: nothing,
    kubectl: nothing,
    everyPod: async () => [],
    cloudnova: async () => ({ status: 0, stdout: "", stderr: "" }),
  }) as unknown as Stage;

/** A step whose first run fails. */
function failsOnce(error: Error, more: Partial<Step> = { again: true }): Step {
  const runs = [error];
  const run = async () => {
    const failure = runs.pop();
    if (failure) throw failure;
    return "well";
  };
  return { name: "roll", expects: "no request is lost", run, ...more };
}

beforeEach(() => void jest.spyOn(process.stderr, "write").mockReturnValue(true));
afterEach(() => jest.restoreAllMocks());

const lost = new RequestsLost("9 of 461 requests failed");

test("a step that lost requests is tried once more, and what it lost is kept", async () => {
  const [outcome] = await runSteps(stageOf(2), [failsOnce(lost)]);
  expect(outcome).toMatchObject({ ok: true, saw: "well", before: "9 of 461 requests failed" });
});

test.each<[string, number, Step]>([
  ["where each step has one try", 1, failsOnce(lost)],
  ["when it cannot be done anew", 2, failsOnce(lost, {})],
  ["when anything else went wrong", 2, failsOnce(new Error("pods: 2 new"))],
  ["when requests are lost twice", 2, { name: "roll", expects: "", again: true, run: () => Promise.reject(lost) }],
])("it has failed %s, and no other step runs", async (_, tries, step) => {
  const outcomes = await runSteps(stageOf(tries), [step, failsOnce(lost)]);
  expect(outcomes).toHaveLength(1);
  expect(outcomes[0]).toMatchObject({ ok: false });
});
