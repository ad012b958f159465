import { ApiObject, Chart, Duration, JsonPatch } from "cdk8s";
import * as kplus from "cdk8s-plus-27";
import type { Construct } from "constructs";
import type { Resources } from "../src/config/resources.ts";
import { HardenedDaemonSet } from "../src/constructs/index.ts";
import { podExceptions } from "../src/exceptions.ts";
import { type Identity, labels } from "../src/labels.ts";
import { PORTS } from "../src/ports.ts";
import { imageVersion } from "../src/versions.ts";

export interface NodeExporterProps {
  /** The namespace without Pod Security's restrictions; nothing else lives there. */
  readonly namespace: string;
  readonly image: string;
  readonly resources: Resources;
  /** Whether the cluster has several nodes, some of which may be tainted. */
  readonly severalNodes: boolean;
}

const USER = 65_534;
const PORT = PORTS["node-exporter"];

/**
 * What is no disk of the machine: the folders of containers and of the kernel, and what Docker mounts into kind's node. A disk of its own
 * may be below /var/lib/rancher.
 */
const NOT_MOUNTS =
  "^/(dev|proc|etc/(hostname|hosts|resolv[.]conf)|(usr/)?lib/modules|run/credentials/.+|sys|var/lib/(docker|containerd|kubelet|rancher/[^/]+/agent)/.+|run/(containerd|k3s|netns)/.+)($|/)";
/**
 * Kinds of file systems that are no disk: node_exporter's own list with tmpfs, and without overlay, which is the root of a
 * node that is a container itself (kind).
 */
const NOT_DISKS =
  "^(autofs|binfmt_misc|bpf|cgroup2?|configfs|debugfs|devpts|devtmpfs|erofs|fusectl|hugetlbfs|iso9660|mqueue|nsfs|proc|procfs|pstore|rpc_pipefs|securityfs|selinuxfs|squashfs|sysfs|tmpfs|tracefs)$";
/** The pods' ends of their network, which come and go with them. */
const NOT_DEVICES = "^(veth.*|cali.*|cni.*|flannel.*)$";

/**
 * The machine's own metrics, on every node. It looks at the host's folders (read-only) and network, which *restricted*
 * and *baseline* forbid: hence a namespace of its own. It runs without root, without capabilities and without a token.
 */
export class NodeExporterChart extends Chart {
  constructor(scope: Construct, id: string, props: NodeExporterProps) {
    super(scope, id, { namespace: props.namespace, disableResourceNameHashes: true });
    const identity: Identity = { name: "node-exporter", component: "monitoring", version: imageVersion(props.image) };
    const { workload } = new HardenedDaemonSet(this, "pods", {
      name: identity.name,
      labels: labels(identity),
      annotations: podExceptions({
        CKV_K8S_19: "in a network namespace of its own it would see only its pod's interfaces",
        "pod-security": "the machine's metrics come from the host's folders (read-only) and its network",
      }),
      hostNetwork: true,
      containers: [
        {
          name: "node-exporter",
          image: props.image,
          user: USER,
          resources: props.resources,
          args: [
            "--path.rootfs=/host",
            "--path.procfs=/host/proc",
            "--path.sysfs=/host/sys",
            // The node's own address alone: with its network, no NetworkPolicy stands before it.
            `--web.listen-address=$(HOST_IP):${PORT}`,
            // And the loopback address, where a port-forward to a pod with the node's network arrives.
            `--web.listen-address=127.0.0.1:${PORT}`,
            `--collector.filesystem.mount-points-exclude=${NOT_MOUNTS}`,
            `--collector.filesystem.fs-types-exclude=${NOT_DISKS}`,
            `--collector.netdev.device-exclude=${NOT_DEVICES}`,
            `--collector.netclass.ignored-devices=${NOT_DEVICES}`,
          ],
          fields: { HOST_IP: kplus.EnvFieldPaths.NODE_IP },
          ports: { metrics: PORT },
          mounts: [
            {
              path: "/host",
              readOnly: true,
              // Without it a volume that is mounted later is measured as the disk below it (seen on a node).
              propagation: kplus.MountPropagation.HOST_TO_CONTAINER,
              volume: kplus.Volume.fromHostPath(this, "root", "root", { path: "/" }),
            },
          ],
          readiness: kplus.Probe.fromHttpGet("/", { port: PORT, periodSeconds: Duration.seconds(10) }),
          liveness: kplus.Probe.fromTcpSocket({ port: PORT, periodSeconds: Duration.seconds(30) }),
        },
      ],
    });
    // On every node, whatever its taints; cdk8s-plus-27 writes tolerations for named taints only.
    const all = JsonPatch.add("/spec/template/spec/tolerations", [{ operator: "Exists" }]);
    if (props.severalNodes) ApiObject.of(workload).addJsonPatch(all);
  }
}
