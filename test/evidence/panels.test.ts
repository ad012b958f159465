import { readBoard } from "../../src/evidence/board.ts";
import type { PanelView, Series } from "../../src/evidence/model.ts";
import { writerOf } from "../../src/evidence/page/index.ts";
import { board } from "../../src/evidence/page/panels.ts";
import { tickOf, withUnit } from "../../src/evidence/units.ts";
import { dashboards } from "../../src/monitoring/dashboards/index.ts";

const GIB = 2 ** 30;
const MINUTES = 60;
/** A line with a value each minute of an hour. @param until the minute after which it has none */
const series = (name: string, value: number, until = MINUTES): Series => ({
  name,
  points: Array.from({ length: MINUTES }, (_, minute) => [minute * 60, minute < until ? value : null] as const),
});
const drawn = (list: readonly Series[], rest: Partial<PanelView> = {}) => {
  const panel: PanelView = {
    title: "Panel",
    description: "What it shows.",
    unit: "bytes",
    min: 0,
    stacked: false,
    steps: [],
    width: 8,
    shown: { value: { kind: "lines", series: list } },
    ...rest,
  };
  const view = { name: "x", title: "X", rows: [{ heading: "", panels: [panel] }] };
  return board(view, writerOf({ language: "en", timeZone: "UTC" })).text;
};
/** The texts of an axis that have this unit. */
const ticks = (page: string, unit: RegExp) =>
  [...page.matchAll(/<text[^>]*>([^<]+)<\/text>/g)].map(([, text = ""]) => text).filter((text) => unit.test(text));
const keys = (page: string) => [...page.matchAll(/<li>(?:<svg.*?<\/svg>)?([^<]+)/g)].map(([, text = ""]) => text.trim());

test("an axis of bytes has ticks at powers of two, and one unit", () => {
  expect(ticks(drawn([series("a", 1.9 * GIB)]), /B$/)).toEqual(["0 GiB", "0.5 GiB", "1 GiB", "1.5 GiB", "2 GiB"]);
  expect(ticks(drawn([series("a", 200 * 2 ** 20)]), /B$/)).toEqual(["0 MiB", "64 MiB", "128 MiB", "192 MiB", "256 MiB"]);
});

test("an axis without a minimum begins at 0, also for a line that hardly moves", () => {
  const warned = jest.spyOn(console, "warn").mockImplementation(() => undefined);
  const hardly: Series = { name: "a", points: [[0, GIB] as const, [60, GIB + 8] as const, [120, GIB] as const] };
  expect(ticks(drawn([hardly], { min: undefined }), /B$/)).toEqual(["0 GiB", "0.25 GiB", "0.5 GiB", "0.75 GiB", "1 GiB", "1.25 GiB"]);
  expect(warned).not.toHaveBeenCalled();
  warned.mockRestore();
});

test("other axes have round ticks, in one unit too", () => {
  expect(ticks(drawn([series("a", 1.8e6)], { unit: "Bps" }), /B\/s$/)).toEqual([
    "0 MB/s",
    "0.3 MB/s",
    "0.6 MB/s",
    "0.9 MB/s",
    "1.2 MB/s",
    "1.5 MB/s",
    "1.8 MB/s",
  ]);
  expect(ticks(drawn([series("a", 0.002)], { unit: "s" }), /s$/)).toEqual(["0 ms", "0.5 ms", "1 ms", "1.5 ms", "2 ms"]);
});

test.each([
  ["bytes", 2 * GIB, GIB / 2],
  ["binBps", 5 * 1024, 1024],
  ["bytes", 0, undefined],
  ["bytes", Number.NEGATIVE_INFINITY, undefined],
  ["decbytes", 2 * GIB, undefined],
  ["percent", 100, undefined],
])("ticks of %s over %s are %s apart", (unit, span, expected) => expect(tickOf(unit, span)).toBe(expected));

test("a value is written in the unit of another, where one is given", () => {
  expect(withUnit(GIB / 2, "bytes", "es", 2 * GIB)).toBe("0,5 GiB");
  expect(withUnit(0, "s", "en", 0.1)).toBe("0 ms");
  expect(withUnit(0, "s", "en")).toBe("0 s");
});

test("a line that has ended is counted and not named; where all have ended, they are drawn", () => {
  expect(keys(drawn([series("webapp-new", GIB), series("webapp-old", GIB, 20)]))).toEqual(["webapp-new", "+ 1 more, not drawn"]);
  expect(keys(drawn([series("one", GIB, 20), series("two", GIB, 30)]))).toEqual(["one", "two"]);
});

test("no more lines than colours: the highest", () => {
  const many = Array.from({ length: 10 }, (_, index) => series(`line ${index}`, (index + 1) * GIB));
  expect(keys(drawn(many))).toEqual([9, 8, 7, 6, 5, 4, 3, 2].map((index) => `line ${index}`).concat("+ 2 more, not drawn"));
});

test("whether lines are stacked is read from the dashboard", () => {
  const node = dashboards(["node"], "en").map(({ json }) => readBoard(JSON.parse(json)));
  const stacked = node.flatMap(({ rows }) => rows.flatMap(({ panels }) => panels)).filter((panel) => panel.stacked);
  expect(stacked.map(({ title }) => title)).toEqual(["CPU by mode"]);
});

test("stacked lines lie one upon the other", () => {
  const two = [series("a", 40), series("b", 60)];
  const highest = (page: string) => Math.max(...ticks(page, / %$/).map((text) => Number.parseFloat(text)));
  expect(highest(drawn(two, { unit: "percent" }))).toBe(60);
  expect(highest(drawn(two, { unit: "percent", stacked: true }))).toBe(100);
});

test.each([
  [4, "sixth"],
  [6, "quarter"],
  [8, "third"],
  [12, "half"],
  [24, "full"],
])("a panel of %s columns of Grafana's 24 has the width %s", (width, name) => {
  expect(drawn([series("a", GIB)], { width })).toContain(`<article class="panel ${name}">`);
});
