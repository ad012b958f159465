import { openPrometheus } from "../../cluster/transport/prometheus-client.ts";
import { queries as words } from "../../messages/queries.ts";
import { everyQuery } from "../../monitoring/live/every-query.ts";
import { judgeAll, MOST_EXCUSED, type Report, type Verdict } from "../../monitoring/live/judge.ts";
import { ruleSettings } from "../../monitoring/rules/rule-settings.ts";
import { EXIT, type Io, json, line, painter } from "../io.ts";
import { type ClusterOptions, withSession } from "../session.ts";

const percent = (share: number) => `${(100 * share).toFixed(1)} %`;

/** The problems, one a line. */
function problems({ verdicts, wrong, excusedShare }: Report): string[] {
  return [
    ...verdicts.filter(({ state }) => state === "dead").map(({ place, why, expr }) => `${place}: ${why}\n    ${expr}`),
    ...wrong,
    ...(excusedShare > MOST_EXCUSED ? [words.tooMany(percent(excusedShare), percent(MOST_EXCUSED))] : []),
  ];
}

/** How many of each kind have data: the table's rows. */
function counts(verdicts: readonly Verdict[]): { kind: Verdict["kind"]; all: number; alive: number; excused: number; dead: number }[] {
  return (Object.keys(words.kinds) as Verdict["kind"][]).map((kind) => {
    const own = verdicts.filter((verdict) => verdict.kind === kind);
    const of = (state: Verdict["state"]) => own.filter((verdict) => verdict.state === state).length;
    return { kind, all: own.length, alive: of("alive"), excused: of("excused"), dead: of("dead") };
  });
}

/** `cloudnova queries` */
export function queriesCommand(io: Io, name: string | undefined, options: ClusterOptions): Promise<number> {
  return withSession(io, name, options, async ({ client, environment, name: named }) => {
    const { config } = await environment();
    const prometheus = await openPrometheus(client, config.namespace);
    const { scrapeInterval } = config.monitoring;
    const report = await judgeAll(everyQuery(ruleSettings(config)), { ask: prometheus.ask, scrapeInterval }).finally(() =>
      prometheus.close(),
    );
    const found = problems(report);
    if (options.output === "json") json(io, { environment: named, counts: counts(report.verdicts), problems: found, ...report });
    else print(io, report, found);
    return found.length > 0 ? EXIT.problem : EXIT.ok;
  });
}

function print(io: Io, { verdicts, excusedShare }: Report, found: readonly string[]): void {
  const paint = painter(io.stdout, io.env);
  for (const text of found) line(io.stdout, `${paint("red", "✖")} ${text}`);
  const excused = new Map<string, string[]>();
  for (const { state, why, place } of verdicts) if (state === "excused") excused.set(why, [...(excused.get(why) ?? []), place]);
  for (const [why, places] of excused) line(io.stdout, `${paint("yellow", "!")} ${words.asExpected(why)}\n    ${places.join("; ")}`);
  for (const { kind, all, alive, excused: listed, dead } of counts(verdicts)) {
    const mark = dead > 0 ? paint("red", "✖") : paint("green", "✔");
    const rest = [listed > 0 ? words.excused(listed) : "", dead > 0 ? words.dead(dead) : ""].filter(Boolean);
    line(io.stdout, `${mark} ${words.counts(alive, all, words.kinds[kind])}${rest.length > 0 ? `, ${rest.join(", ")}` : ""}`);
  }
  line(io.stdout, words.share(percent(excusedShare), percent(MOST_EXCUSED)));
}
