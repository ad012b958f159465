import { generateKeyPairSync, randomBytes } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { onInterrupt } from "../common/cleanup.ts";
import { startDaemon } from "../common/daemon.ts";
import { freePorts } from "../common/ports.ts";
import { ensure } from "../toolchain/ensure.ts";
import { ApiClient } from "./client.ts";
import { readState, restoreState, startEtcd } from "./etcd.ts";

const START_LIMIT_MS = 90_000; // it takes 5 s on two idle cores; a busy machine gets plenty

/** A real API server with nothing behind it: no controllers, no nodes. */
export interface ApiServer {
  /** Path of a kubeconfig of a cluster administrator. */
  readonly kubeconfig: string;
  readonly url: string;
  /** The same administrator. */
  readonly client: ApiClient;
  /** Folder of `kubectl`, of the server's own version. */
  readonly bin: string;
  /** Remembers the state of now and returns a function that brings it back. */
  snapshot(): Promise<() => Promise<void>>;
  /** Ends the server and etcd and removes their files. */
  stop(): Promise<void>;
}

/**
 * Starts etcd and kube-apiserver on loopback ports: RBAC, service-account tokens, the default admission plugins,
 * and Pod Security *restricted* wherever a namespace's labels do not say otherwise. Keys are made for this run alone.
 * Ended by `stop`, and with this process.
 *
 * @throws Error when a program cannot be built, or with the end of its log when it does not come up within 90 s
 */
export async function startApiServer(): Promise<ApiServer> {
  const [bin, etcdBin] = [await ensure("kubernetes", ["kube-apiserver", "kubectl"]), await ensure("etcd")];
  const folder = await mkdtemp(join(tmpdir(), "cloudnova-apiserver-"));
  const [port = 0, client = 0, peer = 0] = await freePorts(3);
  const token = randomBytes(16).toString("hex");
  const url = `https://127.0.0.1:${port}`;
  writeInputs(folder, token);

  const etcd = startEtcd(etcdBin, folder, [client, peer]);
  const server = startDaemon(join(bin, "kube-apiserver"), serverFlags(folder, port, etcd.url), join(folder, "apiserver.log"));
  const end = async () => {
    await Promise.all([server.stop(), etcd.stop()]);
    await rm(folder, { recursive: true, force: true });
    settled();
  };
  const settled = onInterrupt(end);
  try {
    const api = await Promise.race([ready(folder, url, token), server.died, etcd.died]);
    const kubeconfig = join(folder, "kubeconfig");
    writeFileSync(kubeconfig, kubeconfigOf(url, join(folder, "apiserver.crt"), token), { mode: 0o600 });
    const stop = async () => {
      api.close();
      await end();
    };
    const snapshot = async () => {
      const state = await readState(etcd.url);
      return () => restoreState(etcd.url, state);
    };
    return { kubeconfig, url, client: api, bin, snapshot, stop };
  } catch (error) {
    await end();
    throw error;
  }
}

/** The files that the server reads: the key that signs service-account tokens, the one user, the admission defaults. */
function writeInputs(folder: string, token: string): void {
  const { privateKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  });
  writeFileSync(join(folder, "service-account.key"), privateKey, { mode: 0o600 });
  writeFileSync(join(folder, "tokens.csv"), `${token},admin,admin,"system:masters"\n`, { mode: 0o600 });
  const configuration = {
    apiVersion: "pod-security.admission.config.k8s.io/v1",
    kind: "PodSecurityConfiguration",
    defaults: { enforce: "restricted", "enforce-version": "latest" },
  };
  const admission = {
    apiVersion: "apiserver.config.k8s.io/v1",
    kind: "AdmissionConfiguration",
    plugins: [{ name: "PodSecurity", configuration }],
  };
  writeFileSync(join(folder, "admission.json"), JSON.stringify(admission));
}

const serverFlags = (folder: string, port: number, etcd: string): string[] => [
  `--etcd-servers=${etcd}`,
  "--bind-address=127.0.0.1",
  "--advertise-address=127.0.0.1",
  "--endpoint-reconciler-type=none", // it would publish the loopback address as an endpoint, which validation refuses
  `--secure-port=${port}`,
  `--cert-dir=${folder}`, // the server makes its own certificate there: apiserver.crt
  `--token-auth-file=${join(folder, "tokens.csv")}`,
  "--authorization-mode=RBAC",
  "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
  `--service-account-key-file=${join(folder, "service-account.key")}`,
  `--service-account-signing-key-file=${join(folder, "service-account.key")}`,
  "--service-cluster-ip-range=10.96.0.0/16",
  `--admission-control-config-file=${join(folder, "admission.json")}`,
];

/** Waits until the server says that it is ready, its RBAC roles included. */
async function ready(folder: string, url: string, token: string): Promise<ApiClient> {
  const certificate = join(folder, "apiserver.crt");
  const deadline = Date.now() + START_LIMIT_MS;
  let last = "it has not written its certificate";
  while (Date.now() < deadline) {
    if (existsSync(certificate)) {
      const api = new ApiClient(url, readFileSync(certificate, "utf8"), token);
      const answer = await api.call("GET", "/readyz?verbose").catch((error: Error) => ({ status: 0, body: error.message }));
      if (answer.status === 200) return api;
      last = typeof answer.body === "string" ? answer.body : JSON.stringify(answer.body);
      api.close();
    }
    await sleep(100);
  }
  throw new Error(`kube-apiserver is not ready after ${START_LIMIT_MS / 1000} s: ${last}`);
}

const kubeconfigOf = (server: string, ca: string, token: string): string =>
  JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "validate", cluster: { server, "certificate-authority": ca } }],
    users: [{ name: "admin", user: { token } }],
    contexts: [{ name: "validate", context: { cluster: "validate", user: "admin" } }],
    "current-context": "validate",
  });
