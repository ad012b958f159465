import { DATA_SOURCE } from "../grafana-settings.ts";
import type { Json } from "./model.ts";

const OURS = { type: "prometheus", uid: DATA_SOURCE.uid } as const;
/** What an export carries for the person who imports it, and what one Grafana's database says of it. */
const OF_THE_EXPORT = ["__inputs", "__requires", "__elements", "id", "gnetId", "iteration", "version", "weekStart"];
/** Grafana's own sources: they are no data source that could be bound. */
const OWN = new Set(["grafana", "datasource", "__expr__"]);

interface Names {
  /** Inputs and variables that stand for a data source, with its type. */
  readonly sources: ReadonlyMap<string, string>;
  /** Inputs that stand for a constant. */
  readonly constants: ReadonlyMap<string, string>;
}

/** The name in `${NAME}`, `$NAME` or `[[NAME]]`. */
const variableIn = (text: string): string | undefined =>
  /^(?:\$\{(\w+)(?::\w+)?\}|\$(\w+)|\[\[(\w+)\]\])$/.exec(text)?.slice(1).find(Boolean);

function namesOf(dashboard: Json): Names {
  const inputs: Json[] = dashboard.__inputs ?? [];
  const variables: Json[] = dashboard.templating?.list ?? [];
  const sources = [
    ...inputs.filter(({ type }) => type === "datasource").map(({ name, pluginId }) => [name, pluginId] as const),
    ...variables.filter(({ type }) => type === "datasource").map(({ name, query }) => [name, query] as const),
  ];
  const constants = inputs.filter(({ type }) => type === "constant").map(({ name, value }) => [name, String(value ?? "")] as const);
  return { sources: new Map(sources), constants: new Map(constants) };
}

/** The data source of a panel or a query, bound to ours where it means a Prometheus. */
function bound(source: Json, { sources }: Names): Json {
  const named = typeof source === "string" ? source : source?.uid;
  if (typeof named === "string" && named.startsWith("-- ")) return source;
  const type = typeof source === "object" && source?.type ? source.type : sources.get(variableIn(String(named ?? "")) ?? "");
  if (OWN.has(type)) return source;
  return type === undefined || type === "prometheus" ? OURS : { type, uid: named };
}

function walk(value: Json, names: Names): Json {
  if (typeof value === "string") return value.replace(/\$\{(\w+)\}/g, (whole, name) => names.constants.get(name) ?? whole);
  if (Array.isArray(value)) return value.map((one) => walk(one, names));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, key === "datasource" ? bound(one, names) : walk(one, names)]));
}

/**
 * The dashboard without what belongs to its export, every Prometheus in it bound to ours: the inputs, the choice of a data
 * source, names of old times. A source of another kind stays what it is.
 */
export function bind(dashboard: Json): Json {
  const names = namesOf(dashboard);
  const kept = Object.fromEntries(Object.entries(dashboard).filter(([key]) => !OF_THE_EXPORT.includes(key)));
  const whole = walk(kept, names);
  const list: Json[] = whole.templating?.list ?? [];
  const variables = list
    .filter(({ type, query }) => !(type === "datasource" && query === "prometheus"))
    // A choice without a source means the default one; Grafana 12 wants it named.
    .map((one) => (one.type === "query" && !one.datasource ? { ...one, datasource: OURS } : one));
  return { ...whole, ...(whole.templating ? { templating: { ...whole.templating, list: variables } } : {}) };
}
