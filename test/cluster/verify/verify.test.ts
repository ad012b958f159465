import type { KubeObject } from "../../../src/cluster/objects/kube-object.ts";
import { verify } from "../../../src/cluster/verify/index.ts";
import { loadEnvironment, parseEnvironment } from "../../../src/config/load.ts";
import { BOARDS, find, findings, GROUPS, MIB, pod, subject, TARGETS } from "./verify-subject.ts";

test("inside all is well, and with nobody at the ingress every check of it is a problem, not a refusal that counts as good", async () => {
  const told: string[] = [];
  const found = await verify(subject(), { patienceMs: 0, onFinding: ({ check }) => told.push(check) });
  expect(told).toEqual(found.map(({ check }) => check));
  const bad = found.filter(({ state }) => state === "problem").map(({ check }) => check);
  expect(bad).toEqual(["TLS 1.0", "TLS 1.1", "TLS 1.2", "TLS 1.3", "certificate", "redirect", "headers", "user", "exposure"]);
  expect(found.filter(({ state }) => state === "skipped").map(({ check }) => check)).toEqual(["survival"]);
  for (const { saw } of found) expect(saw).not.toBe("");
});

test("what does not hold is tried again for a while: what has just started is scraped within an interval", async () => {
  let left = 1;
  const late = subject({}, { pods: async () => (left-- > 0 ? [] : subject().pods()) });
  const [, memory] = await findings({ ...late, ingress: { ...late.ingress } }, 1500);
  expect(memory).toMatchObject({ check: "memory", state: "ok" });
});

test("targets: one that is down, a replica or a node too few, told by job", async () => {
  const of = (activeTargets: unknown) => subject({ "/api/v1/targets": { data: { activeTargets } } });
  const down = TARGETS.map((one) => (one.labels.job === "mysql" ? { ...one, health: "down", lastError: "connection refused" } : one));
  expect(await find("targets", of(down))).toMatchObject({
    state: "problem",
    saw: expect.stringMatching(/mysql 0\/1.*mysql: connection refused/),
  });
  const first = TARGETS.findIndex(({ labels }) => labels.job === "webapp");
  const fewer = TARGETS.filter(({ labels }, index) => labels.job !== "webapp" || index === first);
  expect(await find("targets", of(fewer))).toMatchObject({ state: "problem", saw: expect.stringContaining("webapp must have 2") });
  const two = { ...subject(), nodes: async () => [{}, {}] as KubeObject[] };
  expect(await find("targets", two)).toMatchObject({ state: "problem", saw: expect.stringContaining("kubelet must have 2") });
  expect(await find("targets", of([]))).toMatchObject({ state: "problem" });
  const jobs = "scrape_configs:\n- job_name: mysql\n- job_name: own\n";
  const more = [{ kind: "ConfigMap", metadata: { name: "prometheus" }, data: { "prometheus.yml": jobs } }] as unknown as KubeObject[];
  expect(await find("targets", subject({}, { manifests: more }))).toMatchObject({ saw: "mysql 1/1, own 0/0: own must have 1" });
  expect(await find("targets", subject({}, { manifests: [] }))).toMatchObject({ state: "problem" });
});

test("rules: one that fails, a group that was not loaded, none at all", async () => {
  const of = (groups: unknown) => subject({ "/api/v1/rules": { data: { groups } } });
  const [first, ...others] = GROUPS;
  const [rule, ...rest] = first?.rules ?? [];
  const failing = [{ name: first?.name, rules: [{ ...rule, health: "err", lastError: "many-to-many" }, ...rest] }, ...others];
  expect(await find("rules", of(failing))).toMatchObject({ state: "problem", saw: `${rule?.name}: many-to-many` });
  expect(await find("rules", of(others))).toMatchObject({ state: "problem", saw: `not loaded: ${first?.name}` });
  expect(await find("rules", of([{ ...first, rules: rest }, ...others]))).toMatchObject({ saw: `not loaded: ${first?.name}` });
  expect(await find("rules", of([]))).toMatchObject({ state: "problem", saw: "Prometheus has no rules" });
});

test("Alertmanager: unknown to Prometheus, or without the alert that always fires, or without one that does now", async () => {
  const none = subject({ "/api/v1/alertmanagers": { data: { activeAlertmanagers: [] } } });
  expect(await find("Alertmanager", none)).toMatchObject({
    state: "problem",
    saw: "Prometheus has 0 active Alertmanager(s); Alertmanager responds 200",
  });
  expect(await find("Alertmanager", subject({ "/api/v2/alerts": [] }))).toMatchObject({ saw: expect.stringContaining("Watchdog") });
  const two = ["Watchdog", "HighCPUUsage"].map((alertname) => ({ state: "firing", labels: { alertname } }));
  const lost = subject({ "/api/v1/alerts": { data: { alerts: two } } });
  expect(await find("Alertmanager", lost)).toMatchObject({
    state: "problem",
    saw: expect.stringMatching(/not in Alertmanager: HighCPUUsage$/),
  });
});

test("Grafana: dashboards missing; a ballast in its place is told as not run, never as ok", async () => {
  const empty = { state: "problem", saw: expect.stringContaining("dashboards 200: 0 of 2; missing: Overview, Node Exporter Full") };
  expect(await find("Grafana", subject({ "/api/search": [] }))).toMatchObject(empty);
  expect(await find("Grafana", subject({ "/api/search": {} }))).toMatchObject(empty); // a stand-in answers anything
  // A dashboard that a user has imported is none of the manifests'.
  const [overview, other] = [BOARDS[0], { uid: "k8s-1860", title: "Mine" }];
  const replaced = { state: "problem", saw: expect.stringContaining("1 of 2; missing: Node Exporter Full") };
  expect(await find("Grafana", subject({ "/api/search": [overview, other, { uid: "more", title: "More" }] }))).toMatchObject(replaced);
  expect(await find("Grafana", subject({ "/api/search": [...BOARDS, other] }))).toMatchObject({ state: "ok" });
  const { config: standIns } = loadEnvironment("environments/stand-ins.yaml");
  const onDemand = { ...standIns, monitoring: { ...standIns.monitoring, grafana: "on-demand" as const } };
  expect(await find("Grafana", subject({}, { config: onDemand }))).toMatchObject({
    state: "skipped",
    saw: expect.stringContaining("on demand"),
  });
  const node = { ...onDemand, monitoring: { ...onDemand.monitoring, grafana: true } };
  expect(await find("Grafana", subject({}, { config: node }))).toMatchObject({ state: "skipped", saw: expect.stringContaining("ballast") });
});

test.each([" s3cret", "s3cret ", "s3%(admin_user)s"])("Grafana: it takes %j for another password", async (password) => {
  const found = await find("Grafana", subject({}, { secret: async () => password }));
  expect(found).toMatchObject({ state: "problem", saw: expect.stringContaining("the key admin-password of the Secret grafana") });
  expect(found?.saw).not.toContain(password);
});

test("Grafana: without its password nothing is asked with an empty one", async () => {
  const found = await find("Grafana", subject({}, { secret: async () => undefined }));
  expect(found).toMatchObject({ state: "problem", saw: expect.stringContaining("the Secret grafana does not exist or lacks its key") });
});

test("receivers: Alertmanager cuts white space off the mail account's password", async () => {
  const mail = "alerting: { mail: { smarthost: 'smtp.example.com:587', from: a@example.com, to: [b@example.com], user: a } }\n";
  const text = `cluster: kind\nmachine: { memory: 4Gi, cpu: '2' }\n${mail}`;
  const { config } = parseEnvironment(text, "trial.yaml");
  const found = (password: string) => find("receivers", subject({}, { config, secret: async () => password }));
  expect(await found("pass word")).toMatchObject({ state: "ok" });
  expect(await found("password ")).toMatchObject({
    state: "problem",
    saw: expect.stringContaining("smtp-password of the Secret alerting"),
  });
});

test("receivers: none is told loudly; a key that the Secret lacks is a problem once all is running", async () => {
  expect(await find("receivers", subject())).toMatchObject({ state: "warning", saw: expect.stringContaining("nobody will be notified") });
  const text = "cluster: kind\nmachine: { memory: 4Gi, cpu: '2' }\nalerting: { webhook: {}, heartbeat: {} }\n";
  const secret = async (_name: string, key: string) => (key === "webhook-url" ? "https://hooks.example.com" : undefined);
  const half = subject({}, { config: parseEnvironment(text, "trial.yaml").config, secret });
  expect(await find("receivers", half)).toMatchObject({ state: "problem", saw: expect.stringContaining("lacks heartbeat-url") });
});

test("memory: beyond a request, without a figure, without a request; a ballast fills its own on purpose", async () => {
  const uses = (mib: number) => subject({}, { workingSets: async () => new Map([["mysql-0/mysql", mib * MIB]]) });
  expect(await find("memory", uses(300))).toMatchObject({ state: "problem", saw: "mysql-0/mysql: 300 MiB of 200Mi" });
  const pods = (...all: KubeObject[]) => subject({}, { pods: async () => all });
  expect(await find("memory", pods(pod("mysql-0", "mysql")))).toMatchObject({ state: "problem", saw: "mysql-0/mysql: no memory request" });
  expect(await find("memory", pods(pod("new-0", "new")))).toMatchObject({ state: "problem", saw: "new-0/new: no measurement" });
  expect(await find("memory", pods())).toMatchObject({ state: "problem" });
  const ballast = pod("grafana-0", "grafana", { image: "cloudnova.local/ballast:1" });
  const both = { ...subject(), pods: async () => [...(await subject().pods()), ballast] };
  expect(await find("memory", both)).toMatchObject({ state: "ok", saw: expect.stringContaining("(ballast): grafana-0/grafana") });
});

test("workloads: none at all is not well", async () => {
  expect(await find("workloads", subject({}, { standings: async () => [] }))).toMatchObject({ state: "problem" });
});

test("test user after an eviction: not with one replica, nor where its disruption budget forbids it", async () => {
  const of = (count: number, mayEnd: number) =>
    subject(
      {},
      {
        thorough: true,
        mayEnd: async () => mayEnd,
        pods: async () => Array.from({ length: count }, (_, index) => pod(`webapp-${index}`, "webapp")),
      },
    );
  expect(await find("survival", of(1, 1))).toMatchObject({ state: "skipped", saw: expect.stringContaining("1 replica") });
  expect(await find("survival", of(2, 0))).toMatchObject({ state: "skipped", saw: expect.stringContaining("PodDisruptionBudget") });
});
