import { changedAgain, changedPaths, objections } from "../../../tools/validate/apply-twice.ts";
import { podOf } from "../../../tools/validate/pods.ts";
import { manifest } from "../fixtures.ts";

describe("objections", () => {
  test("a success without warnings has none", () => {
    expect(objections({ status: 201, warnings: [], body: {} })).toEqual([]);
  });

  test("a refusal is told in the server's words, or as it came", () => {
    expect(objections({ status: 422, warnings: [], body: { message: "is invalid" } })).toEqual(["is invalid"]);
    expect(objections({ status: 502, warnings: [], body: "bad gateway" })).toEqual(['status 502: "bad gateway"']);
  });

  test("a warning counts, also with a success", () => {
    expect(objections({ status: 200, warnings: ["deprecated"], body: {} })).toEqual(["warning: deprecated"]);
  });
});

describe("changedAgain", () => {
  const one = [manifest("web")];
  const held = (version: string, replicas: number) => ({ metadata: { resourceVersion: version }, spec: { replicas, list: [1, { a: 1 }] } });
  const messages = (before: unknown, after: unknown, strict = false) =>
    changedAgain("unchanged", one, [before], [after], strict).map(({ message }) => message);

  test("the same object again is no problem", () => {
    expect(messages(held("5", 1), held("5", 1), true)).toEqual([]);
  });

  test("a change of content is named by its path", () => {
    expect(messages(held("5", 1), held("6", 2))).toEqual(["applying it again changed spec.replicas"]);
  });

  test("a new version alone counts only when strict", () => {
    expect(messages(held("5", 1), held("6", 1))).toEqual([]);
    expect(messages(held("5", 1), held("6", 1), true)).toEqual(["applying it again changed metadata.resourceVersion"]);
  });

  test("an object that is not there cannot be unchanged", () => {
    expect(messages(undefined, held("6", 1))).toEqual(["is not there after it was applied"]);
  });
});

test.each([
  ["a leaf in a list", { a: [1, { b: 2 }] }, { a: [1, { b: 3 }] }, ["a.1.b"]],
  ["a key that went", { a: 1, b: 2 }, { a: 1 }, ["b"]],
  ["a branch that became a leaf", { a: { b: 1 } }, { a: 1 }, ["a"]],
  ["nothing", { a: [] }, { a: [] }, []],
])("changedPaths finds %s", (_, before, after, paths) => {
  expect(changedPaths(before, after)).toEqual(paths);
});

describe("podOf", () => {
  const template = { metadata: { labels: { app: "db" } }, spec: { containers: [{ name: "db" }] } };

  test("a StatefulSet's claims become the pod's volumes", () => {
    const spec = { template, volumeClaimTemplates: [{ metadata: { name: "data" } }] };
    expect(podOf(manifest("db", {}, { kind: "StatefulSet", spec }).object)).toEqual({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { labels: { app: "db" }, name: "db-0", namespace: "shop" },
      spec: { containers: [{ name: "db" }], volumes: [{ name: "data", persistentVolumeClaim: { claimName: "data-db-0" } }] },
    });
  });

  test("a CronJob's pod is found two levels down", () => {
    const spec = { jobTemplate: { spec: { template } } };
    expect(podOf(manifest("db", {}, { kind: "CronJob", spec }).object)?.spec).toMatchObject({ containers: [{ name: "db" }] });
  });

  test("what makes no pods has none", () => {
    expect(podOf(manifest("db", {}, { kind: "ConfigMap" }).object)).toBeUndefined();
  });
});
