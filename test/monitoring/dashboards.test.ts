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
    const { panels, uid, title } = JSON.parse(json) as { panels: Panel[]; uid: string; title: string };

    test("has an id, a title and panels of current types only", () => {
      expect(uid).toMatch(/^cloudnova-/);
      expect(title).not.toBe("");
      expect(panels.length).toBeGreaterThanOrEqual(6);
      for (const { type } of panels) expect(["timeseries", "gauge", "stat"]).toContain(type);
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
    test("thresholds rise", () => {
      for (const { fieldConfig } of panels) {
        const values = fieldConfig.defaults.thresholds.steps.map(({ value }) => value ?? Number.NEGATIVE_INFINITY);
        expect(values).toEqual([...values].sort((one, other) => one - other));
      }
    });
    test("panels fill the grid of 24 columns without lying on each other", () => {
      const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
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
