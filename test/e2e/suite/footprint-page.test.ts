import { page } from "./footprint-page.ts";

const memory = (workingSet: number) => ({ workingSet, anonymous: workingSet - 1 });
const measured = {
  ours: 400,
  node: 1200,
  green: 60_000,
  minutes: 10,
  sent: 3000,
  failed: 0,
  share: 12,
  later: { minutes: 60, prometheus: memory(90) },
  noOp: {
    runs: 3,
    samples: new Map([
      ["cloudnova apply", [500, 400, 600]],
      ["kubectl apply --server-side", [4000, 5000, 6000]],
      ["cloudnova diff", [900, 800, 1000]],
      ["kubectl diff --server-side", [1000, 1000, 1000]],
    ]),
  },
};
const pods = {
  "kube-system/kube-apiserver-x": memory(200),
  "kube-system/etcd-x": memory(40),
  "kube-system/coredns-x": memory(15),
  "cloudnova/prometheus-0": memory(80),
};

test("the page compares medians with kubectl's, and names what missed its goal", async () => {
  const text = await page({ pods, node: memory(1400) }, measured);
  expect(text).toContain("| `apply` with nothing to do, of kubectl's time | 0.10 | 0.25 | met |");
  expect(text).toContain("| `diff` with nothing to do, of kubectl's time | 0.90 | 0.7 | **missed** |");
  expect(text).toContain("| cloudnova apply | 500 ms (400 to 600) |");
});

test("it tells kubeadm's control plane from what k3s has too, and what Prometheus weighs later", async () => {
  const text = await page({ pods, node: memory(1400) }, measured);
  expect(text).toContain("Of it, 240 MiB are kubeadm's control plane");
  expect(text).toContain("After 60 minutes Prometheus has a working set of 90 MiB, of it 89 anonymous.");
  expect(text).toContain("| kubelet, containerd and its shims, systemd | 1065 | 1068 |");
});
