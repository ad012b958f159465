import { INVENTORY } from "../../../src/cluster/apply/inventory.ts";
import { elapsed } from "../../../tools/common/progress.ts";
import { NAME } from "../suite/environment-file.ts";
import { allGreen, withoutLoss } from "../suite/health.ts";
import type { Stage } from "../suite/stage.ts";
import type { Step } from "../suite/step.ts";
import { MEMORY_MIB, NODE } from "../suite/suite-cluster.ts";
import { expect } from "../suite/wait.ts";

/** `up`, as the README has it, until everything is green; in the memory of a small machine from the first moment on. @returns what `verify` said */
export async function bringUp(stage: Stage): Promise<string> {
  await stage.environment.write();
  stage.asked = Date.now();
  await stage.cluster.limited(() => stage.must("up", "--target", "kind", "--yes", "--no-synth"));
  const green = await allGreen(stage);
  const limit = (await stage.cluster.docker("inspect", "--format", "{{.HostConfig.Memory}}", NODE)).trim();
  expect("the limit of the node's memory, in bytes", limit, String(MEMORY_MIB * 1024 * 1024));
  await stage.begin();
  return green;
}

/** Name of a copy of the environment. */
const COPY = "mine";
const WITHOUT = ["--target", "kind", "--no-synth", "--no-doctor", "--no-verify"];

/** The environment that the namespace has, by the record of what was applied. */
const recorded = (stage: Stage): Promise<string> =>
  stage.kubectl("get", "configmap", INVENTORY, "--namespace", "cloudnova", "--output", "jsonpath={.data.environment}");

/** `up` with a copy of the environment's file under another name, and back. */
async function upWithCopy(stage: Stage): Promise<string> {
  const before = JSON.stringify(await stage.pods());
  const copy = await stage.environment.copy(COPY);
  const refused = await stage.cloudnovaOn(copy, "up", ...WITHOUT);
  if (refused.status !== 1 || !refused.stderr.includes(`contains the environment '${NAME}'`))
    throw new Error(`without --yes it ended with ${refused.status}: ${refused.stderr}`);
  expect("the environment that the namespace has", await recorded(stage), NAME);
  for (const [file, name] of [
    [copy, COPY],
    [stage.environment.file, NAME],
  ] as const) {
    const { status, stdout, stderr } = await stage.cloudnovaOn(file, "up", ...WITHOUT, "--yes");
    if (status !== 0) throw new Error(`up ${name} ended with ${status}:\n${stdout}${stderr}`);
    expect("the environment that the namespace has", await recorded(stage), name);
    if (JSON.stringify(await stage.pods()) !== before) throw new Error(`a pod changed with up ${name}`);
  }
  return `the namespace had ${COPY}, and ${NAME} again; no pod changed`;
}

export const START: readonly Step[] = [
  {
    name: "up from nothing",
    expects: "a cluster is made, every workload is up and verify is green",
    run: async (stage) => {
      await stage.cluster.delete(); // what an earlier run left
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
  {
    name: "up with a copy of the environment",
    expects: "another name is refused without --yes, takes the environment's place with it, and gives it back; no pod changes",
    run: (stage) => withoutLoss(stage, () => upWithCopy(stage)),
  },
];
