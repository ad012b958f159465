/** Metric → names of the labels that its samples have, both sorted. */
export type Exported = Readonly<Record<string, readonly string[]>>;

const SAMPLE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})?\s/;
const LABEL = /(\w+)="(?:[^"\\]|\\.)*"/g;

/** What a page in Prometheus' text format exports. A metric that has only its HELP and TYPE lines has no samples, so it is not there. */
export function exportedIn(text: string): Exported {
  const found = new Map<string, Set<string>>();
  for (const line of text.split("\n")) {
    const [, metric, labels = ""] = SAMPLE.exec(line) ?? [];
    if (metric === undefined || line.startsWith("#")) continue;
    const names = found.get(metric) ?? new Set();
    for (const [, name = ""] of labels.matchAll(LABEL)) names.add(name);
    found.set(metric, names);
  }
  return sorted(found);
}

/** Several targets of one job as one. */
export function merged(pages: readonly Exported[]): Exported {
  const all = new Map<string, Set<string>>();
  for (const [metric, labels] of pages.flatMap((page) => Object.entries(page))) {
    all.set(metric, new Set([...(all.get(metric) ?? []), ...labels]));
  }
  return sorted(all);
}

const sorted = (found: ReadonlyMap<string, ReadonlySet<string>>): Exported =>
  Object.fromEntries([...found.keys()].sort().map((metric) => [metric, [...(found.get(metric) ?? [])].sort()]));
