import { IMAGES } from "../../../src/versions.ts";
import { kinds } from "../suite/health.ts";
import { changes } from "../suite/rolled-pods.ts";
import type { Step } from "../suite/step.ts";
import { expect, until } from "../suite/wait.ts";
import { freeRoom } from "./room.ts";

const NAME = "flood";
/** Limits of a container of ours: node storage as in src/constructs/container.ts. */
const LIMITS = { cpu: "500m", memory: "32Mi", "ephemeral-storage": "256Mi" };
const COMMAND = ["yes", "a line of an application that logs as fast as it can"];

/** A pod that writes its log as fast as it can. */
export const FLOOD: Step = {
  name: "an application's log floods the disk",
  expects: "the kubelet evicts that pod for its own limit, and no other; its room comes back",
  run: async (stage) => {
    const before = await stage.pods();
    const tally = stage.load.tally();
    const room = await freeRoom(stage);
    const container = { name: NAME, image: IMAGES.webapp, imagePullPolicy: "Never", command: COMMAND, resources: { limits: LIMITS } };
    const overrides = JSON.stringify({ spec: { containers: [container] } });
    const start = Date.now();
    let least = room;
    try {
      await stage.kubectl("run", NAME, `--image=${IMAGES.webapp}`, "--restart=Never", `--overrides=${overrides}`);
      const why = await until("the pod is evicted", 180, async () => {
        least = Math.min(least, await freeRoom(stage));
        const status = await stage.kubectl("get", "pod", NAME, "--output=jsonpath={.status.reason}: {.status.message}");
        return status.startsWith("Evicted") ? status : undefined;
      });
      if (!why.includes("exceeds the total limit")) throw new Error(why);
    } finally {
      await stage.kubectl("delete", "pod", NAME, "--ignore-not-found");
    }
    const seconds = ((Date.now() - start) / 1000).toFixed(0);
    await until("its room comes back", 60, async () => (await freeRoom(stage)) > room - 256 || undefined);
    expect("pods", changes(before, await stage.pods()), []);
    await stage.load.settled();
    // It takes the processors and the disk's bandwidth that the database needs, so some requests may fail.
    const { sent, failed } = stage.load.since(tally);
    const lost = failed.length === 0 ? "" : `: ${kinds(failed)}`;
    return `evicted after ${seconds} s, when it had taken ${room - least} MiB; ${failed.length} of ${sent} requests failed${lost}`;
  },
};
