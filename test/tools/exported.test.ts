import type { KubeObject } from "../../src/cluster/objects/kube-object.ts";
import { usedNames } from "../../src/monitoring/keep/derive.ts";
import { dead, driftOf } from "../../tools/exported/drift.ts";
import { exportedIn, merged } from "../../tools/exported/exposition.ts";
import { proxyPath } from "../../tools/exported/targets.ts";

test("a page's metrics with the names of their labels; comments and values are not among them", () => {
  const page =
    '# HELP a_total x{y="z"}\n# TYPE only_typed counter\na_total{b="1",c="x\\"},{d=\\"2"} 3 1700000000\na_total{e="}"} 1\nplain 5\n';
  expect(exportedIn(page)).toEqual({ a_total: ["b", "c", "e"], plain: [] });
});

test("the targets of a job are one", () => {
  expect(merged([{ a: ["x"] }, { a: ["y"], b: [] }])).toEqual({ a: ["x", "y"], b: [] });
});

test("what vanished and appeared is told by job, and what of it a query asks for", () => {
  const drifts = driftOf({ node: { a: ["x"], b: [] }, gone: { c: [] } }, { node: { a: ["y"], d: [] } });
  expect(drifts).toEqual([
    { job: "gone", vanished: ["c"], appeared: [] },
    { job: "node", vanished: ["a{x}", "b"], appeared: ["a{y}", "d"] },
  ]);
  expect(dead(drifts, { node: ["b"], gone: ["other"] })).toEqual(["node: b"]);
  expect(driftOf({ node: { a: [] } }, { node: { a: [] } })).toEqual([]);
});

test("a label is asked for where a selector, a group or a join names it, of every metric of that query", () => {
  const used = usedNames(['sum by(mode) (node_a{cpu="0"}) / on(mode) group_left(core) node_b']);
  const labels = (metric: string) => ["", "{core}", "{cpu}", "{mode}"].map((label) => metric + label);
  expect(used).toEqual({ node: [...labels("node_a"), ...labels("node_b")] });
});

describe("the API server's way to a target", () => {
  const object = (name: string, spec: object, status: object, component = name) =>
    ({ metadata: { name, namespace: "n", labels: { "app.kubernetes.io/name": component } }, spec, status }) as unknown as KubeObject;
  const nodes = [object("node-1", {}, { addresses: [{ type: "InternalIP", address: "10.0.0.1" }] })];
  const pods = [
    object("web-1", { containers: [{ ports: [{ containerPort: 8000 }] }] }, { podIP: "10.1.0.2" }),
    object("exporter", { nodeName: "node-1", containers: [{ ports: [{ containerPort: 9100, hostPort: 9100 }] }] }, { podIP: "10.1.0.3" }),
    object("prometheus-0", { containers: [] }, { podIP: "10.1.0.4" }, "prometheus"),
  ];
  const way = (scrapeUrl: string) => proxyPath({ scrapeUrl, health: "up", labels: { job: "j", instance: "i" } }, pods, nodes);

  test.each([
    ["http://10.1.0.2:8000/metrics", "/api/v1/namespaces/n/pods/web-1:8000/proxy/metrics"],
    ["https://10.0.0.1:10250/metrics/cadvisor", "/api/v1/nodes/node-1/proxy/metrics/cadvisor"],
    ["http://10.0.0.1:9100/metrics", "/api/v1/namespaces/n/pods/exporter:9100/proxy/metrics"],
    ["http://localhost:9115/probe?module=https", "/api/v1/namespaces/n/pods/prometheus-0:9115/proxy/probe?module=https"],
  ])("%s", (url, path) => expect(way(url)).toBe(path));

  test("a target of nobody is an error that names it", () => expect(() => way("http://10.9.9.9:1/metrics")).toThrow("http://10.9.9.9:1"));
});
