import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { rootCertificates } from "node:tls";
import { ask, handshake } from "../../src/cluster/transport/ingress-client.ts";
import { contentOf, ownBuild } from "../../src/target/build.ts";
import { BUILT_HERE, IMAGES } from "../../src/versions.ts";
import { type ApiServer, startApiServer } from "../../tools/apiserver/server.ts";
import { type Ended, kubectl, Program } from "../cli/bundled-program.ts";
import { type Fault, FaultyProxy } from "../cluster/transport/proxy.ts";
import { DOCKER, KIND, kindNode, Machine } from "../target/fake-machine.ts";

// The real command line against a real API server, through a proxy that can do it harm.
jest.setTimeout(180_000);

const token = (kubeconfig: string): string => JSON.parse(readFileSync(kubeconfig, "utf8")).users[0].user.token;
let api: ApiServer;
let proxy: FaultyProxy;
let program: Program;
let kubeconfig: string;
let empty: () => Promise<void>;

beforeAll(async () => {
  api = await startApiServer();
  proxy = await FaultyProxy.start(api);
  program = new Program();
  kubeconfig = program.kubeconfig(proxy.url, api.ca, token(api.kubeconfig));
  empty = await api.snapshot();
});
afterAll(async () => {
  proxy?.stop();
  program?.remove();
  await api?.stop();
});
beforeEach(async () => {
  await empty();
  proxy.reset();
  program.synth("kind");
});

const cloudnova = (command: string, ...args: readonly string[]) => program.run(command, "kind", "--kubeconfig", kubeconfig, ...args);
const admin = (...args: readonly string[]) => kubectl(api.bin, api.kubeconfig, ...args);
const own = (...args: readonly string[]) => admin("-n", "cloudnova", ...args);
const outcomes = ({ stdout }: Ended): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const { outcome } of JSON.parse(stdout).objects) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return counts;
};
const count = (folder = join(program.dist, "kind")) =>
  readdirSync(folder)
    .filter((file) => file.endsWith(".yaml"))
    .flatMap((file) => readFileSync(join(folder, file), "utf8").match(/^kind: /gm) ?? []).length;
/** Changes a manifest's text; fails when there is nothing to change. */
function edit(file: string, from: string | RegExp, to: string): void {
  const path = join(program.dist, "kind", file);
  const before = readFileSync(path, "utf8");
  const after = before.replace(from, to);
  expect(after).not.toBe(before);
  writeFileSync(path, after);
}

test("the first apply creates everything, the second writes nothing, not even a lease", async () => {
  expect(outcomes(await cloudnova("apply", "--output", "json"))).toEqual({ created: count() });
  proxy.reset();
  const second = await cloudnova("apply");
  expect(second).toMatchObject({ code: 0, stderr: "" });
  expect(second.stdout).toContain(`${count()} objects: ${count()} unchanged: the cluster matches the manifests; nothing was changed`);
  expect(proxy.writes).toEqual([]);
  expect(outcomes(await cloudnova("apply", "--full", "--output", "json"))).toEqual({ unchanged: count() });
  expect((await cloudnova("diff")).stdout).toBe("no difference: the cluster matches the manifests\n");
});

test("without a name a command finds the only environment that the cluster runs, and says so when there are several", async () => {
  const bare = (command: string) => program.run(command, "--kubeconfig", kubeconfig);
  expect(await bare("status")).toMatchObject({ code: 1, stderr: expect.stringContaining("no environment was given") });
  await cloudnova("apply");
  expect((await bare("status")).stdout).toContain("the manifests of 'kind' were applied in full");
  expect(await bare("diff")).toMatchObject({ code: 0, stdout: "no difference: the cluster matches the manifests\n" });
  program.synth(
    "shop",
    "cluster: kind\nnamespace: shop\nmachine: { memory: 4Gi, cpu: '2' }\ningress: { nodePorts: { http: 30081, https: 30444 } }\n",
  );
  await program.run("apply", "shop", "--context", "validate", "--kubeconfig", kubeconfig);
  const { code, stderr } = await bare("status");
  expect(code).toBe(1);
  expect(stderr).toContain("this cluster runs several environments: kind, shop");
});

test("diff of what is not there yet says so, and creates nothing", async () => {
  const { code, stdout } = await cloudnova("diff");
  expect(code).toBe(1);
  expect(stdout.match(/ will be created$/gm)).toHaveLength(count());
  expect(await admin("get", "namespaces", "-o", "name")).not.toContain("cloudnova");
});

describe("what others change is seen and repaired", () => {
  type Change = readonly [object: string, ...command: readonly string[]];
  // Each by another way into the server, since the record's proof must hold for all of them; of one object, one at a time.
  const rounds: readonly Readonly<Record<string, Change>>[] = [
    {
      "a value edited": [
        "ConfigMap traefik",
        "patch",
        "configmap",
        "traefik",
        "--type=merge",
        "-p",
        '{"data":{"cloudnova.yaml":"no: thing"}}',
      ],
      "a field removed by JSON patch": [
        "Deployment webapp",
        "patch",
        "deployment",
        "webapp",
        "--type=json",
        "-p",
        '[{"op":"remove","path":"/metadata/labels/app.kubernetes.io~1component"}]',
      ],
      "a label removed": ["Service webapp", "label", "service", "webapp", "app.kubernetes.io/component-"],
      "an object deleted": ["NetworkPolicy default-deny", "delete", "networkpolicy", "default-deny"],
      "an object deleted, to be made anew by another": ["ConfigMap mysql", "delete", "configmap", "mysql"],
      "made anew": ["ConfigMap mysql", "create", "configmap", "mysql", "--from-literal=my.cnf=other"],
    },
    {
      "our own label removed": ["Service webapp", "label", "service", "webapp", "app.kubernetes.io/managed-by-"],
      "scaled through the sub-resource": ["Deployment webapp", "scale", "deployment", "webapp", "--replicas=7"],
    },
    {
      "an element of a list changed": ["Deployment webapp", "set", "image", "deployment/webapp", "webapp=other:1"],
      "our book-keeping wiped": [
        "Service webapp",
        "patch",
        "service",
        "webapp",
        "--type=merge",
        "-p",
        '{"metadata":{"managedFields":[{}]}}',
      ],
    },
  ];
  test.each(rounds.map((changes) => [Object.keys(changes).join("; "), changes] as const))("%s", async (_, changes) => {
    await cloudnova("apply");
    for (const [, ...command] of Object.values(changes)) await own(...command);
    const [quick, full] = [await cloudnova("diff", "--force-conflicts"), await cloudnova("diff", "--force-conflicts", "--full")];
    expect(quick.stdout).toBe(full.stdout);
    const { code, stdout } = await cloudnova("apply", "--force-conflicts");
    expect(code).toBe(0);
    const written = [...stdout.matchAll(/^(?:changed|created) +(\w+) cloudnova\/([^\s:]+)/gm)].map(([, kind, name]) => `${kind} ${name}`);
    expect(new Set(written)).toEqual(new Set(Object.values(changes).map(([object]) => object)));
    expect((await cloudnova("diff", "--full")).stdout).toContain("no difference");
    proxy.reset();
    expect((await cloudnova("apply")).code).toBe(0);
    expect(proxy.writes).toEqual([]);
  });
});

test("a change of one file changes its object alone", async () => {
  await cloudnova("apply");
  edit("30-webapp.k8s.yaml", "replicas: 2", "replicas: 3");
  const diff = await cloudnova("diff");
  expect(diff.code).toBe(1);
  expect(diff.stdout).toMatch(/^Deployment cloudnova\/webapp will be changed\n@@ .* @@\n[\s\S]*- {2}replicas: 2\n\+ {2}replicas: 3\n/);
  const { stdout } = await cloudnova("apply");
  expect(stdout.match(/^changed .*/gm)).toEqual(["changed     Deployment cloudnova/webapp"]);
});

test("a field that another manager set is reported by manager and field, and taken only by force", async () => {
  await cloudnova("apply");
  await own("scale", "deployment", "webapp", "--replicas=5");
  const refused = await cloudnova("apply");
  expect(refused.code).toBe(1);
  expect(refused.stdout).toContain("conflict    Deployment cloudnova/webapp: .spec.replicas is set by 'kubectl'");
  expect(refused.stdout).toContain("--force-conflicts");
  expect(await own("get", "deployment", "webapp", "-o", "jsonpath={.spec.replicas}")).toBe("5");
  expect((await cloudnova("apply", "--force-conflicts")).code).toBe(0);
  expect(await own("get", "deployment", "webapp", "-o", "jsonpath={.spec.replicas}")).toBe("2");
});

describe("pruning", () => {
  test("takes what left the manifests; keeps volumes, and what it never applied", async () => {
    await cloudnova("apply");
    const labels = "app.kubernetes.io/managed-by=cloudnova,app.kubernetes.io/part-of=cloudnova";
    await own("create", "configmap", "foreign");
    await own("label", "configmap", "foreign", ...labels.split(","));
    // Same name as one of ours, but made by somebody else since.
    await own("delete", "configmap", "grafana-dashboards");
    await own("create", "configmap", "grafana-dashboards");
    rmSync(join(program.dist, "kind", "70-grafana.k8s.yaml"));
    const { code, stdout } = await cloudnova("apply");
    expect(code).toBe(0);
    expect(stdout).toContain("pruned      StatefulSet cloudnova/grafana\n");
    expect(stdout).toContain("kept        PersistentVolumeClaim cloudnova/grafana-data: it may contain data");
    expect(stdout).toContain("kept        ConfigMap cloudnova/grafana-dashboards: another program has created it again since");
    const left = await own("get", "configmap,statefulset,persistentvolumeclaim", "-o", "name");
    expect(left.split("\n").filter((name) => /grafana|foreign/.test(name))).toEqual([
      "configmap/foreign",
      "configmap/grafana-dashboards",
      "persistentvolumeclaim/grafana-data",
    ]);
    proxy.reset();
    expect((await cloudnova("apply")).code).toBe(0);
    expect(proxy.writes).toEqual([]);
  });

  test("waits until all the rest is in place", async () => {
    await cloudnova("apply");
    rmSync(join(program.dist, "kind", "70-grafana.k8s.yaml"));
    edit("20-mysql.k8s.yaml", /serviceName: mysql/, "serviceName: other");
    const { code, stdout } = await cloudnova("apply");
    expect(code).toBe(1);
    expect(stdout).not.toContain("pruned");
    expect(stdout).toContain("refused     StatefulSet cloudnova/mysql: an immutable field was changed");
    expect(stdout).toContain("--cascade=orphan");
    expect(stdout).toContain("not applied Ingress cloudnova/webapp");
  });
});

test("an immutable field of a Job, and a volume that would shrink, are told with the next step", async () => {
  await cloudnova("apply");
  const claim = "persistentvolumeclaim/mysql-data";
  await own("patch", claim, "--type=merge", "-p", '{"spec":{"volumeName":"pv"}}');
  await own("patch", claim, "--subresource=status", "--type=merge", "-p", '{"status":{"phase":"Bound","capacity":{"storage":"4Gi"}}}');
  edit("20-mysql.k8s.yaml", "storage: 4Gi", "storage: 1Gi");
  edit("10-secrets.k8s.yaml", /image: \S+/, "image: another:1"); // the Job's comes first
  const { code, stdout } = await cloudnova("diff");
  expect(code).toBe(2);
  expect(stdout).toMatch(/refused {5}PersistentVolumeClaim cloudnova\/mysql-data: a volume cannot shrink: .*storage/);
  expect(stdout).toMatch(/refused {5}Job cloudnova\/bootstrap-\w+: an immutable field was changed/);
});

test("a later series of MySQL is refused, and the database stays as it is, until the environment names the series", async () => {
  const image = () => own("get", "statefulset", "mysql", "-o", "jsonpath={.spec.template.spec.containers[0].image}");
  edit("20-mysql.k8s.yaml", /image: mysql:\S+/g, "image: mysql:8.4.11");
  expect(await cloudnova("apply")).toMatchObject({ code: 0 });
  program.synth("kind");
  const refused = /refused {5}StatefulSet cloudnova\/mysql: mysql:8\.4\.11 runs here, and mysql:9\.\S+ would upgrade its data/;
  expect(await cloudnova("diff")).toMatchObject({ code: 2, stdout: expect.stringMatching(refused) });
  const { code, stdout } = await cloudnova("apply");
  expect(code).toBe(1);
  expect(stdout).toMatch(refused);
  expect(stdout).toContain("or set images.mysql: mysql:8.4.11 to keep this version (docs/mysql-upgrade.md)");
  expect(await image()).toBe("mysql:8.4.11");
  program.synth("kind", `${readFileSync("environments/kind.yaml", "utf8")}images: { mysql: 'mysql:9.7.2' }\n`);
  expect(await cloudnova("apply")).toMatchObject({ code: 0 });
  expect(await image()).toBe("mysql:9.7.2");
});

test("a namespace on its way out is told as such", async () => {
  await cloudnova("apply");
  await admin("delete", "namespace", "cloudnova", "--wait=false"); // nothing here ever ends it
  edit("30-webapp.k8s.yaml", "replicas: 2", "replicas: 3");
  const { code, stdout } = await cloudnova("apply");
  expect(code).toBe(1);
  expect(stdout).toContain("refused     Namespace cloudnova: namespace cloudnova is being deleted");
  expect(stdout).toContain("then apply again");
});

describe("faults on the way", () => {
  const faults: Record<string, (count: number) => Fault> = {
    "every third connection drops": (n) => (n % 3 === 0 ? "drop" : "pass"),
    "every third answer is lost after the server has acted": (n) => (n % 3 === 0 ? "lose the answer" : "pass"),
    "every third answer breaks off": (n) => (n % 3 === 0 ? "cut the answer" : "pass"),
    "429 with Retry-After": (n) => (n % 4 === 0 ? { status: 429, retryAfter: 0 } : "pass"),
    "500, 502, 503 and 504": (n) => (n % 3 === 0 ? { status: [500, 502, 503, 504][n % 4] as number } : "pass"),
    // It cannot refuse anybody before the broken connections are seen: a start takes longer.
    "a server that starts anew refuses everybody for a moment": (n) =>
      n % 20 === 10 ? "drop" : [11, 12].includes(n % 20) ? { status: 403, delayMs: 100 } : "pass",
    delays: (n) => ({ delayMs: (n * 37) % 90 }),
  };
  test.each(Object.entries(faults))("%s: apply, change and prune still come to the same", async (_, fault) => {
    proxy.fault = (_seen, n) => fault(n);
    const first = await cloudnova("apply");
    expect(first).toMatchObject({ code: 0 });
    edit("30-webapp.k8s.yaml", "replicas: 2", "replicas: 3");
    rmSync(join(program.dist, "kind", "70-grafana.k8s.yaml"));
    expect((await cloudnova("apply")).code).toBe(0);
    proxy.fault = () => "pass";
    expect((await cloudnova("diff", "--full")).stdout).toMatch(/no difference/);
    expect(await own("get", "statefulset", "-o", "name")).not.toContain("grafana");
    expect(await own("get", "lease", "-o", "name")).toBe("");
  });

  test("a server that stays broken is given up in bounded time, in words, and the next run finishes", async () => {
    proxy.fault = ({ method }, n) => (method === "PATCH" && n > 25 ? { status: 503 } : "pass");
    const start = Date.now();
    const { code, stdout, stderr } = await cloudnova("apply");
    expect(code).toBe(1);
    expect(stdout + stderr).toContain("made up: 503");
    expect(stderr).toContain("next attempt in");
    expect(`${stdout}${stderr}`).not.toMatch(/^\s+at /m);
    expect(Date.now() - start).toBeLessThan(120_000);
    proxy.reset();
    expect((await cloudnova("apply")).code).toBe(0);
    expect((await cloudnova("diff", "--full")).code).toBe(0);
  });

  test("Ctrl-C ends with 130, leaves no lease behind, and the next run goes on", async () => {
    proxy.fault = () => ({ delayMs: 150 });
    const { child, ended } = program.start(["apply", "kind", "--kubeconfig", kubeconfig]);
    while (proxy.writes.length < 20) await sleep(20);
    child.kill("SIGINT");
    const { code, stderr } = await ended;
    expect(code).toBe(130);
    expect(stderr).toContain("run the same command again");
    expect(await own("get", "lease", "-o", "name")).toBe("");
    proxy.reset();
    const status = await cloudnova("status");
    expect(status.stdout).toContain("an apply or a down was interrupted");
    expect(outcomes(await cloudnova("apply", "--output", "json")).created).toBeGreaterThan(0);
    expect((await cloudnova("diff", "--full")).code).toBe(0);
  });

  test("killed in the middle, its lease runs out, and what it applied can still be pruned", async () => {
    proxy.fault = () => ({ delayMs: 100 });
    const { child, ended } = program.start(["apply", "kind", "--kubeconfig", kubeconfig]);
    while (!proxy.writes.some(({ path }) => path.includes("/statefulsets/"))) await sleep(10);
    child.kill("SIGKILL");
    await ended;
    proxy.reset();
    rmSync(join(program.dist, "kind", "70-grafana.k8s.yaml"));
    const next = await cloudnova("apply");
    expect(next.stderr).toContain("is changing this environment");
    expect(next.code).toBe(0);
    expect(await own("get", "configmap", "-o", "name")).not.toContain("grafana");
  });
});

test("two applies at once: one waits for the other, and both succeed", async () => {
  proxy.fault = () => ({ delayMs: 30 });
  const [one, other] = await Promise.all([cloudnova("apply"), cloudnova("apply")]);
  expect([one.code, other.code]).toEqual([0, 0]);
  expect(one.stderr + other.stderr).toContain("is changing this environment");
  expect((await cloudnova("diff", "--full")).code).toBe(0);
});

describe("up", () => {
  // No kubelet here: nothing ever runs, so the Job of the secrets and all the rest are waited for in vain.
  const args = ["up", "kind", "--no-synth", "--no-doctor", "--no-verify", "--timeout", "2"];
  const up = () => program.run(...args, "--kubeconfig", kubeconfig);

  test("sends what needs no Secret with the Job that makes them, the rest after it, and says what is not up", async () => {
    const { code, stdout, stderr } = await up();
    expect(code).toBe(1);
    expect(stderr).toMatch(/^plan: 'kind' to target context \(as requested\), context 'validate' \(https:\/\/127\.0\.0\.1:\d+\)/);
    const sent = (name: string) => proxy.writes.findIndex(({ path }) => path.includes(name));
    expect(sent("/jobs/bootstrap-")).toBeLessThan(sent("/statefulsets/mysql"));
    expect(sent("/statefulsets/prometheus")).toBeLessThan(sent("/statefulsets/mysql"));
    // The ninth is the first backup: nothing waits for it.
    expect(stdout).toContain("8 of 9 workloads are not ready");
    proxy.reset();
    expect((await up()).stdout).toContain("nothing was changed");
    expect(proxy.writes).toEqual([]);
  });

  test("the server gone while the secrets are waited for: in words, and the next up goes on", async () => {
    let jobs = 0;
    proxy.fault = ({ method, path }) => {
      if (method === "PATCH" && path.includes("/jobs/")) jobs++;
      return jobs > 0 && method === "GET" ? "drop" : "pass";
    };
    const { code, stdout, stderr } = await up();
    expect(code).toBe(1);
    expect(stderr).toMatch(/error: context 'validate': no connection/);
    expect(stdout + stderr).not.toMatch(/^\s+at /m);
    expect(stdout).not.toContain("StatefulSet cloudnova/mysql");
    proxy.reset();
    expect(await own("get", "lease", "-o", "name")).toBe("");
    expect((await up()).stdout).toContain("created     StatefulSet cloudnova/mysql");
    expect((await cloudnova("diff", "--full")).code).toBe(0);
  });

  test("two at once: one waits for the other", async () => {
    const both = await Promise.all([up(), up()]);
    expect(both.map(({ stderr }) => stderr).join()).toContain("is changing this environment");
    expect((await cloudnova("diff", "--full")).code).toBe(0);
  });
});

describe("up on kind's cluster of this machine", () => {
  const IMAGE = "cloudnova-webapp:1.0.0";
  const digest = (digit: string) => `sha256:${digit.repeat(64)}`;
  let machine: Machine;
  const up = (environment: string, ...args: readonly string[]) => {
    const variables = {
      PATH: machine.bin,
      HOME: machine.folder,
      DOCKER_HOST: "",
      CLOUDNOVA_STATE: join(machine.folder, "remembered"),
      KUBECONFIG: join(machine.folder, "kubeconfig"),
    };
    // Nothing here starts a pod.
    return program.start(["up", environment, "--no-synth", "--no-doctor", "--no-verify", "--timeout", "1", ...args], variables).ended;
  };
  /** What crictl reports about an image on the node, as containerd 2 has it. The stub has one answer for all images that are built here. */
  const onNode = (id: string, manifest: string) =>
    JSON.stringify({
      status: {
        id: digest(id),
        repoTags: [`docker.io/library/${IMAGE}`],
        repoDigests: [`docker.io/library/import-2026-11-27@${digest(manifest)}`],
        size: "93184000",
        username: "10001",
        pinned: false,
      },
      info: {
        imageSpec: { config: { Labels: Object.fromEntries(BUILT_HERE.map((name) => [name, contentOf(ownBuild(name, IMAGES[name]))])) } },
      },
    });
  /** A pod of the web application, and the digest that the kubelet reports. */
  async function podRuns(imageID: string): Promise<void> {
    const { spec, metadata } = JSON.parse(await own("get", "deployment", "webapp", "-o", "json"));
    const file = join(program.folder, "pod.json");
    const { labels } = spec.template.metadata;
    const pod = {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "webapp-1", namespace: metadata.namespace, labels },
      spec: spec.template.spec,
    };
    writeFileSync(file, JSON.stringify(pod));
    await own("delete", "pod", "webapp-1", "--ignore-not-found", "--force");
    await admin("create", "--validate=false", "-f", file);
    const state = { running: { startedAt: "2026-11-27T00:00:00Z" } };
    const status = { containerStatuses: [{ name: "webapp", image: IMAGE, imageID, ready: true, restartCount: 0, started: true, state }] };
    await own("patch", "pod", "webapp-1", "--subresource=status", "--type=merge", "-p", JSON.stringify({ status }));
  }

  /** A node whose kubelet has reported since its start: `up` waits for that. */
  async function nodeReports(): Promise<void> {
    const name = "cloudnova-control-plane";
    const now = new Date().toISOString();
    const lease = { holderIdentity: name, leaseDurationSeconds: 40, renewTime: now.replace("Z", "000Z") };
    const objects = [
      { apiVersion: "v1", kind: "Node", metadata: { name } },
      { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: { name, namespace: "kube-node-lease" }, spec: lease },
    ];
    const file = join(program.folder, "node.json");
    writeFileSync(file, JSON.stringify({ apiVersion: "v1", kind: "List", items: objects }));
    await admin("apply", "--server-side", "--force-conflicts", "-f", file);
    const ready = { type: "Ready", status: "True", reason: "KubeletReady", message: "", lastHeartbeatTime: now, lastTransitionTime: now };
    await admin("patch", "node", name, "--subresource=status", "--type=merge", "-p", JSON.stringify({ status: { conditions: [ready] } }));
  }

  beforeEach(async () => {
    await nodeReports();
    machine = new Machine();
    machine.program("docker", DOCKER);
    machine.program("kind", KIND);
    machine.set("cluster", "cloudnova\n");
    machine.set("nodes", JSON.stringify([kindNode("running", { ports: { 30080: 8080, 30443: 8443 } })]));
    machine.set("in-node", onNode("a", "b"));
    const text = readFileSync(kubeconfig, "utf8").replaceAll("validate", "kind-cloudnova");
    writeFileSync(join(machine.folder, "kubeconfig"), text);
  });
  afterEach(() => machine.remove());

  test("pods of an earlier build of the image are replaced, and no others", async () => {
    expect((await up("kind")).stdout).not.toContain("restarted");
    await own("create", "serviceaccount", "default"); // the controllers that make it do not run here
    await podRuns(`docker.io/library/import-2026-11-26@${digest("c")}`);
    const { stdout } = await up("kind");
    expect(stdout).toContain(`Deployment cloudnova/webapp restarted: its pods ran an earlier build of ${IMAGE}`);
    const restarted = "jsonpath={.spec.template.metadata.annotations.kubectl\\.kubernetes\\.io/restartedAt}";
    const first = await own("get", "deployment", "webapp", "-o", restarted);
    expect(Date.now() - Date.parse(first)).toBeLessThan(60_000);
    expect((await cloudnova("diff", "--full")).stdout).toBe("no difference: the cluster matches the manifests\n");
    expect((await cloudnova("apply", "--full")).stdout).toContain("nothing was changed");
    for (const same of [`docker.io/library/import-2026-11-26@${digest("b")}`, digest("a")]) {
      await podRuns(same);
      expect((await up("kind")).stdout).not.toContain("restarted");
      expect(await own("get", "deployment", "webapp", "-o", restarted)).toBe(first);
    }
  });

  test("--yes confirms that a copy of the environment replaces it", async () => {
    await cloudnova("apply");
    const copy = join(program.folder, "mine.yaml");
    const text = readFileSync("environments/kind.yaml", "utf8");
    writeFileSync(copy, text);
    program.synth("mine", text);
    const { code, stderr } = await up(copy);
    expect(code).toBe(1);
    expect(stderr).toMatch(/→ .*to replace it and keep its data: 'npx cloudnova up \S+mine\.yaml --target kind .*--adopt'/);
    await up(copy, "--yes");
    expect(JSON.parse(await own("get", "configmap", "cloudnova-inventory", "-o", "json")).data.environment).toBe("mine");
  });
});

describe("down", () => {
  test("needs a confirmation; keeps volumes and namespaces, and the next apply finds them", async () => {
    await cloudnova("apply");
    const unasked = await cloudnova("down");
    expect(unasked.code).toBe(1);
    expect(unasked.stderr).toContain("--yes");
    const { code, stdout } = await cloudnova("down", "--yes");
    expect(code).toBe(0);
    expect(stdout.indexOf("Ingress cloudnova/webapp")).toBeLessThan(stdout.indexOf("StatefulSet cloudnova/mysql"));
    expect(stdout.indexOf("StatefulSet cloudnova/mysql")).toBeLessThan(stdout.indexOf("ConfigMap cloudnova/mysql"));
    const left = await own("get", "persistentvolumeclaim,configmap,deployment,statefulset,service,ingress", "-o", "name");
    expect(left.trim().split("\n").sort()).toEqual([
      "configmap/cloudnova-inventory",
      "persistentvolumeclaim/alertmanager-data",
      "persistentvolumeclaim/backup-data",
      "persistentvolumeclaim/grafana-data",
      "persistentvolumeclaim/mysql-data",
      "persistentvolumeclaim/prometheus-data",
    ]);
    expect((await cloudnova("down", "--yes")).code).toBe(0);
    expect((await cloudnova("apply")).code).toBe(0);
  });

  test("--delete-data takes all, but no namespace with something of others in it", async () => {
    await cloudnova("apply");
    await admin("-n", "cloudnova-host", "create", "deployment", "theirs", "--image=theirs");
    await admin("-n", "cloudnova-host", "create", "secret", "generic", "password-of-theirs");
    const { code, stdout, stderr } = await cloudnova("down", "--delete-data", "--yes", "--timeout", "2");
    expect(code).toBe(0);
    expect(stdout).toContain("deleted     Namespace cloudnova\n");
    expect(stdout).toContain(
      "kept        Namespace cloudnova-host: it also contains objects that are not part of this environment: Deployment cloudnova-host/theirs, Secret cloudnova-host/password-of-theirs",
    );
    expect(stderr).toContain("namespace cloudnova is still terminating"); // nothing here ever ends it
    const claims = JSON.parse(await own("get", "persistentvolumeclaim", "-o", "json")).items;
    expect(claims.filter(({ metadata }: { metadata: { deletionTimestamp?: string } }) => !metadata.deletionTimestamp)).toEqual([]);
  });
});

describe("who may, and where", () => {
  test("another environment in the same namespace is refused, and taken over on request", async () => {
    await cloudnova("apply");
    program.synth("renamed", "cluster: kind\nmachine: { memory: 4Gi, cpu: '2' }\n");
    const args = ["apply", "renamed", "--kubeconfig", kubeconfig];
    const { code, stderr } = await program.run(...args);
    expect(code).toBe(1);
    expect(stderr).toContain("namespace cloudnova contains the environment 'kind', not 'renamed'");
    expect(stderr).toMatch(/→ to replace 'kind' and keep its data: 'npx cloudnova apply renamed .*--adopt'/);
    expect((await program.run(...args, "--adopt")).code).toBe(0);
  });

  describe("the environment was copied to another name", () => {
    let copy: string;
    const other = (command: string, file: string, ...args: readonly string[]) =>
      program.start([command, file, "--kubeconfig", kubeconfig, "--context", "validate", ...args], { PATH: "" }).ended;
    const up = (...args: readonly string[]) => other("up", copy, "--no-synth", "--no-doctor", "--no-verify", "--timeout", "1", ...args); // nothing here starts a pod
    const recorded = async () => JSON.parse(await own("get", "configmap", "cloudnova-inventory", "-o", "json")).data.environment;

    beforeEach(async () => {
      await cloudnova("apply");
      const text = `${readFileSync("environments/kind.yaml", "utf8")}\napplications: { webapp: { sample: { replicas: 1 } } }\n`;
      copy = join(program.folder, "mine.yaml");
      writeFileSync(copy, text);
      program.synth("mine", text);
    });

    test("diff compares the two, and names the command that replaces one with the other", async () => {
      const { code, stdout, stderr } = await other("diff", "mine");
      expect(code).toBe(1);
      expect(stdout).toMatch(/^Deployment cloudnova\/webapp will be changed$[\s\S]*^-.*replicas: 2$\n^\+.*replicas: 1$/m);
      expect(stderr).toMatch(/namespace cloudnova contains the environment 'kind'; 'npx cloudnova up mine .*--adopt' replaces it/);
      expect(await recorded()).toBe("kind");
    });

    test("up asks, and names the command where there is no terminal, also with --yes on a cluster that is not of this machine", async () => {
      for (const more of [[], ["--yes"]]) {
        const { code, stderr } = await up(...more);
        expect({ code, environment: await recorded() }).toEqual({ code: 1, environment: "kind" });
        expect(stderr).toMatch(
          /→ namespace cloudnova contains the environment 'kind'; to replace it and keep its data: 'npx cloudnova up \S+mine\.yaml .*--adopt'/,
        );
      }
      const { stdout, stderr } = await up("--adopt");
      expect(stderr).toContain("namespace cloudnova belonged to 'kind': its volumes and passwords are used from now on");
      expect({ changed: stdout.includes("changed     Deployment cloudnova/webapp"), environment: await recorded() }).toEqual({
        changed: true,
        environment: "mine",
      });
      const gone = await cloudnova("down", "--yes");
      expect(gone.code).toBe(1);
      expect(gone.stderr).toMatch(
        /contains the environment 'mine', not 'kind'\n {2}→ to delete that environment: 'npx cloudnova down mine /,
      );
      expect((await other("down", "mine", "--yes")).code).toBe(0);
    });

    test("what down has kept is no obstacle: the next environment uses it", async () => {
      await cloudnova("down", "--yes");
      const { code, stderr } = await other("apply", "mine");
      expect({ code, environment: await recorded() }).toEqual({ code: 0, environment: "mine" });
      expect(stderr).toContain("namespace cloudnova belonged to 'kind': its volumes and passwords are used from now on");
    });
  });

  test("wrong credentials", async () => {
    const wrong = program.kubeconfig(api.url, api.ca, "expired");
    const { code, stderr } = await program.run("apply", "kind", "--kubeconfig", wrong);
    expect(code).toBe(1);
    expect(stderr).toMatch(/error: context 'validate': the cluster rejects these credentials.*\n {2}→ log in again/);
  });

  test("an account without rights", async () => {
    await admin("-n", "default", "create", "serviceaccount", "reader");
    const weak = program.kubeconfig(api.url, api.ca, await api.serviceAccountToken("default", "reader"));
    const { code, stdout, stderr } = await program.run("apply", "kind", "--kubeconfig", weak);
    expect(code).toBe(1);
    expect(stdout + stderr).toMatch(/not allowed: .*system:serviceaccount:default:reader/);
    const doctor = await program.run("doctor", "kind", "--kubeconfig", weak);
    expect(doctor.stdout).toContain("✖ permissions: this account may not patch namespaces");
  });

  test("a server that is not there, one with another certificate, and one that is no k3s", async () => {
    const nowhere = program.kubeconfig("https://127.0.0.1:1", api.ca, "x");
    const gone = await program.run("status", "kind", "--kubeconfig", nowhere);
    expect(gone.stderr).toContain("no connection to https://127.0.0.1:1: connection refused (ECONNREFUSED)");
    const other = join(program.folder, "other.crt");
    writeFileSync(other, rootCertificates[0] ?? ""); // any authority that has not signed the server's
    const untrusted = await program.run("status", "kind", "--kubeconfig", program.kubeconfig(api.url, other, "x"));
    expect(untrusted.stderr).toContain("its certificate is not signed by the CA in the kubeconfig");
    program.synth("k3s-ec2");
    const k3s = await program.run("apply", "k3s-ec2", "--kubeconfig", kubeconfig);
    expect(k3s.stderr).toContain("it is specific to k3s");
  });
});

test("a server that refuses TLS 1.1 is told from one that is not there", async () => {
  const { hostname, port } = new URL(api.url);
  const ingress = { address: hostname, host: "localhost", httpPort: 1, httpsPort: Number(port) };
  expect(await handshake(ingress, "TLSv1.1")).toEqual({ refused: expect.stringMatching(/ALERT/) });
  expect(await handshake(ingress, "TLSv1.3")).toMatchObject({ names: expect.arrayContaining(["127.0.0.1"]) });
  expect(await handshake({ ...ingress, httpsPort: 1 }, "TLSv1.3")).toEqual({ refused: "ECONNREFUSED" });
  expect((await ask(ingress, "/version")).status).toBe(200); // the one thing that anybody may ask
});
