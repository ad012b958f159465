import { join } from "node:path";
import { parse, stringify } from "yaml";
import { SCRAPE_INTERVAL } from "../../src/config/scrape-interval.ts";
import { seconds } from "../../src/config/units.ts";
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

const SUITES = "/etc/cloudnova/suites";
/** What is looked for after as many seconds is evaluated less often. */
const HOURS = 8 * 3600;

/** The shortest and the longest interval that the schema takes, the default, and one that is no part of a minute. */
/** With a store, a copy that is too old is an alert. */
const STORE = "backups: { store: { endpoint: 'https://s3.example.com', bucket: mine } }\n";
const INTERVALS = [SCRAPE_INTERVAL.least, "15s", "45s", SCRAPE_INTERVAL.most];

describe.each(INTERVALS)("every alert, scraped every %s, fires on a series that means it, and on none that nearly does", (interval) => {
  const issued = "ingress: { tls: { certManager: { issuer: letsencrypt } } }\n";
  const monitoring = `monitoring: { scrapeInterval: ${interval}, remoteWrite: [{ url: "https://metrics.example.com/write" }] }\n`;
  const files = mounted(manifestsOf(synthesiseText(withApplications(`${monitoring}${issued}${STORE}`))));
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
  /**
   * Files for promtool: an alert's own group without the other alerts, whose days of samples would take minutes, and its cases. What is
   * looked for after hours is evaluated every minute, and after a day every three: fewer than Prometheus' look-back of 5m.
   */
  const suite = (alertname: string, tests: readonly object[]) => {
    const group = groups.find((one) => alertsOf(one).includes(alertname));
    if (!group) throw new Error(`no group has the alert ${alertname}`);
    const { path: _, ...own } = { ...group, rules: group.rules.filter((rule) => !("alert" in rule) || rule.alert === alertname) };
    const { at, stillAt } = ALERT_CASES[alertname] as AlertCase;
    const every = stillAt ? "3m" : seconds(at) >= HOURS ? "1m" : (group.interval ?? interval);
    const suiteOf = { rule_files: [`${alertname}.rules.yaml`], evaluation_interval: every, tests };
    return {
      [`${SUITES}/${alertname}.rules.yaml`]: stringify({ groups: [own] }),
      [`${SUITES}/${alertname}.test.yaml`]: stringify(suiteOf, { aliasDuplicateObjects: false }),
    };
  };
  /** How many of each alert's cases passed, and what promtool says of the others: one run of it judges all suites. */
  const verdicts = async (suites: Readonly<Record<string, string>>) => {
    const report = `${SUITES}/report.xml`;
    // Its garbage collector runs less often than by default, which saves a quarter of the time.
    const said = await inRoot(
      suites,
      `GOGC=400 promtool test rules --junit=${report} ${SUITES}/*.test.yaml >/dev/null 2>&1; cat ${report}`,
    );
    const found = said.matchAll(
      /<testsuite name="[^"]*\/(\w+)\.test\.yaml" tests="(\d+)" failures="(\d+)" errors="(\d+)"[^>]*>(.*?)<\/testsuite>/gs,
    );
    return new Map(
      [...found].map(([, name, tests, failures, errors, cases = ""]) => [
        name,
        { passed: Number(tests) - Number(failures) - Number(errors), wrong: cases.match(/<(?:failure|error)>[^<]*/g) ?? [] },
      ]),
    );
  };

  test("there is a case for each", () => expect(groups.flatMap(alertsOf).sort()).toEqual(Object.keys(ALERT_CASES).sort()));

  let judged: Awaited<ReturnType<typeof verdicts>>;
  beforeAll(async () => {
    const suites = Object.entries(ALERT_CASES).map(([name, { fires, holds, holdsToo, at, stillAt }]) => {
      const always = name === "Watchdog";
      const moments = [at, ...(stillAt ? [stillAt] : [])];
      const held = [holds, ...(holdsToo ? [holdsToo] : [])];
      const tests = [evaluation(name, moments, fires, true), ...held.map((values) => evaluation(name, moments, values, always))];
      return suite(name, tests);
    });
    judged = await verdicts(Object.assign({}, ...suites));
  }, 15 * 60_000);

  test.each(Object.entries(ALERT_CASES))("%s", (name, { holdsToo }) =>
    expect(judged.get(name)).toEqual({ passed: holdsToo ? 3 : 2, wrong: [] }),
  );

  test("and the check can fail: the same series with the expectation turned round", async () => {
    const { at, holds } = ALERT_CASES.HighCPUUsage as AlertCase;
    const failed = await verdicts(suite("HighCPUUsage", [evaluation("HighCPUUsage", [at], holds, true)]));
    expect(failed.get("HighCPUUsage")).toEqual({ passed: 0, wrong: [expect.stringContaining("got: {} 0E+00")] });
  });
});

test("a failing renewal of an address' certificate, which is valid for 160 hours, fires at 36 and at 12 hours", async () => {
  const ingress = "ingress: { host: 198.51.100.7, tls: { letsEncrypt: {} } }\n";
  const files = mounted(manifestsOf(synthesiseText(`cluster: kind\nmachine: { memory: 4Gi, cpu: "2" }\n${ingress}`)));
  const rules = Object.keys(files).find((path) => path.includes("/ingress/")) ?? "";
  const tests = (
    [
      ["CertificateExpiresSoon", "90m", 1.4, 1.6],
      ["CertificateExpiresVerySoon", "10m", 0.4, 0.6],
    ] as const
  ).flatMap(([alertname, at, fires, holds]) =>
    [fires, holds].map((daysLeft) => ({
      interval: "1m",
      input_series: [{ series: 'probe_ssl_earliest_cert_expiry{instance="198.51.100.7",job="probe"}', values: `${daysLeft * 86_400}x120` }],
      promql_expr_test: [
        {
          expr: `count(ALERTS{alertname="${alertname}",alertstate="firing"}) or vector(0)`,
          eval_time: at,
          exp_samples: [{ labels: "{}", value: daysLeft === fires ? 1 : 0 }],
        },
      ],
    })),
  );
  const suite = `${SUITES}/short-lived.test.yaml`;
  const said = await inRoot(
    { ...files, [suite]: stringify({ rule_files: [rules], evaluation_interval: "1m", tests }) },
    `promtool test rules ${suite}`,
  );
  expect(said).toContain("SUCCESS");
});
