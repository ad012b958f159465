import { ClusterError } from "../../cluster/errors.ts";
import { nearest } from "../../config/explain.ts";
import { CATALOGUE, type Drill } from "../../drill/catalogue.ts";
import type { DrillResult } from "../../drill/perform.ts";
import { drill, type Report } from "../../drill/run.ts";
import { Stage } from "../../drill/stage.ts";
import { CLOUDNOVA_VERSION } from "../../versions.ts";
import { askForName } from "../confirm.ts";
import { EXIT, type Io, json, line, type Paint, painter } from "../io.ts";
import { type ClusterOptions, type Session, withSession } from "../session.ts";

export interface DrillOptions extends ClusterOptions {
  readonly yes?: boolean;
  readonly list?: boolean;
  readonly repair?: boolean;
}

/** The drills of these alerts; all when none is named. @throws ClusterError for a name that is none */
export function chosen(alerts: readonly string[]): readonly Drill[] {
  const known = CATALOGUE.map(({ alert }) => alert);
  for (const name of alerts.filter((one) => !known.includes(one))) {
    const near = nearest(name, known);
    throw new ClusterError(`there is no drill of '${name}'${near}`, "see 'cloudnova drill --list'");
  }
  return CATALOGUE.filter(({ alert }) => alerts.length === 0 || alerts.includes(alert));
}

/** What a drill does, in a few lines. */
export function drillLines({ alert, subject, breaks, visitors, repairs }: Drill, paint: Paint): string[] {
  return [`${paint("bold", alert)} (${subject})`, `    breaks: ${breaks}; then ${repairs}`, `    visitors notice: ${visitors}`];
}

const list = (io: Io, output: ClusterOptions["output"]): number => {
  const plain = CATALOGUE.map(({ alert, subject, breaks, visitors, repairs }) => ({ alert, subject, breaks, visitors, repairs }));
  if (output === "json") json(io, plain);
  else for (const text of CATALOGUE.flatMap((one) => drillLines(one, painter(io.stdout, io.env)))) line(io.stdout, text);
  return EXIT.ok;
};

function confirm(session: Session, drills: readonly Drill[]): Promise<void> {
  const paint = painter(session.io.stderr, session.io.env);
  const place = `On context '${session.client.connection.context}', where people may be at work, this is broken and repaired:`;
  const told = "Whoever receives alerts gets these too, marked as a drill.";
  const what = [place, ...drills.flatMap((one) => drillLines(one, paint)), told].join("\n");
  return askForName(session, what, "nothing was broken");
}

const MARKS = { passed: ["✔", "green"], failed: ["✖", "red"], skipped: ["!", "yellow"] } as const;

function resultLine({ alert, outcome, why, timeline, mail }: DrillResult, paint: Paint): string {
  const [mark, colour] = MARKS[outcome];
  const last = timeline.at(-1);
  const words = outcome === "passed" ? `delivered and resolved in ${last?.after.toFixed(0)} s (mail: ${mail})` : `${outcome}: ${why}`;
  return `${paint(colour, mark)} ${alert}: ${words}`;
}

/** What a run came to, in a sentence. */
export function drillVerdict({ drills, left }: Report): string {
  const counts = (["passed", "failed", "skipped"] as const)
    .map((outcome) => [drills.filter((one) => one.outcome === outcome).length, outcome] as const)
    .filter(([count]) => count > 0)
    .map(([count, outcome]) => `${count} ${outcome}`);
  const rest = left.length === 0 ? "the cluster is as the manifests say" : `not restored: ${left.map(({ ref }) => ref.name).join(", ")}`;
  return `${[`${drills.length} drills`, ...counts].join(", ")}; ${rest}`;
}

/** The environment and the alerts of a command line: with CLOUDNOVA_ENV the first word may be an alert. */
export function wordsOf(words: readonly string[], env: Io["env"]): { readonly environment?: string; readonly alerts: readonly string[] } {
  const [first, ...rest] = words;
  const isAlert = CATALOGUE.some(({ alert }) => alert === first) && env.CLOUDNOVA_ENV;
  return isAlert ? { alerts: words } : { environment: first, alerts: rest };
}

/** `cloudnova drill` */
export async function drillCommand(io: Io, words: readonly string[], options: DrillOptions): Promise<number> {
  if (options.list) return list(io, options.output);
  const { environment, alerts } = wordsOf(words, io.env);
  const drills = options.repair ? [] : chosen(alerts);
  return withSession(io, environment, options, async (session) => {
    if (!options.yes && !options.repair) await confirm(session, drills);
    const { config } = await session.environment();
    const paint = painter(io.stdout, io.env);
    const note = (words: string) => line(io.stderr, words);
    const out = (text: string) => line(options.output === "text" ? io.stdout : io.stderr, text);
    const stage = new Stage(session.client, session.source, config, note);
    const began = new Date().toISOString();
    const report = await drill(stage, session.name, drills, {
      note,
      begins: ({ alert, breaks }) => out(`${paint("bold", alert)}: ${breaks}`),
      step: (name, after) => out(`  ${after.toFixed(1).padStart(6)} s  ${name}`),
      ended: (result) => out(resultLine(result, paint)),
    });
    await stage.inside.close();
    if (options.output === "json") json(io, { environment: session.name, version: CLOUDNOVA_VERSION, began, ...report });
    else line(io.stdout, drills.length > 0 ? drillVerdict(report) : "nothing of a drill is left");
    return report.left.length > 0 || report.drills.some(({ outcome }) => outcome === "failed") ? EXIT.problem : EXIT.ok;
  });
}
