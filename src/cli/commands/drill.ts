import { ClusterError } from "../../cluster/cluster-error.ts";
import { nearest } from "../../config/explain.ts";
import type { Config } from "../../config/resolve.ts";
import { CATALOGUE, type Drill, drillsOf } from "../../drill/catalogue.ts";
import { DrillContext } from "../../drill/context.ts";
import type { DrillResult } from "../../drill/drill-run.ts";
import { type Given, type GivenOptions, givenBy } from "../../drill/given.ts";
import { drill, type Report } from "../../drill/run-drills.ts";
import { commands as say } from "../../messages/commands.ts";
import { drillWords } from "../../messages/drill.ts";
import { CLOUDNOVA_VERSION } from "../../versions.ts";
import { askForName } from "../confirm.ts";
import { EXIT, type Io, json, line, type Paint, painter } from "../io.ts";
import { type ClusterOptions, type Session, withSession } from "../session.ts";

export interface DrillOptions extends ClusterOptions, GivenOptions {
  readonly yes?: boolean;
  readonly list?: boolean;
  readonly repair?: boolean;
}

/** The drills of these alerts; all when none is named. @throws ClusterError for a name that is none */
export function chosen(alerts: readonly string[]): readonly Drill[] {
  const known: readonly string[] = CATALOGUE.map(({ alert }) => alert);
  for (const name of alerts.filter((one) => !known.includes(one))) {
    throw new ClusterError(say.noDrill(name, nearest(name, known)), say.listDrills);
  }
  return CATALOGUE.filter(({ alert }) => alerts.length === 0 || alerts.includes(alert));
}

/** The drills of these alerts that an environment can perform. @throws ClusterError for one that is named and cannot be performed there */
export function performable(drills: readonly Drill[], alerts: readonly string[], config: Config): readonly Drill[] {
  const there = drillsOf(config);
  const missing = drills.filter((one) => alerts.includes(one.alert) && !there.includes(one));
  for (const { alert, needs } of missing) throw new ClusterError(drillWords.notHere(alert), drillWords.needed[needs ?? "sample"]);
  return drills.filter((one) => there.includes(one));
}

/** What a drill does, in a few lines. */
export function drillLines({ alert }: Drill, paint: Paint): string[] {
  const { subject, breaks, visitors, repairs } = drillWords.drills[alert];
  return [`${paint("bold", alert)} (${subject})`, `    ${drillWords.what(breaks, repairs)}`, `    ${drillWords.visitors(visitors)}`];
}

const list = (io: Io, output: ClusterOptions["output"]): number => {
  if (output === "json")
    json(
      io,
      CATALOGUE.map(({ alert }) => ({ alert, ...drillWords.drills[alert] })),
    );
  else line(io.stdout, CATALOGUE.flatMap((one) => drillLines(one, painter(io.stdout, io.env))).join("\n"));
  return EXIT.ok;
};

function confirm(session: Session, drills: readonly Drill[], { webhook, mail }: Given): Promise<void> {
  const paint = painter(session.io.stderr, session.io.env);
  const place = drillWords.place(session.client.connection.context);
  const too = [webhook, mail?.to].flatMap((whom) => (whom ? [drillWords.toldToo(whom)] : []));
  const what = [place, ...drills.flatMap((one) => drillLines(one, paint)), drillWords.notifiesReceivers, ...too].join("\n");
  return askForName(session, what, drillWords.nothingBroken);
}

const MARKS = { passed: ["✔", "green"], failed: ["✖", "red"], skipped: ["!", "yellow"] } as const;

function resultLine({ alert, outcome, why, timeline, mail = "" }: DrillResult, paint: Paint): string {
  const [mark, colour] = MARKS[outcome];
  const took = timeline.at(-1)?.after.toFixed(0) ?? "0";
  const words = outcome === "passed" ? drillWords.passed(took, mail) : `${drillWords.notPassed[outcome]}: ${why}`;
  return `${paint(colour, mark)} ${alert}: ${words}`;
}

/** The result of a run, in one sentence. */
export function drillVerdict({ drills, left }: Report): string {
  const counts = (["passed", "failed", "skipped"] as const)
    .map((outcome) => [drills.filter((one) => one.outcome === outcome).length, outcome] as const)
    .filter(([count]) => count > 0)
    .map(([count, outcome]) => `${count} ${drillWords.outcomes[outcome]}`);
  const rest = left.length === 0 ? drillWords.restored : drillWords.notRestored(left.map(({ ref }) => ref.name).join(", "));
  return `${drillWords.count(drills.length)}: ${counts.join(", ")}; ${rest}`;
}

/** `cloudnova drill` */
export async function drillCommand(
  io: Io,
  environment: string | undefined,
  alerts: readonly string[],
  options: DrillOptions,
): Promise<number> {
  if (options.list) return list(io, options.output);
  if (CATALOGUE.some(({ alert }) => alert === environment)) throw new ClusterError(say.alertFirst(String(environment)), say.wantsName);
  const asked = options.repair ? [] : chosen(alerts);
  const given = givenBy(options);
  return withSession(
    io,
    environment,
    options,
    async (session) => {
      const { config } = await session.environment();
      const drills = performable(asked, alerts, config);
      if (!options.yes && !options.repair) await confirm(session, drills, given);
      const paint = painter(io.stdout, io.env);
      const note = (words: string) => line(io.stderr, words);
      const out = (text: string) => line(options.output === "text" ? io.stdout : io.stderr, text);
      const context = new DrillContext(session.client, session.source, config, note, given);
      const began = new Date().toISOString();
      const report = await drill(context, session.name, drills, {
        note,
        begins: ({ alert }) => out(`${paint("bold", alert)}: ${drillWords.drills[alert].breaks}`),
        step: (name, after) => out(`  ${after.toFixed(1).padStart(6)} s  ${drillWords.steps[name]}`),
        ended: (result) => out(resultLine(result, paint)),
      });
      await context.inside.close();
      if (options.output === "json")
        json(io, { environment: session.name, version: CLOUDNOVA_VERSION, began, ended: new Date().toISOString(), ...report });
      else line(io.stdout, drills.length > 0 ? drillVerdict(report) : drillWords.nothingLeft);
      return report.left.length > 0 || report.drills.some(({ outcome }) => outcome === "failed") ? EXIT.problem : EXIT.ok;
    },
    { wantsName: true },
  );
}
