import { rateWindow } from "../../config/scrape-interval.ts";
import { queries as words } from "../../messages/queries.ts";
import { type Selector, selectors, withoutVariables } from "../promql.ts";
import { ABSENCES, type Absence } from "./absences.ts";
import type { Query } from "./every-query.ts";

/** A line of a query's result, at this moment. */
export interface Series {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Asks Prometheus. @throws when it refuses the query */
export type Ask = (query: string) => Promise<readonly Series[]>;

/** What became of a query: alive, dead, or without data for a reason that is on the list. */
export interface Verdict extends Query {
  readonly state: "alive" | "dead" | "excused";
  /** Why it is not alive. */
  readonly why: string;
}

/** All that was found out. */
export interface Report {
  readonly verdicts: readonly Verdict[];
  /** Entries of the list that are wrong: the metric of which they excuse a label is gone altogether. */
  readonly wrong: readonly string[];
  /** Share of the queries of panels and choices that are excused. */
  readonly excusedShare: number;
}

/** At most this share of what dashboards show may be without data on a small node. */
export const MOST_EXCUSED = 0.05;

const covers = ({ metric, matcher = "" }: Absence, selector: Selector) =>
  metric === selector.metric && selector.text.replaceAll(" ", "").includes(matcher);

/** The absence that explains why a selector finds nothing, if there is one. */
export const absenceOf = (selector: Selector, list: readonly Absence[] = ABSENCES) => list.find((absence) => covers(absence, selector));

/** Labels that `{{label}}` names in a legend. */
export const legendLabels = (legend: string) => [...legend.matchAll(/{{\s*(\w+)\s*}}/g)].map(([, label = ""]) => label);

interface Context {
  readonly ask: Ask;
  readonly window: string;
  readonly list: readonly Absence[];
}

/** What a panel or a choice fails to show, if anything. */
function emptiness({ kind, legend }: Query, result: readonly Series[]): string | undefined {
  if (kind === "alert") return; // on a healthy node it must be empty
  if (result.length === 0) return words.noData;
  if (kind === "recording") return; // a share of nothing is no number until the first visitor
  if (!result.some(({ value }) => Number.isFinite(value))) return words.onlyNaN;
  const unnamed = legendLabels(legend).filter((label) => !result.some(({ labels }) => label in labels));
  return unnamed.length > 0 ? words.legend(unnamed.join(", ")) : undefined;
}

/**
 * Judges one query. Its own result is not enough: `… or vector(0)` always has one. So each selector in it must find series too,
 * but for those on the list. A panel about failures must show its 0 all the same: only what the machine may not have excuses emptiness.
 */
async function judge(query: Query, { ask, window, list }: Context): Promise<Verdict> {
  const expr = withoutVariables(query.expr, window);
  const result = await ask(expr);
  const missing: Selector[] = [];
  for (const selector of selectors(expr)) if ((await ask(selector.text)).length === 0) missing.push(selector);
  const absences = missing.map((selector) => absenceOf(selector, list));
  const why = [...new Set(absences.flatMap((absence) => absence?.why ?? []))].join("; ");

  const unexplained = missing.filter((_, index) => !absences[index]);
  if (unexplained.length > 0) return { ...query, state: "dead", why: words.noSeries(unexplained.map(({ text }) => text).join(", ")) };
  const empty = emptiness(query, result);
  if (empty)
    return absences.some((absence) => absence?.when === "machine")
      ? { ...query, state: "excused", why }
      : { ...query, state: "dead", why: empty };
  return query.kind === "alert" && why ? { ...query, state: "excused", why } : { ...query, state: "alive", why: "" };
}

/** What is wrong with the list itself: a failure's series whose metric does not exist either. */
async function wrongEntry({ metric, matcher = "", when }: Absence, ask: Ask): Promise<string[]> {
  if (when !== "failure" || (await ask(`${metric}{${matcher}}`)).length > 0) return [];
  return (await ask(metric)).length === 0 ? [words.noneAtAll(metric, matcher)] : [];
}

/**
 * Asks every query, and judges what comes back.
 *
 * @param scrapeInterval the environment's, such as `15s`; Grafana's `$__rate_interval` is four of them on its shortest views
 * @param list absences that this cluster is known to have
 */
export async function judgeAll(
  queries: readonly Query[],
  { ask, scrapeInterval, list = ABSENCES }: { readonly ask: Ask; readonly scrapeInterval: string; readonly list?: readonly Absence[] },
): Promise<Report> {
  const answers = new Map<string, ReturnType<Ask>>();
  const once: Ask = (query) => {
    const known = answers.get(query) ?? ask(query);
    answers.set(query, known);
    return known;
  };
  const context = { ask: once, window: rateWindow(scrapeInterval), list };
  const verdicts: Verdict[] = [];
  for (const query of queries) {
    const refused = (error: Error): Verdict => ({ ...query, state: "dead", why: error.message });
    verdicts.push(await judge(query, context).catch(refused));
  }
  // What no query names is not scraped: an environment without applications of the user's has no series of their routers.
  const named = new Set(queries.flatMap(({ expr }) => selectors(withoutVariables(expr, context.window)).map(({ metric }) => metric)));
  const used = list.filter(({ metric }) => named.has(metric));
  const wrong = (await Promise.all(used.map((absence) => wrongEntry(absence, once)))).flat();
  const shown = verdicts.filter(({ kind }) => kind === "panel" || kind === "choice");
  return { verdicts, wrong, excusedShare: shown.filter(({ state }) => state === "excused").length / shown.length };
}
