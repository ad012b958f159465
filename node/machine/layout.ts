import { join } from "node:path";
import { nodeHome, nodeKubeconfig, nodeName } from "../../src/target/place.ts";
import { cacheFolder } from "../../tools/toolchain/cache.ts";

/** Name of the node, of its container, its cgroup and its folder: `$CLOUDNOVA_NODE`. */
export const NODE = nodeName(process.env.CLOUDNOVA_NODE || undefined);

/** Address of the node inside its own network namespace; nothing outside can reach it, so no machine's address collides. */
export const ADDRESS = "10.245.0.2";
/** Addresses of pods; a /24 is what kubeadm hands to one node. */
export const PODS = "10.244.0.0/24";
/** Addresses of Services; kubeadm's own default is a /12. */
export const SERVICES = "10.96.0.0/16";

/** Folder of everything that the node keeps on the machine. Nothing is written outside it and the cache. */
export const HOME = nodeHome(NODE);

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
  kubeconfig: nodeKubeconfig(NODE),
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
