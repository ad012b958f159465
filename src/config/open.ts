/** Local ports that `open` takes where the environment names none: the source systems' own. On kind, `app` has the port of HTTPS. */
export const OPEN_PORTS = {
  app: 8443,
  webapp: 8000,
  mysql: 3306,
  grafana: 3000,
  prometheus: 9090,
  alertmanager: 9093,
  "node-exporter": 9100,
} as const;

/** What `open` can make reachable on the loopback address. */
export type Openable = keyof typeof OPEN_PORTS;

/** Whether a word is the name of something that `open` can make reachable. */
export const isOpenable = (word: string): word is Openable => Object.hasOwn(OPEN_PORTS, word);

/** What is opened when the environment names nothing. */
const USUAL: readonly Openable[] = ["app", "grafana", "prometheus"];

/** The part of an environment that says what is opened. */
export interface Opening {
  readonly cluster: "kind" | "k3s" | "kubernetes";
  readonly open: { readonly [K in Openable]?: number | undefined };
  readonly ingress: { readonly ports: { readonly https: number } };
  readonly monitoring: { readonly grafana?: boolean | "on-demand" | undefined };
}

/** The local port of a component where the user names none: kind has the application at a port of this computer already. */
export const defaultPort = (name: Openable, { cluster, ingress }: Opening): number =>
  name === "app" && cluster === "kind" ? ingress.ports.https : OPEN_PORTS[name];

/** What `open` makes reachable without arguments, each at its local port: the usual components and those that the environment names. */
export function openedPorts(opening: Opening): { name: Openable; port: number }[] {
  const { open, monitoring } = opening;
  const names = [...new Set([...USUAL, ...(Object.keys(open) as Openable[])])].filter(
    (name) => name !== "grafana" || monitoring.grafana !== false,
  );
  return names.map((name) => ({ name, port: open[name] ?? defaultPort(name, opening) }));
}
