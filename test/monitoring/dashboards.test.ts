import { DASHBOARDS } from "../../src/config/schema.ts";
import { dashboards } from "../../src/monitoring/dashboards/index.ts";

interface Panel {
  id: number;
  type: string;
  title: string;
  description: string;
  gridPos: { x: number; y: number; w: number; h: number };
  targets: { refId: string; expr: string }[];
  fieldConfig: { defaults: { unit: string; thresholds: { steps: { value: number | null; color: string }[] } } };
  datasource: { uid: string };
}

describe.each(["es", "en"] as const)("in %s", (language) => {
  describe.each(dashboards(DASHBOARDS, language))("$name", ({ json }) => {
    const { panels: all, uid, title } = JSON.parse(json) as { panels: Panel[]; uid: string; title: string };
    const panels = all.filter(({ type }) => type !== "row");

    test("has an id, a title and panels of current types only", () => {
      expect(uid).toMatch(/^cloudnova-/);
      expect(title).not.toBe("");
      expect(panels).not.toEqual([]);
      for (const { type } of panels) expect(["timeseries", "gauge", "stat", "table"]).toContain(type);
    });
    test("every panel says what it shows, in a unit, from the provisioned data source", () => {
      for (const panel of panels) {
        expect(panel.title.length * panel.description.length).toBeGreaterThan(0);
        expect(panel.fieldConfig.defaults.unit).not.toBe("");
        expect(panel.datasource.uid).toBe("prometheus");
        expect(panel.targets.length).toBeGreaterThan(0);
        expect(new Set(panel.targets.map(({ refId }) => refId)).size).toBe(panel.targets.length);
      }
      expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    });
    test("no line divides by the bare rate of one series, which is 0 while the machine is idle: 0/0 is no number", () => {
      const found = panels.flatMap(({ title: name, targets }) =>
        targets.filter(({ expr }) => /\/ rate\(/.test(expr)).map(({ expr }) => [name, expr]),
      );
      expect(found).toEqual([]);
    });
    test("as a ConfigMap with the annotation that kubectl adds it stays below 262,144 bytes", () => {
      expect(Buffer.byteLength(JSON.stringify(json))).toBeLessThan(250_000);
    });
    test("no query twice, and no panel of one name", () => {
      // Each number of the alerts' and the overview's heads is drawn over time as well.
      const asked = panels.filter(({ type }) => type === "timeseries").flatMap(({ targets }) => targets.map(({ expr }) => expr));
      if (uid !== "cloudnova-system") expect(asked.filter((expr, index) => asked.indexOf(expr) !== index)).toEqual([]);
      const titles = panels.map((panel) => panel.type + panel.title);
      expect(new Set(titles).size).toBe(titles.length);
    });
    test("thresholds rise", () => {
      for (const { fieldConfig } of panels) {
        const values = fieldConfig.defaults.thresholds.steps.map(({ value }) => value ?? Number.NEGATIVE_INFINITY);
        expect(values).toEqual([...values].sort((one, other) => one - other));
      }
    });
    test("panels fill the grid of 24 columns without lying on each other", () => {
      const cells = all.flatMap(({ gridPos: { x, y, w, h } }) =>
        Array.from({ length: w * h }, (_, index) => `${x + (index % w)},${y + Math.floor(index / w)}`),
      );
      expect(new Set(cells).size).toBe(cells.length);
      for (const { gridPos } of panels) expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
    });
  });
});

test("S4's dashboard shows all of its list, by its name", () => {
  const [system] = dashboards(["system"], "es");
  expect(JSON.parse(system?.json ?? "").title).toBe("Sistema de Monitoreo Completo");
  const metrics = [
    "node_cpu_seconds_total",
    "MemAvailable",
    "node_filesystem_avail",
    "threads_connected",
    "traefik_entrypoint",
    "histogram_quantile(0.95",
    "requests_total",
    "5xx",
    '"up"',
    "container_cpu",
    "container_memory",
  ];
  for (const metric of metrics) expect(system?.json).toContain(metric);
});

test("choices are of series that have the label, and queries follow them", () => {
  for (const { json } of dashboards(["node", "node-io", "containers", "applications"], "es")) {
    const { templating, panels } = JSON.parse(json);
    const [{ name, query }] = templating.list;
    expect(query).toMatch(/^label_values\(\w+, (instance|namespace|application)\)$/);
    const asked = (panels as Panel[]).flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
    expect(asked.filter((expr) => expr.includes(`$${name}`)).length).toBeGreaterThan(asked.length * 0.9);
  }
});
