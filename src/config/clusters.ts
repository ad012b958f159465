import type { Machine } from "./machines.ts";

/** How one kind of cluster differs from the others; knowledge as a table, so that no chart branches on a name. */
export interface Cluster {
  /** Who runs Traefik: CloudNova's own chart, or the cluster (k3s ships it and CloudNova configures it). */
  readonly ingressController: "own" | "bundled";
  /** The ports at which a browser reaches the application. */
  readonly publicPorts: (nodePorts: { readonly http: number; readonly https: number }) => { readonly http: number; readonly https: number };
  /** Default of `machine.system`: kernel, operating system and Kubernetes itself, before the first pod of ours. */
  readonly system: Machine;
  /** Mount points of a node that are folders of its one disk, as regular expressions: none of them is a disk of its own. */
  readonly folders: readonly string[];
  /** Default of `webapp.writeAccess`. */
  readonly writeAccess: "open" | "login";
}

/** The clusters by name. */
export const CLUSTERS = {
  kind: {
    ingressController: "own",
    // kind.yaml maps the NodePorts to these ports of the loopback address (source S2's https://localhost:8443).
    publicPorts: () => ({ http: 8080, https: 8443 }),
    // kubeadm's control plane with kubelet and containerd took 478 MiB of working set on a measured node; plus kind's own.
    system: { memory: 700, cpu: 400 },
    folders: [],
    writeAccess: "open",
  },
  k3s: {
    ingressController: "bundled",
    publicPorts: () => ({ http: 80, https: 443 }),
    // 348 MiB for kernel and Ubuntu (2,048 less the 1,700 that a t3.small leaves) and 552 MiB for k3s idle (k3s-io/k3s#3536).
    system: { memory: 900, cpu: 300 },
    folders: [],
    writeAccess: "login",
  },
  node: {
    ingressController: "own",
    publicPorts: (nodePorts) => nodePorts,
    // 348 MiB for kernel and Ubuntu as above, 478 MiB measured for the kubeadm control plane, kubelet and containerd.
    system: { memory: 826, cpu: 400 },
    // What node/machine/spec.ts mounts; the volumes below one of them are file systems of their own.
    folders: [
      "etc/kubernetes",
      "var/lib/(etcd|kubelet|containerd|cloudnova-volumes)",
      "var/log",
      "opt/(config|images)",
      "usr/local/bin/.+",
    ],
    writeAccess: "login",
  },
} as const satisfies Record<string, Cluster>;
