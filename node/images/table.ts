import { IMAGES } from "../../src/versions.ts";
import type { DebianRecipe } from "./debian.ts";
import { IMAGE_REPOSITORY } from "./names.ts";
import type { Programs } from "./programs.ts";

/** The node's own root file system; the images that need a few system programs use it too. */
export const NODE_ROOT: DebianRecipe = {
  suite: "bookworm",
  packages: [
    "containerd",
    "runc",
    "containernetworking-plugins",
    "iptables",
    "ipset",
    "conntrack",
    "iproute2",
    "kmod",
    "e2fsprogs",
    "mount",
    "procps",
  ],
};

/** Current releases of the servers that CloudNova runs, for the stand-ins of images that cannot be pulled. */
export const SERVERS: DebianRecipe = {
  suite: "sid",
  packages: [
    "etcd-server",
    "mysql-server-core",
    "mysql-client-core",
    "prometheus",
    "prometheus-alertmanager",
    "prometheus-node-exporter",
    "prometheus-mysqld-exporter",
    "prometheus-blackbox-exporter",
  ],
};

/** An image before it is made: `debian` is its lowest layer, `program` a static program on top. */
export interface ImageRecipe {
  readonly name: string;
  readonly debian?: "node" | "servers";
  readonly program?: { readonly source: string; readonly path: string };
  readonly entrypoint: readonly string[];
  /** Environment variables, as NAME=value. @default none */
  readonly env?: readonly string[];
}

/** Versions that images are named after: the pinned ones of the toolchain, and etcd's of Debian. */
export type Versions = Readonly<
  Record<"kubernetes" | "coredns" | "local-path-provisioner" | "metrics-server" | "traefik" | "etcd", string>
>;

const own = (name: string, tag: string) => `${IMAGE_REPOSITORY}/${name}:${tag}`;

/** The image that holds each pod's namespaces. */
export const PAUSE = own("pause", "3.10.1");

/** The web application's image, which webapp/image.sh builds. */
export const WEBAPP = `${IMAGE_REPOSITORY}/${IMAGES.webapp}`;

/** The image in which volumes are made and removed. */
export const VOLUME_HELPER = own("volume-helper", "1");

/** The tag of the stand-ins: Debian sid moves, so `images` says which versions they are. */
const SID = "sid";

/**
 * Debian links mysqld with tcmalloc; Oracle's own builds, whose image this one stands in for, have used glibc's allocator since 5.7.13.
 * The same server with the charts' settings has 168 MiB of anonymous memory with the first, and 126 with the second.
 */
const GLIBC_MALLOC = "LD_PRELOAD=libc.so.6";

/**
 * Every image of the node but the web application's own. Entry points are such that the charts' `args` follow
 * them as they follow the real image's.
 */
export function imageTable(programs: Programs, versions: Versions): ImageRecipe[] {
  const alone = (name: string, tag: string): ImageRecipe => {
    const path = `/usr/local/bin/${name}`;
    return { name: own(name, tag), program: { source: programs[name] ?? "", path }, entrypoint: [path] };
  };
  const server = (name: string, tag: string, ...entrypoint: string[]): ImageRecipe => ({
    name: own(name, tag),
    debian: "servers",
    entrypoint,
  });
  return [
    ...["kube-apiserver", "kube-controller-manager", "kube-scheduler"].map((name) => alone(name, versions.kubernetes)),
    // It calls iptables, ipset and conntrack.
    { ...alone("kube-proxy", versions.kubernetes), debian: "node" },
    { ...alone("pause", ""), name: PAUSE },
    alone("coredns", versions.coredns),
    alone("local-path-provisioner", versions["local-path-provisioner"]),
    alone("metrics-server", versions["metrics-server"]),
    { name: VOLUME_HELPER, debian: "node", entrypoint: ["/bin/bash"] },
    alone("traefik", versions.traefik),
    alone("ballast", "1"),
    server("etcd", versions.etcd, "etcd"),
    { ...server("mysql", SID, "mysqld"), env: [GLIBC_MALLOC] },
    server("prometheus", SID, "prometheus"),
    server("alertmanager", SID, "prometheus-alertmanager"),
    // Debian's build asks systemd, which the upstream image does not.
    server("node-exporter", SID, "prometheus-node-exporter", "--no-collector.systemd"),
    server("mysqld-exporter", SID, "prometheus-mysqld-exporter"),
    server("blackbox-exporter", SID, "prometheus-blackbox-exporter"),
  ];
}
