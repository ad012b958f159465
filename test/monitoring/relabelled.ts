/** A rule of `metric_relabel_configs`, as far as ours are. */
export interface RelabelRule {
  readonly source_labels?: readonly string[];
  readonly regex?: string;
  readonly target_label?: string;
  readonly replacement?: string;
  readonly action?: string;
}

/** What Prometheus makes of a series by these rules, without empty labels; undefined when it drops it. */
export function relabelled(series: Readonly<Record<string, string>>, rules: readonly RelabelRule[]): Record<string, string> | undefined {
  const labels: Record<string, string> = { ...series };
  for (const { source_labels = [], regex = "(.*)", target_label = "", replacement = "$1", action = "replace" } of rules) {
    const found = new RegExp(`^(?:${regex})$`, "s").exec(source_labels.map((label) => labels[label] ?? "").join(";"));
    if ((action === "keep" && !found) || (action === "drop" && found)) return undefined;
    if (action === "replace" && found) labels[target_label] = replacement.replaceAll("$1", found[1] ?? "");
  }
  return Object.fromEntries(Object.entries(labels).filter(([, value]) => value !== ""));
}
