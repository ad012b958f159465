import { existsSync } from "node:fs";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { withProgress } from "../../tools/common/progress.ts";
import type { Parts } from "../images/build.ts";
import { HOST, INSIDE, NODE } from "../machine/layout.ts";
import { containerState, inside, insideOutput } from "../machine/runc.ts";
import { stillMissing } from "./ready.ts";

/** Written when kubeadm has finished: without it, what lies in data/ is half a cluster. */
const INITIALISED = join(HOST.data, "initialised");
const CONTAINERD_LIMIT_MS = 30_000;
const READY_LIMIT_MS = 180_000; // 30 s on two idle cores; a busy machine gets plenty

/** What the cluster in data/ was made of; undefined when there is none. */
export async function clusterVersion(): Promise<string | undefined> {
  return existsSync(INITIALISED) ? (await readFile(INITIALISED, "utf8")).trim() : undefined;
}

/** Removes half a cluster, which a run that was cut off leaves. Volumes stay: only `stop --delete-data` removes those. */
export async function clearHalfCluster(): Promise<void> {
  for (const name of ["kubernetes", "kubelet", "etcd"]) {
    await rm(join(HOST.data, name), { recursive: true, force: true });
    await mkdir(join(HOST.data, name), { recursive: true });
  }
}

/** Waits until containerd answers. @throws Error when it does not, or the node has ended */
async function waitForContainerd(): Promise<void> {
  const deadline = Date.now() + CONTAINERD_LIMIT_MS;
  for (;;) {
    const { status, words } = await inside("ctr", "version");
    if (status === 0) return;
    if ((await containerState()) !== "running")
      throw new Error(`the node ended at once: ${await readFile(join(HOST.log, "node.log"), "utf8")}`);
    if (Date.now() > deadline)
      throw new Error(`containerd does not answer after ${CONTAINERD_LIMIT_MS / 1000} s (${words}): see ${HOST.log}/containerd.log`);
    await sleep(100);
  }
}

/** Gives containerd the images that it lacks; before a new cluster, has it forget the pods of an earlier one. */
export async function prepareContainerd({ archives }: Parts): Promise<void> {
  await waitForContainerd();
  if ((await clusterVersion()) === undefined) {
    await insideOutput("/bin/bash", `${INSIDE.config}/forget.sh`);
    await waitForContainerd();
  }
  const present = await insideOutput("ctr", "--namespace", "k8s.io", "images", "list");
  for (const { file, images } of archives) {
    const lacking = Object.entries(images).filter(
      ([name, digest]) => !present.split("\n").some((line) => line.startsWith(`${name} `) && line.includes(digest)),
    );
    if (lacking.length === 0) continue;
    await withProgress(`importing ${lacking.length} images`, "first start only", () =>
      insideOutput("ctr", "--namespace", "k8s.io", "images", "import", "--no-unpack=false", join(INSIDE.images, file)),
    );
  }
}

/** Has kubeadm make the cluster, unless it is there. @param version what it is made of */
export async function initialise(version: string): Promise<void> {
  if (await clusterVersion()) return;
  await withProgress("kubeadm init", "about 15 s", async () => {
    // Its checks are about machines of other kinds: swap, kernel configuration, a service manager, root's ports.
    const { status, words, stdout } = await inside(
      "kubeadm",
      "init",
      "--config",
      `${INSIDE.config}/kubeadm.yaml`,
      "--ignore-preflight-errors=all",
    );
    await writeFile(join(HOST.log, "kubeadm.log"), stdout);
    if (status !== 0)
      throw new Error(`kubeadm init failed: ${words.split("\n").slice(-15).join("\n")}\nSee ${HOST.log}/kubeadm.log and kubelet.log`);
  });
  await writeFile(`${INITIALISED}.partial`, version);
  await rename(`${INITIALISED}.partial`, INITIALISED);
}

/** Writes the administrator's kubeconfig for use on this machine. @param port where the API server is reached there */
export async function writeKubeconfig(port: number): Promise<void> {
  const text = await readFile(join(HOST.data, "kubernetes", "admin.conf"), "utf8");
  const own = text.replace(/server: .*/, `server: https://127.0.0.1:${port}`).replaceAll("kubernetes-admin@kubernetes", NODE);
  await writeFile(HOST.kubeconfig, own, { mode: 0o600 });
}

/** Applies the default StorageClass and metrics-server, and leaves one CoreDNS of kubeadm's two: both would be on this one node. */
export async function applyAddons(): Promise<void> {
  await patiently("addons", async () => {
    const { status, words } = await inside(
      "kubectl",
      "apply",
      "--server-side",
      "--force-conflicts",
      "--filename",
      `${INSIDE.config}/addons`,
    );
    if (status !== 0) return words;
    const scaled = await inside("kubectl", "scale", "--namespace", "kube-system", "deployment/coredns", "--replicas", "1");
    return scaled.status === 0 ? undefined : scaled.words;
  });
}

/** Waits until the node is Ready and CoreDNS runs. @param since when the node was started, in ms since 1970 */
export async function waitUntilReady(since: number): Promise<void> {
  await withProgress("waiting for the node and CoreDNS", "", () =>
    patiently("the node", async () => {
      const [node, dns] = await Promise.all([
        inside("kubectl", "get", "node", NODE, "--output", "json"),
        inside("kubectl", "get", "pods", "--namespace", "kube-system", "--selector", "k8s-app=kube-dns", "--output", "json"),
      ]);
      if (node.status !== 0) return node.words;
      if (dns.status !== 0) return dns.words;
      return stillMissing(JSON.parse(node.stdout), JSON.parse(dns.stdout).items, since);
    }),
  );
}

/** Asks until nothing is missing. @throws Error with the last answer after 180 s */
async function patiently(what: string, ask: () => Promise<string | undefined>): Promise<void> {
  const deadline = Date.now() + READY_LIMIT_MS;
  for (;;) {
    const missing = await ask();
    if (missing === undefined) return;
    if (Date.now() > deadline)
      throw new Error(`${what}: after ${READY_LIMIT_MS / 1000} s ${missing}. Logs: ${HOST.log}; start over with "npm run node -- stop"`);
    await sleep(300);
  }
}
