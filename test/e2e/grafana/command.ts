import { Command, CommanderError, Option } from "commander";
import { choose, readEnvironment } from "../../../src/cli/choice.ts";
import { count } from "../../../src/cli/command.ts";
import { findingLine, findingsSummary } from "../../../src/cli/finding-lines.ts";
import { interruptible } from "../../../src/cli/interrupt.ts";
import { EXIT, type Io, json, line, painter } from "../../../src/cli/io.ts";
import { inSession } from "../../../src/cli/session.ts";
import { ClusterError } from "../../../src/cluster/cluster-error.ts";
import { forwardTo, pickReady } from "../../../src/cluster/transport/forward.ts";
import { readSecret } from "../../../src/cluster/transport/secret.ts";
import { isBallast } from "../../../src/cluster/verify/subject.ts";
import type { Environment } from "../../../src/config/load.ts";
import { dashboards } from "../../../src/monitoring/dashboards/index.ts";
import { FOLDER } from "../../../src/monitoring/grafana-settings.ts";
import { PORTS } from "../../../src/ports.ts";
import { secretNames } from "../../../src/secrets.ts";
import type { Named } from "../../../src/target/names.ts";
import { imageVersion } from "../../../src/versions.ts";
import { examine } from "./examine.ts";
import { GrafanaServer } from "./grafana-server.ts";
import { photographer } from "./pictures.ts";
import type { BoardJson, Wanted } from "./wanted-board.ts";

interface Options extends Named {
  readonly url?: string;
  readonly user: string;
  readonly range: string;
  readonly out: string;
  readonly pictures: boolean;
  readonly patience: number;
  readonly dist: string;
  readonly output: "text" | "json";
}

/** The dashboards that an environment gives Grafana. */
export function boardsOf({ config, imported }: Environment): Wanted[] {
  const own = dashboards(config.monitoring.dashboards, config.language).map(({ name, json: text }) => ({
    name,
    board: JSON.parse(text) as BoardJson,
    imported: false,
  }));
  return [...own, ...imported.map(({ name, dashboard }) => ({ name, board: dashboard as unknown as BoardJson, imported: true }))];
}

/** The port of an address of this machine. @throws ClusterError for any other: a password is sent there */
function portOf(url: string): number {
  const { protocol, hostname, port } = URL.canParse(url) ? new URL(url) : new URL("none:");
  if (protocol === "http:" && ["127.0.0.1", "localhost"].includes(hostname)) return Number(port || 80);
  throw new ClusterError(
    `--url ${url}: not http://127.0.0.1:PORT`,
    "bring another machine's Grafana to a port of this one: kubectl port-forward, or ssh -L",
  );
}

/** Examines one Grafana. */
async function look(io: Io, environment: Environment, server: GrafanaServer, options: Options, signal: AbortSignal): Promise<number> {
  const { config, name } = environment;
  const { range, out: folder, output } = options;
  const paint = painter(io.stdout, io.env);
  const photos = options.pictures ? await photographer(server, io.env, { folder, range, language: config.language, signal }) : undefined;
  const expected = { version: imageVersion(config.images.grafana), folder: FOLDER, boards: boardsOf(environment) };
  const findings = await examine(server, expected, {
    range,
    patienceMs: options.patience * 1000,
    picture: photos?.picture,
    signal,
    onFinding: (finding) => {
      if (output === "text") line(io.stdout, findingLine(finding, paint));
    },
  }).finally(() => photos?.close());
  if (signal.aborted) return EXIT.interrupted;
  if (output === "json") json(io, { environment: name, findings });
  else line(io.stdout, findingsSummary(findings));
  return findings.some(({ state }) => state === "problem") ? EXIT.problem : EXIT.ok;
}

/** A Grafana that is reached already. */
async function atAddress(
  io: Io,
  argument: string | undefined,
  options: Options & { readonly url: string },
  signal: AbortSignal,
): Promise<number> {
  const port = portOf(options.url);
  const { environment: named } = await choose({ env: io.env, stderr: io.stderr, signal }, argument, options, { offline: true });
  const password = io.env.GRAFANA_PASSWORD;
  if (!password)
    throw new ClusterError(`no password for ${options.user}`, "give it in $GRAFANA_PASSWORD: a command line is read by everybody");
  return look(io, await readEnvironment(named, io.stderr), new GrafanaServer(port, options.user, password, signal), options, signal);
}

/** The Grafana of an environment's cluster, through a port that is open as long as this runs. */
async function inCluster(io: Io, argument: string | undefined, options: Options, signal: AbortSignal): Promise<number> {
  const choice = await choose({ env: io.env, stderr: io.stderr, signal }, argument, options);
  return inSession(io, signal, choice, options.dist, async ({ client, environment: read }) => {
    const environment = await read();
    const { namespace, monitoring, images } = environment.config;
    if (!monitoring.grafana)
      throw new ClusterError(`${environment.name} has no Grafana`, "set monitoring.grafana in the environment, and apply it");
    if (isBallast(images.grafana)) throw new ClusterError(`${images.grafana} stands in Grafana's place: nothing can be shown of it`);
    const door = { name: "grafana", namespace, component: "grafana", target: PORTS.grafana };
    const password = (await readSecret(client, namespace, secretNames(environment.config).grafana, "admin-password")) ?? "";
    await pickReady(client, door); // says in words what an open port could only answer with a broken connection
    const { port, close } = await forwardTo(client, door, 0, pickReady, (text) => line(io.stderr, text));
    return look(io, environment, new GrafanaServer(port, options.user, password, signal), options, signal).finally(close);
  });
}

/** The command line of `npm run e2e:grafana`; gives the exit code. */
export async function runCommand(args: readonly string[], io: Io): Promise<number> {
  let code: number = EXIT.ok;
  const command = new Command("e2e:grafana")
    .description(
      "Holds what was provisioned against what a running Grafana has, through its own HTTP API; exit code 1 when anything differs.",
    )
    .argument("[environment]", "name or file of the environment; else $CLOUDNOVA_ENV, else the target's own")
    .option("--target <target>", "kind, k3s or node on this machine, or context:NAME; default: the environment's own")
    .option("--context <name>", "the same as --target context:NAME")
    .option("--kubeconfig <file>", "kubeconfig file; default: $KUBECONFIG, then ~/.kube/config")
    .option("--url <url>", "a Grafana that answers at a port of this machine, instead of a cluster's; its password in $GRAFANA_PASSWORD")
    .option("--user <name>", "who asks", "admin")
    .option("--range <duration>", "how far back queries and pictures reach", "1h")
    .option("--out <folder>", "where the pictures are written", "build/grafana")
    .option("--no-pictures", "without Chromium")
    .option("--patience <seconds>", "for how long Grafana's start is waited for", count, 60)
    .option("--dist <folder>", "folder of the manifests", "dist")
    .addOption(new Option("--output <format>", "text for people, json for programs").choices(["text", "json"]).default("text"))
    .configureOutput({ writeOut: (text) => void io.stdout.write(text), writeErr: (text) => void io.stderr.write(text) })
    .exitOverride()
    .action(async (argument: string | undefined, options: Options) => {
      const { url } = options;
      code = await interruptible(async (signal) => {
        const work = url === undefined ? inCluster(io, argument, options, signal) : atAddress(io, argument, { ...options, url }, signal);
        return work.catch((error) => {
          if (signal.aborted) return EXIT.interrupted; // what broke off says nothing of Grafana
          throw error;
        });
      });
    });
  try {
    await command.parseAsync([...args], { from: "user" });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode; // it has said so itself
    const { message } = error as Error;
    line(io.stderr, `error: ${message}${error instanceof ClusterError && error.advice ? `\n  → ${error.advice}` : ""}`);
    return EXIT.problem;
  }
}
