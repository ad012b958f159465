import { IMAGE_REPOSITORY } from "../images/names.ts";
import { ADDRESS, NODE, PODS, SERVICES } from "../machine/layout.ts";

/** Versions that decide image tags. */
export interface KubeadmProps {
  readonly kubernetesVersion: string;
  /** Tag of etcd's image: kubeadm picks etcd's flags by it. */
  readonly etcd: string;
  /** Tag of CoreDNS' image. */
  readonly coredns: string;
}

/** Kept for the kubelet, containerd and the forwarder, in MiB (116 were measured): pods may not take it. */
const HOST_RESERVE = 150;

/**
 * The part of the kubelet's configuration that an option decides. The kubelet reads the machine's memory, not the
 * cgroup's, so what the node may not use is reserved: allocatable becomes `memoryMiB` less 150 MiB and the eviction
 * threshold of 50 MiB.
 *
 * @param memoryMiB memory of the whole node  @param machineMiB memory of the machine
 */
export const kubeletMemory = (memoryMiB: number, machineMiB: number): string =>
  JSON.stringify({
    apiVersion: "kubelet.config.k8s.io/v1beta1",
    kind: "KubeletConfiguration",
    systemReserved: { memory: `${machineMiB - memoryMiB + HOST_RESERVE}Mi` },
  });

// Go's own default lets a heap grow to twice its live part; a machine of 2 GiB has better uses for it than a control plane
// of one node. It costs a few percent of one CPU.
const SMALL_HEAP = [{ name: "GOGC", value: "25" }];

/** kubeadm's configuration: YAML documents, each written as JSON. */
export function kubeadmConfiguration({ kubernetesVersion, etcd, coredns }: KubeadmProps): string {
  const kubeadm = "kubeadm.k8s.io/v1beta4";
  const documents = [
    {
      apiVersion: kubeadm,
      kind: "InitConfiguration",
      localAPIEndpoint: { advertiseAddress: ADDRESS, bindPort: 6443 },
      nodeRegistration: {
        name: NODE,
        criSocket: "unix:///run/containerd/containerd.sock",
        imagePullPolicy: "Never",
        taints: [],
        kubeletExtraArgs: [{ name: "node-ip", value: ADDRESS }],
      },
    },
    {
      apiVersion: kubeadm,
      kind: "ClusterConfiguration",
      kubernetesVersion,
      imageRepository: IMAGE_REPOSITORY,
      networking: { podSubnet: PODS, serviceSubnet: SERVICES },
      apiServer: { certSANs: ["127.0.0.1", "localhost"], extraEnvs: SMALL_HEAP },
      controllerManager: { extraEnvs: SMALL_HEAP },
      scheduler: { extraEnvs: SMALL_HEAP },
      etcd: { local: { imageTag: etcd, extraEnvs: SMALL_HEAP } },
      dns: { imageTag: coredns },
    },
    {
      apiVersion: "kubeproxy.config.k8s.io/v1alpha1",
      kind: "KubeProxyConfiguration",
      mode: "iptables",
      nodePortAddresses: ["127.0.0.0/8"],
      iptables: { localhostNodePorts: true },
      // Connection tracking's sizes belong to the whole machine and are read-only in a network namespace.
      conntrack: { maxPerCore: 0, min: 0 },
    },
    {
      apiVersion: "kubelet.config.k8s.io/v1beta1",
      kind: "KubeletConfiguration",
      cgroupDriver: "cgroupfs",
      cgroupRoot: "/",
      enforceNodeAllocatable: ["pods"],
      failSwapOn: false,
      failCgroupV1: false,
      evictionHard: { "memory.available": "50Mi", "nodefs.available": "1%", "imagefs.available": "1%" },
      imageGCHighThresholdPercent: 100, // a collected image cannot be pulled again here, the pause image included
    },
  ];
  return documents.map((document) => `---\n${JSON.stringify(document, null, 2)}\n`).join("");
}
