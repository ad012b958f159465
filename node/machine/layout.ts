import { join } from "node:path";
import { cacheFolder } from "../../tools/toolchain/cache.ts";

/**
 * Name of the node, of its container, its cgroup and its folder: `$CLOUDNOVA_NODE`, so that a second node (the tests') never
 * touches the first. @default cloudnova-node
 */
export const NODE = nodeName(process.env.CLOUDNOVA_NODE ?? "cloudnova-node");

/** @throws Error when the name could not be a host's and a folder's */
export function nodeName(name: string): string {
  if (/^[a-z]([-a-z0-9]{0,38}[a-z0-9])?$/.test(name)) return name;
  throw new Error(`CLOUDNOVA_NODE is '${name}': a node's name has up to 40 of a-z, 0-9 and -, and begins with a letter`);
}

/** Address of the node inside its own network namespace; nothing outside can reach it, so no machine's address collides. */
export const ADDRESS = "10.245.0.2";
/** Addresses of pods; a /24 is what kubeadm hands to one node. */
export const PODS = "10.244.0.0/24";
/** Addresses of Services; kubeadm's own default is a /12. */
export const SERVICES = "10.96.0.0/16";

/** Folder of everything that the node keeps on the machine. Nothing is written outside it and the cache. */
export const HOME = `/var/lib/${NODE}`;

/** Places in HOME. */
export const HOST = {
  /** The node's disk, a file system in a file, and where it is mounted while the node runs. */
  image: join(HOME, "disk.img"),
  disk: join(HOME, "disk"),
  /** On the disk: the node's root file system, unpacked from the cache; replaced when its recipe changes. */
  root: join(HOME, "disk", "root"),
  /** On the disk: Kubernetes' own state: keys, etcd, kubelet, containerd with its images, volumes. */
  data: join(HOME, "disk", "data"),
  /** The container's description (config.json) and runc's notes about it. */
  bundle: join(HOME, "bundle"),
  runc: join(HOME, "runc"),
  /** What the programs inside read: written anew at every start. */
  config: join(HOME, "config"),
  /** Kubeconfig of the cluster's administrator, for use on this machine. */
  kubeconfig: join(HOME, "kubeconfig"),
  /** Output of the node's own programs: /var/log there. */
  log: join(HOME, "log"),
} as const;

/** Folders of data/ by the place where the node sees them. What lies elsewhere inside the node is forgotten at a stop. */
export const DATA = {
  kubernetes: "/etc/kubernetes",
  kubelet: "/var/lib/kubelet",
  etcd: "/var/lib/etcd",
  containerd: "/var/lib/containerd",
  volumes: "/var/lib/cloudnova-volumes",
} as const;

/** Folders that the node sees read-only. */
export const INSIDE = { config: "/opt/config", images: "/opt/images" } as const;

/** Where the images and root file systems lie, by their content. */
export const imageCache = (): string => join(cacheFolder(), "node");
