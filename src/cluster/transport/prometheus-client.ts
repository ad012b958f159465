import { cluster as words } from "../../messages/cluster.ts";
import { PrometheusApi, Refused, type Sample } from "../../monitoring/prometheus-api.ts";
import { PORTS } from "../../ports.ts";
import { ClusterError } from "../cluster-error.ts";
import type { Client } from "./client.ts";
import { forwardTo, pickReady } from "./forward.ts";

/** The running Prometheus, through a port that is open as long as this is. */
export interface Prometheus {
  readonly api: PrometheusApi;
  /** What a query gives at this moment. @throws ClusterError when Prometheus refuses it */
  ask(query: string): Promise<readonly Sample[]>;
  close(): Promise<void>;
}

/** Opens a way to Prometheus. @throws ClusterError when no pod of it is ready */
export async function openPrometheus(client: Client, namespace: string): Promise<Prometheus> {
  const door = { name: "prometheus", namespace, component: "prometheus", target: PORTS.prometheus };
  await pickReady(client, door); // says in words what an open port could only answer with a broken connection
  const { port, close } = await forwardTo(client, door, 0, pickReady);
  const api = new PrometheusApi(async (path) => (await fetch(`http://127.0.0.1:${port}${path}`, { signal: client.signal })).json());
  const ask = (query: string): Promise<readonly Sample[]> =>
    api.newest(query).catch((error: Error) => {
      throw error instanceof Refused ? new ClusterError(words.prometheusRefuses(query, error.why)) : error;
    });
  return { api, ask, close };
}
