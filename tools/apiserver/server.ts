import { randomBytes } from "node:crypto";
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
import { kubeconfigOf, serverFlags, writeInputs } from "./settings.ts";

const START_LIMIT_MS = 90_000; // it takes 5 s on two idle cores; a busy machine gets plenty

/** A real API server with nothing behind it: no controllers, no nodes. */
export interface ApiServer {
  /** Path of a kubeconfig of a cluster administrator. */
  readonly kubeconfig: string;
  readonly url: string;
  /** The same administrator. */
  readonly client: ApiClient;
  /** Path of the certificate authority's certificate, PEM: what a pod finds as ca.crt. */
  readonly ca: string;
  /** A token of a service account, as the kubelet would give it to a pod. @throws Error when there is no such account */
  serviceAccountToken(namespace: string, name: string): Promise<string>;
  /** A client that acts as the token's owner. */
  clientFor(token: string): ApiClient;
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
    const ca = join(folder, "apiserver.crt");
    writeFileSync(kubeconfig, kubeconfigOf(url, ca, token), { mode: 0o600 });
    return {
      kubeconfig,
      url,
      ca,
      bin,
      client: api,
      clientFor: (other) => new ApiClient(url, readFileSync(ca, "utf8"), other),
      serviceAccountToken: (namespace, name) => requestToken(api, namespace, name),
      async snapshot() {
        const state = await readState(etcd.url);
        return async () => {
          await restoreState(etcd.url, state);
          await readNodePorts(api);
        };
      },
      async stop() {
        api.close();
        await end();
      },
    };
  } catch (error) {
    await end();
    throw error;
  }
}

/**
 * Has the server read again which NodePorts are given. It keeps them in memory, and compares with etcd only when it gives or takes one
 * for good: a dry run after a restore would be refused ports that are free.
 */
async function readNodePorts(api: ApiClient): Promise<void> {
  const services = "/api/v1/namespaces/default/services";
  const metadata = { name: "node-ports" };
  const { status, body } = await api.call("POST", services, { metadata, spec: { type: "NodePort", ports: [{ port: 1 }] } });
  if (status !== 201) throw new Error(`no Service for a NodePort: ${body?.message ?? status}`);
  await api.call("DELETE", `${services}/${metadata.name}`);
}

async function requestToken(api: ApiClient, namespace: string, name: string): Promise<string> {
  const { status, body } = await api.call("POST", `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`, { spec: {} });
  if (status !== 201) throw new Error(`no token for service account ${namespace}/${name}: ${body?.message ?? status}`);
  return body.status.token;
}

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
