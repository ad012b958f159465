import { DASHBOARDS } from "../../src/config/schema.ts";
import { dashboards } from "../../src/monitoring/dashboards/index.ts";

// Our own rules for dashboards; Grafana's linter is no package that can be had.

interface Target {
  readonly expr: string;
  readonly instant?: boolean;
  readonly legendFormat: string;
}
interface Panel {
  readonly type: string;
  readonly title: string;
  readonly targets: readonly Target[];
  readonly transformations?: readonly { readonly id: string }[];
  readonly fieldConfig: {
    readonly defaults: {
      readonly unit: string;
      readonly max?: number;
      readonly thresholds: { readonly steps: readonly { readonly color: string }[] };
      readonly custom?: { readonly thresholdsStyle?: { readonly mode: string }; readonly stacking?: { readonly mode: string } };
    };
  };
}

/** Grafana's ids of the units that we use, so that one thing is not written in two ways. */
const UNITS = ["none", "short", "percent", "bytes", "decbytes", "Bps", "s", "d", "reqps", "iops", "pps"];
const BYTES = ["bytes", "decbytes"];

const RULES: Readonly<Record<string, (panel: Panel) => boolean>> = {
  "a unit of the list": ({ fieldConfig }) => UNITS.includes(fieldConfig.defaults.unit),
  "one number is asked for at one moment": ({ type, targets }) => type === "timeseries" || targets.every(({ instant }) => instant === true),
  "lines are asked for over time": ({ type, targets }) => type !== "timeseries" || targets.every(({ instant }) => instant !== true),
  "a gauge has an end": ({ type, fieldConfig, transformations = [] }) =>
    type !== "gauge" || fieldConfig.defaults.max !== undefined || transformations.some(({ id }) => id === "configFromData"),
  "bounds are drawn on graphs": ({ type, fieldConfig: { defaults } }) =>
    type !== "timeseries" || (defaults.custom?.thresholdsStyle?.mode === "off") === (defaults.thresholds.steps.length === 1),
  "bounds are green, yellow and red; a figure without bounds is neutral": ({ fieldConfig }) => {
    const colours = fieldConfig.defaults.thresholds.steps.map(({ color }) => color).join();
    return ["text", "green,yellow,red", "red,yellow,green"].includes(colours);
  },
  // A card's speed is in bytes a second, whatever its name says.
  "bytes as they are have a unit of bytes": ({ targets, fieldConfig }) =>
    !targets.every(({ expr }) => /^(?!\w+_speed_bytes)\w+_bytes(\{[^}]*\})?$/.test(expr)) || BYTES.includes(fieldConfig.defaults.unit),
  "bytes a second have the unit Bps": ({ targets, fieldConfig }) =>
    !targets.every(({ expr }) => /^(sum\()?rate\(\w+_bytes_total(\{[^}]*\})?\[[^\]]+\]\)\)?$/.test(expr)) ||
    fieldConfig.defaults.unit === "Bps",
  "several lines have names": ({ targets }) => targets.length === 1 || targets.every(({ legendFormat }) => legendFormat !== ""),
  "a legend is in one language": ({ targets }) => targets.every(({ legendFormat }) => !legendFormat.includes(" / ")),
  // A volume's folder has its UUID.
  "a mount point is a path or a claim's name": ({ targets }) =>
    targets.every(({ legendFormat, expr }) => !legendFormat.includes("{{mountpoint}}") || expr.startsWith("label_replace(")),
  "no legend twice in a panel": ({ targets }) => new Set(targets.map(({ legendFormat }) => legendFormat)).size === targets.length,
  "parts of a whole are stacked": ({ type, targets, fieldConfig: { defaults } }) =>
    type !== "timeseries" || targets.some(({ expr }) => expr.includes("avg by(mode)")) === (defaults.custom?.stacking?.mode === "normal"),
  "no query twice in a panel": ({ targets }) => new Set(targets.map(({ expr }) => expr)).size === targets.length,
};

const PANELS = (["en", "es"] as const).flatMap((language) =>
  dashboards(DASHBOARDS, language).flatMap(({ name, json }) =>
    (JSON.parse(json).panels as Panel[]).filter(({ type }) => type !== "row").map((panel) => ({ place: `${name}: ${panel.title}`, panel })),
  ),
);

test.each(Object.entries(RULES))("%s", (_, holds) => {
  expect(PANELS.filter(({ panel }) => !holds(panel)).map(({ place }) => place)).toEqual([]);
});

test("and each rule can fail", () => {
  const steps = [{ color: "blue" }, { color: "red" }];
  const bad = (type: string, expr: string, unit: string, instant: boolean): Panel => ({
    type,
    title: "bad",
    targets: [
      { expr, instant, legendFormat: "una / one {{mountpoint}}" },
      { expr, instant, legendFormat: "" },
      { expr, instant, legendFormat: "" },
    ],
    fieldConfig: { defaults: { unit, thresholds: { steps }, custom: { thresholdsStyle: { mode: "off" }, stacking: { mode: "normal" } } } },
  });
  const wrong = [bad("gauge", "a_bytes", "parsecs", false), bad("timeseries", "rate(a_bytes_total[5m])", "short", true)];
  for (const [name, holds] of Object.entries(RULES)) expect([name, wrong.every(holds)]).toEqual([name, false]);
});
