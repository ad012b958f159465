/** Helm values, or a part of them. */
export type Values = { readonly [key: string]: unknown };

const isMap = (value: unknown): value is Values => typeof value === "object" && value !== null && !Array.isArray(value);

/** The paths of all values that are set, such as `service.spec.externalTrafficPolicy`; a list is one value. Sorted. */
export function pathsOf(values: Values): string[] {
  const below = Object.entries(values).flatMap(([key, value]) => (isMap(value) ? pathsOf(value).map((path) => `${key}.${path}`) : [key]));
  return below.sort();
}

/** The values without the one at `path`. */
export function without(values: Values, path: string): Values {
  const [key = "", ...rest] = path.split(".");
  const { [key]: value, ...others } = values;
  return rest.length > 0 && isMap(value) ? { ...others, [key]: without(value, rest.join(".")) } : others;
}

/** The part of a path that a chart's own values name: `service.spec` of `service.spec.externalTrafficPolicy`, since the chart hands the whole map on. */
export function namedPart(chart: Values, path: string): string {
  const [key = "", ...rest] = path.split(".");
  if (!(key in chart)) return "";
  const value = chart[key];
  const below = isMap(value) && rest.length > 0 ? namedPart(value, rest.join(".")) : "";
  return below ? `${key}.${below}` : key;
}
