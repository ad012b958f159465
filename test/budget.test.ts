import { readFileSync } from "node:fs";
import { budget, budgetTable, type Manifest } from "../src/budget.ts";
import { canaryDeployment, releasable } from "../src/release/objects.ts";
import { manifestsOf, synthesiseFile, synthesiseText } from "./manifests.ts";

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

const rolling = { strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } } };
const pod = (kind: string, memory: readonly string[], init: readonly string[] = [], spec: object = {}): Manifest => {
  const list = (sizes: readonly string[]) => sizes.map((size, index) => ({ name: `c${index}`, resources: resources(size, size) }));
  return {
    kind,
    metadata: { name: "two" },
    spec: { ...spec, template: { spec: { containers: list(memory), initContainers: list(init) } } },
  };
};

test("a release's pod has the room of the update's extra pod of its application, whose release ends before an update begins", () => {
  for (const name of ["kind", "k3s-ec2"]) {
    const all = manifestsOf(synthesiseFile(`environments/${name}.yaml`));
    const [released] = releasable(all);
    if (!released) throw new Error(`${name} has no application`);
    const canary = { ...canaryDeployment(released), kind: "StatefulSet" }; // of which an update starts no pod more
    const [without, beside] = [budget(all, machine), budget([...all, canary], machine)];
    expect(beside.total.memory - without.total.memory).toBeGreaterThan(0);
    expect(beside.total.memory).toBeLessThanOrEqual(without.total.memory + without.update.memory);
    expect(beside.total.cpu).toBeLessThanOrEqual(without.total.cpu + without.update.cpu);
  }
});

describe("what one apply can start at once", () => {
  test("is the sum of every Deployment's extra pod and every Job, for a new image starts them together", () => {
    const [job, web] = [workload("Job", "32Mi", "96Mi"), workload("Deployment", "96Mi", "192Mi", rolling)];
    const traefik = { ...workload("Deployment", "64Mi", "128Mi", rolling), metadata: { name: "traefik" } };
    expect(budget([job, web, traefik], machine)).toMatchObject({ total: { memory: 160 }, update: { memory: 192, cpu: 150 } });
    expect(budget([workload("StatefulSet", "100Mi", "200Mi")], machine).update).toEqual({ memory: 0, cpu: 0 });
  });
  test("counts whole pods: their containers together, or the largest init container", () => {
    expect(budget([pod("Deployment", ["50Mi", "30Mi"], [], rolling)], machine).update.memory).toBe(80);
    expect(budget([pod("Deployment", ["50Mi", "30Mi"], ["90Mi", "10Mi"], rolling)], machine).update.memory).toBe(90);
  });
  test("follows the strategy: none for Recreate, Kubernetes' 25 % rounded up where nothing is said", () => {
    const of = (spec: object) => budget([workload("Deployment", "100Mi", "100Mi", { replicas: 5, ...spec })], machine).update.memory;
    expect(of({ strategy: { type: "Recreate" } })).toBe(0);
    expect(of({})).toBe(200);
    expect(of({ strategy: { rollingUpdate: { maxSurge: "50%" } } })).toBe(300);
  });
  test("a pod that runs on demand counts instead of it, where it is larger, and not all the time", () => {
    const grafana = workload("StatefulSet", "160Mi", "160Mi", { replicas: 0 });
    const roomFor = (memory: number) => ({ ...machine, memory, system: { memory: 0, cpu: 0 } });
    expect(budget([grafana], roomFor(160))).toMatchObject({ total: { pods: 0, memory: 0 }, onDemand: { memory: 160 }, problems: [] });
    expect(budget([grafana], roomFor(159)).problems).toHaveLength(1);
    const both = [grafana, workload("Deployment", "100Mi", "100Mi", rolling)];
    expect(budget(both, roomFor(260)).problems).toEqual([]);
    expect(budget(both, roomFor(259)).problems).toHaveLength(1);
  });
});

test("scheduled Jobs run at different times, and the first run of one beside them: what the largest asks for is kept", () => {
  const scheduled = (memory: string) => {
    const { spec } = workload("Job", memory, "200Mi");
    return { kind: "CronJob", spec: { jobTemplate: { spec } } };
  };
  const first = { ...workload("Job", "84Mi", "184Mi"), metadata: { name: "first", annotations: { "cloudnova.dev/background": "true" } } };
  expect(budget([scheduled("32Mi"), scheduled("64Mi")], machine)).toMatchObject({ scheduled: 64, update: { memory: 0 } });
  expect(budget([scheduled("32Mi"), scheduled("84Mi"), first], machine)).toMatchObject({ scheduled: 84, update: { memory: 0 } });
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

test("an application that does not fit is explained with its own key", () => {
  const text = 'cluster: kind\nmachine: { memory: 4Gi, cpu: "2" }\napplications: { tienda: { image: "a/b:1", replicas: 20 } }\n';
  expect(synthesiseText(text).budget.problems).toEqual([
    expect.stringMatching(/^CPU: .* lower applications\.NAME\.replicas .*, or lower cpu under resources$/),
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
    /^disk: .*; raise machine\.disk, or lower database\.volume, monitoring\.volume or backups\.volume$/,
  ],
  [
    "memory",
    "cluster: k3s\nmachine: { memory: 1Gi, cpu: '2' }\n",
    /^memory: .*machine\.memory.*applications\.webapp\.sample\.replicas.*resources$/,
  ],
  ["CPU", "cluster: k3s\nmachine: { memory: 8Gi, cpu: 500m }\n", /^CPU: .*machine\.cpu.*lower cpu under resources$/],
])("a problem with %s names the keys that help", (_, text, expected) => {
  expect(synthesiseText(text).budget.problems).toEqual([expect.stringMatching(expected)]);
});

test("what the cluster runs is counted and named, with the extra pod of what an apply can update", () => {
  const traefik = { pods: 1, memory: 56, memoryLimit: 128, cpu: 40, cpuLimit: 1000, updated: true };
  const coredns = { pods: 2, memory: 140, memoryLimit: 340, cpu: 200, cpuLimit: 0 };
  const result = budget([], machine, { traefik, coredns });
  expect(result).toMatchObject({ total: { pods: 3, memory: 196 }, update: { memory: 56, cpu: 40 }, burst: 100 });
  expect(budgetTable(result)).toMatch(/traefik \(the cluster's\) +1 +56 +128 +40 +1000/);
  expect(budgetTable(result)).toMatch(/coredns \(the cluster's\) +2 +140 +340 +200 +–/);
});

describe("the promise: k3s on 2 GiB with the application, MySQL and all monitoring", () => {
  const { budget: own } = synthesiseFile("environments/k3s-ec2.yaml");
  test("everything fits at once: requests, what one apply starts, one container at its limit, and the reserve for backups", () => {
    expect(own.problems).toEqual([]);
    // With the exporter of their results, for which 20 are set aside all the time, the 100 that were kept for backups.
    expect(own.scheduled).toBe(76);
    expect(own.total.memory + own.update.memory + own.burst + own.scheduled).toBeLessThanOrEqual(2048 - 348 - 600);
    expect(own.total.memory + own.onDemand.memory + own.burst + own.scheduled).toBeLessThanOrEqual(2048 - 348 - 600);
  });
  test("a new image starts the application's extra pod, Traefik's, and the Job that makes secrets: 204 MiB", () => {
    expect(own.update).toEqual({ memory: 96 + 76 + 32, cpu: 75 + 40 + 10 });
  });
  test("no request is below what was measured under load (docs/footprint.md)", () => {
    const measured = readFileSync("docs/footprint.md", "utf8");
    const of = (name: string) =>
      [...measured.matchAll(new RegExp(`^\\| cloudnova(?:-host)?/${name}-\\S+ \\| (\\d+) \\|`, "gm"))].map(([, mib]) => Number(mib));
    const requested = (...names: readonly string[]) =>
      names.reduce((sum, name) => {
        const { memory = 0, pods = 1 } = own.rows.find(({ component }) => component.startsWith(name)) ?? {};
        return sum + memory / pods;
      }, 0);
    for (const [name, ...containers] of [
      ["mysql", "mysql", "mysqld-exporter"],
      ["webapp", "webapp"],
      ["traefik", "traefik"],
      ["prometheus", "prometheus", "blackbox-exporter"],
      ["alertmanager", "alertmanager"],
      ["node-exporter", "node-exporter"],
    ]) {
      const pods = of(name ?? "");
      expect([name, pods.length > 0]).toEqual([name, true]);
      expect([name, requested(...containers) >= Math.max(...pods)]).toEqual([name, true]);
    }
  });
  test.each(["docs/deploy.md", "docs/deploy.es.md"])("%s tells today's sums", (page) => {
    const text = readFileSync(page, "utf8");
    expect(text).toMatch(new RegExp(`${own.total.memory} MiB (and|y) ${own.total.cpu} m`));
    expect(text).toMatch(new RegExp(`${String(own.available.memory).replace(/(?=\d{3}$)/, "[, ]")}`));
  });
  test.each(["docs/guides/any-server.md", "docs/guides/any-server.es.md"])("%s tells what a server of 2 GiB holds", (page) => {
    const server = (more: string) => synthesiseText(`cluster: k3s\nmachine: { memory: 2048Mi, cpu: 2000m, disk: 20Gi }\n${more}`).budget;
    const needed = ({ total, update, onDemand, burst, scheduled }: typeof own) =>
      total.memory + Math.max(update.memory, onDemand.memory) + burst + scheduled;
    const shop = (more = "") => server(`applications: { shop: { image: "r.example.com/shop:1", port: 5000${more} } }\n`);
    const text = readFileSync(page, "utf8").replace(/(?<=\d)[ ,](?=\d{3}\b)/g, "");
    expect(text).toMatch(new RegExp(`${needed(own)} (of the|de los) ${own.available.memory} MiB`));
    expect(text).toMatch(new RegExp(`${needed(shop())}\\.$`, "m"));
    expect(shop(", resources: { memoryLimit: 192Mi }").problems).toEqual([]);
    const spared = needed(server("")) - needed(server("database: { bufferPool: 32Mi }\n"));
    expect(text).toMatch(new RegExp(`\`database\\.bufferPool: 32Mi\` (gives|da) ${spared} MiB`));
    expect(needed(server("monitoring: { grafana: false }\n"))).toBe(needed(own));
    expect(server("applications: { webapp: { sample: { replicas: 2 } } }\n").problems).not.toEqual([]);
  });
  test("every component is in the table", () => {
    const names = [
      "mysql",
      "mysqld-exporter",
      "webapp",
      "node-exporter",
      "alertmanager",
      "backup-exporter",
      "prometheus",
      "blackbox-exporter",
      "grafana",
      "coredns (the cluster's)",
      "local-path-provisioner (the cluster's)",
      "svclb-traefik (the cluster's)",
      "traefik (the cluster's)",
    ];
    expect(own.rows.map(({ component }) => component).sort()).toEqual(names.sort());
    for (const { component, pods, memory } of own.rows) expect([component, memory > 0]).toEqual([component, pods > 0]);
  });
  test.each(["t2.small", "t3.small", "t4g.small"])("it fits on a %s", (instance) =>
    expect(synthesiseText(`cluster: k3s\nmachine: { instance: ${instance} }\n`).budget.problems).toEqual([]),
  );
  test("metrics-server counts where an autoscaler needs it", () => {
    const text = "cluster: k3s\nmachine: { instance: t3.medium }\nwebapp: { autoscaling: { maxReplicas: 3 } }\n";
    expect(synthesiseText(text).budget.rows).toContainEqual(
      expect.objectContaining({ component: "metrics-server (the cluster's)", memory: 70 }),
    );
  });
  test("two replicas do not fit beside everything else on 2 GiB", () => {
    const text = "cluster: k3s\nmachine: { instance: t3.small }\nwebapp: { replicas: 2 }\n";
    expect(synthesiseText(text).budget.problems).toEqual([expect.stringMatching(/^memory: /)]);
  });
  test("a machine of 4 GiB has two replicas and a permanent Grafana", () => {
    const { environment, budget: large } = synthesiseText("cluster: k3s\nmachine: { instance: t3.medium }\n");
    expect(environment.config).toMatchObject({ webapp: { replicas: 2 }, monitoring: { grafana: true } });
    expect(large.problems).toEqual([]);
  });
  test("source S3's t2.micro of 1 GiB is refused", () => {
    const { problems } = synthesiseText("cluster: k3s\nmachine: { instance: t2.micro }\nwebapp: { replicas: 1 }\n").budget;
    expect(problems).toEqual([expect.stringMatching(/^memory: .*more than the 76 MiB available/)]);
  });
});

describe("several machines", () => {
  const text = (nodes: number) => `cluster: kubernetes\nmachine: { instance: t3.medium, nodes: ${nodes} }\n`;

  test("everything must fit on one fewer, where node-exporter and the cluster's own pods run on each", () => {
    const one = synthesiseText(text(1)).budget;
    const four = synthesiseText(text(4)).budget;
    expect(four.available.memory).toBe(3 * one.available.memory);
    const count = (name: string) => four.rows.find(({ component }) => component.startsWith(name))?.pods;
    expect([count("node-exporter"), count("aws-node"), count("coredns")]).toEqual([3, 3, 2]);
  });

  test("a pod larger than one of them is refused, though they hold it together", () => {
    const large = `${text(5)}resources: { prometheus: { memory: 6Gi, memoryLimit: 6Gi } }\n`;
    expect(synthesiseText(large).budget.problems).toEqual([expect.stringMatching(/^the largest pod requests 6\d{3} MiB/)]);
  });
});
