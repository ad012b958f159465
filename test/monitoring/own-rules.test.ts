import { cpSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { synthesise } from "../../charts/synth.ts";
import { loadEnvironment } from "../../src/config/load.ts";
import { importDashboard } from "../../src/monitoring/import/index.ts";
import { knownOf } from "../../src/monitoring/own-rules.ts";
import { find, type Manifest, manifestsOf, synthesiseFile } from "../manifests.ts";

const FIXTURE = "test/fixtures/own-rules";

/** The environment of the fixture with another file of rules. */
function withRules(rules: string, change = (environment: string) => environment): () => unknown {
  const folder = mkdtempSync(join(tmpdir(), "cloudnova-rules-"));
  cpSync(FIXTURE, folder, { recursive: true });
  mkdirSync(join(folder, "rules"), { recursive: true });
  writeFileSync(join(folder, "rules", "shop.rules.yaml"), rules);
  const file = join(folder, "shop.yaml");
  writeFileSync(file, change(ENVIRONMENT));
  return () => synthesise(loadEnvironment(file));
}
const ENVIRONMENT = `cluster: k3s
machine: { instance: t3.small }
applications:
  shop:
    image: example.com/shop:1
    metrics: { port: 9100 }
monitoring:
  rules: [rules/shop.rules.yaml]
`;
const rule = (expr: string, rest = "") => `groups:\n  - name: shop\n    rules:\n      - alert: Trial\n        expr: ${expr}\n${rest}`;

describe("rules of the user's", () => {
  const manifests = manifestsOf(synthesiseFile(join(FIXTURE, "shop.yaml")));
  const prometheus = parse(find(manifests, "ConfigMap", "prometheus").data["prometheus.yml"]);
  const keepOf = (job: string): string =>
    prometheus.scrape_configs.find(({ job_name }: Manifest) => job_name === job).metric_relabel_configs[0].regex;

  test("are a file of Prometheus', in a ConfigMap of its own, mounted where Prometheus looks", () => {
    const { data } = find(manifests, "ConfigMap", "prometheus-rules-own-shop");
    const [group] = parse(data["own-shop.yaml"]).groups;
    expect(group.rules.map(({ alert, record }: Manifest) => alert ?? record)).toEqual([
      "shop:orders:rate5m",
      "ShopSellsNothing",
      "ShopUsesManyFiles",
    ]);
    expect(group.rules[1].labels).toEqual({ severity: "warning", team: "7" });
    expect(prometheus.rule_files).toContain("/etc/cloudnova/rules/own-shop/*.yaml");
    const mounts = find(manifests, "StatefulSet", "prometheus").spec.template.spec.containers[0].volumeMounts;
    expect(mounts.map(({ mountPath }: Manifest) => mountPath)).toContain("/etc/cloudnova/rules/own-shop");
  });

  test("and of the application's metrics those are stored that they name", () => {
    expect(keepOf("shop")).toBe("process_open_fds|shop_orders_total");
    expect(keepOf("node")).not.toContain("process_open_fds");
  });

  test("and of targets that are not of this project too, also what an exporter of ours has", () => {
    const scrape = "  scrape: { press: { address: 203.0.113.9, port: 9100 } }\n";
    const named = withRules(rule('node_load1{job="press"} > queue_jobs_waiting{job="press"}'), (text) => `${text}${scrape}`);
    const { files } = named() as { files: ReadonlyMap<string, string> };
    expect([...files.values()].join("")).toContain("regex: node_load1|queue_jobs_waiting");
    const dead = withRules(rule('queue_jobs_waiting{job="presse"} > 1'), (text) => `${text}${scrape}`);
    expect(dead).toThrow(/queue_jobs_waiting/);
  });

  test("one that Prometheus would refuse is named with its line", () => {
    expect(withRules(rule("sum(rate(shop_orders_total))"))).toThrow(/shop\.rules\.yaml:5:15: .*expected type range vector/);
  });
  test("one without a series is named: a metric that no exporter has, a label, an application without metrics", () => {
    expect(withRules(rule("node_cpu_secnds_total > 1"))).toThrow("node_cpu_secnds_total: no target exports it");
    expect(withRules(rule('mysql_up{shop="1"} == 0'))).toThrow("mysql_up: has no label shop");
    const silent = withRules(rule("shop_orders_total > 1"), (text) => text.replace("    metrics: { port: 9100 }\n", ""));
    expect(silent).toThrow("shop_orders_total: no target exports it");
  });
  test("a key that Prometheus does not know is refused, for it would load none of the file's rules", () => {
    expect(withRules(rule("up == 0", "        fro: 5m\n"))).toThrow(
      /shop\.rules\.yaml:6:9: groups\.0\.rules\.0\.fro: found "5m"; unknown key \(allowed are alert, expr, for,/,
    );
    expect(withRules("groups:\n  - name: shop\n    intervall: 1m\n    rules: []\n")).toThrow(/intervall: .*interval/);
    expect(withRules(rule("up == 0", "        for: 5 minutes\n"))).toThrow(/groups\.0\.rules\.0/);
  });
  test("a group may not have the name of one of ours, or one name twice", () => {
    expect(withRules("groups: [{ name: node, rules: [] }]")).toThrow("CloudNova has a group 'node' too");
    expect(withRules("groups: [{ name: a, rules: [] }, { name: a, rules: [] }]")).toThrow("another group of the file has this name");
  });
  test("a file that is not there is named by its whole path", () => {
    const gone = withRules("", (text) => text.replace("shop.rules", "shopp.rules"));
    expect(gone).toThrow(/rules\/shopp\.rules\.yaml: cannot be read \(ENOENT\)/);
  });
});

describe("a dashboard of an application's own metrics", () => {
  const dashboard = JSON.stringify({
    title: "Shop",
    panels: [{ type: "timeseries", title: "Orders", targets: [{ expr: "shop_orders_total" }, { expr: "shop:orders:rate5m" }] }],
  });
  const { rules } = loadEnvironment(join(FIXTURE, "shop.yaml"));

  test("is dead without an environment, and alive with that whose application exports them", () => {
    expect(() => importDashboard(dashboard, "shop.json")).toThrow("shop_orders_total: no target exports it");
    const made = importDashboard(dashboard, "shop.json", { known: knownOf(rules, { applications: ["shop"] }) });
    expect(made.panels).toEqual([{ title: "Orders", alive: 2, dead: [] }]);
    expect(made.file.metrics).toEqual({ shop: ["shop_orders_total"] });
  });
  test("a metric that one of our exporters would have is never taken for the application's", () => {
    const wrong = dashboard.replace("shop_orders_total", "node_lod1");
    const made = importDashboard(wrong, "shop.json", { known: knownOf(rules, { applications: ["shop"] }) });
    expect(made.panels[0]?.dead).toEqual(["node_lod1: no target exports it"]);
  });
  test("in an environment whose application has no metrics it is refused", () => {
    const environment = loadEnvironment(join(FIXTURE, "shop.yaml"));
    const { file } = importDashboard(dashboard, "shop.json", { known: knownOf(rules, { applications: ["shop"] }) });
    const imported = [{ name: "shop", ...file }];
    expect(() => synthesise({ ...environment, imported })).not.toThrow();
    const silent = environment.config.applications.map(({ metrics: _, ...one }) => one);
    const config = { ...environment.config, applications: silent };
    expect(() => synthesise({ ...environment, config, rules: [], imported })).toThrow("write applications.shop.metrics");
  });
});
