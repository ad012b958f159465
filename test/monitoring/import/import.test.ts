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
    // Of the choices; a panel without one takes the default, which is ours.
    expect(sources.length).toBe(2);
    for (const source of sources) expect(source).toEqual(OURS);
    expect(text).not.toContain("DS_PROMETHEUS");
    expect(file.dashboard).not.toHaveProperty("id");
  });
  test("its panels are found in their rows; what is dead says why", () => {
    expect(panels).toEqual([
      { title: "CPU", alive: 1, dead: [] },
      { title: "Old metric", alive: 0, dead: ["node_cpu: no target exports it"] },
      { title: "Clock", alive: 0, dead: ["a panel of the type grafana-clock-panel, a plugin that is not installed"] },
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
      Load: [1, 'node_load1: exported by node, but the query selects job="node-exporter"'],
      Recorded: [0, "instance:node_cpu:ratio: no recording rule of this project defines it"],
      Label: [0, "node_load1: has no label nodename"],
      Logs: [0, "its data source is loki"],
      Broken: [0, expect.stringMatching(/^Prometheus rejects the query: unexpected end/)],
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
  ["no JSON", "<html>", /a file: not JSON: /],
  ["a list", "[]", /not a dashboard/],
  ["without panels", '{"title":"x"}', /no title or no panels/],
  [
    "of the new schema",
    '{"apiVersion":"dashboard.grafana.app/v2beta1","kind":"Dashboard","spec":{"elements":{}}}',
    /new schema \(dashboard.grafana.app\/v2beta1\)/,
  ],
  ["with library panels", '{"title":"x","panels":[{"type":"row","panels":[{"libraryPanel":{"uid":"a"}}]}]}', /library panels.*unlink/],
  [
    "all dead",
    '{"title":"x","panels":[{"type":"stat","title":"a","targets":[{"expr":"nothing_of_ours"}]}]}',
    /none of its panels would show data .*nothing_of_ours: no target exports it/,
  ],
  ["without panels of its own", '{"title":"x","panels":[]}', /it has no panels/],
  ["without a query, of a plugin", '{"title":"x","panels":[{"type":"grafana-clock-panel"}]}', /a plugin that is not installed/],
  ["of another kind of resource", '{"apiVersion":"v1","kind":"ConfigMap","data":{}}', /no title or no panels/],
  [
    "that is a resource of the new schema",
    '{"apiVersion":"dashboard.grafana.app/v2alpha1","kind":"Dashboard","spec":{"title":"x","elements":{},"layout":{}}}',
    /new schema \(dashboard.grafana.app\/v2alpha1\), which is not supported; export it/,
  ],
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
    expect(() => bring(MYSQL, { name: "mine" })).toThrow(/the dashboard 'mysql' already has the title 'MySQL'.*--title/);
    expect(() => bring({ ...MYSQL, title: "Sistema de Monitoreo Completo" })).toThrow(/the dashboard 'system' already has the title/);
    expect(bring(MYSQL, { title: "MySQL of mine" }).file.dashboard).toMatchObject({ title: "MySQL of mine", uid: "my-mysql" });
  });
  test("so is a title or a uid of another imported dashboard; the one of its own name is replaced", () => {
    const others = [{ name: "first", title: "Uptime", uid: "abc123" }];
    expect(() => bring(UPTIME, { others })).toThrow(/the dashboard 'first' already has the title 'Uptime'/);
    expect(() => bring(UPTIME, { others, title: "Another" })).toThrow(/the dashboard 'first' already has the uid 'abc123'.*--name first/);
    expect(bring(UPTIME, { others, name: "first" }).file.dashboard.uid).toBe("abc123");
  });
});

describe("what relabelling adds and drops", () => {
  test("a label that a scrape job adds is there", () => {
    const { panels } = bring({
      title: "nodelabel",
      panels: [
        { type: "timeseries", title: "ok", targets: [{ expr: "up" }] },
        {
          type: "timeseries",
          title: "cpu by node",
          targets: [{ expr: 'sum by (node) (rate(container_cpu_usage_seconds_total{node!=""}[5m]))' }],
        },
        { type: "timeseries", title: "node mem", targets: [{ expr: 'node_memory_MemAvailable_bytes{node=~".+"}' }] },
        { type: "timeseries", title: "kubelet", targets: [{ expr: 'kubelet_running_pods{node="ip-10-0-0-5"}' }] },
        { type: "timeseries", title: "webapp pod", targets: [{ expr: 'webapp_http_requests_total{node!=""}' }] },
        { type: "timeseries", title: "machine cpu", targets: [{ expr: 'machine_cpu_cores{node="$node"}' }] },
      ],
    });
    expect(panels.filter(({ alive }) => alive === 1).map(({ title }) => title)).toEqual([
      "ok",
      "cpu by node",
      "node mem",
      "kubelet",
      "webapp pod",
    ]);
    expect(panels.at(-1)?.dead).toEqual([
      expect.stringMatching(/^machine_cpu_cores.*metric_relabel_configs of the scrape job cadvisor drop it$/),
    ]);
  });
  test("machine_* and the node's own control group are dropped, a container's is not", () => {
    const dashboard = {
      title: "Share of the machine (as in dotdc 15757, 15758, 15759 and dockprom)",
      panels: [
        { type: "stat", title: "CPU cores", targets: [{ expr: "sum(machine_cpu_cores)" }] },
        { type: "stat", title: "RAM Total", targets: [{ expr: "sum(machine_memory_bytes)" }] },
        { type: "timeseries", title: "Node memory (315)", targets: [{ expr: 'sum(container_memory_working_set_bytes{id="/"})' }] },
      ],
    };
    expect(() => bring(dashboard)).toThrow(/CPU cores: machine_cpu_cores: exported, but .* drop it/);
    const more = [
      'sum(container_memory_working_set_bytes{id!="/"})',
      'container_memory_working_set_bytes{image!="",pod=~"$pod"}',
      'container_network_receive_bytes_total{id="/"}',
      'container_memory_working_set_bytes{container=""}',
      'container_memory_working_set_bytes{container!="POD",container=""}',
      'container_memory_working_set_bytes{pod!="",image=""}',
    ];
    const { panels, file } = bring({
      ...dashboard,
      panels: [...dashboard.panels, ...more.map((expr) => ({ type: "stat", title: expr, targets: [{ expr }] }))],
    });
    expect(panels.filter(({ alive }) => alive === 1).map(({ title }) => title)).toEqual(more.slice(0, 3));
    expect(Object.keys(file.metrics.cadvisor ?? [])).toHaveLength(2);
  });
  test("a target's labels are known by value, also for what Prometheus makes itself", () => {
    const dead = (expr: string) => bring({ title: "x", panels: [{ type: "stat", targets: [{ expr: "up" }, { expr }] }] }).panels[0]?.dead;
    expect(dead('up{job="node",instance=~"ip-.*"}')).toEqual([]);
    expect(dead('up{job="prometheus",instance="prometheus-0"}')).toEqual([]);
    expect(dead('up{job="kubernetes-apiservers"}')).toEqual([expect.stringContaining('but the query selects job="kubernetes-apiservers"')]);
    expect(dead('up{job="prometheus",instance="other"}')).toEqual(['up: none of its series has instance="other"']);
    expect(dead('up{cluster="a"}')).toEqual(["up: has no label cluster"]);
    expect(dead('probe_success{instance="shop.example.com"}')).toEqual([]);
    expect(dead('node_load1{instance="10.0.0.5:9100"}')).toEqual([expect.stringContaining("without a port")]);
  });
});

describe("a choice that wants host:port, where an instance has no port", () => {
  const NODE = { name: "node", type: "query", query: "label_values(node_uname_info, instance)", regex: "/([^:]+):.*/" };
  const PORT = {
    name: "port",
    type: "query",
    query: 'label_values(node_uname_info{instance=~"$node:(.*)"}, instance)',
    regex: "/[^:]+:(.*)/",
  };
  const panel = (expr: string) => ({ type: "timeseries", title: "Load", targets: [{ expr }] });
  const UP = { type: "stat", title: "Up", targets: [{ expr: "up" }] };

  test("is refused with its regex and what to do, where everything depends on it", () => {
    const dashboard = {
      title: "Instance picker that expects host:port",
      templating: { list: [NODE, PORT] },
      panels: [panel('node_load1{instance=~"$node:$port"}')],
    };
    expect(() => bring(dashboard)).toThrow(
      /Load: node_load1: none of its series has instance=~"\.\*:\.\*": instance is .* without a port; .*clear the regex of a variable/,
    );
  });
  test("is the reason, where every panel uses it", () => {
    const dashboard = { title: "x", templating: { list: [NODE] }, panels: [panel('node_load1{instance=~"$node"}')] };
    expect(() => bring(dashboard)).toThrow(/\$node: the list is empty: its regex \/\(\[\^:\]\+\):\.\*\/ requires host:port/);
  });
  test("is dead, and so is what uses it; another panel is not", () => {
    const { panels, choices } = bring({ title: "x", templating: { list: [NODE] }, panels: [UP, panel('node_load1{instance=~"$node"}')] });
    expect(choices.map(({ alive }) => alive)).toEqual([0]);
    expect(panels.map(({ alive, dead }) => [alive, ...dead])).toEqual([[1], [0, "the variable $node has no values"]]);
  });
  test.each(["/([^:]+)(?::.*)?/", "/([^:]+):?.*/", "/(.*)/", "", "/^[a-z:]+/", "/(?<text>[^:]+)(:(?<value>\\d+)|$)/"])(
    "a regex that needs no port, %j, is alive",
    (regex) => {
      const { panels, choices } = bring({
        title: "x",
        templating: { list: [{ ...NODE, regex }] },
        panels: [panel('node_load1{instance=~"$node"}')],
      });
      expect([...choices, ...panels].map(({ alive }) => alive)).toEqual([1, 1]);
    },
  );
  test("a choice of a label that is not there, or of a job that is not ours, is dead; an empty one leaves what may be without it", () => {
    const list = [
      { name: "cluster", type: "query", query: "label_values(up, cluster)" },
      { name: "job", type: "query", query: "label_values(job)", regex: "/node-exporter.*/" },
      { name: "all", type: "query", query: "label_values(up, cluster)", includeAll: true, allValue: ".*" },
    ];
    const { panels, choices } = bring({
      title: "x",
      templating: { list },
      panels: [UP, panel('node_load1{cluster="$cluster"}'), panel('node_load1{job="$job"}'), panel('node_load1{instance=~"$all"}')],
    });
    expect(choices.map(({ dead }) => dead[0])).toEqual([
      "up: has no label cluster",
      "the list is empty: no value of job matches its regex /node-exporter.*/",
      "up: has no label cluster",
    ]);
    expect(panels.map(({ alive }) => alive)).toEqual([1, 1, 0, 1]);
  });
});

describe("forms of dashboards", () => {
  test("a query with a no-break space is dead by its number in Unicode", () => {
    const dashboard = { title: "nbsp", panels: [{ type: "stat", title: "a", targets: [{ expr: "sum(\u00a0up\u00a0)" }] }] };
    expect(() => bring(dashboard)).toThrow(/a: Prometheus rejects the query: it has U\+00A0 outside a string/);
  });
  test("one of texts alone needs no data", () => {
    const text = '{"title":"only text","panels":[{"type":"text","title":"a","options":{"content":"hi"}}]}';
    expect(importDashboard(text, "a file")).toMatchObject({ panels: [], withoutQuery: 1, stored: [] });
  });
  test("a classic one in a resource of Grafana 12 is read, with the resource's name as its uid", () => {
    const resource = {
      apiVersion: "dashboard.grafana.app/v1beta1",
      kind: "Dashboard",
      metadata: { name: "abc" },
      spec: {
        title: "A classic dashboard in Grafana 12's resource form",
        panels: [{ type: "stat", title: "Up", targets: [{ expr: "up" }] }],
      },
    };
    expect(bring(resource)).toMatchObject({ panels: [{ title: "Up", alive: 1 }], file: { dashboard: { uid: "abc" } } });
  });
});

describe("what Grafana writes by itself is left out", () => {
  const target = (refId: string) => ({
    datasource: OURS,
    editorMode: "code",
    expr: `node_load1 + ${refId.length}`,
    format: "time_series",
    intervalFactor: 1,
    legendFormat: "",
    refId,
    step: 240,
  });
  const REDUNDANT = {
    datasource: OURS,
    fieldConfig: { defaults: { color: { mode: "palette-classic" }, links: [], mappings: [], unit: "percentunit" }, overrides: [] },
    links: [],
    options: { legend: { calcs: [], displayMode: "list" }, tooltip: { mode: "multi" } },
    pluginVersion: "11.6.1",
    targets: [target("A"), target("B")],
    title: "Load",
    transformations: [],
    type: "timeseries",
  };
  const brought = (panels: unknown[]) => bring({ title: "x", panels }).file.dashboard as unknown as { panels: unknown[] };

  test("empty lists, the default data source and keys that are read no more", () => {
    const query = (refId: string) => ({
      editorMode: "code",
      expr: `node_load1 + ${refId.length}`,
      format: "time_series",
      legendFormat: "",
      refId,
    });
    expect(brought([REDUNDANT, { type: "row", collapsed: true, panels: [REDUNDANT] }]).panels[0]).toEqual({
      fieldConfig: { defaults: { color: { mode: "palette-classic" }, unit: "percentunit" } },
      options: { legend: { displayMode: "list" }, tooltip: { mode: "multi" } },
      targets: [query("A"), query("B")],
      title: "Load",
      type: "timeseries",
    });
  });
  test("what has a meaning stays: other values, overrides that set an empty list, other sources, the version that migrates a stat", () => {
    const panel = {
      ...REDUNDANT,
      type: "stat",
      datasource: { type: "datasource", uid: "-- Mixed --" },
      fieldConfig: {
        defaults: { links: [{ title: "a", url: "b" }], mappings: [{ type: "value", options: {} }] },
        overrides: [
          {
            matcher: { id: "byName", options: "a" },
            properties: [
              { id: "mappings", value: [] },
              { id: "links", value: [] },
            ],
          },
        ],
      },
      links: [{ title: "c", url: "d" }],
      options: { legend: { calcs: ["mean"] }, reduceOptions: { calcs: [] } },
      targets: [
        { ...target("A"), step: 240, intervalFactor: 2 },
        { datasource: { type: "loki", uid: "l" }, expr: "{}", refId: "B" },
      ],
      transformations: [{ id: "merge", options: {} }],
    };
    const { step: _, ...kept } = panel.targets[0] as ReturnType<typeof target>;
    expect(brought([panel]).panels[0]).toEqual({ ...panel, targets: [kept, panel.targets[1]] });
  });
  test("so that a large one of the usual kind fits, which would not fit as it is published", () => {
    const panels = Array.from({ length: 330 }, (_, index) => ({ ...REDUNDANT, id: index, title: `Load ${index}` }));
    expect(Buffer.byteLength(JSON.stringify(JSON.stringify({ title: "x", panels })))).toBeGreaterThan(250_000);
    expect(brought(panels).panels).toHaveLength(330);
  });
});

test("one that no ConfigMap can hold is refused with both figures", () => {
  const panels = Array.from({ length: 600 }, (_, index) => ({ ...NEW.panels[0], title: `${index}${"x".repeat(100)}` }));
  expect(() => bring({ ...NEW, panels })).toThrow(/\d+ bytes in a ConfigMap; the maximum is 250000/);
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
    'label_replace(x{a="$word"}, "b", "$1", "c", "(.*)")': 'label_replace(x{a="abc"}, "b", "$1", "c", "(.*)")',
    "x{a='it\\'s $any'}[$__rate_interval]": "x{a='it\\'s .*'}[5m]",
  };
  for (const [query, wanted] of Object.entries(cases)) expect(concrete(query, values)).toBe(wanted);
});
