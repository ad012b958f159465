/** What selects a workload's pods. Never a version or an environment: selectors are immutable. */
export const selector = (name: string): Record<string, string> => ({ "app.kubernetes.io/name": name });
