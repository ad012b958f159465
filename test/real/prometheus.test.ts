import { join } from "node:path";
import { parse, stringify } from "yaml";
import { SCRAPE_INTERVAL } from "../../src/config/scrape-interval.ts";
import { dashboardQueries } from "../../src/monitoring/dashboards/index.ts";
import { withoutVariables } from "../../src/monitoring/promql.ts";
import type { RuleGroup } from "../../src/monitoring/rules/rule.ts";
import { find, type Manifest, manifestsOf, SHIPPED, synthesiseFile, synthesiseText } from "../manifests.ts";
import { ALERT_CASES, type AlertCase } from "../monitoring/alert-cases.ts";
import { REFUSED, TAKEN, TAKEN_BY_PROMETHEUS_ALONE } from "../monitoring/awkward.ts";
import { sampled } from "../monitoring/cases/sampled.ts";
import { inRoot as runInRoot, serversRoot } from "./servers.ts";

/** Configuration and rules by the real promtool, at the places where the pod has them. */
jest.setTimeout(15 * 60_000);

let root: string;
beforeAll(async () => {
  root = await serversRoot();
});

// /var/run is a link to /run.
const FOLDERS = ["/etc/cloudnova", "/run/secrets"];

const inRoot = (files: Readonly<Record<string, string>>, command: string) => runInRoot(root, FOLDERS, files, command);

/** Every ConfigMap that the Prometheus pod mounts, as files at their mount paths. */
function mounted(manifests: readonly Manifest[]): Record<string, string> {
  const { containers, volumes } = find(manifests, "StatefulSet", "prometheus").spec.template.spec;
  const mounts = containers[0].volumeMounts as Manifest[];
  const files = mounts.flatMap(({ name, mountPath }) => {
    const map = volumes.find((volume: Manifest) => volume.name === name)?.configMap?.name;
    return map ? Object.entries(find(manifests, "ConfigMap", map).data).map(([file, text]) => [join(mountPath, file), text as string]) : [];
  });
  return { ...Object.fromEntries(files), "/run/secrets/kubernetes.io/serviceaccount/token": "token" };
}

/** The sample and two applications of the user's, one of which exports metrics. */
const APPLICATIONS = `applications:
  webapp: { sample: {} }
  tienda: { image: "example.com/tienda:1", ingress: { host: tienda.example.com } }
  blog: { image: "example.com/blog:1", ingress: { path: /blog }, metrics: { port: 9100 } }
`;
const withApplications = (rest: string) => `cluster: kind\nmachine: { memory: 4Gi, cpu: "2" }\n${APPLICATIONS}${rest}`;

describe.each([
  ...SHIPPED.map((file) => [file, () => synthesiseFile(file)] as const),
  ["with applications", () => synthesiseText(withApplications(""))] as const,
])("%s", (_, synthesis) => {
  const files = mounted(manifestsOf(synthesis()));

  test("promtool accepts the configuration, and finds every rule file", async () => {
    const said = await inRoot(files, "promtool check config --lint=all --lint-fatal /etc/cloudnova/prometheus/prometheus.yml");
    const rules = Object.keys(files).filter((path) => path.includes("/rules/"));
    expect(rules.length).toBeGreaterThanOrEqual(2);
    for (const path of rules) expect(said).toContain(path);
    expect(said).toMatch(/SUCCESS/);
  });
});

test("promtool accepts every query of every dashboard, its types too", async () => {
  const rules = dashboardQueries().map((query, index) => ({ record: `panel:${index}`, expr: withoutVariables(query) }));
  const check = (list: unknown) =>
    inRoot(
      { "/etc/cloudnova/panels.yaml": stringify({ groups: [{ name: "panels", rules: list }] }) },
      "promtool check rules /etc/cloudnova/panels.yaml",
    );
  expect(await check(rules)).toContain(`SUCCESS: ${rules.length} rules`);
  await expect(check([{ record: "panel:wrong", expr: "rate(up)" }])).rejects.toThrow(/expected type/);
});

test("promtool takes and refuses what the import's parser does, but for what only Prometheus takes", async () => {
  const queries = [...TAKEN, ...TAKEN_BY_PROMETHEUS_ALONE, ...REFUSED];
  const rules = queries.map((expr, index) => ({ record: `query:${index}`, expr }));
  const file = { "/etc/cloudnova/queries.yaml": stringify({ groups: [{ name: "queries", rules }] }) };
  const said = await inRoot(file, "promtool check rules /etc/cloudnova/queries.yaml").catch((error: Error) => error.message);
  const refused = new Set([...said.matchAll(/"query:(\d+)"/g)].map(([, index]) => queries[Number(index)]));
  expect(queries.filter((query) => refused.has(query))).toEqual(REFUSED);
});

/** The shortest and the longest interval that the schema takes, the default, and one that is no part of a minute. */
const INTERVALS = [SCRAPE_INTERVAL.least, "15s", "45s", SCRAPE_INTERVAL.most];

describe.each(INTERVALS)("every alert, scraped every %s, fires on a series that means it, and on none that nearly does", (interval) => {
  const files = mounted(manifestsOf(synthesiseText(withApplications(`monitoring: { scrapeInterval: ${interval} }\n`))));
  const rules = Object.entries(files).filter(([path]) => path.includes("/rules/"));
  const groups = rules.flatMap(([path, text]) => (parse(text).groups as RuleGroup[]).map((group) => ({ path, ...group })));
  const alertsOf = (group: RuleGroup) => group.rules.flatMap((rule) => ("alert" in rule ? [rule.alert] : []));

  const evaluation = (alertname: string, moments: readonly string[], values: Readonly<Record<string, string>>, fires: boolean) => ({
    interval,
    input_series: Object.entries(values).map(([series, value]) => ({ series, values: sampled(value, interval) })),
    promql_expr_test: moments.map((moment) => ({
      expr: `count(ALERTS{alertname="${alertname}",alertstate="firing"}) or vector(0)`,
      eval_time: moment,
      exp_samples: [{ labels: "{}", value: fires ? 1 : 0 }],
    })),
  });
  /** The file with an alert's own group alone: the others' days of samples would take minutes. */
  const suite = (alertname: string, tests: readonly object[]) => {
    const group = groups.find((one) => alertsOf(one).includes(alertname));
    // A day and more is evaluated every minute.
    const every = ALERT_CASES[alertname]?.stillAt ? "1m" : (group?.interval ?? interval);
    return stringify({ rule_files: [group?.path], evaluation_interval: every, tests }, { aliasDuplicateObjects: false });
  };
  const check = (alertname: string, tests: readonly object[]) =>
    inRoot({ ...files, "/etc/cloudnova/test.yaml": suite(alertname, tests) }, "promtool test rules /etc/cloudnova/test.yaml");

  test("there is a case for each", () => expect(groups.flatMap(alertsOf).sort()).toEqual(Object.keys(ALERT_CASES).sort()));

  test.each(Object.entries(ALERT_CASES))("%s", async (name, { fires, holds, holdsToo, at, stillAt }) => {
    const always = name === "Watchdog";
    const moments = [at, ...(stillAt ? [stillAt] : [])];
    const held = [holds, ...(holdsToo ? [holdsToo] : [])];
    const tests = [evaluation(name, moments, fires, true), ...held.map((values) => evaluation(name, moments, values, always))];
    expect(await check(name, tests)).toMatch(/SUCCESS/);
  });

  test("and the check can fail: the same series with the expectation turned round", async () => {
    const { at, holds } = ALERT_CASES.HighCPUUsage as AlertCase;
    await expect(check("HighCPUUsage", [evaluation("HighCPUUsage", [at], holds, true)])).rejects.toThrow(/FAILED/);
  });
});
