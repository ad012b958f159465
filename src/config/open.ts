/** Local ports that `open` takes where the environment names none: the source systems' own. */
export const OPEN_PORTS = { app: 8443, webapp: 8000, grafana: 3000, prometheus: 9090, alertmanager: 9093, "node-exporter": 9100 } as const;

/** What `open` can make reachable on the loopback address. */
export type Openable = keyof typeof OPEN_PORTS;

/** What is opened when the environment names nothing. */
const USUAL: readonly Openable[] = ["app", "grafana", "prometheus"];

/** The part of an environment that says what is opened. */
export interface Opening {
  readonly open: { readonly [K in Openable]?: number | undefined };
  readonly monitoring: { readonly grafana?: boolean | "on-demand" | undefined };
}

/** What `open` makes reachable without arguments, each at its local port: the usual components and those that the environment names. */
export function openedPorts({ open, monitoring }: Opening): { name: Openable; port: number }[] {
  const names = [...new Set([...USUAL, ...(Object.keys(open) as Openable[])])].filter(
    (name) => name !== "grafana" || monitoring.grafana !== false,
  );
  return names.map((name) => ({ name, port: open[name] ?? OPEN_PORTS[name] }));
}
