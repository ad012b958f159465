/** Where the last check is recorded: facts, so that a new value or another k3s is noticed where the chart cannot be fetched. */
export const CHECKED_FILE = "tools/k3s-chart/checked.json";

/** An environment beside the shipped ones: those do not set the values for certificates of Let's Encrypt. */
export const LETS_ENCRYPT = "tools/k3s-chart/lets-encrypt.yaml";

const REMEDY = 'run "npm run k3s-chart -- --write" where the chart can be fetched';

/** What `npm run k3s-chart` saw when it last held. */
export interface Checked {
  readonly k3s: string;
  /** The version of the chart that this k3s installs. */
  readonly chart: string;
  /** The paths of the values that we set, each with the part of it that the chart's values.yaml names. */
  readonly values: Readonly<Record<string, string>>;
}

/** How what is recorded differs from what is, one line each. */
export function drift(recorded: Checked, now: Checked): string[] {
  const differs = (what: string, before: string | undefined, after: string | undefined) =>
    before === after ? [] : [`${CHECKED_FILE}: ${what} is ${before ?? "not there"}, should be ${after ?? "removed"}: ${REMEDY}`];
  const paths = [...new Set([...Object.keys(recorded.values), ...Object.keys(now.values)])];
  return [
    ...differs("k3s", recorded.k3s, now.k3s),
    ...differs("chart", recorded.chart, now.chart),
    ...paths.flatMap((path) => differs(path, recorded.values[path], now.values[path])),
  ];
}
