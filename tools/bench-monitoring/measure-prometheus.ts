import { mkdirSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { resolve } from "../../src/config/resolve.ts";
import { environmentSchema } from "../../src/config/schema.ts";
import { panelQueries } from "../../src/monitoring/dashboards/index.ts";
import { withoutVariables } from "../../src/monitoring/promql.ts";
import { ruleGroups } from "../../src/monitoring/rules/index.ts";
import { ruleSettings } from "../../src/monitoring/rules/rule-settings.ts";
import { RUNTIME, type ScrapeJob, scrapeJobs } from "../../src/monitoring/scrape.ts";
import { toYaml } from "../../src/yaml.ts";
import { output } from "../common/run.ts";
import { writeSamples } from "./backfill.ts";
import type { Page } from "./replay.ts";
import { type Server, startPrometheus } from "./start-prometheus.ts";

/** What one Prometheus takes. */
export interface Figures {
  readonly series: number;
  /** Samples a second. */
  readonly ingested: number;
  /** Resident memory in bytes, the largest of the last ten looks. */
  readonly memory: number;
  /** Bytes of it that no file holds, at the last look. */
  readonly anonymous: number;
  /** Seconds of the slowest rule group's last evaluation. */
  readonly slowestGroup: number;
}

/** Seconds, as the environment's default has it. */
export const INTERVAL = 15;

const CONFIG = resolve(environmentSchema.parse({ cluster: "kind", language: "en", machine: { memory: "2Gi", cpu: "2" } }));
const RULES = ruleGroups(ruleSettings(CONFIG));
const OURS = scrapeJobs({
  namespace: "cloudnova",
  interval: `${INTERVAL}s`,
  traefik: { namespace: "cloudnova" },
  grafana: true,
  probe: { url: "https://traefik", host: "localhost" },
});

/** prometheus.yml over the replayed pages; with our relabelling, or without any. */
function configuration(pages: readonly Page[], replayPort: number, keep: boolean): string {
  const relabelling = (job: string): ScrapeJob | undefined => OURS.find(({ job_name }) => job_name === job);
  return toYaml({
    global: { scrape_interval: `${INTERVAL}s`, evaluation_interval: `${INTERVAL}s` },
    rule_files: ["rules.yml"],
    // Ours with its own setting for the heap; the other as Prometheus has it.
    ...(keep ? { runtime: RUNTIME } : {}),
    scrape_configs: pages.flatMap(({ target }, index) => {
      const known = relabelling(target.labels.job);
      if (keep && !known) return [];
      return {
        job_name: `${target.labels.job}-${index}`,
        metrics_path: `/${index}`,
        static_configs: [{ targets: [`127.0.0.1:${replayPort}`], labels: target.labels }],
        ...(keep ? { metric_relabel_configs: known?.metric_relabel_configs } : {}),
      };
    }),
  });
}

/** Starts a Prometheus over the pages in a folder of its own below the root. */
export function start(root: string, name: string, ports: { own: number; replay: number }, pages: readonly Page[], keep: boolean) {
  const folder = `/bench/${name}`;
  mkdirSync(`${root}${folder}`, { recursive: true });
  writeFileSync(`${root}${folder}/prometheus.yml`, configuration(pages, ports.replay, keep));
  writeFileSync(`${root}${folder}/rules.yml`, toYaml({ groups: RULES }));
  return startPrometheus({ root, folder, port: ports.own });
}

/** Its own metrics, read from it directly: it does not scrape itself here. */
async function own(server: Server, metric: string): Promise<number[]> {
  const text = await (await fetch(`${server.url}/metrics`)).text();
  return [...text.matchAll(new RegExp(`^${metric}(?:\\{.*\\})? (\\S+)$`, "gm"))].map(([, value]) => Number(value));
}

/** Lets the servers run, and reads what they take. */
export async function observe(servers: readonly Server[], minutes: number): Promise<Figures[]> {
  await sleep(minutes * 60_000 - 40_000);
  const count = async (server: Server) =>
    (await own(server, "prometheus_tsdb_head_samples_appended_total")).reduce((sum, one) => sum + one, 0);
  const [before, at] = [await Promise.all(servers.map(count)), Date.now()];
  const looks: number[][] = [];
  for (let look = 0; look < 10; look++) {
    await sleep(3000);
    looks.push(servers.map((server) => server.memory()));
  }
  const [after, elapsed] = [await Promise.all(servers.map(count)), (Date.now() - at) / 1000];
  return Promise.all(
    servers.map(async (server, index) => ({
      series: (await own(server, "prometheus_tsdb_head_series"))[0] ?? Number.NaN,
      ingested: ((after[index] ?? 0) - (before[index] ?? 0)) / elapsed,
      memory: Math.max(...looks.map((look) => look[index] ?? 0)),
      anonymous: server.memory("RssAnon"),
      slowestGroup: Math.max(...(await own(server, "prometheus_rule_group_last_duration_seconds"))),
    })),
  );
}

const BLOCK = 2 * 3600;

/** Makes blocks of the last hours from what a server holds now, by promtool, in a folder below the root. Returns the number of samples. */
export async function backfill(root: string, server: Server, name: string, hours: number): Promise<number> {
  const series = await server.ask('{__name__=~".+"}');
  const folder = `/bench/${name}`;
  mkdirSync(`${root}${folder}/data`, { recursive: true });
  writeFileSync(`${root}${folder}/prometheus.yml`, toYaml({ runtime: RUNTIME }));
  const end = Math.floor(Date.now() / 1000 / BLOCK) * BLOCK;
  let samples = 0;
  for (let from = end - hours * 3600; from < end; from += BLOCK) {
    samples += writeSamples(`${root}${folder}/samples`, series, from, from + BLOCK, INTERVAL);
    await output("chroot", [root, "promtool", "tsdb", "create-blocks-from", "openmetrics", `${folder}/samples`, `${folder}/data`]);
  }
  return samples;
}

/** Points that Grafana asks for on a panel of half the width. */
const POINTS = 960;

/** How long a panel's query took. */
export interface Timed {
  /** Dashboard and panel. */
  readonly place: string;
  readonly milliseconds: number;
}

/**
 * Every query of every panel over the backfilled hours, the fastest first; each once, one after another, with nothing cached by a run
 * before. Asked as Grafana asks: graphs over the whole range, what shows one moment for its end alone.
 */
export async function panelTimes(server: Server, hours: number): Promise<Timed[]> {
  const end = Math.floor(Date.now() / 1000 / BLOCK) * BLOCK;
  const step = Math.ceil((hours * 3600) / POINTS / INTERVAL) * INTERVAL;
  const window = `${Math.max(step + INTERVAL, 4 * INTERVAL)}s`;
  const over = { path: "query_range", time: { start: `${end - hours * 3600}`, end: `${end}`, step: `${step}` } };
  const now = { path: "query", time: { time: `${end}` } };
  const times: Timed[] = [];
  for (const { dashboard, panel, expr } of panelQueries()) {
    const { path, time } = "kind" in panel && panel.kind === "timeseries" ? over : now;
    const body = new URLSearchParams({ query: withoutVariables(expr, window), ...time });
    const begun = performance.now();
    const answer = await fetch(`${server.url}/api/v1/${path}`, { method: "POST", body });
    const text = await answer.text();
    times.push({ place: `${dashboard}: ${panel.title.en}`, milliseconds: performance.now() - begun });
    if (!answer.ok) throw new Error(`${expr}: ${text.slice(0, 200)}`);
  }
  return times.sort((one, other) => one.milliseconds - other.milliseconds);
}
