import { readFileSync } from "node:fs";
import { DASHBOARDS } from "../../../src/config/schema.ts";
import { dashboards } from "../../../src/monitoring/dashboards/index.ts";
import { IMAGES, imageVersion } from "../../../src/versions.ts";
import { faults } from "./typed.ts";

// biome-ignore lint/suspicious/noExplicitAny: JSON that the test breaks on purpose
type Json = any;

const MADE = (["es", "en"] as const).flatMap((language) =>
  dashboards(DASHBOARDS, language).map(({ name, json }): [string, Json] => [`${name}.${language}`, JSON.parse(json)]),
);

/** The first panel of a kind. */
const panel = (board: Json, type: string) => board.panels.find((one: Json) => one.type === type);

/** Mistakes, each with the place at which it must be told. */
const MISTAKES: Readonly<Record<string, readonly [place: RegExp, make: (board: Json) => void]>> = {
  "a key that no dashboard has": [/^refesh: .*refesh.* does not exist/, (board) => Object.assign(board, { refesh: "1m" })],
  "a number where a text belongs": [
    /^refresh: .*'number' is not assignable to type 'string'/,
    (board) => Object.assign(board, { refresh: 30 }),
  ],
  "a cursor that there is not": [/^graphTooltip: .*'7' is not assignable/, (board) => Object.assign(board, { graphTooltip: 7 })],
  "a kind of panel that is none": [/^panels\.0\.(type|options)/, (board) => Object.assign(panel(board, "gauge"), { type: "graf" })],
  "a panel's key that is none": [/^panels\.\d+\.titel: /, (board) => Object.assign(panel(board, "stat"), { titel: "x" })],
  "an option of another kind of panel": [
    /^panels\.\d+\.options\.graphMode: /,
    (board) => Object.assign(panel(board, "gauge").options, { graphMode: "area" }),
  ],
  "an option's value that is none": [
    /^panels\.\d+\.options\.legend\.displayMode: .*lines.* is not assignable/,
    (board) => Object.assign(panel(board, "timeseries").options.legend, { displayMode: "lines" }),
  ],
  "a key within an option that is none": [
    /^panels\.\d+\.options\.legend\.position: /,
    (board) => Object.assign(panel(board, "timeseries").options.legend, { position: "bottom" }),
  ],
  "an option of the wrong type": [
    /^panels\.\d+\.options\.showThresholdLabels: /,
    (board) => Object.assign(panel(board, "gauge").options, { showThresholdLabels: "no" }),
  ],
  "a unit that is none": [
    /^panels\.\d+\.fieldConfig\.defaults\.unit: /,
    (board) => Object.assign(panel(board, "stat").fieldConfig.defaults, { unit: "parsecs" }),
  ],
  "a mode of thresholds that is none": [
    /^panels\.\d+\.fieldConfig\.defaults\.thresholds\.mode: /,
    (board) => Object.assign(panel(board, "gauge").fieldConfig.defaults.thresholds, { mode: "relative" }),
  ],
  "a step of thresholds without a colour": [
    /^panels\.\d+\.fieldConfig\.defaults\.thresholds\.steps\.0: .*'color' is missing/,
    (board) => panel(board, "gauge").fieldConfig.defaults.thresholds.steps.splice(0, 1, { value: null }),
  ],
  "a style of a graph's lines that is none": [
    /^panels\.\d+\.fieldConfig\.defaults\.custom\.thresholdsStyle\.mode: /,
    (board) => Object.assign(panel(board, "timeseries").fieldConfig.defaults.custom.thresholdsStyle, { mode: "dotted" }),
  ],
  "a graph's setting on a gauge": [
    /^panels\.\d+\.fieldConfig\.defaults\.custom\.lineWidth: /,
    (board) => Object.assign(panel(board, "gauge").fieldConfig.defaults, { custom: { lineWidth: 1 } }),
  ],
  "a query's key that is none": [
    /^panels\.\d+\.targets\.0\.expression: /,
    (board) => Object.assign(panel(board, "stat").targets[0], { expression: "up" }),
  ],
  "a query without an expression": [
    /^panels\.\d+\.targets\.0: .*'expr' is missing/,
    (board) => delete panel(board, "stat").targets[0].expr,
  ],
  "a format of a query that is none": [
    /^panels\.\d+\.targets\.0\.format: /,
    (board) => Object.assign(panel(board, "stat").targets[0], { format: "csv" }),
  ],
  "a link's kind that is none": [/^links\.0\.type: /, (board) => Object.assign(board.links[0], { type: "dashboard" })],
};

const overview = MADE.find(([name]) => name === "overview.en")?.[1];
const BROKEN = Object.values(MISTAKES).map(([, make], index): [string, Json] => {
  const board = structuredClone(overview);
  make(board);
  return [`mistake-${index}`, board];
});
const FOUND = faults(new Map([...MADE, ...BROKEN]));

test("the types are those of the Grafana that is deployed", () => {
  const { version } = JSON.parse(readFileSync("node_modules/@grafana/schema/package.json", "utf8"));
  expect(version).toBe(imageVersion(IMAGES.grafana));
});

test.each(MADE.map(([name]) => name))("%s is as Grafana's own types want it", (name) => {
  expect(FOUND.get(name)).toEqual([]);
});

test.each(Object.entries(MISTAKES).map(([name, [place]], index) => ({ name, place, index })))("$name is found", ({ place, index }) => {
  expect(FOUND.get(`mistake-${index}`)).toContainEqual(expect.stringMatching(place));
});
