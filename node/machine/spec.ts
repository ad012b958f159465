import { join } from "node:path";
import { DATA, HOST, INSIDE, NODE } from "./layout.ts";

/** What the machine and the build decide about the container. */
export interface SpecProps {
  /** Memory of the whole node, in MiB, control plane included. */
  readonly memoryMiB: number;
  readonly capabilities: readonly string[];
  /** Programs that the node runs from the toolchain, by name: their paths on this machine. */
  readonly programs: Readonly<Record<string, string>>;
  /** Folder of image archives on this machine. */
  readonly images: string;
  /** Whether this machine has /lib/modules, which kube-proxy looks at. */
  readonly modules: boolean;
}

const bind = (source: string, destination: string, ...options: string[]) => ({
  type: "bind",
  source,
  destination,
  options: ["rbind", ...options],
});

/**
 * The node as an OCI runtime container: namespaces of its own for everything that a Kubernetes node changes (mounts,
 * network with its packet filter, processes, host name, cgroups), so that nothing of it shows on the machine and
 * nothing stays behind.
 */
export function containerSpec({ memoryMiB, capabilities, programs, images, modules }: SpecProps): object {
  return {
    ociVersion: "1.0.2",
    hostname: NODE,
    root: { path: HOST.root },
    process: {
      cwd: "/",
      args: ["/bin/bash", `${INSIDE.config}/init.sh`],
      env: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "KUBECONFIG=/etc/kubernetes/admin.conf"],
      user: { uid: 0, gid: 0 },
      capabilities: Object.fromEntries(["bounding", "effective", "permitted"].map((set) => [set, capabilities])),
    },
    mounts: [
      { type: "proc", source: "proc", destination: "/proc" },
      { type: "sysfs", source: "sysfs", destination: "/sys", options: ["nosuid", "noexec", "nodev"] },
      { type: "cgroup", source: "cgroup", destination: "/sys/fs/cgroup", options: ["nosuid", "noexec", "nodev"] },
      // The machine's own devices: new loop devices appear there, and privileged pods expect them.
      bind("/dev", "/dev", "rslave"),
      { type: "tmpfs", source: "tmpfs", destination: "/run", options: ["nosuid", "nodev", "mode=755"] },
      { type: "tmpfs", source: "tmpfs", destination: "/tmp", options: ["nosuid", "nodev", "mode=1777"] },
      ...Object.entries(DATA).map(([name, destination]) => bind(join(HOST.data, name), destination, "rprivate")),
      ...Object.entries(programs).map(([name, path]) => bind(path, `/usr/local/bin/${name}`, "ro")),
      bind(HOST.log, "/var/log", "rprivate"),
      bind(HOST.config, INSIDE.config, "ro"),
      bind(images, INSIDE.images, "ro"),
      ...(modules ? [bind("/lib/modules", "/lib/modules", "ro")] : []),
    ],
    linux: {
      cgroupsPath: `/${NODE}`,
      namespaces: ["mount", "network", "pid", "ipc", "uts", "cgroup"].map((type) => ({ type })),
      resources: {
        memory: { limit: memoryMiB * 1024 * 1024 },
        devices: [{ allow: true, access: "rwm" }],
      },
    },
  };
}
