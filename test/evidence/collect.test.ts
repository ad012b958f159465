import { gaps } from "../../src/cli/commands/evidence.ts";
import { chosen } from "../../src/cli/evidence-source.ts";
import type { KubeObject } from "../../src/cluster/objects/kube-object.ts";
import { loadEnvironment, parseEnvironment } from "../../src/config/load.ts";
import { DASHBOARDS } from "../../src/config/schema.ts";
import { pagesOf, publicUrl } from "../../src/evidence/application.ts";
import { findBrowser } from "../../src/evidence/browser.ts";
import { collect, type EvidenceSource } from "../../src/evidence/collect.ts";
import { evidencePage } from "../../src/evidence/page/index.ts";
import { boardView, filled, spanOf } from "../../src/evidence/panels.ts";
import { layoutOf } from "../../src/evidence/repository.ts";
import { legend, onSteps } from "../../src/evidence/series.ts";
import { withUnit } from "../../src/evidence/units.ts";
import { imageVersions, podTable } from "../../src/evidence/workloads.ts";
import { evidence as say } from "../../src/messages/evidence.ts";
import { dashboards } from "../../src/monitoring/dashboards/index.ts";
import { importDashboard } from "../../src/monitoring/import/index.ts";
import { EVERYTHING } from "../../src/monitoring/parts.ts";
import { PrometheusApi } from "../../src/monitoring/prometheus-api.ts";
import { NEW, OLD } from "../monitoring/import/examples.ts";
import { anyPrometheus, NOW } from "./example.ts";

const { config } = loadEnvironment("environments/kind.yaml");
const fail = (words: string) => () => Promise.reject(new Error(words));

/** Nothing is there: no cluster, nobody at the ingress, no browser. */
const NOTHING: EvidenceSource = {
  environment: "kind",
  config,
  language: "en",
  now: NOW,
  timeZone: "UTC",
  range: "1h",
  env: { PATH: "" },
  signal: new AbortController().signal,
  ingress: { address: "127.0.0.1", host: "localhost", httpPort: 1, httpsPort: 1 },
  dashboards: dashboards(["overview"], "en"),
  prometheus: fail("Prometheus is away"),
  alertmanager: fail("Alertmanager is away"),
  grafana: { ask: fail("Grafana is away"), port: 1, password: async () => "" },
  pods: fail("no pods"),
  nodes: fail("no nodes"),
  version: fail("no version"),
  verify: fail("no checks"),
};

test("where nothing answers every part says so, and the page is made all the same", async () => {
  const steps: string[] = [];
  const evidence = await collect(NOTHING, (words) => steps.push(words));
  expect(steps.length).toBeGreaterThanOrEqual(4);
  const told = gaps(evidence);
  for (const words of ["Prometheus is away", "Alertmanager is away", "Grafana is away", "no pods", "no checks", "the TLS handshake with"]) {
    expect(told.join("\n")).toContain(words);
  }
  const page = evidencePage(evidence);
  expect(page.match(/Prometheus is away/g)?.length).toBeGreaterThanOrEqual(8); // targets, rules, and each panel of its own
});

test("a ballast in Grafana's place is not run here, which is no failure; without Grafana neither", async () => {
  const ballast = { ...NOTHING, grafana: { ask: async () => ({ database: "ok", version: "ballast" }), port: 1, password: async () => "" } };
  expect((await collect(ballast, () => undefined)).grafana).toEqual({ absent: "'ballast' responds instead of Grafana" });
  expect((await collect({ ...NOTHING, grafana: undefined }, () => undefined)).grafana).toEqual({
    absent: "Grafana does not run all the time in this environment (monitoring.grafana)",
  });
});

describe("a browser", () => {
  test("that is not there is named, with what to do", () => {
    expect(findBrowser({ PATH: "/nowhere" })).toBe(undefined);
    expect(say.noBrowser).toMatch(/install chromium .* CHROMIUM/);
    expect(() => findBrowser({ CHROMIUM: "/does/not/exist" })).toThrow("CHROMIUM is /does/not/exist, which is not an executable program");
    expect(findBrowser({ CHROMIUM: process.execPath })).toBe(process.execPath);
  });
});

describe("charts' data", () => {
  const span = spanOf(NOW, "1h", "15s");
  test("an hour in steps on which scrapes lie, a day in longer ones", () => {
    expect(span).toEqual({ start: NOW.getTime() / 1000 - 3600 + 0, end: NOW.getTime() / 1000, step: 30, rateInterval: "60s" });
    expect(spanOf(NOW, "1d", "15s")).toMatchObject({ step: 435, rateInterval: "450s" });
  });
  test("Grafana's variables are filled in as Grafana would", () => {
    expect(filled('rate(x{i=~"$node"}[$__rate_interval]) + y[$__range]', span)).toBe('rate(x{i=~".*"}[60s]) + y[3600s]');
    expect(filled('a{i="$node",j!="$node"} and b{i=~"$node:.*",c=""}', span)).toBe('a{i=~".*",j!~".*"} and b{i=~".*:.*",c=""}');
    expect(filled("rate(x[$" + "{__rate_interval}])", span)).toBe("rate(x[60s])");
  });
  test("a gap stays a gap, and what is no number too", () => {
    expect(
      onSteps(
        "x",
        [
          [0, 1],
          [60, Number.NaN],
        ],
        0,
        90,
        30,
      ).points,
    ).toEqual([
      [0, 1],
      [30, null],
      [60, null],
      [90, null],
    ]);
  });
  test("legends", () => {
    expect(legend("{{job}} {{ none }}", { job: "node" })).toBe("node");
    expect(legend("", { __name__: "up", job: "node", instance: "a" })).toBe("node a");
  });
  test("every panel of every dashboard of ours can be drawn", async () => {
    for (const { name, json } of dashboards(DASHBOARDS, "es")) {
      const { rows } = await boardView(name, json, new PrometheusApi(anyPrometheus), span);
      const panels = rows.flatMap((row) => row.panels);
      expect(panels.length).toBeGreaterThan(5);
      for (const { title, shown } of panels) expect({ title, good: "value" in shown }).toEqual({ title, good: true });
    }
  });
  test("a query that Prometheus refuses is told in its panel, and a panel of an unknown kind by its kind", async () => {
    const json = JSON.stringify({
      title: "T",
      panels: [
        { type: "stat", title: "a", targets: [{ expr: "up" }] },
        { type: "geomap", title: "b" },
        { type: "text", title: "c" },
      ],
    });
    const refuses = new PrometheusApi(async () => ({ status: "error", error: "parse error" }));
    const { rows } = await boardView("x", json, refuses, span);
    expect(rows[0]?.panels.map(({ shown }) => shown)).toEqual([
      { failed: "Prometheus: parse error" },
      { absent: "only Grafana can draw this panel type (geomap)" },
    ]);
  });
  test("dashboards are chosen by name", () => {
    expect(chosen(undefined, [], EVERYTHING)).toEqual(["overview", "system", "webapp", "applications"]);
    expect(chosen(["all"], [], EVERYTHING)).toEqual(DASHBOARDS);
    expect(() => chosen(["mysql", "mysq"], [], EVERYTHING)).toThrow("--dashboards mysq: no dashboard of that name");
    expect(chosen(["mine", "mysql"], ["mine"], EVERYTHING)).toEqual(["mine", "mysql"]);
    expect(chosen(["all"], ["mine"], EVERYTHING)).toEqual([...DASHBOARDS, "mine"]);
  });
  test("those of an application that the environment does not run are none of them", () => {
    const alone = { ...EVERYTHING, sample: false };
    expect(chosen(undefined, [], alone)).toEqual(["overview", "system", "applications"]);
    expect(chosen(["all"], [], alone)).not.toContain("webapp");
    expect(() => chosen(["webapp"], [], alone)).toThrow("--dashboards webapp: no dashboard of that name");
  });
  test("an imported dashboard is drawn as ours are: its variables, its rows of old times, other sources told", async () => {
    const asked: string[] = [];
    const server = new PrometheusApi((path) => {
      asked.push(new URLSearchParams(path.split("?")[1]).get("query") ?? "");
      return anyPrometheus(path);
    });
    const drawn = async (original: unknown) => {
      const { file } = importDashboard(JSON.stringify(original), "a test", { name: "mine" });
      const { rows } = await boardView("mine", JSON.stringify(file.dashboard), server, span);
      return rows.map(({ heading, panels }) => [heading, ...panels.map(({ title, shown }) => `${title}: ${Object.keys(shown)}`)]);
    };
    expect(await drawn(OLD)).toEqual([
      ["CPU", "CPU: value", "Old metric: value"],
      ["Text", "Clock: absent"],
    ]);
    const [first, more] = await drawn(NEW);
    expect(first).toEqual(["", "Load: value"]);
    expect(more).toEqual(expect.arrayContaining(["More", "Logs: absent", "Threads: value", "Goroutines: value"]));
    // A choice at "All" is a pattern, whatever the query compares with; a number stays one.
    expect(asked).toContain('topk(3, node_load1{job=~".*"} offset 5m)');
    expect(asked).toContain('sum by (mode) (rate(node_cpu_seconds_total{instance=~".*"}[5m]))');
    expect(asked.join()).not.toMatch(/\$|app="x"/);
  });
});

test.each([
  [1536, "bytes", "1,5 KiB", "1.5 KiB"],
  [2_500_000, "decbytes", "2,5 MB", "2.5 MB"],
  [12.345, "percent", "12,35 %", "12.35 %"],
  [0.25, "percentunit", "25 %", "25 %"],
  [0.0042, "s", "4,2 ms", "4.2 ms"],
  [5400, "s", "90 min", "90 min"],
  [0, "s", "0 s", "0 s"],
  [1234, "short", "1,234 K", "1.234 K"],
  [3, "none", "3", "3"],
  [7, "bananas", "7 bananas", "7 bananas"],
  [Number.NaN, "s", "–", "–"],
])("%s in %s", (value, unit, es, en) => expect([withUnit(value, unit, "es"), withUnit(value, unit, "en")]).toEqual([es, en]));

test("pods as kubectl tells them", () => {
  const pod = (name: string, status: object, metadata = {}) =>
    ({
      metadata: { name, namespace: "n", ...metadata },
      spec: { nodeName: "a", containers: [{ resources: { requests: { memory: "1Ki" } } }] },
      status,
    }) as unknown as KubeObject;
  const statuses = (state: object, ready = false) => [{ name: "c", ready, restartCount: 2, state }];
  const table = podTable(
    [
      pod("good", { phase: "Running", containerStatuses: statuses({ running: {} }, true) }),
      pod("crash", { phase: "Running", containerStatuses: statuses({ waiting: { reason: "CrashLoopBackOff" } }) }),
      pod("job", { phase: "Succeeded", containerStatuses: statuses({ terminated: { reason: "Completed" } }) }),
      pod("going", { phase: "Running", containerStatuses: [] }, { deletionTimestamp: "now" }),
    ],
    [{ labels: { namespace: "n", pod: "good" }, value: 512 }],
  );
  expect(table.map(({ status, well, ready, restarts }) => [status, well, ready, restarts])).toEqual([
    ["Running", true, "1/1", 2],
    ["CrashLoopBackOff", false, "0/1", 2],
    ["Completed", true, "0/1", 2],
    ["Terminating", false, "0/1", 0],
  ]);
  expect(table[0]).toMatchObject({ memory: 512, request: 1024 });
  const image = { name: "c", image: "a/b:1", imageID: `a/b@sha256:${"0".repeat(64)}` };
  expect(imageVersions([{ status: { containerStatuses: [image, image] } } as unknown as KubeObject])).toEqual([
    { what: "c", version: "a/b:1 (sha256:000000000000)" },
  ]);
});

test("the repository's layout: folders first, with their files counted", () => {
  expect(layoutOf(["README.md", "src/a.ts", "src/cli/b.ts", "src/cli/c/d.ts", ".ci/run"])).toEqual([
    { path: ".ci/", files: 1 },
    { path: "src/", files: 3 },
    { path: "src/cli/", files: 2 },
    { path: "README.md", files: 0 },
  ]);
});

test("what is photographed: the sample's pages where it runs, and the start page of each application", () => {
  const ingress = { address: "127.0.0.1", host: "localhost", httpPort: 80, httpsPort: 443 };
  const { config } = parseEnvironment(
    `cluster: kind
machine: { memory: 4Gi, cpu: "2" }
applications:
  shop: { image: "ghcr.io/me/shop:1", ingress: { path: /shop } }
  blog: { image: "ghcr.io/me/blog:1", ingress: { host: blog.localhost } }
`,
    "mine.yaml",
  );
  const urls = (sample: boolean) => pagesOf({ ...config, sample }, ingress).map((page) => publicUrl(page.ingress, page.path));
  expect(urls(false)).toEqual(["https://localhost/shop/", "https://blog.localhost/"]);
  expect(urls(true)).toEqual(["https://localhost/", "https://localhost/users", "https://localhost/shop/", "https://blog.localhost/"]);
});
