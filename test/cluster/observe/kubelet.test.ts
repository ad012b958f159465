import { type Summary, workingSetsIn } from "../../../src/cluster/observe/kubelet.ts";

const summary: Summary = {
  pods: [
    {
      podRef: { name: "mysql-0", namespace: "cloudnova" },
      containers: [{ name: "mysql", memory: { workingSetBytes: 185 } }, { name: "mysqld-exporter", memory: {} }, { name: "new" }],
    },
    {
      podRef: { name: "node-exporter-x", namespace: "cloudnova-host" },
      containers: [{ name: "node-exporter", memory: { workingSetBytes: 14 } }],
    },
    { podRef: { name: "mysql-0", namespace: "another" }, containers: [{ name: "mysql", memory: { workingSetBytes: 999 } }] },
    { podRef: { name: "pending", namespace: "cloudnova" } },
  ],
};

test("containers of our namespaces that were measured, from every node", () => {
  const other: Summary = {
    pods: [{ podRef: { name: "webapp-1", namespace: "cloudnova" }, containers: [{ name: "webapp", memory: { workingSetBytes: 64 } }] }],
  };
  expect([...workingSetsIn([summary, other, {}], ["cloudnova", "cloudnova-host"])]).toEqual([
    ["mysql-0/mysql", 185],
    ["node-exporter-x/node-exporter", 14],
    ["webapp-1/webapp", 64],
  ]);
});
