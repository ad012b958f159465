import { allGreen, comesBack } from "../suite/health.ts";
import type { Step } from "../suite/step.ts";
import { startNode } from "./start.ts";

export const RESTART: Step = {
  name: "the node stopped and started",
  expects: "everything comes back by itself, and nobody is missing",
  repeated: true,
  restarts: "all",
  run: async (stage) => {
    await stage.node("stop");
    const begun = Date.now();
    await stage.node(...startNode);
    const ready = Math.round((Date.now() - begun) / 1000);
    return `Ready after ${ready} s; then ${await comesBack(stage)}; ${await allGreen(stage)}`;
  },
};
