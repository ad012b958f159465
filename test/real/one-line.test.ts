import { stringify } from "yaml";
import { panelQueries } from "../../src/monitoring/dashboards/index.ts";
import { selectors, withoutVariables } from "../../src/monitoring/promql.ts";
import { inRoot, serversRoot } from "./servers.ts";

/** What a restart changes of a series' labels, by the beginning of its metric's name; the rest stays as it is. */
const CHANGES: readonly (readonly [metrics: RegExp, changed: Readonly<Record<string, readonly [before: string, after: string]>>])[] = [
  // The name of the disk's device, where the machine itself restarts.
  [/^node_filesystem_/, { device: ["/dev/sda1", "/dev/sdb1"] }],
  [/^node_/, {}],
  [/^container_/, { pod: ["webapp-1-a", "webapp-1-b"], id: ["/a", "/b"], image: ["webapp:1", "webapp:2"] }],
  // A pod of a StatefulSet keeps its name, on whichever node it is.
  [/^mysql_/, { node: ["n1", "n2"] }],
  [/^traefik_/, { instance: ["traefik-1-a", "traefik-1-b"] }],
  [/^webapp_/, { instance: ["webapp-1-a", "webapp-1-b"] }],
];
const SAME = { job: "j", instance: "i", node: "n", fstype: "ext4", container: "c", le: "+Inf" };

/** A replica that takes another's place is another one, and these tell them apart. */
const BY_REPLICA = ["up", "webapp_http_requests_total"];

/** The series of a query: ten minutes before a restart, and ten after it. */
function around(query: string): { series: string; values: string }[] {
  return selectors(query).flatMap(({ metric, labels }) => {
    const [, changed = {}] = CHANGES.find(([metrics]) => metrics.test(metric)) ?? [];
    const asked = [...labels].flatMap(([name, { operator, value }]) => (operator === "=" ? [[name, value]] : []));
    const named = (which: 0 | 1) => {
      const each = {
        ...SAME,
        ...Object.fromEntries(asked),
        ...Object.fromEntries(Object.entries(changed).map(([name, both]) => [name, both[which]])),
      };
      return `${metric}{${Object.entries(each)
        .map(([name, value]) => `${name}="${value}"`)
        .join(",")}}`;
    };
    if (Object.keys(changed).length === 0) return [{ series: named(0), values: "1+1x20" }];
    return [
      { series: named(0), values: "1+1x9 stale" },
      { series: named(1), values: "_x10 1+1x10" },
    ];
  });
}

const QUERIES = panelQueries().filter(
  ({ dashboard, expr }) =>
    ["overview", "system"].includes(dashboard) &&
    !BY_REPLICA.some((metric) => expr === metric || expr.startsWith(`sum by(instance) (rate(${metric}`)),
);

jest.setTimeout(15 * 60_000);

test("over a restart, one node and one container stay one line", async () => {
  const root = await serversRoot();
  const check = (exprs: readonly string[]) => {
    const tests = exprs.map((expr) => ({
      name: expr,
      interval: "1m",
      input_series: [...new Map(around(expr).map((one) => [one.series, one])).values()],
      // Every set of labels that the query gave at any time.
      promql_expr_test: [{ expr: `count(last_over_time((${expr})[20m:1m]))`, eval_time: "20m", exp_samples: [{ labels: "{}", value: 1 }] }],
    }));
    const suite = stringify({ rule_files: [], evaluation_interval: "1m", tests });
    return inRoot(root, ["/etc/cloudnova"], { "/etc/cloudnova/test.yaml": suite }, "promtool test rules /etc/cloudnova/test.yaml");
  };
  expect(QUERIES.length).toBeGreaterThan(15);
  expect(await check(QUERIES.map(({ expr }) => withoutVariables(expr)))).toMatch(/SUCCESS/);
  // And the check can fail: what is not drawn by node alone has a line for each device.
  await expect(check(['node_filesystem_avail_bytes{mountpoint="/"}'])).rejects.toThrow(/FAILED|got/);
});
