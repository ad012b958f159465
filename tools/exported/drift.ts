import type { Exported } from "./exposition.ts";

/** What a job's targets no longer export, or newly do, since it was recorded. */
export interface Drift {
  readonly job: string;
  /** Metrics, and labels as `metric{label}`. */
  readonly vanished: readonly string[];
  readonly appeared: readonly string[];
}

const names = (exported: Exported = {}) =>
  new Set(Object.entries(exported).flatMap(([metric, labels]) => [metric, ...labels.map((label) => `${metric}{${label}}`)]));

/** The differences, by job; jobs without one are left out. */
export function driftOf(recorded: Readonly<Record<string, Exported>>, live: Readonly<Record<string, Exported>>): Drift[] {
  return [...new Set([...Object.keys(recorded), ...Object.keys(live)])].sort().flatMap((job) => {
    const [before, now] = [names(recorded[job]), names(live[job])];
    const vanished = [...before].filter((name) => !now.has(name));
    const appeared = [...now].filter((name) => !before.has(name));
    return vanished.length + appeared.length > 0 ? [{ job, vanished, appeared }] : [];
  });
}

/** Whether a rule or a panel asks for a vanished name: then it is dead. @param used metrics asked for and `metric{label}`, by job */
export function dead(drifts: readonly Drift[], used: Readonly<Record<string, readonly string[]>>): string[] {
  return drifts.flatMap(({ job, vanished }) => vanished.filter((name) => used[job]?.includes(name)).map((name) => `${job}: ${name}`));
}
