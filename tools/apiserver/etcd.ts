import { join } from "node:path";
import { type Daemon, startDaemon } from "../common/daemon.ts";

/** etcd with empty data, on loopback ports. @param ports for clients and for peers (there are none, but etcd insists) */
export function startEtcd(bin: string, folder: string, ports: readonly [number, number]): Daemon & { readonly url: string } {
  const [client, peer] = ports.map((port) => `http://127.0.0.1:${port}`) as [string, string];
  const daemon = startDaemon(
    join(bin, "etcd"),
    [
      `--data-dir=${join(folder, "etcd")}`,
      `--listen-client-urls=${client}`,
      `--advertise-client-urls=${client}`,
      `--listen-peer-urls=${peer}`,
      `--initial-advertise-peer-urls=${peer}`,
      `--initial-cluster=default=${peer}`,
      "--log-level=error",
      "--unsafe-no-fsync", // the data is thrown away: no need to survive a power cut
    ],
    join(folder, "etcd.log"),
  );
  return { ...daemon, url: client };
}

/** Everything that etcd holds: values by key, both base64 as etcd's JSON interface gives them. */
export type EtcdState = ReadonlyMap<string, string>;

// The server's own heartbeats: it renews them while we look, and setting them back would only disturb it.
const HEARTBEATS = "/registry/leases/";

/** Reads all that etcd holds. */
export async function readState(url: string): Promise<EtcdState> {
  const everything = Buffer.from([0]).toString("base64"); // in etcd's terms: from the first key on, without an end
  const { kvs = [] } = await post<{ kvs?: { key: string; value?: string }[] }>(url, "range", { key: everything, range_end: everything });
  const own = kvs.filter(({ key }) => !Buffer.from(key, "base64").toString().startsWith(HEARTBEATS));
  return new Map(own.map(({ key, value = "" }) => [key, value]));
}

/**
 * Brings etcd back to an earlier state. The API server follows by its watches, so that this gives the same
 * empty cluster as a restart of both, in milliseconds.
 */
export async function restoreState(url: string, state: EtcdState): Promise<void> {
  const now = await readState(url);
  for (const key of now.keys()) if (!state.has(key)) await post(url, "deleterange", { key });
  for (const [key, value] of state) if (now.get(key) !== value) await post(url, "put", { key, value });
}

async function post<T>(url: string, call: string, body: unknown): Promise<T> {
  const response = await fetch(`${url}/v3/kv/${call}`, { method: "POST", body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`etcd refused ${call}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}
