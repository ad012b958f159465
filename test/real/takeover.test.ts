import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { type ApiServer, startApiServer } from "../../tools/apiserver/server.ts";
import { type Daemon, startDaemon } from "../../tools/common/daemon.ts";
import { ensure } from "../../tools/toolchain/ensure.ts";
import { type Ended, kubectl, Program } from "../cli/bundled-program.ts";
import { STORED_QUANTITIES } from "../quantities.ts";

// What kubectl, GitOps and autoscalers have set, and then this program, on a real API server.
jest.setTimeout(240_000);

let api: ApiServer;
let program: Program;
let kubeconfig: string;
let empty: () => Promise<void>;

beforeAll(async () => {
  api = await startApiServer();
  program = new Program();
  kubeconfig = program.kubeconfig(api.url, api.ca, JSON.parse(readFileSync(api.kubeconfig, "utf8")).users[0].user.token);
  empty = await api.snapshot();
});
afterAll(async () => {
  program?.remove();
  await api?.stop();
});
beforeEach(async () => {
  await empty();
  program.synth("kind");
});

const cloudnova = (command: string, ...args: readonly string[]) => program.run(command, "kind", "--kubeconfig", kubeconfig, ...args);
const admin = (...args: readonly string[]) => kubectl(api.bin, api.kubeconfig, ...args);
const own = (...args: readonly string[]) => admin("-n", "cloudnova", ...args);
const folder = () => join(program.dist, "kind");
const outcomes = ({ stdout }: Ended): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const { outcome } of JSON.parse(stdout).objects) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return counts;
};
/** Changes every manifest's text; fails when there is nothing to change. */
function edit(from: RegExp, to: string): void {
  const files = readdirSync(folder()).filter((file) => file.endsWith(".yaml"));
  const texts = files.map((file) => readFileSync(join(folder(), file), "utf8"));
  expect(texts.some((text) => from.test(text))).toBe(true);
  for (const [index, file] of files.entries()) writeFileSync(join(folder(), file), texts[index]?.replace(from, to) ?? "");
}
const count = () =>
  readdirSync(folder())
    .filter((file) => file.endsWith(".yaml"))
    .flatMap((file) => readFileSync(join(folder(), file), "utf8").match(/^kind: /gm) ?? []).length;
/** What every workload wants, as the server has it: a change of a pod template is a roll-out. */
const specs = async () => {
  const { items } = JSON.parse(await admin("get", "deployment,statefulset,daemonset,job,cronjob", "-A", "-o", "json"));
  return (items as { metadata: { name: string }; spec: object }[]).map(({ metadata, spec }) => [metadata.name, spec]);
};

test("the server gives quantities back as synth writes them", async () => {
  const volumes = STORED_QUANTITIES.map(([sizeLimit], index) => ({ name: `v${index}`, emptyDir: { sizeLimit } }));
  const pod = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "quantities" },
    spec: { volumes, containers: [{ name: "c", image: "c" }] },
  };
  await admin("create", "namespace", "quantities");
  await admin("label", "namespace", "quantities", "pod-security.kubernetes.io/enforce=privileged");
  await api.client.call("POST", "/api/v1/namespaces/quantities/serviceaccounts", { metadata: { name: "default" } });
  const { status, body } = await api.client.call("POST", "/api/v1/namespaces/quantities/pods?dryRun=All", pod);
  expect({ status, message: body.message }).toEqual({ status: 201, message: undefined });
  const given = (body.spec.volumes as { name: string; emptyDir?: { sizeLimit: string } }[]).filter(({ emptyDir }) => emptyDir);
  expect(given.map(({ emptyDir }) => emptyDir?.sizeLimit)).toEqual(STORED_QUANTITIES.map(([, stored]) => stored));
});

test("manifests that spell values in other ways are changed to the stored form without a roll-out", async () => {
  edit(/cpu: "1"/g, "cpu: 1000m");
  edit(/fieldRef:\n +apiVersion: v1\n/g, "fieldRef:\n");
  // The key that follows has lost its place: written on one line it needs none.
  edit(/fieldRef:\n +fieldPath: (\S+)/g, "fieldRef: { fieldPath: $1 }");
  expect((await cloudnova("apply")).code).toBe(0);
  const before = await specs();
  program.synth("kind");
  expect(outcomes(await cloudnova("apply", "--output", "json"))).toEqual({ unchanged: count() });
  expect(await specs()).toEqual(before);
});

describe("what 'kubectl apply' brought", () => {
  beforeEach(async () => {
    await admin("apply", "-f", folder());
  });

  test("is seen: status tells the way, and diff no difference", async () => {
    const { code, stdout } = await cloudnova("status");
    expect(code).toBe(1); // nothing runs here: there is no kubelet
    expect(stdout).toContain(
      `${count()} of the manifests' ${count()} objects are in this cluster; they were applied by kubectl apply, not by this program`,
    );
    expect(JSON.parse((await cloudnova("status", "--output", "json")).stdout)).toMatchObject({ applied: "elsewhere", up: false });
    expect(await cloudnova("diff")).toMatchObject({ code: 0, stdout: "no difference: the cluster matches the manifests\n" });
  });

  test("is taken over by apply without a conflict and without a change, and that is said", async () => {
    const before = await specs();
    const first = await cloudnova("apply", "--output", "json");
    expect(first.code).toBe(0);
    expect(outcomes(first)).toEqual({ unchanged: count() });
    expect(first.stderr).toContain(`${count()} objects were applied by 'kubectl apply' before: this command now owns their fields`);
    expect(await specs()).toEqual(before);
    const managers = await own("get", "deployment,statefulset,service,configmap", "-o", "yaml", "--show-managed-fields");
    expect(managers).toContain("manager: cloudnova\n");
    expect(managers).not.toMatch(/kubectl-client-side-apply|last-applied-configuration/);
    expect(await cloudnova("apply")).toMatchObject({ code: 0, stderr: "", stdout: expect.stringContaining("nothing was changed") });
    expect((await cloudnova("diff", "--full")).code).toBe(0);
  });

  test("other manifests over it: values change, fields and objects that left them go", async () => {
    edit(/replicas: 2\n/, "replicas: 3\n");
    edit(/^ +progressDeadlineSeconds: 600\n/gm, "");
    edit(/^ +terminationGracePeriodSeconds: \d+\n/gm, "");
    const diff = await cloudnova("diff");
    expect(diff.code).toBe(1);
    expect(diff.stdout).toMatch(/Deployment cloudnova\/webapp will be changed/);
    expect(diff.stdout).not.toContain("conflict");
    expect(diff.stdout).toMatch(/^- +terminationGracePeriodSeconds: 40$/m);
    const { code, stdout } = await cloudnova("apply");
    expect(code).toBe(0);
    expect(stdout).toContain("changed     Deployment cloudnova/webapp\n");
    const { spec } = JSON.parse(await own("get", "deployment", "webapp", "-o", "json"));
    // 30 is the API's default: kubectl alone had set the field.
    expect([spec.replicas, spec.template.spec.terminationGracePeriodSeconds]).toEqual([3, 30]);
    expect((await cloudnova("diff", "--full")).code).toBe(0);
  });

  test("is taken down: everything but volumes and namespaces, and the way is said", async () => {
    const { code, stdout, stderr } = await cloudnova("down", "--yes");
    expect(code).toBe(0);
    expect(stderr).toContain(`${count()} objects applied by kubectl apply`);
    expect(stdout).toContain("deleted     Deployment cloudnova/webapp\n");
    const left = await own("get", "deployment,statefulset,service,ingress,networkpolicy,persistentvolumeclaim", "-o", "name");
    expect(left.trim().split("\n")).toEqual(expect.arrayContaining(["persistentvolumeclaim/mysql-data"]));
    expect(left).not.toMatch(/^(?!persistentvolumeclaim)./m);
    expect((await cloudnova("down", "--delete-data", "--yes", "--timeout", "2")).stdout).toContain("deleted     Namespace cloudnova\n");
  });
});

test.each([
  ["Argo CD", "argocd-controller"],
  ["Flux", "kustomize-controller"],
])("what %s applied stays its own: apply and down refuse, and a conflict names it", async (engine, manager) => {
  await admin("apply", "--server-side", `--field-manager=${manager}`, "-f", folder());
  expect((await cloudnova("status")).stdout).toContain(`they were applied by ${engine}, not by this program`);
  expect(await cloudnova("diff")).toMatchObject({ code: 0 });
  const managers = async () =>
    JSON.parse(await own("get", "deployment", "webapp", "-o", "json", "--show-managed-fields")).metadata.managedFields.map(
      (entry: { manager: string }) => entry.manager,
    );
  const refused = new RegExp(`${engine} applied \\d+ objects of this environment; nothing was changed`);
  const equal = await cloudnova("apply");
  expect(equal).toMatchObject({ code: 1, stdout: "", stderr: expect.stringMatching(refused) });
  edit(/replicas: 2\n/, "replicas: 3\n");
  expect(await cloudnova("diff")).toMatchObject({ code: 2 });
  expect(await cloudnova("apply")).toMatchObject({ code: 1, stderr: expect.stringMatching(refused) });
  expect(await managers()).not.toContain("cloudnova");
  expect(await cloudnova("apply", "--force-conflicts")).toMatchObject({ code: 0 });
  // From now on both own it: where they differ, the field is named.
  edit(/replicas: 3\n/, "replicas: 2\n");
  await admin("apply", "--server-side", "--force-conflicts", `--field-manager=${manager}`, "-f", folder());
  edit(/replicas: 2\n/, "replicas: 3\n");
  const { code, stdout } = await cloudnova("apply");
  expect(code).toBe(1);
  expect(stdout).toContain(`conflict    Deployment cloudnova/webapp: .spec.replicas is set by '${manager}'`);
  expect(stdout).toContain(`${engine} sets this field: change it there`);
  const down = await cloudnova("down", "--yes");
  expect(down.code).toBe(1);
  expect(down.stderr).toMatch(
    new RegExp(`${engine} applied \\d+ objects of this environment and would create them again after a deletion; nothing was deleted`),
  );
  expect(await own("get", "deployment", "-o", "name")).toContain("webapp");
});

test("an apply ends Grafana that `open` runs on demand, without a conflict", async () => {
  program.synth("kind", "cluster: kind\nmachine: { memory: 4Gi, cpu: '2' }\nmonitoring: { grafana: on-demand }\n");
  expect((await cloudnova("apply")).code).toBe(0);
  const replicas = () => own("get", "statefulset", "grafana", "-o", "jsonpath={.spec.replicas}");
  expect(await replicas()).toBe("0");
  const scale = (to: number) =>
    own(
      "patch",
      "statefulset",
      "grafana",
      "--subresource=scale",
      "--type=merge",
      "--field-manager=cloudnova-open",
      "-p",
      `{"spec":{"replicas":${to}}}`,
    );
  await scale(1);
  expect(await cloudnova("apply")).toMatchObject({ code: 0 });
  expect(await replicas()).toBe("0");
  await scale(1);
  await scale(0);
  expect(await cloudnova("apply")).toMatchObject({ code: 0 });
  expect(await replicas()).toBe("0");
});

describe("an autoscaler is turned on and off, with a real controller manager", () => {
  let controllers: Daemon;
  beforeEach(async () => {
    const bin = await ensure("kubernetes", ["kube-controller-manager"]);
    controllers = startDaemon(
      join(bin, "kube-controller-manager"),
      [
        `--kubeconfig=${api.kubeconfig}`,
        "--controllers=deployment-controller,replicaset-controller,serviceaccount-controller,horizontal-pod-autoscaler-controller",
        "--horizontal-pod-autoscaler-sync-period=1s",
        "--leader-elect=false",
        "--secure-port=0",
      ],
      join(program.folder, "controllers.log"),
    );
  });
  afterEach(async () => {
    await controllers.stop();
  });

  const fixed = "cluster: kind\nmachine: { memory: 4Gi, cpu: '2' }\nwebapp: { replicas: 2 }\n";
  const scaled = (least: number) =>
    `cluster: kind\nmachine: { memory: 8Gi, cpu: '4' }\nwebapp: { replicas: ${least}, autoscaling: { maxReplicas: 4 } }\n`;
  const pods = async () => Number(await own("get", "deployment", "webapp", "-o", "jsonpath={.status.replicas}"));
  const until = async (replicas: number) => {
    for (let left = 120; left > 0 && (await pods()) !== replicas; left--) await sleep(250);
    expect(await pods()).toBe(replicas);
  };
  /** Every value of the wanted replicas that the server had while `work` ran. */
  async function replicasDuring(work: () => Promise<void>): Promise<number[]> {
    const args = ["--kubeconfig", api.kubeconfig, "-n", "cloudnova", "get", "deployment", "webapp", "--watch"];
    const watch = spawn(join(api.bin, "kubectl"), [...args, "-o", "jsonpath={.spec.replicas}{'\\n'}"]);
    let seen = "";
    watch.stdout.on("data", (chunk) => (seen += chunk));
    while (!seen) await sleep(50);
    await work();
    await sleep(3000); // the autoscaler looks every second
    watch.kill();
    await once(watch, "exit");
    return seen.trim().split("\n").map(Number);
  }

  test("the wanted replicas never fall, whoever applied them before", async () => {
    program.synth("kind", fixed);
    expect((await cloudnova("apply")).code).toBe(0);
    await until(2);

    // On: nothing measures here, so the autoscaler leaves replicas within its bounds alone, and owns nothing.
    program.synth("kind", scaled(2));
    expect((await cloudnova("diff")).stdout).not.toMatch(/^[-+] +replicas/m);
    const on = await replicasDuring(async () => expect(await cloudnova("apply")).toMatchObject({ code: 0 }));
    expect(new Set(on)).toEqual(new Set([2]));
    await until(2);
    expect(await cloudnova("apply")).toMatchObject({ code: 0, stdout: expect.stringContaining("nothing was changed") });

    // A higher lower bound: now the autoscaler sets them.
    program.synth("kind", scaled(3));
    expect((await cloudnova("apply")).code).toBe(0);
    await until(3);

    // Off: the manifest's number comes back, without a conflict and without a fall below it.
    program.synth("kind", fixed);
    expect((await cloudnova("diff")).stdout).not.toContain("conflict");
    const off = await replicasDuring(async () => expect(await cloudnova("apply")).toMatchObject({ code: 0 }));
    expect([Math.min(...off), off.at(-1)]).toEqual([2, 2]);
    expect(await own("get", "hpa", "-o", "name")).toBe("");
    expect((await cloudnova("diff", "--full")).code).toBe(0);
  });

  test("what kubectl applied is handed over too", async () => {
    program.synth("kind", fixed);
    await admin("apply", "-f", folder());
    await until(2);
    program.synth("kind", scaled(2));
    const on = await replicasDuring(async () => expect(await cloudnova("apply")).toMatchObject({ code: 0 }));
    expect(new Set(on)).toEqual(new Set([2]));
  });

  // docs/targets.md tells users of kubectl and of GitOps to do this first.
  test("the documented steps keep the replicas for kubectl, client-side and server-side", async () => {
    program.synth("kind", fixed);
    await admin("apply", "-f", folder());
    const editor = { ...process.env, KUBE_EDITOR: "sed -i '/^  replicas:/d'" };
    const edit = ["--kubeconfig", api.kubeconfig, "-n", "cloudnova", "apply", "edit-last-applied", "deployment/webapp"];
    await promisify(execFile)(join(api.bin, "kubectl"), edit, { env: editor });
    program.synth("kind", scaled(2));
    expect(new Set(await replicasDuring(async () => void (await admin("apply", "-f", folder()))))).toEqual(new Set([2]));

    program.synth("kind", fixed);
    await own("delete", "hpa", "webapp");
    await admin("apply", "--server-side", "--force-conflicts", "-f", folder());
    const replicas = join(program.folder, "replicas.yaml");
    writeFileSync(
      replicas,
      "apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: webapp, namespace: cloudnova }\nspec: { replicas: 2 }\n",
    );
    await admin("apply", "--server-side", "--field-manager=handover-to-hpa", "--validate=false", "-f", replicas);
    program.synth("kind", scaled(2));
    const on = await replicasDuring(async () => void (await admin("apply", "--server-side", "-f", folder())));
    expect(new Set(on)).toEqual(new Set([2]));
  });
});
