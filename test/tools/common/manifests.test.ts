import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nameOf, parseManifests, readManifests } from "../../../tools/common/manifests.ts";

const configMap = (name: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n`;

describe("readManifests", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "manifests-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test("takes the files in kubectl's order and passes over what kubectl passes over", () => {
    writeFileSync(join(folder, "20-b.k8s.yaml"), configMap("b"));
    writeFileSync(join(folder, "05-a.k8s.yaml"), `${configMap("a1")}---\n${configMap("a2")}---\n`);
    writeFileSync(join(folder, "Kustomization"), "kind: Kustomization\n");
    const read = readManifests(folder);
    expect(read.map(({ object }) => object.metadata.name)).toEqual(["a1", "a2", "b"]);
    expect(read.map(({ file, line }) => `${file}:${line}`)).toEqual(["05-a.k8s.yaml:1", "05-a.k8s.yaml:6", "20-b.k8s.yaml:1"]);
  });

  test("a folder without a manifest is an error: nothing would be checked", () => {
    expect(() => readManifests(folder)).toThrow("holds no manifest");
  });
});

test("a document that is no object is named by file and line", () => {
  expect(() => parseManifests("x.yaml", `${configMap("a")}---\nkind: ConfigMap\n`)).toThrow(
    "x.yaml:6: this document is no Kubernetes object",
  );
  expect(() => parseManifests("x.yaml", "a: [")).toThrow("x.yaml: ");
});

test("nameOf leaves out what a cluster-scoped object does not have", () => {
  const [read] = parseManifests("x.yaml", configMap("a"));
  expect(read && nameOf(read.object)).toBe("ConfigMap/a");
});
