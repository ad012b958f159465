import { unnamedUpgrade } from "../../../src/cluster/apply/mysql-upgrade.ts";
import type { KubeObject } from "../../../src/cluster/objects/kube-object.ts";
import { find, manifestsOf, synthesiseText } from "../../manifests.ts";

const mysql = (images: string) => {
  const text = `cluster: kind\nmachine: { memory: 4Gi, cpu: '2' }\n${images}`;
  return find(manifestsOf(synthesiseText(text)), "StatefulSet", "mysql") as KubeObject;
};
const image = (name: string) => `images: { mysql: '${name}' }\n`;
const OLD = mysql(image("mysql:8.4.11"));

test("a later series than the one that runs is refused, with both ways on", () => {
  expect(unnamedUpgrade(mysql(""), OLD)).toEqual({
    outcome: "refused",
    message: "mysql:8.4.11 runs here, and mysql:9.7.2 would upgrade its data; only a dump allows a return to mysql:8.4.11",
    advice:
      "make a dump, then set images.mysql in the environment to an image whose tag begins with 9.7; or set images.mysql: mysql:8.4.11 to keep this version (docs/mysql-upgrade.md)",
  });
});

test.each([
  ["the environment names the series", image("mysql:9.7.2"), OLD],
  ["the same series runs", "", mysql(image("mysql:9.7.0"))],
  ["a later series runs: its data stay, and the pod refuses them", image("mysql:8.4.11"), mysql(image("mysql:9.7.2"))],
  ["the tag that runs names no series", "", mysql(image("registry.example/mysql:mine"))],
  ["nothing runs", "", undefined],
])("nothing is refused where %s", (_, images, live) => {
  expect(unnamedUpgrade(mysql(images), live)).toBeUndefined();
});

test("series are compared as numbers: 26.7 is later than 9.7", () => {
  expect(unnamedUpgrade(mysql(""), mysql(image("mysql:26.7.0")))).toBeUndefined();
  expect(unnamedUpgrade(mysql(""), mysql(image("mysql:9.10.1")))).toBeUndefined();
});

test("no other object is looked at", () => {
  const { metadata, ...rest } = OLD;
  expect(unnamedUpgrade({ ...mysql(""), metadata: { ...metadata, name: "other" } }, { ...rest, metadata })).toBeUndefined();
});
