/** The version of CloudNova itself: the label `app.kubernetes.io/version` of what has no image of its own. */
export const CLOUDNOVA_VERSION = "0.1.0";

/**
 * The k3s that `up` installs where there is none: of the Kubernetes release that the node runs and the checks know, so that
 * not whatever is current that day comes.
 */
export const K3S_VERSION = "v1.34.9+k3s1";

/**
 * The Kubernetes versions whose schemas every object is checked against (`npm run scan`): the release that the tests run
 * (tools/go/kubernetes/go.mod and K3S_VERSION), the one before and the one after.
 */
export const SCHEMA_VERSIONS = ["1.33.0", "1.34.0", "1.35.0"] as const;

/** The minor version of a Kubernetes version such as `v1.34.9+k3s1` or `1.34.0`; NaN where it is none. */
export const minorOf = (version: string): number => Number(/^v?1\.(\d+)/.exec(version)?.[1]);

/**
 * Every image that CloudNova deploys, pinned; the one place where a version is raised.
 * Tags, not digests: no digest is written that was not read from a registry.
 * Prometheus stays on 3.5 (the release that Debian packages, and so the one that the checks run);
 * Grafana stays on 12.4: 13 idles at nearly twice the memory (grafana/grafana#123017).
 */
export const IMAGES = {
  webapp: "cloudnova-webapp:1.0.0",
  mysql: "mysql:8.4.11",
  traefik: "traefik:v3.7.15",
  prometheus: "prom/prometheus:v3.5.5",
  alertmanager: "prom/alertmanager:v0.33.1",
  "node-exporter": "prom/node-exporter:v1.12.1",
  "mysqld-exporter": "prom/mysqld-exporter:v0.20.0",
  "blackbox-exporter": "prom/blackbox-exporter:v0.28.0",
  grafana: "grafana/grafana:12.4.10",
} as const;

/** A component that runs from an image of its own. */
export type Component = keyof typeof IMAGES;

/** The version part of an image reference, as a label value: its tag, else the start of its digest. */
export function imageVersion(image: string): string {
  const [name = "", digest = ""] = image.split("@sha256:");
  const tag = /:([\w.-]+)$/.exec(name)?.[1] ?? digest.slice(0, 12);
  return tag.slice(0, 63).replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, "");
}
