import { withoutLoss } from "../suite/health.ts";
import type { Stage } from "../suite/stage.ts";
import type { Step } from "../suite/step.ts";
import { until } from "../suite/wait.ts";
import { bringMetricsServer } from "./metrics-server.ts";
import { allReplicas, replicas } from "./replicas.ts";
import type { NodesTrial } from "./trial.ts";

/** Requests a second: three replicas use 43 % of the CPU that they request at 45, and the autoscaler aims at 70 %. */
const MORE = 130;
/** The autoscaler looks every 15 s; it takes replicas back when none was needed for 5 minutes. */
const UP_S = 240;
const STEADY_S = 45;
const DOWN_S = 480;

const seconds = (since: number): number => Math.round((Date.now() - since) / 1000);

/** What the autoscaler sees and wants. */
async function autoscaler(stage: Stage): Promise<{ readonly wanted: number; readonly use: number; readonly least: number }> {
  const [own] = await stage.objects("horizontalpodautoscalers");
  const use = own?.status?.currentMetrics?.[0]?.resource?.current?.averageUtilization;
  if (use === undefined) throw new Error(`it has no figure: ${JSON.stringify(own?.status?.conditions)}`);
  return { wanted: own?.status.desiredReplicas, use, least: own?.spec.minReplicas };
}

/** The most replicas once the autoscaler has asked for no more for a while, with their use of processors then, in % of what they request. */
async function steady(stage: Stage): Promise<{ readonly wanted: number; readonly use: number }> {
  let [most, since] = [0, Date.now()];
  return until("the autoscaler is content", UP_S, async () => {
    const { wanted, use } = await autoscaler(stage);
    if (wanted > most) [most, since] = [wanted, Date.now()];
    return seconds(since) >= STEADY_S ? { wanted: most, use } : undefined;
  });
}

/** metrics-server comes with this step, and stays: the autoscaler is at work in the steps after it. */
export const autoscalerStep = (trial: NodesTrial): Step => ({
  name: "the autoscaler",
  expects: "under more load it starts replicas, under less it takes them back, and no request is lost",
  run: (stage) =>
    withoutLoss(stage, async () => {
      const version = await bringMetricsServer(trial);
      const before = await until("the autoscaler has figures", 120, () => autoscaler(stage));
      stage.load.start(MORE);
      let begun = Date.now();
      await until("there are more replicas", UP_S, async () => {
        const now = await autoscaler(stage);
        if (now.wanted > before.least) return true;
        throw new Error(JSON.stringify(now));
      });
      const first = seconds(begun);
      const most = await steady(stage);
      await allReplicas(stage, 120);
      const rate = `${before.use} % of the requested CPU in use at ${stage.intensity.rate} requests a second`;
      const grown = `at ${MORE} a second more replicas after ${first} s, ${most.wanted} at most, with ${most.use} %`;
      stage.load.start(stage.intensity.rate);
      begun = Date.now();
      await until("the replicas are taken back", DOWN_S, async () => {
        const { webapp } = await replicas(stage);
        if (webapp?.wanted === before.least) return true;
        throw new Error(JSON.stringify([webapp, await autoscaler(stage)]));
      });
      return `metrics-server ${version}; ${rate}; ${grown}; back at ${stage.intensity.rate} a second ${before.least} again after ${seconds(begun)} s`;
    }),
});
