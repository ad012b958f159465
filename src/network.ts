import { PORTS } from "./ports.ts";

/** Who may open connections to whom, at which TCP ports of the one that answers. */
export interface Flow {
  /** A component's name, or a place: anywhere, outside, dns, api-server, nodes. */
  readonly from: string;
  readonly to: string;
  readonly ports: readonly number[];
}

/** What the table hangs on. */
export interface NetworkSettings {
  /** Whether Traefik is a pod of ours, in our namespace. */
  readonly ownTraefik: boolean;
  readonly grafana: boolean;
  /** Whether Prometheus scrapes Grafana: one that runs on demand is no target. */
  readonly scrapedGrafana: boolean;
  /** Ports outside at which alerts are delivered. */
  readonly receivers: readonly number[];
}

/** The API server: behind its Service (443), and where the Service's traffic ends (6443). */
const API_PORTS = [443, 6443];

/** Every connection that is meant to be; all others are refused. The one table from which all policies are made. */
export function flows({ ownTraefik, grafana, scrapedGrafana, receivers }: NetworkSettings): Flow[] {
  const traefik = ownTraefik
    ? [
        { from: "anywhere", to: "traefik", ports: [PORTS["traefik-web"], PORTS["traefik-websecure"]] },
        { from: "traefik", to: "webapp", ports: [PORTS.webapp] },
        { from: "traefik", to: "api-server", ports: API_PORTS },
        { from: "prometheus", to: "traefik", ports: [PORTS["traefik-metrics"], PORTS["traefik-websecure"]] },
      ]
    : [
        { from: "traefik", to: "webapp", ports: [PORTS.webapp] },
        { from: "prometheus", to: "traefik", ports: [PORTS["traefik-metrics"], 8443] },
      ];
  const board = grafana
    ? [
        { from: "grafana", to: "prometheus", ports: [PORTS.prometheus] },
        { from: "grafana", to: "dns", ports: [53] },
        ...(scrapedGrafana ? [{ from: "prometheus", to: "grafana", ports: [PORTS.grafana] }] : []),
      ]
    : [];
  const delivery =
    receivers.length > 0
      ? [
          { from: "alertmanager", to: "outside", ports: receivers },
          { from: "alertmanager", to: "dns", ports: [53] },
        ]
      : [];
  return [
    ...traefik,
    { from: "webapp", to: "mysql", ports: [PORTS.mysql] },
    { from: "webapp", to: "dns", ports: [53] },
    { from: "bootstrap", to: "api-server", ports: API_PORTS },
    { from: "prometheus", to: "webapp", ports: [PORTS["webapp-metrics"]] },
    { from: "prometheus", to: "mysql", ports: [PORTS["mysqld-exporter"]] },
    { from: "prometheus", to: "alertmanager", ports: [PORTS.alertmanager] },
    { from: "prometheus", to: "nodes", ports: [PORTS["node-exporter"], PORTS.kubelet] },
    { from: "prometheus", to: "api-server", ports: API_PORTS },
    { from: "prometheus", to: "dns", ports: [53] },
    ...board,
    ...delivery,
  ];
}
