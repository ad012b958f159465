import { mkdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { Command, InvalidArgumentError } from "commander";
import { Client } from "../src/cluster/transport/client.ts";
import { connect } from "../src/cluster/transport/connection.ts";
import { backfill, type Figures, INTERVAL, observe, panelTimes, start, type Timed } from "./bench-monitoring/measure-prometheus.ts";
import { type Page, replay } from "./bench-monitoring/replay.ts";
import { startPrometheus } from "./bench-monitoring/start-prometheus.ts";
import { debianRoot } from "./cluster/debian.ts";
import { SERVERS } from "./cluster/table.ts";
import { outputOption } from "./common/options.ts";
import { freePorts } from "./common/ports.ts";
import { output as outputOf } from "./common/run.ts";
import { tableOf } from "./common/table.ts";
import { withTemporaryFolder } from "./common/temporary.ts";
import { targetPages } from "./exported/targets.ts";

const PAGE = "docs/monitoring-bench.md";
const MIB = 1024 ** 2;
/** How many of the slowest queries are named. */
const SLOWEST = 5;
const GOALS = { series: 0.2, memory: 0.6, mebibytes: 80, p99: 300 };

interface Options {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly namespace: string;
  readonly minutes: number;
  readonly hours: number;
  readonly output: "table" | "json";
  readonly write: boolean;
}

const number = (least: number) => (text: string) => {
  if (!(Number(text) >= least)) throw new InvalidArgumentError(`give a number from ${least} on`);
  return Number(text);
};

/** What kube-prometheus scrapes on the same node: our targets in full, and the API server. */
async function recorded(client: Client, namespace: string): Promise<Page[]> {
  const answer = client.expect(await client.send({ path: "/metrics", accept: "text/plain" }), "the API server's metrics");
  const target = { scrapeUrl: "", health: "up", labels: { job: "apiserver", instance: "apiserver" } };
  return [...(await targetPages(client, namespace)), { target, text: String(answer.body) }];
}

const command = new Command("bench:monitoring")
  .description("Measures our Prometheus beside one that keeps all it scrapes, over the recorded pages of a running environment's targets.")
  .option("--kubeconfig <file>", "kubeconfig file; default: $KUBECONFIG, then ~/.kube/config")
  .option("--context <name>", "context of the kubeconfig")
  .option("--namespace <name>", "namespace of the environment", "cloudnova")
  .option("--minutes <number>", "how long both run before memory is read; the goal is stated for 60", number(2), 5)
  .option("--hours <number>", "how much is backfilled for the panels' queries; the goal is stated for 24", number(2), 24)
  .option("--write", `write ${PAGE}`, false)
  .addOption(outputOption())
  .action(async ({ kubeconfig = process.env.KUBECONFIG, context, namespace, minutes, hours, output, write }: Options) => {
    const client = new Client(await connect({ kubeconfig, context }));
    const pages = await recorded(client, namespace).finally(() => client.close());
    const { tar, versions } = await debianRoot(SERVERS);
    const result = await withTemporaryFolder(async (root) => {
      await outputOf("tar", ["--extract", "--file", tar, "--directory", root]);
      return measureAll(root, pages, minutes, hours);
    });
    const commit = (await outputOf("git", ["rev-parse", "--short", "HEAD"])).trim();
    const about = { date: new Date().toISOString().slice(0, 10), commit, prometheus: versions.prometheus ?? "", minutes, hours };
    const lines = resultLines(result, about);
    if (output === "json") console.log(JSON.stringify({ ...about, ...result }, undefined, 2));
    else console.log(lines.join("\n"));
    if (write) writeFileSync(PAGE, page(result, about));
  });

interface Result {
  readonly ours: Figures;
  readonly all: Figures;
  readonly samples: number;
  readonly queries: { readonly count: number; readonly median: number; readonly p99: number; readonly slowest: readonly Timed[] };
}

async function measureAll(root: string, pages: readonly Page[], minutes: number, hours: number): Promise<Result> {
  mkdirSync(`${root}/bench`, { recursive: true });
  const [replayPort = 0, oursPort = 0, allPort = 0, historyPort = 0] = await freePorts(4);
  const replayed = replay(pages, replayPort);
  const ours = await start(root, "ours", { own: oursPort, replay: replayPort }, pages, true);
  const all = await start(root, "all", { own: allPort, replay: replayPort }, pages, false);
  try {
    process.stderr.write(`… both run for ${minutes} minutes\n`);
    const [oursFigures, allFigures] = (await observe([ours, all], minutes)) as [Figures, Figures];
    await all.stop();
    process.stderr.write(`… backfilling ${hours} hours\n`);
    const samples = await backfill(root, ours, "history", hours);
    await ours.stop();
    const history = await startPrometheus({ root, folder: "/bench/history", port: historyPort });
    const times = await panelTimes(history, hours).finally(() => history.stop());
    const at = (share: number) => times[Math.floor(times.length * share)]?.milliseconds ?? Number.NaN;
    const queries = { count: times.length, median: at(0.5), p99: at(0.99), slowest: times.slice(-SLOWEST).reverse() };
    return { ours: oursFigures, all: allFigures, samples, queries };
  } finally {
    await Promise.all([ours.stop(), all.stop()]);
    replayed.closeAllConnections();
    replayed.close();
  }
}

type About = Readonly<Record<"date" | "commit" | "prometheus", string>> & { readonly minutes: number; readonly hours: number };

function rows({ ours, all }: Result): string[][] {
  const row = (name: string, value: (figures: Figures) => number, digits: number, goal?: number) => {
    const ratio = value(ours) / value(all);
    const verdict = goal === undefined ? "" : `at most ${goal}: ${ratio <= goal ? "met" : "missed"}`;
    return [name, value(ours).toFixed(digits), value(all).toFixed(digits), ratio.toFixed(2), verdict];
  };
  return [
    ["", "ours", "all kept", "ratio", "goal"],
    row("active series", ({ series }) => series, 0, GOALS.series),
    row("samples a second", ({ ingested }) => ingested, 0),
    row("resident memory, MiB", ({ memory }) => memory / MIB, 1, GOALS.memory),
    row("slowest rule group, ms", ({ slowestGroup }) => 1000 * slowestGroup, 1),
  ];
}

function notes({ ours, queries, samples }: Result, { minutes, hours, prometheus }: About): string[] {
  const mebibytes = ours.memory / MIB;
  return [
    `Our memory after ${minutes} minutes: ${mebibytes.toFixed(1)} MiB, ${(ours.anonymous / MIB).toFixed(1)} MiB of it not the program's own file (goal: at most ${GOALS.mebibytes} MiB after 60): ${mebibytes <= GOALS.mebibytes ? "met" : "missed"}.`,
    `${queries.count} queries of panels over ${hours} h (${(samples / 1e6).toFixed(1)} million samples): median ${queries.median.toFixed(0)} ms, p99 ${queries.p99.toFixed(0)} ms (goal: at most ${GOALS.p99}): ${queries.p99 <= GOALS.p99 ? "met" : "missed"}; slowest: ${queries.slowest.map(({ place, milliseconds }) => `${place} ${milliseconds.toFixed(0)} ms`).join(", ")}.`,
    `Prometheus ${prometheus}, both every ${INTERVAL} s over the same recorded pages with moving values, the same rules. ${cpus().length} x ${cpus()[0]?.model}.`,
  ];
}

const resultLines = (result: Result, about: About): string[] => [tableOf(rows(result)), ...notes(result, about)];

function page(result: Result, about: About): string {
  const [head = [], ...body] = rows(result);
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [
    "# What our monitoring takes",
    "",
    `Written by \`npm run bench:monitoring -- --write\` on ${about.date} at ${about.commit}; do not edit. "All kept" is scraping as`,
    "kube-prometheus does, without a keep-list, of the same targets and the API server; its kube-state-metrics, controller manager and",
    "scheduler are left out, so the real one stores more.",
    "",
    line(head),
    "|---|---|---|---|---|",
    ...body.map(line),
    "",
    ...notes(result, about).map((text) => `- ${text}`),
    "",
  ].join("\n");
}

await command.parseAsync().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
