import "./own-node.ts";
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { cgroupFolders } from "../../node/machine/cgroups.ts";
import { HOST, NODE } from "../../node/machine/layout.ts";
import { containerState, insideOutput } from "../../node/machine/runc.ts";
import { startNode } from "../../node/machine/start.ts";
import { nodeStatus } from "../../node/machine/status.ts";
import { stopNode } from "../../node/machine/stop.ts";

// REAL=1 npx jest test/node/real: on a real node of its own, as root, about four minutes.
const real = process.env.REAL ? describe : describe.skip;

const kubectl = (...args: string[]) => insideOutput("kubectl", ...args);
const pod = (name: string, script: string, volume: boolean) =>
  JSON.stringify({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name },
    spec: {
      restartPolicy: "Never",
      terminationGracePeriodSeconds: 1,
      containers: [
        {
          name,
          image: "cloudnova.local/volume-helper:1",
          imagePullPolicy: "Never",
          command: ["bash", "-c", script],
          ...(volume ? { volumeMounts: [{ name: "data", mountPath: "/data" }] } : {}),
        },
      ],
      ...(volume ? { volumes: [{ name: "data", persistentVolumeClaim: { claimName: "data" } }] } : {}),
    },
  });
const claim = JSON.stringify({
  apiVersion: "v1",
  kind: "PersistentVolumeClaim",
  metadata: { name: "data" },
  spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "64Mi" } } },
});
const create = (...objects: string[]) =>
  execFileSync("runc", ["--root", HOST.runc, "exec", NODE, "kubectl", "create", "-f", "-"], {
    input: objects.join("\n---\n"),
  });
const finished = async (name: string) => {
  await kubectl("wait", `pod/${name}`, "--for=jsonpath={.status.phase}=Succeeded", "--timeout=90s");
  return kubectl("logs", name);
};

real("a real node (only with REAL=1 and as root: it starts a node)", () => {
  beforeAll(() => stopNode({ data: "delete" }), 120_000);
  afterAll(() => stopNode({ data: "purge" }), 120_000);

  test("starts from nothing, and a second start finds it running", async () => {
    expect(await startNode({ ports: [30_999] })).toMatchObject({ started: true, memoryMiB: 1700, ports: [30_999] });
    expect(await startNode({ ports: [30_998] })).toMatchObject({ started: false, ports: [30_999] });
  }, 900_000);

  test("is reached through the kubeconfig on the loopback address", async () => {
    const server = /server: (https:\/\/127\.0\.0\.1:\d+)/.exec(readFileSync(HOST.kubeconfig, "utf8"))?.[1];
    const { status, stdout } = spawnSync("curl", ["-sk", "--max-time", "5", `${server}/version`], { encoding: "utf8" });
    expect({ status, version: JSON.parse(stdout).gitVersion }).toEqual({ status: 0, version: "v1.34.2" });
  });

  test("limits the memory of everything in it", async () => {
    const { memory } = await nodeStatus();
    expect(memory?.limit).toBe(1700);
    expect(Object.keys(memory?.pods ?? {})).toContain(`kube-system/kube-apiserver-${NODE}`);
    expect(memory?.node.workingSet).toBeGreaterThan(200);
  });

  test("gives a volume that is full when its claim's size is written", async () => {
    create(claim, pod("fill", "dd if=/dev/zero of=/data/fill bs=1M 2>&1; rm /data/fill; echo kept > /data/note; sync", true));
    const words = await finished("fill");
    expect(words).toMatch(/No space left on device/);
    expect(Number(/(\d+) bytes/.exec(words)?.[1])).toBeLessThan(64 * 1024 * 1024);
  }, 120_000);

  test("reaches Services by name, and nothing outside", async () => {
    const script =
      "exec 3<>/dev/tcp/kubernetes.default.svc/443 && echo reached; timeout 5 bash -c 'exec 3<>/dev/tcp/192.0.2.1/80' 2>&1 || true";
    create(pod("reach", script, false));
    const words = await finished("reach");
    expect(words).toMatch(/^reached$/m);
    expect(words).toMatch(/unreachable|No route to host/);
  }, 120_000);

  test("starts the kubelet and containerd again when they are killed", async () => {
    const pidOf = async (name: string) => (await insideOutput("pgrep", "--exact", name)).trim();
    const before = await Promise.all(["kubelet", "containerd"].map(pidOf));
    await insideOutput("pkill", "--signal", "KILL", "--exact", "kubelet");
    await insideOutput("pkill", "--signal", "KILL", "--exact", "containerd");
    await sleep(4000);
    const after = await Promise.all(["kubelet", "containerd"].map(pidOf));
    expect(after.filter((pid) => pid !== "" && !before.includes(pid))).toHaveLength(2);
    await kubectl("wait", "node", "--all", "--for=condition=Ready", "--timeout=60s");
  }, 120_000);

  test("comes back with its volumes when its first process is killed", async () => {
    const { pid } = JSON.parse(execFileSync("runc", ["--root", HOST.runc, "state", NODE], { encoding: "utf8" }));
    process.kill(pid, "SIGKILL");
    while ((await containerState()) === "running") await sleep(100);
    expect((await nodeStatus()).state).toBe("stopped");
    expect(await startNode()).toMatchObject({ started: true });
    create(pod("read", "cat /data/note", true));
    expect(await finished("read")).toBe("kept\n");
  }, 300_000);

  test("leaves nothing running, mounted or listening behind a stop, and keeps its disk", async () => {
    expect(await stopNode()).toBe(true);
    expect(await stopNode()).toBe(false);
    expect(cgroupFolders()).toEqual([]);
    expect(readFileSync("/proc/mounts", "utf8")).not.toContain(HOST.disk);
    expect(execFileSync("losetup", ["--associated", HOST.image], { encoding: "utf8" })).toBe("");
    expect(spawnSync("curl", ["-s", "--max-time", "2", "http://127.0.0.1:30080"]).status).toBe(7); // connection refused
    expect(existsSync(HOST.image)).toBe(true);
  }, 120_000);
});
