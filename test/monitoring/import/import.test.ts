import { concrete } from "../../../src/monitoring/import/concrete.ts";
import { type ImportSettings, importDashboard } from "../../../src/monitoring/import/index.ts";
import { keepList } from "../../../src/monitoring/keep/index.ts";
import { scrapeJobs } from "../../../src/monitoring/scrape.ts";
import { NEW, OLD } from "./examples.ts";

const bring = (dashboard: unknown, settings?: ImportSettings) => importDashboard(JSON.stringify(dashboard), "a file", settings);
const OURS = { type: "prometheus", uid: "prometheus" };

describe("one of 2017", () => {
  const { name, title, file, panels, choices, old, stored } = bring(OLD);
  const text = JSON.stringify(file.dashboard);

  test("is named by its title, and bound to our data source wherever one is named", () => {
    expect([name, title]).toEqual(["maquina-2017", "Máquina, 2017"]);
    const sources = [...text.matchAll(/"datasource":({[^}]*}|"[^"]*"|null)/g)].map(([, source = ""]) => JSON.parse(source));
    expect(sources.length).toBe(4);
    for (const source of sources) expect(source).toEqual(OURS);
    expect(text).not.toContain("DS_PROMETHEUS");
    expect(file.dashboard).not.toHaveProperty("id");
  });
  test("its panels are found in their rows; what is dead says why", () => {
    expect(panels).toEqual([
      { title: "CPU", alive: 1, dead: [] },
      { title: "Old metric", alive: 0, dead: ["node_cpu: no target exports it"] },
      { title: "Clock", alive: 0, dead: ["a panel of the kind grafana-clock-panel, a plugin that is not installed"] },
    ]);
    expect(choices).toEqual([
      { title: "$node", alive: 1, dead: [] },
      { title: "$job", alive: 1, dead: [] },
    ]);
    expect(old).toBe(2);
  });
  test("its metrics are stored with ours, by their jobs, also those of its choices", () => {
    expect(file.metrics.node).toEqual(["node_boot_time_seconds", "node_cpu_seconds_total", "node_uname_info"]);
    expect(stored.every((one) => one.startsWith("node: "))).toBe(true);
    const settings = { namespace: "n", interval: "15s", traefik: { namespace: "n" }, grafana: true, probe: { url: "u", host: "h" } };
    const kept = (imported: (typeof file.metrics)[]) => {
      const job = scrapeJobs({ ...settings, imported }).find(({ job_name }) => job_name === "node");
      const [relabel] = (job?.metric_relabel_configs ?? []) as { regex: string }[];
      return relabel?.regex.split("|") ?? [];
    };
    expect(kept([{ node: ["node_only_imported"] }])).toEqual([...kept([]), "node_only_imported"]);
    expect(kept([file.metrics])).toEqual(expect.arrayContaining(["node_uname_info", "node_boot_time_seconds"]));
    expect(new Set(kept([file.metrics, file.metrics])).size).toBe(kept([file.metrics, file.metrics]).length);
    expect(keepList("nobody", ["x"])).toEqual([{ source_labels: ["__name__"], regex: "x", action: "keep" }]);
  });
});

describe("one of today", () => {
  const { name, file, panels } = bring(NEW);
  const text = JSON.stringify(file.dashboard);

  test("is bound, its constants are filled in, its choice of a data source and its export's parts are gone", () => {
    expect(name).toBe("stack-today");
    expect(text).not.toMatch(/\$\{datasource\}|DS_PROM\b|VAR_LIMIT|__inputs|__requires|__elements/);
    expect(text).toContain("above 80 %");
    expect(file.dashboard).toMatchObject({ tags: ["linux", "cloudnova"], templating: { list: [{ name: "job" }, { name: "top" }] } });
    expect(text).toContain('"uid":"-- Grafana --"');
    expect(text).toContain('"type":"__expr__"');
  });
  test("an id of our own dashboards is not taken over", () => expect(file.dashboard.uid).toBe("stack-today"));
  test("each dead query has its reason: another job, no rule, no label, another source, no PromQL", () => {
    const dead = Object.fromEntries(panels.filter((one) => one.dead.length > 0).map((one) => [one.title, [one.alive, ...one.dead]]));
    expect(dead).toEqual({
      Load: [1, 'node_load1: exported by node, but the query asks for job="node-exporter"'],
      Recorded: [0, "instance:node_cpu:ratio: no rule of ours records it"],
      Label: [0, "node_load1: has no label nodename"],
      Logs: [0, "its data source is loki"],
      Broken: [0, expect.stringMatching(/^no PromQL/)],
    });
    expect(panels.filter((one) => one.dead.length === 0).map(({ title }) => title)).toEqual(["Threads", "Alive", "Goroutines"]);
  });
  test("a metric that several jobs have is stored of each of them", () => {
    const having = Object.keys(file.metrics).filter((job) => file.metrics[job]?.includes("go_goroutines"));
    expect(having).toEqual(expect.arrayContaining(["prometheus", "alertmanager", "node"]));
  });
});

test("the envelope of Grafana's API is taken off", () => {
  expect(bring({ meta: {}, dashboard: NEW }).name).toBe("stack-today");
});

test.each([
  ["no JSON", "<html>", /a file: no JSON: /],
  ["a list", "[]", /no dashboard/],
  ["without panels", '{"title":"x"}', /no title, or no panels/],
  [
    "of the new schema",
    '{"apiVersion":"dashboard.grafana.app/v2beta1","kind":"Dashboard","spec":{"elements":{}}}',
    /new schema \(dashboard.grafana.app\/v2beta1\)/,
  ],
  ["with library panels", '{"title":"x","panels":[{"type":"row","panels":[{"libraryPanel":{"uid":"a"}}]}]}', /library panels.*unlink/],
  [
    "all dead",
    '{"title":"x","panels":[{"type":"stat","title":"a","targets":[{"expr":"nothing_of_ours"}]}]}',
    /nothing of it would show data .*nothing_of_ours: no target exports it/,
  ],
  ["without queries", '{"title":"x","panels":[{"type":"text"}]}', /nothing of it would show data/],
  ["without a name", '{"title":"…","panels":[{"type":"stat","targets":[{"expr":"up"}]}]}', /give one with --name/],
  [
    "of a name of ours",
    '{"title":"Overview","panels":[{"type":"stat","targets":[{"expr":"up"}]}]}',
    /'overview' is the name of a dashboard of CloudNova/,
  ],
])("a file %s is refused in words", (_, text, words) => expect(() => importDashboard(text, "a file")).toThrow(words));

describe("Grafana stores nothing while two dashboards have one title or one uid", () => {
  const MYSQL = { uid: "my-mysql", title: "MySQL", panels: [{ type: "stat", title: "Up", targets: [{ expr: "mysql_up" }] }] };
  const UPTIME = { uid: "abc123", title: "Uptime", panels: [{ type: "stat", title: "Up", targets: [{ expr: "up" }] }] };

  test("a title of a shipped dashboard, in either language, is refused with that dashboard's name", () => {
    expect(() => bring(MYSQL, { name: "mine" })).toThrow(/its title 'MySQL' is that of the dashboard 'mysql'.*--title/);
    expect(() => bring({ ...MYSQL, title: "Sistema de Monitoreo Completo" })).toThrow(/is that of the dashboard 'system'/);
    expect(bring(MYSQL, { title: "MySQL of mine" }).file.dashboard).toMatchObject({ title: "MySQL of mine", uid: "my-mysql" });
  });
  test("so is a title or a uid of another imported dashboard; the one of its own name is replaced", () => {
    const others = [{ name: "first", title: "Uptime", uid: "abc123" }];
    expect(() => bring(UPTIME, { others })).toThrow(/its title 'Uptime' is that of the dashboard 'first'/);
    expect(() => bring(UPTIME, { others, title: "Another" })).toThrow(/its uid 'abc123' is that of the dashboard 'first'.*--name first/);
    expect(bring(UPTIME, { others, name: "first" }).file.dashboard.uid).toBe("abc123");
  });
});

test("one that no ConfigMap can hold is refused with both figures", () => {
  const panels = Array.from({ length: 600 }, (_, index) => ({ ...NEW.panels[0], title: `${index}${"x".repeat(100)}` }));
  expect(() => bring({ ...NEW, panels })).toThrow(/\d+ bytes as a ConfigMap holds it, 250000 are the most/);
});

test("variables become what can stand in their place", () => {
  const values = new Map([
    ["top", "3"],
    ["step", "1m"],
    ["word", "abc"],
  ]);
  const cases: Record<string, string> = {
    'topk($top, x{a=~"$any",b="${word:regex}"}[$step])': 'topk(3, x{a=~".*",b="abc"}[1m])',
    'rate(x{a=~"[[any]]"}[$word]) / $__range_s > $other': 'rate(x{a=~".*"}[5m]) / 300 > 1',
    "sum by ($label, job) (x offset $shift)": "sum by (job, job) (x offset 5m)",
    "x{a='it\\'s $any'}[$__rate_interval]": "x{a='it\\'s .*'}[5m]",
  };
  for (const [query, wanted] of Object.entries(cases)) expect(concrete(query, values)).toBe(wanted);
});
