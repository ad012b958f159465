/** A rule of `relabel_configs` or `metric_relabel_configs`, with Prometheus' defaults where a key is missing. */
export interface Relabel {
  readonly source_labels?: readonly string[];
  readonly separator?: string;
  readonly regex?: string;
  readonly action?: string;
}

/**
 * Whether Prometheus stores a sample after `metric_relabel_configs`.
 *
 * @param labels of the sample, with `__name__`; a label that it lacks is empty
 * @throws Error for an action that drops no sample: it would change labels, which the check of queries does not follow
 */
export function isStored(labels: Readonly<Record<string, string>>, rules: readonly Relabel[]): boolean {
  return rules.every(({ source_labels = [], separator = ";", regex = "(.*)", action = "replace" }) => {
    if (action !== "keep" && action !== "drop") throw new Error(`metric_relabel_configs: the action ${action} is not known here`);
    const found = new RegExp(`^(?:${regex})$`, "s").test(source_labels.map((label) => labels[label] ?? "").join(separator));
    return found === (action === "keep");
  });
}
