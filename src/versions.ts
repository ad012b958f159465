import packageJson from "../package.json" with { type: "json" };
import type { Text } from "./language.ts";

/** The version of CloudNova itself (docs/release.md): the label `app.kubernetes.io/version` of what has no image of its own. */
export const CLOUDNOVA_VERSION = packageJson.version;

/**
 * The k3s that `up` installs where there is none: of the Kubernetes release that the node runs and the checks know, so that
 * not whatever is current that day comes.
 */
export const K3S_VERSION = "v1.34.9+k3s1";

/** The files of that release: the programs, and the lists of their SHA-256 sums. No sum is written here that was not read there. */
export const K3S_RELEASE = `https://github.com/k3s-io/k3s/releases/download/${encodeURIComponent(K3S_VERSION)}`;

/** The installer of that release, which writes the service and the script that uninstalls. */
export const K3S_INSTALL_SCRIPT = `https://raw.githubusercontent.com/k3s-io/k3s/${encodeURIComponent(K3S_VERSION)}/install.sh`;

/** The kind that `up` brings where there is none, and whose node images are used. */
export const KIND_VERSION = "v0.33.0";

/** The oldest kind that can load an image into the node image below: its containerd writes configuration of version 4 (notes of kind v0.32.0). */
export const KIND_MINIMUM = "v0.32.0";

/**
 * The node image of kind's clusters: of the Kubernetes release that the checks know, with the digest that the notes of
 * KIND_VERSION name (https://github.com/kubernetes-sigs/kind/releases/tag/v0.33.0). Its own default is Kubernetes 1.37.
 */
export const KIND_NODE_IMAGE = "kindest/node:v1.34.11@sha256:44e222ee2132dab25ff87301682f89eb82c7880ea3a1bf543bfe9708fd08d67d";

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
 * They are the versions that the tests run, which are those of Debian sid; TESTED says where one differs.
 * MySQL 9.7 and Prometheus 3.5 are series with long-term support; Grafana stays on 12.4: 13 idles at nearly twice the memory
 * (grafana/grafana#123017).
 */
export const IMAGES = {
  webapp: "cloudnova-webapp:1.0.0",
  helper: "cloudnova-helper:0.1.0",
  mysql: "mysql:9.7.2",
  traefik: "traefik:v3.7.15",
  prometheus: "prom/prometheus:v3.5.5",
  alertmanager: "prom/alertmanager:v0.33.1",
  "node-exporter": "prom/node-exporter:v1.11.1",
  "mysqld-exporter": "prom/mysqld-exporter:v0.19.0",
  "blackbox-exporter": "prom/blackbox-exporter:v0.28.0",
  grafana: "grafana/grafana:12.4.10",
} as const;

/** An image, by the name that an environment file has for it. */
export type Component = keyof typeof IMAGES;

/** The images that are built from this checkout, each from the folder of its name: no registry has them. */
export const BUILT_HERE = ["webapp", "helper"] as const satisfies readonly Component[];
export type BuiltHere = (typeof BUILT_HERE)[number];

/** Whether an image is built from this checkout. */
export const isBuiltHere = (name: string): name is BuiltHere => (BUILT_HERE as readonly string[]).includes(name);

/**
 * The pinned images whose version is not the one that the tests run: that version (null where none is run), and why.
 * test/real/versions.test.ts compares this table with the programs, and docs/configuration.md shows it.
 */
export const TESTED: Readonly<Partial<Record<Component, { readonly version: string | null; readonly why: Text }>>> = {
  mysql: {
    version: "9.7.4",
    why: {
      en: "9.7.2 is the newest tag that is known to exist on Docker Hub: 9.7.3 was missing there in September 2026",
      es: "9.7.2 es la etiqueta más nueva que consta en Docker Hub: 9.7.3 faltaba allí en septiembre de 2026",
    },
  },
  prometheus: {
    version: "3.5.3",
    why: {
      en: "3.5.5 is a later patch release of the same series, which holds fixes only",
      es: "3.5.5 es una versión posterior de la misma serie, que solo trae correcciones",
    },
  },
  grafana: {
    version: null,
    why: {
      en: "Grafana has no Debian package; a program of its size stands in for it",
      es: "Grafana no tiene paquete en Debian; lo sustituye un programa de su tamaño",
    },
  },
};

/** The registry of images whose name has no host (the reference format of containerd and Docker). */
const DOCKER_HUB = "docker.io/";

/**
 * The name under which a registry that mirrors Docker Hub has an image: `mysql:9.7.2` is `REGISTRY/library/mysql:9.7.2`, and
 * `grafana/grafana:12.4.10` is `REGISTRY/grafana/grafana:12.4.10`. An image of another registry keeps its name.
 *
 * @param registry prefix without a last slash, such as `mirror.example.com/hub`; undefined leaves every name as it is
 * @param image with or without `docker.io/`, with a tag, a digest or both
 */
export function withRegistry(registry: string | undefined, image: string): string {
  if (registry === undefined) return image;
  const name = image.startsWith(DOCKER_HUB) ? image.slice(DOCKER_HUB.length) : image;
  const [first = "", ...rest] = name.split("/");
  if (rest.length > 0 && (/[.:]/.test(first) || first === "localhost")) return image;
  return `${registry}/${rest.length > 0 ? name : `library/${name}`}`;
}

/** The version part of an image reference, as a label value: its tag, else the start of its digest. */
export function imageVersion(image: string): string {
  const [name = "", digest = ""] = image.split("@sha256:");
  const tag = /:([\w.-]+)$/.exec(name)?.[1] ?? digest.slice(0, 12);
  return tag.slice(0, 63).replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, "");
}

/** The series that an image's tag names, such as 9.7 for `mysql:9.7.2`; undefined where the tag begins otherwise. */
export const seriesOf = (image: string): string | undefined => /^\d+\.\d+/.exec(imageVersion(image))?.[0];
