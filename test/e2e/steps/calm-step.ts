import { setTimeout as sleep } from "node:timers/promises";
import type { Step } from "../suite/step.ts";

/** Rules are evaluated every 15 s; a tenth of the evaluations may fall into the window's edges. */
const LEAST_SHARE = 0.9;
const INTERVAL_S = 15;
/**
 * Alerts about the machine's processors, which this node shares with whatever else the machine does. They are true, and
 * not about us, when the node itself used less than half of the processors; then they are told and not counted.
 */
const SHARED = new Set(["HighCPUUsage", "HighLoad"]);
const OWN_SHARE = 50;

/** No false alert since everything was green, through every change and prune before this step. */
export const CALM: Step = {
  name: "no false alert",
  expects: "from green on no alert fired but Watchdog, which always does",
  run: async (stage) => {
    const since = () => Math.floor((Date.now() - stage.green) / 1000);
    await sleep(Math.max(0, stage.intensity.calm - since()) * 1000);
    const span = since();
    const share = await stage.processorShare();
    const fired = await stage.query(`sum by (alertname) (count_over_time(ALERTS{alertstate="firing"}[${span}s]))`);
    const times = new Map(fired.map(({ metric, value }) => [metric.alertname ?? "", Number(value[1])]));
    const told = (names: readonly string[]) => names.map((name) => `${name} ${times.get(name)} times`).join(", ");
    const others = [...times.keys()].filter((name) => name !== "Watchdog");
    const foreign = others.filter((name) => SHARED.has(name) && share < OWN_SHARE);
    const wrong = others.filter((name) => !foreign.includes(name));
    if (wrong.length > 0) throw new Error(`fired in ${span} s: ${told(wrong)}; the node used ${share.toFixed(0)} % of the processors`);
    const wanted = Math.floor((span / INTERVAL_S) * LEAST_SHARE);
    const watchdog = times.get("Watchdog") ?? 0;
    if (watchdog < wanted)
      throw new Error(`in ${span} s Watchdog was seen ${watchdog} times instead of ${wanted}: rules were not evaluated`);
    const rest =
      foreign.length > 0 ? `${told(foreign)}, truly: others kept the machine busy, the node used ${share.toFixed(0)} %` : "nothing else";
    return `${span} s, Watchdog seen ${watchdog} times; ${rest}`;
  },
};
