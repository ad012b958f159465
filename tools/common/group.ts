/** A line of a report, and where it came up. */
export interface Occurrence {
  readonly text: string;
  /** Empty when there is only one place that it can come from. */
  readonly where: string;
}

/**
 * One line for each text, with all its places behind it: most faults come up in every environment, and a list
 * seven times as long hides the others. In the order of the first occurrence.
 */
export function groupLines(occurrences: readonly Occurrence[]): string[] {
  const places = new Map<string, Set<string>>();
  for (const { text, where } of occurrences) places.set(text, (places.get(text) ?? new Set()).add(where));
  return [...places].map(([text, where]) => {
    const named = [...where].filter(Boolean);
    return named.length > 0 ? `${text} (${named.join("; ")})` : text;
  });
}
