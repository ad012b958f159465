import { DATA_SOURCE } from "../../../src/monitoring/grafana-settings.ts";
import { ABSENCES, type Absence } from "../../../src/monitoring/live/absences.ts";
import { absenceOf } from "../../../src/monitoring/live/judge.ts";
import { selectors } from "../../../src/monitoring/promql.ts";
import type { GrafanaServer } from "./grafana-server.ts";
import { type BoardJson, panelsOf, type Target } from "./wanted-board.ts";

/** A frame of data as `/api/ds/query` gives it (Grafana documentation, "Data source HTTP API"). */
interface Frame {
  readonly schema?: { readonly fields?: readonly { readonly type?: string }[] };
  readonly data?: { readonly values?: readonly (readonly unknown[])[] };
}

/** A query that did not give data, and why. */
export interface Empty {
  readonly panel: string;
  readonly why: string;
  /** Whether the list of absences says that it cannot have any. */
  readonly excused: boolean;
}

/** What became of a dashboard's queries. */
export interface Asked {
  readonly queries: number;
  readonly empty: readonly Empty[];
}

const NO_DATA = "no data";
/** Points of a graph on a screen. */
const POINTS = 400;

/** The query with the dashboard's own choices at "All". `$__rate_interval` and its like are filled in by Grafana's server. */
const chosen = (expr: string, { templating }: BoardJson): string =>
  (templating?.list ?? []).reduce(
    (text, { name }) => text.replaceAll(new RegExp(`\\$(?:${name}\\b|\\{${name}(?::\\w+)?\\})`, "g"), ".*"),
    expr,
  );

/** Whether a frame holds a number; Grafana writes NaN and infinity as null. */
const hasNumber = ({ schema, data }: Frame): boolean =>
  (schema?.fields ?? []).some(({ type }, column) => type === "number" && data?.values?.[column]?.some(Number.isFinite));

function whyEmpty(answer: { readonly error?: string; readonly frames?: readonly Frame[] } | undefined): string | undefined {
  if (!answer) return "no answer";
  if (answer.error) return answer.error;
  return answer.frames?.some(hasNumber) ? undefined : NO_DATA;
}

/** Why the list of absences lets a query have no data, if it does. */
const excuse = (expr: string, absences: readonly Absence[]): string | undefined =>
  selectors(expr)
    .map((selector) => absenceOf(selector, absences))
    .find((absence) => absence?.when === "machine")?.why;

/** Which dashboard is asked, and where. */
interface Asking {
  readonly server: GrafanaServer;
  readonly board: BoardJson;
  /** How far back, such as `1h`. */
  readonly range: string;
  /** @default those of every small machine */
  readonly absences?: readonly Absence[];
}

/** Asks the queries of one panel at once, as Grafana's own page does. */
async function askPanel(
  title: string,
  targets: readonly Target[],
  { server, board, range, absences = ABSENCES }: Asking,
): Promise<Empty[]> {
  const queries = targets.map((target) => ({
    ...target,
    expr: chosen(target.expr, board),
    datasource: { type: "prometheus", uid: DATA_SOURCE.uid },
    intervalMs: 15_000,
    maxDataPoints: POINTS,
  }));
  const { status, body } = await server.ask("/api/ds/query", { from: `now-${range}`, to: "now", queries });
  return targets.flatMap(({ refId, expr }): Empty[] => {
    const why = body?.results ? whyEmpty(body.results[refId]) : `${status}: ${body?.message ?? "without a reason"}`;
    if (!why) return [];
    const excused = why === NO_DATA ? excuse(expr, absences) : undefined;
    return [{ panel: `${title} (${refId})`, why: excused ?? why, excused: excused !== undefined }];
  });
}

/** Asks every query of a dashboard's panels through Grafana. */
export async function askBoard(asking: Asking): Promise<Asked> {
  const asked = panelsOf(asking.board).map(({ title = "", targets = [] }) => ({ title, targets }));
  const empty: Empty[] = [];
  // One after the other: it is a small machine, and nobody waits for it.
  for (const { title, targets } of asked) if (targets.length > 0) empty.push(...(await askPanel(title, targets, asking)));
  return { queries: asked.reduce((sum, { targets }) => sum + targets.length, 0), empty };
}

/** Asks for the values of a dashboard's choices, as Grafana's page does; the names of those that have none. */
export async function emptyChoices(server: GrafanaServer, { templating }: BoardJson): Promise<string[]> {
  const empty: string[] = [];
  for (const { name, query } of templating?.list ?? []) {
    const [, metric = "", label = ""] = /^label_values\((\w+), (\w+)\)$/.exec(String(query)) ?? [];
    const path = `/api/datasources/uid/${DATA_SOURCE.uid}/resources/api/v1/label/${label}/values?match[]=${encodeURIComponent(metric)}`;
    const { body } = await server.ask(path);
    if (!body?.data?.length) empty.push(name);
  }
  return empty;
}
