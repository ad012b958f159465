import { output, run } from "../../../tools/common/run.ts";
import { MEMORY_MIB } from "../suite/suite-cluster.ts";
import { provenance } from "../suite/suite-report.ts";
import { PATIENCE_S, PROBE_RATE } from "./measure-stack.ts";
import type { Outage } from "./outage.ts";
import { PARTS, type Size, type Weight } from "./stack.ts";
import { APPLICATIONS } from "./theirs.ts";
import type { Rates } from "./wrk.ts";

interface Measured {
  /** With 1,000 rows, and with 100,000. */
  readonly rates: { readonly few: Rates; readonly many: Rates };
  readonly weight: Weight;
  readonly replaced: Outage;
  readonly killed: Outage;
}

/** Everything that a run measures. */
export interface Comparison {
  /** The application's processes, the same in both. */
  readonly size: Size;
  readonly ours: Measured & { readonly outOfMemory: number };
  readonly theirs: {
    readonly same: Measured;
    readonly gunicorn: Pick<Measured, "rates">;
    readonly server: Measured;
    readonly outOfMemory: number;
  };
}

/** A goal, and whether this run met it. */
export interface Goal {
  readonly name: string;
  readonly measured: string;
  readonly goal: string;
  readonly met: boolean;
}

/** Least share of compose's rate with the same image. */
const RATE = 0.8;
/** Most memory of the parts that both have, as a multiple of compose's. */
const MEMORY = 1.3;

const sumOf = ({ parts }: Weight): number => PARTS.reduce((sum, part) => sum + parts[part], 0);

/** The goals of the comparison; what else is measured is reported alone. */
export function goals({ ours, theirs: { same } }: Comparison): Goal[] {
  const lost = (name: string, fault: "replaced" | "killed"): Goal => ({
    name: `requests lost while ${name}`,
    measured: `${ours[fault].lost} of ${ours[fault].sent} (compose: ${same[fault].lost} of ${same[fault].sent})`,
    goal: "0",
    met: ours[fault].lost === 0,
  });
  const rate = (rows: string, which: "few" | "many"): Goal => {
    const share = ours.rates[which].rate / same.rates[which].rate;
    return {
      name: `requests a second, ${rows} rows, the same image`,
      measured: `${share.toFixed(2)} × compose`,
      goal: `≥ ${RATE} ×`,
      met: share >= RATE,
    };
  };
  const memory = sumOf(ours.weight) / sumOf(same.weight);
  return [
    lost("the application is replaced", "replaced"),
    lost("MySQL is killed", "killed"),
    rate("1,000", "few"),
    rate("100,000", "many"),
    { name: "memory of the same parts", measured: `${memory.toFixed(2)} × compose`, goal: `≤ ${MEMORY} ×`, met: memory <= MEMORY },
  ];
}

/** What ran, for the page. */
export interface Surroundings {
  /** What stands in on our side, by image. */
  readonly standIns: Readonly<Record<string, string>>;
  readonly images: { readonly versions: Readonly<Record<string, string>> };
  readonly compose: readonly string[];
  /** The machine's load average before the run. */
  readonly load: number;
  readonly env: Readonly<Record<string, string>>;
}

const table = (head: readonly string[], rows: readonly (readonly (string | number)[])[]): string[] =>
  [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`);

const OURS = "CloudNova on kind";
const THEIRS = "compose";
const IMAGE = "CloudNova's image";

/** The page that a run writes. */
export async function page(comparison: Comparison, surroundings: Surroundings): Promise<string> {
  const { env, compose, load } = surroundings;
  const docker = (await output("docker", ["version", "--format", "{{.Server.Version}}"], { env })).trim();
  const [command = "", ...args] = compose;
  const version = (await run(command, [...args, "version", "--short"], { env })).stdout.trim();
  return [
    "# Beside a plain stack of docker compose",
    "",
    "Written by `npm run bench:compose`; do not edit.",
    "",
    await provenance(),
    `Docker ${docker}, Compose ${version}.`,
    beside(load),
    "",
    ...body(comparison, surroundings),
    "",
  ].join("\n");
}

/** Processes that wait for a processor, above which the figures are of a machine that did other work. */
const QUIET = 0.7;

/** Whether the machine did other work, for a reader of the figures. @param load its load average before the run */
export function beside(load: number): string {
  const before = `The load average before the run was ${load.toFixed(1)}:`;
  return load > QUIET ? `${before} other work ran on the machine, so the figures are rough.` : `${before} the machine was quiet.`;
}

/** The page's tables, with what they mean. */
export function body(comparison: Comparison, { standIns, images: { versions } }: Pick<Surroundings, "standIns" | "images">): string[] {
  const { ours, theirs, size } = comparison;
  const { same, server } = theirs;
  const weights = [ours, same, server].map(({ weight }) => weight);
  const judged = goals(comparison).map(({ name, measured, goal, met }) => [name, measured, goal, met ? "met" : "**missed**"]);
  return [
    ...table(["", "measured", "goal", ""], judged),
    "",
    `Both stacks have ${MEMORY_MIB} MiB and the machine's two processors, which the load generator shares with them; they run one after the`,
    "other. CloudNova has the defaults of a machine of 2 GiB, with its control plane, alerting, exporters, policies and probes in the same",
    "memory. Compose has what small deployments of such an application have (`tools/bench-compose/`): nginx with TLS, Flask, MySQL,",
    `Prometheus and node-exporter, each with its own defaults. The application has ${size.workers} × ${size.threads} threads (gunicorn's workers) in both.`,
    "",
    "## The list of users through HTTPS",
    "",
    ...table(
      ["rows", "stack", "application", "requests/s", "slowest, fastest run", "p50, ms", "p99, ms", "failed"],
      [...rated("1,000", "few", comparison), ...rated("100,000", "many", comparison)],
    ),
    "",
    `wrk ${versions.wrk} in a container on the stack's own network, 16 connections, three runs of ten seconds after a warm-up; the middle one`,
    "counts, and p50 and p99 are its own, at full load. CloudNova's image shows the first page of 25 users. The naive application",
    "lists every user on one page with a connection to MySQL for each request; with 100,000 rows it was asked over 2 connections, because",
    "one answer takes seconds. `ingress.rateLimit` of CloudNova was raised to 100,000 requests a second: by default one address may send 50.",
    "",
    "## Memory",
    "",
    ...table(
      ["MiB of working set", OURS, `${THEIRS}, ${IMAGE}`, `${THEIRS}, naive with the development server`],
      [
        ...PARTS.map((part) => [part, ...weights.map(({ parts }) => parts[part])]),
        ["these parts", ...weights.map(sumOf)],
        ["these parts without MySQL", ...weights.map((weight) => sumOf(weight) - weight.parts.MySQL)],
        ["everything", ...weights.map(({ whole }) => whole)],
      ],
    ),
    "",
    "After the load with 100,000 rows. MySQL makes the difference: compose's has its defaults, as those deployments have it, and CloudNova's",
    "has the settings of a small machine. Everything is on our side the whole node: control plane, kubelet and containerd, Alertmanager,",
    "exporters and the policy engine are part of it. Working sets count the page cache that was used last. The kernel killed",
    `${ours.outOfMemory} processes for memory on this machine while CloudNova ran, and ${theirs.outOfMemory} while compose did.`,
    "",
    "## Faults",
    "",
    ...table(
      ["fault", "stack", "application", "requests", "lost", "answers again after", "answered meanwhile"],
      [
        fault("the application is replaced", OURS, IMAGE, ours.replaced),
        fault("the application is replaced", THEIRS, IMAGE, same.replaced),
        fault("the application is replaced", THEIRS, "naive, development server", server.replaced),
        fault("MySQL is killed", OURS, IMAGE, ours.killed),
        fault("MySQL is killed", THEIRS, IMAGE, same.killed),
        fault("MySQL is killed", THEIRS, "naive, development server", server.killed),
      ],
    ),
    "",
    `${PROBE_RATE} requests a second of the list of users, from five seconds before the fault until ten seconds after the last failure. Lost is what was`,
    "not answered 200 within ten seconds; the time goes from the first such request. The application is replaced by the same image under a",
    "new tag, which is there already: CloudNova's `apply` here, `docker compose up -d` there. MySQL is killed by SIGKILL from outside; the",
    "kubelet and Docker (`restart: unless-stopped`) start it again. Both stacks have one MySQL: while it starts, no page that needs it can be right.",
    "",
    "## What ran",
    "",
    `No image registry was reached. Compose's nginx ${versions.nginx}, MySQL ${versions["mysql-server-core"]}, Prometheus ${versions["prometheus"]} and`,
    `node-exporter ${versions["prometheus-node-exporter"]} are Debian's packages; MySQL has the settings of Docker Hub's image. Our side:`,
    "",
    ...Object.entries(standIns).map(([image, what]) => `- ${image}: ${what}`),
    "",
    "The applications of compose are, in CloudNova's image:",
    "",
    ...Object.entries(APPLICATIONS).map(([name, command]) => `- ${name}: \`${command}\``),
  ];
}

const rated = (rows: string, which: "few" | "many", { ours, theirs: { same, gunicorn, server } }: Comparison) => {
  const row = (stack: string, application: string, { rate, least, most, p50, p99, failed }: Rates) => {
    const range = `${short(least)}, ${short(most)}`;
    return [rows, stack, application, short(rate), range, short(p50), short(p99), failed];
  };
  return [
    row(OURS, IMAGE, ours.rates[which]),
    row(THEIRS, IMAGE, same.rates[which]),
    row(THEIRS, "naive, gunicorn", gunicorn.rates[which]),
    row(THEIRS, "naive, development server", server.rates[which]),
  ];
};

/** Three digits are more than a run repeats. */
const short = (value: number): string => value.toFixed(value < 10 ? 1 : 0);

function fault(what: string, stack: string, application: string, { sent, lost, seconds, failures }: Outage) {
  const instead = Object.entries(failures).map(([failure, count]) => `${count} × ${failure}`);
  const after = lost === 0 ? "at once" : seconds === undefined ? `not within ${PATIENCE_S} s` : `${seconds.toFixed(1)} s`;
  return [what, stack, application, sent, lost, after, instead.join(", ") || "nothing"];
}
