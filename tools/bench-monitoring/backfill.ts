import { appendFileSync, writeFileSync } from "node:fs";
import type { Series } from "../../src/monitoring/live/judge.ts";

const COUNTS = /_(total|bucket|count|sum)$/;
const escaped = (text: string) => text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");

/** A series as its name and labels in OpenMetrics, by metric. */
function byMetric(series: readonly Series[]): [string, Series[]][] {
  const metrics = new Map<string, Series[]>();
  for (const one of series) {
    const name = one.labels.__name__ ?? "";
    metrics.set(name, [...(metrics.get(name) ?? []), one]);
  }
  return [...metrics];
}

/** Writes samples of every series between two moments as OpenMetrics, which promtool makes blocks of. @param step seconds */
export function writeSamples(file: string, series: readonly Series[], from: number, until: number, step: number): number {
  writeFileSync(file, "");
  let samples = 0;
  for (const [name, own] of byMetric(series)) {
    const lines: string[] = [];
    for (const { labels, value } of own) {
      const inner = Object.entries(labels).flatMap(([label, text]) => (label === "__name__" ? [] : [`${label}="${escaped(text)}"`]));
      const head = `${name}{${inner.join(",")}}`;
      const rises = COUNTS.test(name);
      for (let at = from; at < until; at += step) {
        // Counters rise and gauges sway, so that neither compresses better than the real ones.
        const number = rises ? Math.abs(value) + (at - from + (from % 86_400)) * (1 + (at % 7)) : value * (1 + 0.1 * Math.sin(at / 600));
        lines.push(`${head} ${Number.isFinite(number) ? number : 0} ${at}`);
        samples++;
      }
    }
    appendFileSync(file, `${lines.join("\n")}\n`);
  }
  appendFileSync(file, "# EOF\n");
  return samples;
}
