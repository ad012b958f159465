import { allGreen, comesBack } from "../suite/health.ts";
import type { Step } from "../suite/step.ts";
import { NODE } from "../suite/suite-cluster.ts";

export const RESTART: Step = {
  name: "the node stopped and started",
  expects: "`up` starts it and waits for it; every workload comes up by itself, and no user is missing",
  repeated: true,
  restarts: "all",
  run: async (stage) => {
    await stage.cluster.docker("stop", NODE);
    const begun = Date.now();
    await stage.must("up", "--target", "kind", "--yes", "--no-synth", "--no-doctor", "--no-verify");
    const ready = Math.round((Date.now() - begun) / 1000);
    return `up after ${ready} s; then ${await comesBack(stage)}; ${await allGreen(stage)}`;
  },
};
