import { elapsed } from "../../../tools/common/progress.ts";
import { PORTS } from "../suite/environment.ts";
import { allGreen } from "../suite/health.ts";
import type { Stage } from "../suite/stage.ts";
import type { Step } from "../suite/step.ts";

/** The node's memory limit in MiB: a machine of 2 GiB less its kernel and Ubuntu. */
export const MEMORY_MIB = 1700;

export const startNode = ["start", "--memory", String(MEMORY_MIB), "--ports", Object.values(PORTS).join(",")] as const;

/** `up`, as the README has it, until everything is green. @returns what `verify` said */
export async function bringUp(stage: Stage): Promise<string> {
  await stage.environment.write();
  stage.asked = Date.now();
  await stage.must("up", "--target", "node", "--yes", "--no-synth");
  const green = await allGreen(stage);
  stage.begin();
  return green;
}

export const START: readonly Step[] = [
  {
    name: "up from nothing",
    expects: "a node is made, every workload is up and verify is green",
    run: async (stage) => {
      await stage.node("stop", "--delete-data"); // what an earlier run left
      const green = await bringUp(stage);
      return `after ${elapsed(stage.green - stage.asked)}, in ${MEMORY_MIB} MiB, control plane included: ${green}`;
    },
  },
  {
    name: "up again",
    expects: "nothing is changed, and it says so",
    run: async (stage) => {
      const before = await stage.pods();
      const said = await stage.must("up", "--no-synth", "--no-doctor", "--no-verify");
      const line = said.split("\n").find((text) => text.includes("nothing was changed"));
      if (!line) throw new Error(`it did not say that nothing was changed: ${said}`);
      if (JSON.stringify(await stage.pods()) !== JSON.stringify(before)) throw new Error("a pod changed");
      return line;
    },
  },
];
