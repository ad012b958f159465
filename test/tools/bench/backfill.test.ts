import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Series } from "../../../src/monitoring/live/judge.ts";
import { writeSamples } from "../../../tools/bench-monitoring/backfill.ts";

test("samples of a metric stand together, counters rise, and the file has its end", () => {
  const folder = mkdtempSync(join(tmpdir(), "cloudnova-samples-"));
  const file = join(folder, "samples");
  const series: readonly Series[] = [
    { labels: { __name__: "a_total", x: 'with "quotes"' }, value: 5 },
    { labels: { __name__: "b" }, value: Number.NaN },
    { labels: { __name__: "a_total", x: "2" }, value: 1 },
  ];
  expect(writeSamples(file, series, 86_400, 86_430, 15)).toBe(6);
  const lines = readFileSync(file, "utf8").trim().split("\n");
  rmSync(folder, { recursive: true });
  expect(lines.map((line) => line.split("{")[0])).toEqual(["a_total", "a_total", "a_total", "a_total", "b", "b", "# EOF"]);
  expect(lines[0]).toContain('a_total{x="with \\"quotes\\""} ');
  expect(lines[4]).toBe("b{} 0 86400");
  const [first = "", second = ""] = lines.map((line) => line.split(" ").at(-2));
  expect(Number(second)).toBeGreaterThan(Number(first));
});
