import { DATA_SOURCE } from "../grafana-settings.ts";
import type { Json } from "./model.ts";
import { isObject } from "./read.ts";

const isEmpty = (value: Json): boolean =>
  (Array.isArray(value) && value.length === 0) || (isObject(value) && Object.keys(value).length === 0);
const isOurs = (source: Json): boolean => source?.uid === DATA_SOURCE.uid;

/** An object without some of its keys. */
const without = (value: Json, drop: (key: string, one: Json) => boolean): Json =>
  isObject(value) ? Object.fromEntries(Object.entries(value).filter(([key, one]) => !drop(key, one))) : value;
const withoutEmpty = (value: Json, ...keys: string[]): Json => without(value, (key, one) => keys.includes(key) && isEmpty(one));

/**
 * Query keys whose value here is what Grafana takes without them (pkg/promlib/models/query.go; `step` is of Grafana 2 to 6 and is
 * read no more). Other values stay.
 */
const QUERY: Readonly<Record<string, (value: Json) => boolean>> = {
  step: () => true,
  intervalFactor: (value) => value === 1,
  datasource: () => true,
};

function target(query: Json, panel: Json): Json {
  // A query without a data source has its panel's.
  const inherits = isOurs(query.datasource) && (panel.datasource === undefined || isOurs(panel.datasource));
  return without(query, (key, value) => (key === "datasource" ? inherits : QUERY[key]?.(value) === true));
}

function slimPanel(panel: Json): Json {
  const { fieldConfig, options, targets, panels } = panel;
  const slim = {
    ...withoutEmpty(panel, "links", "transformations"),
    ...(fieldConfig ? { fieldConfig: { ...withoutEmpty(fieldConfig, "overrides") } } : {}),
    ...(options?.legend ? { options: { ...options, legend: withoutEmpty(options.legend, "calcs") } } : {}),
    ...(targets ? { targets: targets.map((one: Json) => target(one, panel)) } : {}),
    ...(panels ? { panels: panels.map(slimPanel) } : {}),
  };
  if (isObject(slim.fieldConfig?.defaults)) slim.fieldConfig.defaults = withoutEmpty(slim.fieldConfig.defaults, "links", "mappings");
  // Without a version, Grafana migrates stats, gauges and others as if they were of version 6.1; it migrates no time series.
  return without(slim, (key, value) => (key === "datasource" && isOurs(value)) || (key === "pluginVersion" && panel.type === "timeseries"));
}

/**
 * A bound dashboard without what Grafana writes by itself and takes for granted where it is not there: empty lists of a panel and its
 * fields, the data source where it is the default one, keys of old queries. Overrides are not touched: an empty list there sets one.
 */
export function slim(dashboard: Json): Json {
  const rows = dashboard.rows?.map((row: Json) => ({ ...row, ...(row.panels ? { panels: row.panels.map(slimPanel) } : {}) }));
  return { ...dashboard, ...(dashboard.panels ? { panels: dashboard.panels.map(slimPanel) } : {}), ...(rows ? { rows } : {}) };
}
