import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { upstreamVersion, versionsIn } from "../../../node/images/debian.ts";
import { buildEstimate } from "../../../node/images/programs.ts";
import { imageTable, WEBAPP } from "../../../node/images/table.ts";
import { versionsOf } from "../../../node/images/versions.ts";
import { withTags } from "../../../node/machine/prepare.ts";

const versions = versionsOf({ "etcd-server": "3.5.30-2" });
const table = imageTable({}, versions);
const names = table.map((image) => image.name);

describe("the images of the node", () => {
  test("are those that node.yaml names", () => {
    const { images } = parse(readFileSync("node/node.yaml", "utf8"));
    expect(Object.keys(images).length).toBeGreaterThan(5);
    expect(Object.values(images).filter((image) => ![...names, WEBAPP].includes(image as string))).toEqual([]);
  });

  test("are those that kubeadm asks for by name and tag", () => {
    const { kubernetes, coredns } = versions;
    for (const name of ["kube-apiserver", "kube-controller-manager", "kube-scheduler", "kube-proxy"])
      expect(names).toContain(`cloudnova.local/${name}:${kubernetes}`);
    expect(names).toEqual(expect.arrayContaining([`cloudnova.local/coredns:${coredns}`, "cloudnova.local/etcd:3.5.30-0"]));
  });

  test("each have a name of their own, and something to start", () => {
    expect(new Set(names).size).toBe(names.length);
    expect(table.filter((image) => image.entrypoint.length === 0)).toEqual([]);
  });

  test.each(["local-path.yaml", "metrics-server.yaml"])("cover the add-on %s", (file) => {
    const archives = [{ file: "a.tar", images: Object.fromEntries(names.map((name) => [name, "sha256:0"])) }];
    const text = withTags(readFileSync(`node/cluster/${file}`, "utf8"), { archives });
    const used = [...text.matchAll(/image: (\S+)/g)].map((match) => match[1]);
    expect(used.length).toBeGreaterThan(0);
    expect(used.filter((image) => !names.includes(image ?? ""))).toEqual([]);
  });

  test("that an add-on asks for in vain are named", () => {
    expect(() => withTags("image: IMAGE:nginx", { archives: [] })).toThrow(/no image is called nginx/);
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
