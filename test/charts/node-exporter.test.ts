import { find, manifestsOf, SHIPPED, synthesiseFile } from "../manifests.ts";

const excludedMounts = (file: string) => {
  const { args } = find(manifestsOf(synthesiseFile(file)), "DaemonSet", "node-exporter").spec.template.spec.containers[0];
  const prefix = "--collector.filesystem.mount-points-exclude=";
  return new RegExp((args as string[]).find((arg) => arg.startsWith(prefix))?.slice(prefix.length) ?? "");
};

describe.each(SHIPPED)("%s", (file) => {
  const excluded = excludedMounts(file);
  test.each(["/", "/var", "/boot/efi", "/var/lib/rancher", "/var/lib/rancher/k3s", "/var/lib/rancher/k3s/storage", "/mnt/data"])(
    "%s is a disk: it is measured, and so its filling up has an alert",
    (mount) => expect(mount).not.toMatch(excluded),
  );
  test.each([
    "/run/k3s/containerd/io.containerd.runtime.v2.task/k8s.io/0a1b/rootfs",
    "/run/containerd/io.containerd.grpc.v1.cri/sandboxes/0a1b/shm",
    "/var/lib/kubelet/pods/0a1b/volumes/kubernetes.io~projected/kube-api-access-x",
    "/var/lib/rancher/k3s/agent/containerd/io.containerd.snapshotter.v1.overlayfs/snapshots/1/fs",
    "/dev/shm",
    "/run/netns/cni-1",
  ])("%s belongs to a container or to the kernel", (mount) => expect(mount).toMatch(excluded));
});
