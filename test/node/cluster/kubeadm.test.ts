import { parseAllDocuments } from "yaml";
import { kubeadmConfiguration, kubeletMemory } from "../../../node/cluster/kubeadm.ts";

// biome-ignore lint/suspicious/noExplicitAny: documents that kubeadm reads
const documents = (text: string): any[] => parseAllDocuments(text).map((document) => document.toJS());

describe("kubeadmConfiguration", () => {
  const all = documents(kubeadmConfiguration({ kubernetesVersion: "v1.34.2", etcd: "3.5.30-0", coredns: "v1.12.4" }));
  const kind = (name: string) => all.find((document) => document.kind === name);

  test("pulls nothing and takes images of this node alone", () => {
    expect(kind("InitConfiguration").nodeRegistration.imagePullPolicy).toBe("Never");
    expect(kind("ClusterConfiguration")).toMatchObject({
      imageRepository: "cloudnova.local",
      etcd: { local: { imageTag: "3.5.30-0" } },
      dns: { imageTag: "v1.12.4" },
    });
  });

  test("opens NodePorts on the loopback address alone", () => {
    expect(kind("KubeProxyConfiguration").nodePortAddresses).toEqual(["127.0.0.0/8"]);
  });

  test("never lets the kubelet remove an image: nothing could pull it again", () => {
    expect(kind("KubeletConfiguration").imageGCHighThresholdPercent).toBe(100);
  });

  test("lets pods run beside the control plane", () => {
    expect(kind("InitConfiguration").nodeRegistration.taints).toEqual([]);
  });
});

test("kubeletMemory reserves what the machine has beyond the node", () => {
  // 24,105 MiB of the machine, 1,700 of the node: 1,550 are left for pods.
  expect(JSON.parse(kubeletMemory(1700, 24_105)).systemReserved.memory).toBe("22555Mi");
});
