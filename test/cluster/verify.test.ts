import type { Reply } from "../../src/cluster/entrance.ts";
import type { KubeObject } from "../../src/cluster/objects.ts";
import { verify } from "../../src/cluster/verify/index.ts";
import type { Subject } from "../../src/cluster/verify/subject.ts";
import { loadEnvironment, parseEnvironment } from "../../src/config/load.ts";
import { scrapeJobs } from "../../src/monitoring/scrape.ts";

const { config } = loadEnvironment("environments/kind.yaml");
const jobs = scrapeJobs({ namespace: "n", interval: "15s", traefik: { namespace: "n" }, grafana: true, probe: { url: "u", host: "h" } });
const MIB = 1024 ** 2;

/** What a healthy cluster answers inside; a test changes one answer. */
const ANSWERS: Record<string, unknown> = {
  "/api/v1/targets": {
    data: {
      activeTargets: jobs.flatMap(({ job_name }) =>
        Array.from({ length: job_name === "webapp" ? config.webapp.replicas : 1 }, () => ({
          health: "up",
          lastError: "",
          labels: { job: job_name },
        })),
      ),
    },
  },
  "/api/v1/rules": { data: { groups: [{ name: "node", rules: [{ name: "HighCPUUsage", health: "ok" }] }] } },
  "/api/v1/alertmanagers": { data: { activeAlertmanagers: [{ url: "http://alertmanager:9093/api/v2/alerts" }] } },
  "/-/ready": {},
  "/api/health": { database: "ok" },
  "/api/datasources": { status: "OK" },
  "/api/search": config.monitoring.dashboards.map((title) => ({ title })),
  "/api/v1/query": { data: { result: [{ metric: { pod: "mysql-0", container: "mysql" }, value: [0, String(100 * MIB)] }] } },
};

const subject = (answers: Record<string, unknown> = {}, services: object[] = []): Subject => ({
  config,
  entrance: { address: "127.0.0.1", host: "localhost", httpPort: 1, httpsPort: 1 }, // nobody is there
  standings: async () => [],
  pods: async () => [
    {
      metadata: { name: "mysql-0" },
      spec: { containers: [{ name: "mysql", image: "mysql:8.4", resources: { requests: { memory: "200Mi" } } }] },
      status: { phase: "Running" },
    } as unknown as KubeObject,
  ],
  services: async () => services as KubeObject[],
  inside: async (_component, _port, path): Promise<Reply[]> => {
    const [, answer] = Object.entries({ ...ANSWERS, ...answers }).find(([start]) => path.startsWith(start)) ?? [];
    return answer === undefined ? [] : [{ status: 200, headers: {}, text: JSON.stringify(answer) }];
  },
  secret: async () => "password",
});
const find = async (check: string, answers?: Record<string, unknown>, services?: object[]) =>
  (await verify(subject(answers, services), () => undefined)).find((one) => one.check === check);

test("inside all is well, and with nobody at the entrance every check of it is a problem, not a refusal that counts as good", async () => {
  const told: string[] = [];
  const findings = await verify(subject(), ({ check }) => told.push(check));
  expect(told).toEqual(findings.map(({ check }) => check));
  const bad = findings.filter(({ state }) => state !== "ok").map(({ check }) => check);
  expect(bad).toEqual([
    "TLS 1.0",
    "TLS 1.1",
    "TLS 1.2",
    "TLS 1.3",
    "certificate",
    "redirect to HTTPS",
    "security headers",
    "a user on every replica",
    "receivers of alerts", // the environment has none
  ]);
  for (const { saw } of findings) expect(saw).not.toBe("");
});

test("receivers: a key that the Secret lacks is a problem once all is running", async () => {
  const text = "cluster: kind\nmachine: { memory: 4Gi, cpu: '2' }\nalerting: { webhook: {}, heartbeat: {} }\n";
  const secret = async (_name: string, key: string) => (key === "webhook-url" ? "https://hooks.example.com" : undefined);
  const findings = await verify({ ...subject(), config: parseEnvironment(text, "trial.yaml").config, secret }, () => undefined);
  expect(findings.find(({ check }) => check === "receivers of alerts")).toMatchObject({
    state: "problem",
    saw: expect.stringContaining("lacks heartbeat-url"),
  });
});

test("a target that is down, or a replica too few, is told by job", async () => {
  const targets = (ANSWERS["/api/v1/targets"] as { data: { activeTargets: { health: string; labels: { job: string } }[] } }).data
    .activeTargets;
  const down = targets.map((target) =>
    target.labels.job === "mysql" ? { ...target, health: "down", lastError: "connection refused" } : target,
  );
  expect(await find("Prometheus' targets", { "/api/v1/targets": { data: { activeTargets: down } } })).toMatchObject({
    state: "problem",
    saw: expect.stringMatching(/mysql 0\/1.*connection refused/),
  });
  const fewer = targets.filter(
    (target, index) => target.labels.job !== "webapp" || targets.findIndex(({ labels }) => labels.job === "webapp") === index,
  );
  expect(await find("Prometheus' targets", { "/api/v1/targets": { data: { activeTargets: fewer } } })).toMatchObject({
    state: "problem",
    saw: expect.stringContaining("webapp must have 2"),
  });
  expect(await find("Prometheus' targets", { "/api/v1/targets": { data: { activeTargets: [] } } })).toMatchObject({ state: "problem" });
});

test("rules that fail, or that are not there, Alertmanager unknown, dashboards missing", async () => {
  const failing = { data: { groups: [{ name: "node", rules: [{ name: "HighCPUUsage", health: "err", lastError: "many-to-many" }] }] } };
  expect(await find("rules", { "/api/v1/rules": failing })).toMatchObject({
    state: "problem",
    saw: expect.stringContaining("HighCPUUsage: many-to-many"),
  });
  expect(await find("rules", { "/api/v1/rules": { data: { groups: [] } } })).toMatchObject({ state: "problem" });
  expect(await find("Alertmanager", { "/api/v1/alertmanagers": { data: { activeAlertmanagers: [] } } })).toMatchObject({
    state: "problem",
  });
  expect(await find("Grafana", { "/api/search": [] })).toMatchObject({
    state: "problem",
    saw: expect.stringContaining(`dashboards 200: 0 of ${config.monitoring.dashboards.length}`),
  });
});

test("memory beyond a request, and a Service that anybody can reach", async () => {
  const over = { data: { result: [{ metric: { pod: "mysql-0", container: "mysql" }, value: [0, String(300 * MIB)] }] } };
  expect(await find("memory within requests", { "/api/v1/query": over })).toMatchObject({
    state: "problem",
    saw: "mysql-0/mysql 300 MiB of 200Mi",
  });
  const open = [
    { metadata: { name: "traefik" }, spec: { type: "NodePort" } },
    { metadata: { name: "grafana" }, spec: { type: "NodePort" } },
  ];
  expect(await find("exposure", {}, open)).toMatchObject({ state: "problem", saw: "reachable from outside: grafana" });
});
