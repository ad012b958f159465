import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { buildEstimate } from "../../../tools/cluster/built-programs.ts";
import { upstreamVersion, versionsIn } from "../../../tools/cluster/debian.ts";
import { kubernetesImages, standIns } from "../../../tools/cluster/table.ts";
import { versionsOf } from "../../../tools/cluster/versions.ts";

const versions = versionsOf();
const kindNames = {
  kindnetd: "docker.io/kindest/kindnetd:v1",
  provisioner: "docker.io/kindest/local-path-provisioner:v1",
  helper: "docker.io/kindest/local-path-helper:v1",
  pause: ["registry.k8s.io/pause:3.10"],
};
const stands = standIns({}, versions);
const table = [...kubernetesImages({}, versions, kindNames), ...stands];
const names = table.map((image) => image.name);

describe("the images of the node", () => {
  test("are those that environments/stand-ins.yaml names, and no others stand in", () => {
    const { images } = parse(readFileSync("environments/stand-ins.yaml", "utf8"));
    expect(stands.map(({ name }) => name).sort()).toEqual([...new Set(Object.values(images))].sort());
  });

  test("are those that kubeadm 1.34 asks for by name and tag", () => {
    // kubeadm config images list --kubernetes-version v1.34.2
    expect(names).toEqual(
      expect.arrayContaining([
        "registry.k8s.io/kube-apiserver:v1.34.2",
        "registry.k8s.io/kube-controller-manager:v1.34.2",
        "registry.k8s.io/kube-scheduler:v1.34.2",
        "registry.k8s.io/kube-proxy:v1.34.2",
        "registry.k8s.io/coredns/coredns:v1.12.1",
        "registry.k8s.io/etcd:3.6.5-0",
      ]),
    );
  });

  test("are those that kind asks for", () => {
    expect(names).toEqual(expect.arrayContaining([kindNames.kindnetd, kindNames.provisioner, kindNames.helper, ...kindNames.pause]));
  });

  test("each have a name of their own", () => {
    expect(new Set(names).size).toBe(names.length);
  });
});

describe("the pod network", () => {
  const cni = readFileSync("tools/cluster/node/cni.yaml", "utf8");

  test("runs in images that the node has, and is templated by kind", () => {
    const used = [...cni.matchAll(/image: IMAGE:(\S+)/g)].map(([, name]) => `cloudnova.local/${name}:${versions["kube-router"]}`);
    expect(used.length).toBeGreaterThan(0);
    expect(used.filter((image) => !names.includes(image))).toEqual([]);
    expect(cni).toContain("would you kindly template this file");
  });
});
describe("Debian versions", () => {
  test.each([
    ["3.5.30-2", "3.5.30"],
    ["2:1.4.7-1+b2", "1.4.7"],
    ["3.5.3+ds1-6", "3.5.3"],
    ["1.6.20~ds1-1+deb12u3", "1.6.20"],
  ])("of upstream in %s", (version, upstream) => {
    expect(upstreamVersion(version)).toBe(upstream);
  });

  test("are read from dpkg's list, and a package that is not there is told", () => {
    const status =
      "Package: mysql-server-core\nStatus: install ok installed\nVersion: 9.7.4-2\n\nPackage: etcd-server\nVersion: 3.5.30-2\n";
    expect(versionsIn(status, ["etcd-server", "mysql-server-core", "nginx"])).toEqual({
      "etcd-server": "3.5.30-2",
      "mysql-server-core": "9.7.4-2",
      nginx: "not installed",
    });
  });
});

describe("buildEstimate", () => {
  test("says nothing when nothing is missing", () => {
    expect(buildEstimate([])).toBe("");
  });

  test("adds up what is missing, rounded up to minutes", () => {
    expect(buildEstimate(["kube-scheduler"])).toMatch(/building kube-scheduler: about 1 min /);
    expect(buildEstimate(["kube-apiserver", "kube-controller-manager", "kubelet"])).toMatch(/about 8 min /);
  });
});
