import { DATA, PODS } from "./layout.ts";

/** The pod network: each pod has a link of its own to the node, so that every packet passes the node's packet filter. */
const network = {
  cniVersion: "0.4.0",
  name: "cloudnova",
  plugins: [
    {
      type: "ptp",
      ipMasq: false,
      // In /run: a start forgets the addresses of pods that no longer run.
      ipam: { type: "host-local", dataDir: "/run/cni-addresses", ranges: [[{ subnet: PODS }]], routes: [{ dst: "0.0.0.0/0" }] },
    },
    { type: "portmap", capabilities: { portMappings: true } },
  ],
};

/**
 * Files for containerd, by name, in the folder `folder` of the node.
 *
 * @param pause reference of the image that holds each pod's namespaces
 */
export function containerdFiles(folder: string, pause: string): Record<string, string> {
  const toml = `version = 2
root = "${DATA.containerd}"
state = "/run/containerd"
[grpc]
  address = "/run/containerd/containerd.sock"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${pause}"
  # A container may lack CAP_SYS_RESOURCE; without this runc then fails with "can't get final child's PID from pipe".
  restrict_oom_score_adj = true
  tolerate_missing_hugetlb_controller = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "${folder}/cni"
`;
  return { "containerd.toml": toml, "cni/10-cloudnova.conflist": JSON.stringify(network, null, 2) };
}
