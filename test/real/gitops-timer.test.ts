import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type ApiServer, startApiServer } from "../../tools/apiserver/server.ts";
import { run } from "../../tools/common/run.ts";
import { kubectl } from "../cli/bundled-program.ts";

// gitops/timer/sync.sh against a real API server: what a timer does where no engine fits.
jest.setTimeout(240_000);

const SYNC = resolve("gitops/timer/sync.sh");
const ENVIRONMENT = "stand-ins";

let api: ApiServer;
let folder: string;
const at = (name: string) => join(folder, name);
const git = (where: string, ...args: readonly string[]): string =>
  execFileSync("git", ["-C", at(where), "-c", "user.name=A", "-c", "user.email=a@example.org", ...args], { encoding: "utf8" });
const own = (...args: readonly string[]) => kubectl(api.bin, api.kubeconfig, "-n", "cloudnova", ...args);
const sync = () =>
  run(SYNC, [at("server"), ENVIRONMENT, "--context", "validate"], { env: { KUBECONFIG: api.kubeconfig, CLOUDNOVA_LANGUAGE: "en" } });
const replicas = () => own("get", "deployment", "webapp", "-o", "jsonpath={.spec.replicas}");
const names = async (kind: string) => (await own("get", kind, "-o", "name")).trim().split("\n");

/** Changes a manifest in the user's clone, commits and pushes it. */
function push(file: string, from: string, to: string): void {
  const path = join(at("user"), "dist", ENVIRONMENT, file);
  const text = readFileSync(path, "utf8");
  if (!text.includes(from)) throw new Error(`${path} holds no '${from}'`);
  writeFileSync(path, text.replace(from, to));
  git("user", "commit", "--quiet", "--all", "--message", `Change ${file}`);
  git("user", "push", "--quiet");
}

beforeAll(async () => {
  api = await startApiServer();
  folder = mkdtempSync(join(tmpdir(), "cloudnova-timer-"));
  execFileSync("git", ["clone", "--quiet", "--bare", resolve("."), at("fork.git")]);
  git("fork.git", "branch", "--force", "trial", "HEAD");
  for (const clone of ["user", "server"]) execFileSync("git", ["clone", "--quiet", "--branch", "trial", at("fork.git"), at(clone)]);
  symlinkSync(resolve("node_modules"), join(at("server"), "node_modules"));
  // The packages of this checkout are used as they are.
  mkdirSync(join(at("server"), "build"));
  copyFileSync(join(at("server"), "package-lock.json"), join(at("server"), "build", "installed.json"));
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await api?.stop();
});

test("the first run brings everything, the second changes nothing", async () => {
  expect(await sync()).toMatchObject({ status: 0, stdout: expect.stringContaining("created") });
  expect(await sync()).toMatchObject({ status: 0, stdout: expect.stringContaining("nothing was changed") });
});

test("a commit is applied, and what was changed by hand is as in git again", async () => {
  push("30-webapp.k8s.yaml", "replicas: 2\n", "replicas: 3\n");
  expect(await sync()).toMatchObject({ status: 0 });
  expect(await replicas()).toBe("3");
  await own("scale", "deployment/webapp", "--replicas=1");
  await own("delete", "configmap", "prometheus-rules-node");
  expect(await sync()).toMatchObject({ status: 0 });
  expect([await replicas(), await names("configmaps")]).toEqual(["3", expect.arrayContaining(["configmap/prometheus-rules-node"])]);
});

test("what leaves the branch goes, the volume stays, and a revert brings the rest back", async () => {
  git("user", "rm", "--quiet", `dist/${ENVIRONMENT}/70-grafana.k8s.yaml`);
  git("user", "commit", "--quiet", "--message", "No Grafana");
  git("user", "push", "--quiet");
  expect(await sync()).toMatchObject({ status: 0 });
  expect(await names("statefulsets")).not.toContain("statefulset.apps/grafana");
  expect(await names("persistentvolumeclaims")).toContain("persistentvolumeclaim/grafana-data");
  git("user", "revert", "--no-edit", "HEAD");
  git("user", "push", "--quiet");
  expect(await sync()).toMatchObject({ status: 0 });
  expect(await names("statefulsets")).toContain("statefulset.apps/grafana");
});

test("a commit that the API server refuses is told by the exit code, and what runs stays", async () => {
  push("30-webapp.k8s.yaml", "imagePullPolicy: IfNotPresent", "imagePullPolicy: Sometimes");
  expect(await sync()).toMatchObject({ status: 1, stdout: expect.stringContaining('Unsupported value: "Sometimes"') });
  expect(await replicas()).toBe("3");
  git("user", "revert", "--no-edit", "HEAD");
  git("user", "push", "--quiet");
  expect(await sync()).toMatchObject({ status: 0 });
});

test("a git server that is gone changes nothing, and is told", async () => {
  renameSync(at("fork.git"), at("gone.git"));
  const { status, stderr } = await sync();
  renameSync(at("gone.git"), at("fork.git"));
  expect(status).not.toBe(0);
  expect(stderr).toMatch(/does not appear to be a git repository/);
  expect(await replicas()).toBe("3");
  expect(await sync()).toMatchObject({ status: 0 });
});
