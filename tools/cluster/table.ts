import { IMAGE_REPOSITORY } from "../../src/target/node-image.ts";
import type { Programs } from "./built-programs.ts";
import type { DebianRecipe } from "./debian.ts";

/** The root file system of the node itself: the packages of kind's own base image that a cluster of one node needs. */
export const NODE_ROOT: DebianRecipe = {
  suite: "bookworm", // its systemd 252 is the last of Debian's that starts on cgroup v1
  packages: [
    "systemd",
    "runc",
    "containernetworking-plugins",
    "iptables",
    "nftables",
    "conntrack",
    "iproute2",
    "ethtool",
    "kmod",
    "mount",
    "e2fsprogs",
    "pigz",
    "jq",
    "curl",
    "ca-certificates",
    "procps",
    "hostname",
  ],
};

/** The lowest layer of images that need a few system programs. */
const SYSTEM_ROOT: DebianRecipe = { suite: "bookworm", packages: ["iptables", "ipset", "conntrack", "kmod"] };

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

/** The base of webapp/Dockerfile where Docker Hub's cannot be pulled: it has apt, as webapp/Dockerfile expects. */
export const PYTHON: DebianRecipe = { suite: "bookworm", packages: ["apt", "python3", "ca-certificates"] };

/** Root file systems that images lie on, by name. */
export const ROOTS = { system: SYSTEM_ROOT, servers: SERVERS } as const satisfies Record<string, DebianRecipe>;

/** An image before it is made: `root` is its lowest layer, `program` a static program on top. */
export interface ImageRecipe {
  readonly name: string;
  readonly root?: keyof typeof ROOTS;
  readonly program?: { readonly source: string; readonly path: string };
  readonly entrypoint: readonly string[];
  /** Environment variables, as NAME=value. @default none */
  readonly env?: readonly string[];
}

/** Versions that images are named after: the pinned ones of the toolchain. */
export type Versions = Readonly<
  Record<"kubernetes" | "coredns" | "etcd" | "kube-router" | "local-path-provisioner" | "traefik" | "kind", string>
>;

const own = (name: string, tag: string) => `${IMAGE_REPOSITORY}/${name}:${tag}`;

/** The tag of the stand-ins from Debian: sid moves, so `npm run cluster -- node-image` says which versions they are. */
const SID = "sid";

/**
 * Debian links mysqld with tcmalloc; Oracle's own builds, whose image this one stands in for, have used glibc's allocator since 5.7.13.
 * The same server with the charts' settings has 168 MiB of anonymous memory with the first, and 126 with the second.
 */
const GLIBC_MALLOC = "LD_PRELOAD=libc.so.6";

const alone = (programs: Programs, name: string): Pick<ImageRecipe, "program" | "entrypoint"> => {
  const path = `/usr/local/bin/${name}`;
  return { program: { source: programs[name] ?? "", path }, entrypoint: [path] };
};

/**
 * The images that kubeadm and kind ask for by these names. Those of registry.k8s.io are of the version that the name says (pause is a
 * program of ours); kind's provisioner is the upstream one that kind's fork follows, and its helper has Debian's shell.
 */
export function kubernetesImages(programs: Programs, versions: Versions, kindNames: KindNames): ImageRecipe[] {
  const registry = "registry.k8s.io";
  const part = (name: string, image: string): ImageRecipe => ({ ...alone(programs, name), name: `${registry}/${image}` });
  return [
    ...["kube-apiserver", "kube-controller-manager", "kube-scheduler"].map((name) => part(name, `${name}:${versions.kubernetes}`)),
    // It calls iptables, ipset and conntrack.
    { ...part("kube-proxy", `kube-proxy:${versions.kubernetes}`), root: "system" },
    part("coredns", `coredns/coredns:${versions.coredns}`),
    part("etcd", `etcd:${versions.etcd.slice(1)}-0`),
    ...kindNames.pause.map((name) => ({ ...alone(programs, "pause"), name })),
    // Nothing starts it: the node image has another pod network. But kind would pull an image of that name.
    { ...alone(programs, "pause"), name: kindNames.kindnetd },
    { ...alone(programs, "kube-router"), name: own("kube-router", versions["kube-router"]), root: "system" },
    { ...alone(programs, "local-path-provisioner"), name: kindNames.provisioner },
    { name: kindNames.helper, root: "system", entrypoint: [] },
  ];
}

/** Names of images that kind's own manifests and its configuration of containerd ask for. */
export interface KindNames {
  readonly kindnetd: string;
  readonly provisioner: string;
  readonly helper: string;
  readonly pause: readonly string[];
}

/** The images of environments/stand-ins.yaml. Entry points are such that the charts' `args` follow them as they follow the real image's. */
export function standIns(programs: Programs, versions: Versions): ImageRecipe[] {
  const server = (name: string, ...entrypoint: string[]): ImageRecipe => ({ name: own(name, SID), root: "servers", entrypoint });
  return [
    { ...alone(programs, "traefik"), name: own("traefik", versions.traefik) },
    { ...alone(programs, "ballast"), name: own("ballast", "1") },
    { ...server("mysql", "mysqld"), env: [GLIBC_MALLOC] },
    server("prometheus", "prometheus"),
    server("alertmanager", "prometheus-alertmanager"),
    // Debian's build asks systemd, which the upstream image does not.
    server("node-exporter", "prometheus-node-exporter", "--no-collector.systemd"),
    server("mysqld-exporter", "prometheus-mysqld-exporter"),
    server("blackbox-exporter", "prometheus-blackbox-exporter"),
  ];
}

/** Docker's name of that base. */
export const PYTHON_BASE = `${IMAGE_REPOSITORY}/python:bookworm`;
/** Docker's name of the base of helper/Dockerfile: PYTHON with this machine's Go. */
export const GOLANG_BASE = `${IMAGE_REPOSITORY}/golang:bookworm`;
