import { readFileSync } from "node:fs";
import { budget, budgetTable, type Manifest } from "../src/budget.ts";
import { synthesiseFile, synthesiseText } from "./manifests.ts";

const machine = { memory: 2048, cpu: 2000, disk: 20_480, system: { memory: 900, cpu: 300 } };
const resources = (memory: string, memoryLimit: string) => ({
  requests: { memory, cpu: "50m" },
  limits: { memory: memoryLimit, cpu: "1" },
});
const workload = (kind: string, memory: string, memoryLimit: string, spec: object = {}): Manifest => ({
  kind,
  metadata: { name: "one" },
  spec: { ...spec, template: { spec: { containers: [{ name: "one", resources: resources(memory, memoryLimit) }] } } },
});

test("replicas count, and an autoscaler's upper bound counts instead", () => {
  const deployment = workload("Deployment", "100Mi", "200Mi", { replicas: 2 });
  expect(budget([deployment], machine).total).toMatchObject({ pods: 2, memory: 200, memoryLimit: 400, cpu: 100, cpuLimit: 2000 });
  const scaler = { kind: "HorizontalPodAutoscaler", spec: { scaleTargetRef: { name: "one" }, maxReplicas: 5 } };
  expect(budget([deployment, scaler], machine).total.pods).toBe(5);
});

test("the extra pod of an update, and a Job, come on top for minutes", () => {
  const job = workload("Job", "64Mi", "96Mi");
  expect(budget([job], machine)).toMatchObject({ total: { memory: 0 }, transient: { memory: 64 } });
  expect(budget([job, workload("Deployment", "100Mi", "200Mi")], machine).transient.memory).toBe(100);
  expect(budget([workload("StatefulSet", "100Mi", "200Mi")], machine).transient.memory).toBe(0);
});

test("a CronJob's pods are found where they lie deeper", () => {
  const { spec } = workload("Job", "64Mi", "96Mi");
  expect(budget([{ kind: "CronJob", spec: { jobTemplate: { spec } } }], machine).transient.memory).toBe(64);
});

test.each([
  ["fits to the last MiB", "948Mi", "1148Mi", []],
  ["one container at its limit is too much", "948Mi", "1149Mi", [/1149 MiB are used, 1 MiB more than the 1148 MiB available/]],
  ["requests are too much", "1149Mi", "1149Mi", [/1 MiB more than the 1148 MiB available/]],
])("%s", (_, memory, limit, expected) => {
  const { problems } = budget([workload("StatefulSet", memory, limit)], machine);
  expect(problems).toEqual(expected.map((pattern) => expect.stringMatching(pattern)));
});

test("CPU that is not there is a problem too", () => {
  const small = { ...machine, cpu: 340 };
  expect(budget([workload("StatefulSet", "64Mi", "64Mi")], small).problems).toEqual([
    expect.stringMatching(/CPU: requests of 50 m are 10 m more/),
  ]);
});

test("volumes have to fit on the disk", () => {
  const claim = (storage: string): Manifest => ({ kind: "PersistentVolumeClaim", spec: { resources: { requests: { storage } } } });
  expect(budget([claim("10Gi"), claim("4Gi")], machine)).toMatchObject({ volumes: 14_336, problems: [] });
  expect(budget([claim("10Gi"), claim("4097Mi")], machine).problems).toEqual([
    expect.stringMatching(/^disk: volumes of 14337 MiB are 1 MiB more than the 14336 MiB/),
  ]);
});

test.each([
  [
    "disk",
    "cluster: k3s\nmachine: {instance: t3.small, disk: 8Gi}\n",
    /^disk: .*; raise machine\.disk, or lower database\.volume or monitoring\.volume$/,
  ],
  ["memory", "cluster: k3s\nmachine: { memory: 1Gi, cpu: '2' }\n", /^memory: .*machine\.memory.*webapp\.replicas.*resources$/],
  ["CPU", "cluster: k3s\nmachine: { memory: 8Gi, cpu: 500m }\n", /^CPU: .*machine\.cpu.*lower cpu under resources$/],
])("a problem with %s names the keys that help", (_, text, expected) => {
  expect(synthesiseText(text).budget.problems).toEqual([expect.stringMatching(expected)]);
});

test("what the cluster runs for us is counted and named", () => {
  const bundled = { traefik: { memory: "56Mi", memoryLimit: "128Mi", cpu: "40m", cpuLimit: "1000m" } };
  const result = budget([], machine, bundled);
  expect(result.total.memory).toBe(56);
  expect(budgetTable(result)).toMatch(/traefik \(the cluster's\) +1 +56 +128 +40 +1000/);
});

describe("the promise: k3s on 2 GiB with the application, MySQL and all monitoring", () => {
  const { budget: own } = synthesiseFile("environments/k3s-ec2.yaml");
  test("memory requests <= 900 MiB and CPU requests <= 500 m, what comes for minutes included in neither", () => {
    expect(own.total.memory).toBeLessThanOrEqual(900);
    expect(own.total.cpu).toBeLessThanOrEqual(500);
    expect(own.problems).toEqual([]);
  });
  test.each(["README.md", "README.es.md"])("%s tells today's sums", (page) => {
    const text = readFileSync(page, "utf8");
    expect(text).toMatch(new RegExp(`${own.total.memory} MiB (and|y) ${own.total.cpu} m`));
    expect(text).toMatch(new RegExp(`${String(own.available.memory).replace(/(?=\d{3}$)/, "[, ]")}`));
  });
  test("every component is in the table", () => {
    const names = [
      "mysql",
      "mysqld-exporter",
      "webapp",
      "node-exporter",
      "alertmanager",
      "prometheus",
      "blackbox-exporter",
      "grafana",
      "traefik (the cluster's)",
    ];
    expect(own.rows.map(({ component }) => component).sort()).toEqual(names.sort());
    for (const row of own.rows) expect([row.component, row.memory > 0, row.memoryLimit >= row.memory]).toEqual([row.component, true, true]);
  });
  test.each(["t2.small", "t3.small", "t4g.small"])("it fits on a %s", (instance) =>
    expect(synthesiseText(`cluster: k3s\nmachine: { instance: ${instance} }\n`).budget.problems).toEqual([]),
  );
  test("source S3's t2.micro of 1 GiB is refused", () => {
    const { problems } = synthesiseText("cluster: k3s\nmachine: { instance: t2.micro }\nwebapp: { replicas: 1 }\n").budget;
    expect(problems).toEqual([expect.stringMatching(/^memory: .*more than the 124 MiB available/)]);
  });
});
