import type { Pod } from "./rolled-pods.ts";
import { runSteps } from "./runner.ts";
import type { Stage } from "./stage.ts";
import type { Step } from "./step.ts";

const nothing = async () => "";
/** A stage with one pod of MySQL, of which the runner sees these counts of restarts, one a look. */
const stageOf = (...restarts: number[]): Stage =>
  ({
    load: { end: nothing },
    cluster: { delete: nothing },
    kubectl: nothing,
    everyPod: async (): Promise<Pod[]> => [
      {
        uid: "1",
        name: "mysql-0",
        namespace: "cloudnova",
        component: "mysql",
        restarts: (restarts.length > 1 ? restarts.shift() : restarts[0]) ?? 0,
        outOfMemory: [],
        ending: false,
        ready: true,
      },
    ],
    cloudnova: async () => ({ status: 0, stdout: "", stderr: "" }),
  }) as unknown as Stage;

const step = (run: Step["run"], more: Partial<Step> = {}): Step => ({ name: "roll", expects: "no request is lost", run, ...more });
const well = step(async () => "well");

beforeEach(() => void jest.spyOn(process.stderr, "write").mockReturnValue(true));
afterEach(() => jest.restoreAllMocks());

test("a step that lost requests has failed at once: it is not tried again, and no other runs", async () => {
  const run = jest.fn().mockRejectedValueOnce(new Error("9 of 461 requests failed")).mockResolvedValue("well");
  const outcomes = await runSteps(stageOf(), [step(run), well]);
  expect(outcomes).toEqual([expect.objectContaining({ ok: false, saw: "9 of 461 requests failed" })]);
  expect(run).toHaveBeenCalledTimes(1);
});

test("a container that restarts in a step that does not restart it fails the step, whatever the step saw", async () => {
  const [outcome] = await runSteps(stageOf(0, 1), [well]);
  expect(outcome).toMatchObject({ ok: false, saw: "containers were restarted, not by this step: mysql 1×; well" });
});

test.each<[string, Partial<Step>, boolean]>([
  ["it restarts itself", { restarts: ["mysql"] }, true],
  ["of a step that restarts everything", { restarts: "all" }, true],
  ["beside another one", { restarts: ["webapp"] }, false],
])("a restart %s", async (_, more, ok) => {
  const [outcome] = await runSteps(stageOf(0, 1), [{ ...well, ...more }]);
  expect(outcome?.ok).toBe(ok);
});

test("an incident is kept apart from what the step saw, and the next step runs", async () => {
  const incident = { saw: "0 bytes left", incident: "mysqld aborted 1×" };
  const outcomes = await runSteps(stageOf(), [step(async () => incident), well]);
  expect(outcomes[0]).toMatchObject({ ok: true, ...incident });
  expect(outcomes[1]).toMatchObject({ ok: true, saw: "well" });
  expect(outcomes[1]).not.toHaveProperty("incident");
});
