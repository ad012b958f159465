import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { containersOf, podsOf } from "../manifests.ts";

// examples/cdk8s-project as another project: beside it only what npm installs, which for CloudNova is the packed files.

const EXAMPLE = "examples/cdk8s-project";
const json = (path: string) => JSON.parse(readFileSync(path, "utf8"));
const project = mkdtempSync(join(tmpdir(), "cloudnova-consumer-"));
const modules = join(project, "node_modules");
/** Runs an installed program in the project. @returns what it prints */
const run = (program: string, ...args: readonly string[]) =>
  execFileSync(process.execPath, [join(modules, program), ...args], { cwd: project, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });

beforeAll(() => {
  execFileSync(process.execPath, ["build.cjs", "constructs"]);
  cpSync(EXAMPLE, project, { recursive: true });
  mkdirSync(join(modules, "cloudnova"), { recursive: true });
  execFileSync("npm", ["pack", "--silent", "--ignore-scripts", "--pack-destination", project], { stdio: ["ignore", "ignore", "pipe"] });
  const [archive = ""] = readdirSync(project).filter((file) => file.endsWith(".tgz"));
  execFileSync("tar", ["-xzf", archive, "-C", "node_modules/cloudnova", "--strip-components=1"], { cwd: project });
  for (const name of ["cdk8s", "cdk8s-cli", "cdk8s-plus-27", "constructs", "typescript", "@types"])
    symlinkSync(join(process.cwd(), "node_modules", name), join(modules, name));
});

test("the example compiles and is synthesised into pods that Pod Security restricted accepts", () => {
  run("typescript/bin/tsc");
  run("cdk8s-cli/bin/cdk8s", "synth", "--check-upgrade=false");
  const files = readdirSync(join(project, "dist"));
  expect(files).toEqual(["00-namespace.k8s.yaml", "10-guestbook.k8s.yaml"]);
  const objects = files.flatMap((file) =>
    parseAllDocuments(readFileSync(join(project, "dist", file), "utf8")).map((document) => document.toJS()),
  );
  const pods = podsOf(objects);
  expect(pods.map(({ owner }) => `${owner.kind}/${owner.metadata.name}`)).toEqual(["StatefulSet/cache", "Deployment/web"]);
  for (const one of pods) {
    expect(one.spec.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } });
    expect([one.spec.hostNetwork, one.spec.hostPID, one.spec.hostIPC]).toEqual([false, undefined, undefined]);
    for (const { securityContext } of containersOf(one)) {
      expect(securityContext).toMatchObject({
        runAsNonRoot: true,
        privileged: false,
        allowPrivilegeEscalation: false,
        capabilities: { drop: ["ALL"] },
      });
    }
  }
});

test("a project of ES modules compiles and runs too, and a prop of a wrong type is an error", () => {
  // tsc refuses the directive where the next line has no error, so where the types are missing.
  const wrong = "// @ts-expect-error\n      replicas: 2 as unknown as string,";
  const text = readFileSync(join(EXAMPLE, "main.ts"), "utf8").replace("replicas: 2,", wrong);
  expect(text).toContain(wrong);
  writeFileSync(join(project, "modules.mts"), text);
  run("typescript/bin/tsc", "--module", "nodenext", "--target", "es2022", "--strict", "--skipLibCheck", "modules.mts");
  execFileSync(process.execPath, ["modules.mjs"], { cwd: project, env: { ...process.env, CDK8S_OUTDIR: "modules" } });
  expect(readdirSync(join(project, "modules"))).toEqual(["00-namespace.k8s.yaml", "10-guestbook.k8s.yaml"]);
});

test("what is packed imports cdk8s and nothing of CloudNova's own: no configuration, cluster or command line", () => {
  const packed = join(modules, "cloudnova", "build", "constructs");
  const files = readdirSync(packed).filter((file) => /\.(js|d\.ts)$/.test(file));
  const imported = files.flatMap((file) =>
    [...readFileSync(join(packed, file), "utf8").matchAll(/(?:require\(|from )"([^"]+)"/g)].map(([, name = ""]) => name),
  );
  const outside = [...new Set(imported)].filter((name) => !files.includes(name.replace(/^\.\/(.+)\.ts$/, "$1.d.ts")));
  expect(outside.sort()).toEqual(["cdk8s", "cdk8s-plus-27", "constructs", "node:crypto"]);
});

test("the example names the versions that CloudNova has: another one would be a second copy", () => {
  const { dependencies, devDependencies } = json("package.json");
  const example = json(join(EXAMPLE, "package.json"));
  const { cloudnova, ...shared } = example.dependencies;
  expect(cloudnova).toBe("file:../..");
  expect(dependencies).toMatchObject(shared);
  expect(devDependencies).toMatchObject(example.devDependencies);
});
