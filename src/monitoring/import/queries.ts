import { DATA_SOURCE } from "../grafana.ts";
import type { ImportedPanel, Json, Query } from "./model.ts";

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

/** The PromQL in a choice's query: `label_values(metric, label)`, `query_result(expression)`. */
function choiceQuery(query: Json): string | undefined {
  const text = typeof query === "string" ? query : query?.query;
  if (typeof text !== "string") return undefined;
  return (/^\s*label_values\s*\((.+),[^,]*\)\s*$/s.exec(text) ?? /^\s*query_result\s*\((.+)\)\s*$/s.exec(text))?.[1]?.trim();
}

/** The queries of choices and annotations, by name: a choice without values leaves every panel that uses it empty. */
export function choicesOf(dashboard: Json): ImportedPanel[] {
  const choices = (dashboard.templating?.list ?? []).filter(({ type, datasource }: Json) => type === "query" && !foreign(datasource));
  const annotations = (dashboard.annotations?.list ?? []).filter(({ datasource }: Json) => datasource?.uid === DATA_SOURCE.uid);
  return [
    ...choices.map(({ name, query }: Json) => ({ title: `$${name}`, query: choiceQuery(query) })),
    ...annotations.map(({ name, expr }: Json) => ({ title: String(name), query: expr as string | undefined })),
  ].flatMap(({ title, query }) => (query ? [{ title, type: "variable", queries: [{ expr: query }] }] : []));
}
