import { parse } from "yaml";
import { BACKUP_MANAGER, DRILL_MANAGER, OPEN_MANAGER } from "../../src/cluster/objects/managers.ts";
import { argoCd, flux, readRepository } from "../../tools/generate/gitops.ts";

const fork = { url: "https://git.example.com/me/fork.git", branch: "live" };

test("the address and the branch of the fork reach both engines", () => {
  expect(readRepository(`url: ${fork.url}\nbranch: ${fork.branch}\n`)).toEqual(fork);
  expect(parse(argoCd("mine", fork)).spec.source).toMatchObject({ repoURL: fork.url, targetRevision: "live", path: "dist/mine" });
  const [source = "", kustomization = ""] = flux("mine", fork).split("---\n");
  expect(parse(source).spec).toMatchObject({ url: fork.url, ref: { branch: "live" } });
  expect(parse(kustomization).spec).toMatchObject({ path: "./dist/mine", sourceRef: { name: parse(source).metadata.name } });
});

test("what is deleted together with an engine's object: nothing", () => {
  expect(parse(argoCd("mine", fork)).metadata.finalizers).toBeUndefined();
  expect(flux("mine", fork)).toContain("deletionPolicy: Orphan\n");
});

test("Argo CD leaves alone what a backup, a drill and `open` set, also while it syncs", () => {
  const { ignoreDifferences, syncPolicy } = parse(argoCd("mine", fork)).spec;
  expect(ignoreDifferences[0].managedFieldsManagers).toEqual([BACKUP_MANAGER, DRILL_MANAGER, OPEN_MANAGER]);
  expect(syncPolicy.syncOptions).toEqual(expect.arrayContaining(["RespectIgnoreDifferences=true", "ServerSideApply=true"]));
});

test("a second Application on the same namespace fails instead of taking the objects", () => {
  expect(parse(argoCd("mine", fork)).spec.syncPolicy.syncOptions).toContain("FailOnSharedResource=true");
});

test("Flux waits no longer for a commit whose pods do not start than a revert may take", () => {
  const [, kustomization = ""] = flux("mine", fork).split("---\n");
  expect(parse(kustomization).spec).toMatchObject({ wait: true, timeout: "5m", retryInterval: "1m" });
});

test.each([
  ["url: git@example.com:me/fork.git\nbranch: main\n", "gitops/repository.yaml: url: an address that begins with https://"],
  [`url: ${fork.url}\n`, "gitops/repository.yaml: branch: "],
  [`url: ${fork.url}\nbranch: my branch\n`, "gitops/repository.yaml: branch: the name of a branch"],
  [`url: ${fork.url}\nbranch: main\nbrunch: x\n`, "brunch"],
  ["", "gitops/repository.yaml: the file: "],
  ["url: [\n", "gitops/repository.yaml: "],
])("a wrong repository file is told: %j", (text, message) => expect(() => readRepository(text)).toThrow(message));
