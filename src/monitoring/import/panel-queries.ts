import { DATA_SOURCE } from "../grafana-settings.ts";
import type { Choice, ImportedPanel, Json, Query } from "./model.ts";

/** The type of a data source that is not Prometheus. */
export const foreign = (source: Json): string | undefined =>
  source && typeof source === "object" && source.type !== "prometheus" && !String(source.uid ?? "").startsWith("-- ")
    ? source.type
    : undefined;

function queriesOf(panel: Json): Query[] {
  return (panel.targets ?? []).flatMap((target: Json): Query[] => {
    const other = foreign(target.datasource) ?? foreign(panel.datasource);
    if (other === "__expr__" || target.hide) return [];
    if (other) return [{ expr: "", foreign: other }];
    return typeof target.expr === "string" && target.expr.trim() !== "" ? [{ expr: target.expr }] : [];
  });
}

/** Every panel, also those of folded rows and of dashboards from before 2018, whose panels lie in rows. */
export function panelsOf(dashboard: Json): ImportedPanel[] {
  const all = (panels: Json[]): ImportedPanel[] =>
    panels.flatMap((panel) => [
      ...(panel.type === "row" ? [] : [{ title: String(panel.title || panel.type), type: String(panel.type), queries: queriesOf(panel) }]),
      ...all(panel.panels ?? []),
    ]);
  return [...all(dashboard.panels ?? []), ...(dashboard.rows ?? []).flatMap((row: Json) => all(row.panels ?? []))];
}

/** The labels that every target has, so that `label_values(label)` is known to find them on `up`. */
const EVERYWHERE = new Set(["job", "instance"]);

/** The PromQL in a variable's query: `label_values(metric, label)`, `label_values(label)`, `query_result(expression)`. */
function choiceQuery({ query, regex }: Json): Query | undefined {
  const text = typeof query === "string" ? query : query?.query;
  if (typeof text !== "string") return undefined;
  const [, expr, label] = /^\s*label_values\s*\((?:(.+),)?\s*(\w+)\s*\)\s*$/s.exec(text) ?? [];
  if (label && (expr || EVERYWHERE.has(label))) return { expr: expr?.trim() ?? "up", picks: { label, regex } };
  const result = /^\s*query_result\s*\((.+)\)\s*$/s.exec(text)?.[1];
  return result ? { expr: result.trim() } : undefined;
}

/** The queries of variables and annotations, by name: a variable without values leaves panels that use it empty. */
export function choicesOf(dashboard: Json): Choice[] {
  const choices = (dashboard.templating?.list ?? []).filter(({ type, datasource }: Json) => type === "query" && !foreign(datasource));
  const annotations = (dashboard.annotations?.list ?? []).filter(({ datasource }: Json) => datasource?.uid === DATA_SOURCE.uid);
  return [
    ...choices.map((one: Json) => {
      // "All" with a value of its own needs no other.
      const variable = one.includeAll && one.allValue ? undefined : one.name;
      return { title: `$${one.name}`, query: choiceQuery(one), variable };
    }),
    ...annotations.map(({ name, expr }: Json) => ({ title: String(name), query: expr ? { expr } : undefined })),
  ].flatMap(({ query, ...rest }) => (query ? [{ ...rest, type: "", queries: [query] }] : []));
}
