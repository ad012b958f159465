import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { PrometheusApi, type Sample } from "../../src/monitoring/prometheus-api.ts";
import { type Daemon, startDaemon } from "../common/daemon.ts";

/** A Prometheus of the benchmark. */
export interface Server {
  readonly url: string;
  ask(query: string): Promise<Sample[]>;
  /** One number of a query; NaN when there is none. */
  figure(query: string): Promise<number>;
  /** Resident memory, bytes, as Linux counts it: all, or without what the kernel can read again from files, most of it the program. */
  memory(which?: "VmRSS" | "RssAnon"): number;
  stop(): Promise<void>;
}

interface Settings {
  /** Root file system with the program. */
  readonly root: string;
  /** Folder below the root with prometheus.yml and data. */
  readonly folder: string;
  readonly port: number;
}

/** Starts it and waits until it answers. @throws Error with the end of its log when it does not */
export async function startPrometheus({ root, folder, port }: Settings): Promise<Server> {
  const flags = [
    `--config.file=${folder}/prometheus.yml`,
    `--storage.tsdb.path=${folder}/data`,
    "--storage.tsdb.retention.time=15d",
    `--web.listen-address=127.0.0.1:${port}`,
  ];
  const pidFile = `${root}${folder}/pid`;
  // exec, so that the process whose memory is read is Prometheus itself.
  const script = `echo $$ > ${pidFile}; exec chroot ${root} prometheus ${flags.join(" ")}`;
  const daemon: Daemon = startDaemon("sh", ["-c", script], `${root}${folder}/log`);
  const url = `http://127.0.0.1:${port}`;
  await Promise.race([ready(url), daemon.died]);
  const api = new PrometheusApi(async (path) => (await fetch(url + path)).json());
  const ask = (query: string) => api.newest(query);
  return {
    url,
    ask,
    figure: async (query) => (await ask(query))[0]?.value ?? Number.NaN,
    memory: (which = "VmRSS") => {
      const status = readFileSync(`/proc/${readFileSync(pidFile, "utf8").trim()}/status`, "utf8");
      return 1024 * Number(new RegExp(`${which}:\\s+(\\d+)`).exec(status)?.[1]);
    },
    stop: () => daemon.stop(),
  };
}

async function ready(url: string): Promise<void> {
  for (;;) {
    const answer = await fetch(`${url}/-/ready`).catch(() => undefined);
    if (answer?.ok) return;
    await sleep(200);
  }
}
