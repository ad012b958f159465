import { join } from "node:path";
import { parse, stringify } from "yaml";
import { dashboardQueries } from "../../src/monitoring/dashboards/index.ts";
import { withoutVariables } from "../../src/monitoring/promql.ts";
import type { Alert } from "../../src/monitoring/rules/rule.ts";
import { find, type Manifest, manifestsOf, SHIPPED, synthesiseFile } from "../manifests.ts";
import { ALERT_CASES, type AlertCase } from "../monitoring/alert-cases.ts";
import { REFUSED, TAKEN, TAKEN_BY_PROMETHEUS_ALONE } from "../monitoring/awkward.ts";
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

describe.each(SHIPPED)("%s", (file) => {
  const files = mounted(manifestsOf(synthesiseFile(file)));

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

describe("every alert fires on a series that means it, and on none that nearly does", () => {
  const files = mounted(manifestsOf(synthesiseFile("environments/kind.yaml")));
  const rules = Object.entries(files).filter(([path]) => path.includes("/rules/"));
  const alerts = rules.flatMap(([, text]) =>
    parse(text).groups.flatMap((group: { rules: Alert[] }) => group.rules.filter((rule) => rule.alert)),
  );

  const series = (values: Readonly<Record<string, string>>) =>
    Object.entries(values).map(([name, value]) => ({ series: name, values: value }));
  const evaluation = (alertname: string, { at }: AlertCase, values: Readonly<Record<string, string>>, fires: boolean) => ({
    interval: "1m",
    input_series: series(values),
    promql_expr_test: [
      {
        expr: `count(ALERTS{alertname="${alertname}",alertstate="firing"}) or vector(0)`,
        eval_time: at,
        exp_samples: [{ labels: "{}", value: fires ? 1 : 0 }],
      },
    ],
  });

  test("there is a case for each", () => expect(alerts.map(({ alert }) => alert).sort()).toEqual(Object.keys(ALERT_CASES).sort()));

  test.each(Object.entries(ALERT_CASES))("%s", async (name, one) => {
    const always = name === "Watchdog";
    const held = [one.holds, ...(one.holdsToo ? [one.holdsToo] : [])];
    const tests = [evaluation(name, one, one.fires, true), ...held.map((values) => evaluation(name, one, values, always))];
    // Its own group alone: the others' days of samples would take minutes.
    const [file] = rules.find(([, text]) => text.includes(`alert: ${name}\n`)) ?? [];
    const suite = stringify({ rule_files: [file], evaluation_interval: "1m", tests });
    expect(await inRoot({ ...files, "/etc/cloudnova/test.yaml": suite }, "promtool test rules /etc/cloudnova/test.yaml")).toMatch(
      /SUCCESS/,
    );
  });

  test("and the check can fail: the same series with the expectation turned round", async () => {
    const { HighCPUUsage } = ALERT_CASES;
    const wrong = evaluation("HighCPUUsage", HighCPUUsage as AlertCase, (HighCPUUsage as AlertCase).holds, true);
    const suite = stringify({ rule_files: rules.map(([path]) => path), evaluation_interval: "1m", tests: [wrong] });
    await expect(inRoot({ ...files, "/etc/cloudnova/test.yaml": suite }, "promtool test rules /etc/cloudnova/test.yaml")).rejects.toThrow(
      /FAILED/,
    );
  });
});
