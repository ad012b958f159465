import { cluster as words } from "../../messages/cluster.ts";
import type { Series } from "../../monitoring/live/judge.ts";
import { PORTS } from "../../ports.ts";
import { ClusterError } from "../cluster-error.ts";
import type { Client } from "./client.ts";
import { forwardTo, pickReady } from "./forward.ts";

/** The running Prometheus, through a port that is open as long as this is. */
export interface Prometheus {
  /** Its address on this machine, without a slash at the end. */
  readonly url: string;
  /** What a query gives at this moment. @throws ClusterError when Prometheus refuses it */
  ask(query: string): Promise<readonly Series[]>;
  close(): Promise<void>;
}

interface Answer {
  readonly status: "success" | "error";
  readonly error?: string;
  readonly data: {
    readonly resultType: "vector" | "scalar";
    readonly result: readonly { readonly metric: Record<string, string>; readonly value: [number, string] }[] | [number, string];
  };
}

/** Opens a way to Prometheus. @throws ClusterError when no pod of it is ready */
export async function openPrometheus(client: Client, namespace: string): Promise<Prometheus> {
  const door = { name: "prometheus", namespace, component: "prometheus", target: PORTS.prometheus };
  await pickReady(client, door); // says in words what an open port could only answer with a broken connection
  const { port, close } = await forwardTo(client, door, 0, pickReady);
  const url = `http://127.0.0.1:${port}`;
  const ask = async (query: string): Promise<readonly Series[]> => {
    const response = await fetch(`${url}/api/v1/query`, { method: "POST", body: new URLSearchParams({ query }), signal: client.signal });
    const { status, error, data } = (await response.json()) as Answer;
    if (status !== "success") throw new ClusterError(words.prometheusRefuses(query, error ?? ""));
    if (data.resultType === "scalar") return [{ labels: {}, value: Number(data.result[1]) }];
    return (data.result as { metric: Record<string, string>; value: [number, string] }[]).map(({ metric, value }) => ({
      labels: metric,
      value: Number(value[1]),
    }));
  };
  return { url, ask, close };
}
