import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { replace } from "../../charts/write.ts";
import { temporaryFolder } from "../temporary.ts";

/** The program itself, as it is shipped: bundled, in a process of its own. */
const PROGRAM = join(process.cwd(), "build", "synth.cjs");

/** A folder like a clone's: the environments and an earlier dist/. */
function clone(): string {
  const folder = temporaryFolder("synth");
  cpSync("environments", join(folder, "environments"), { recursive: true });
  return folder;
}

function synth(cwd: string, args: readonly string[] = [], env: Record<string, string> = {}) {
  return spawnSync(process.execPath, [PROGRAM, ...args], { cwd, encoding: "utf8", env: { PATH: process.env.PATH, ...env } });
}

/** Every file below a folder with its text. */
function tree(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    files.map((entry) => [
      join(entry.parentPath, entry.name).slice(folder.length + 1),
      readFileSync(join(entry.parentPath, entry.name), "utf8"),
    ]),
  );
}

beforeAll(() => execFileSync(process.execPath, ["build.cjs", "users"]));

test("without a word it writes every environment beside the shipped ones, and prints each budget", () => {
  const cwd = clone();
  const { status, stdout } = synth(cwd);
  expect(status).toBe(0);
  expect(readdirSync(join(cwd, "dist"))).toEqual(["eks", "k3s-ec2", "kind", "stand-ins"]);
  expect(stdout).toMatch(/k3s-ec2: 12 charts in dist\/k3s-ec2\ncomponent +count +memory MiB/);
});

test("a user's own environment is one of them", () => {
  const cwd = clone();
  cpSync(join(cwd, "environments/k3s-ec2.yaml"), join(cwd, "environments/mine.yaml"));
  synth(cwd);
  expect(readdirSync(join(cwd, "dist"))).toEqual(["eks", "k3s-ec2", "kind", "mine", "stand-ins"]);
});

test("what to change in the environment's file is printed, and not with --quiet: up prints it before", () => {
  const cwd = clone();
  writeFileSync(join(cwd, "mine.yaml"), 'cluster: kind\nmachine: { memory: 4Gi, cpu: "2" }\nwebapp: { replicas: 1 }\n');
  expect(synth(cwd, ["mine.yaml"]).stderr).toMatch(/^mine\.yaml: webapp at the top is deprecated/);
  expect(synth(cwd, ["--quiet", "mine.yaml"])).toMatchObject({ status: 0, stderr: "" });
});

test("what an environment allows that weakens it is printed, and not with --quiet", () => {
  const cwd = clone();
  writeFileSync(join(cwd, "plain.yaml"), "cluster: k3s\nmachine: { instance: t3.medium }\napplications: { tienda: { image: tienda:1 } }\n");
  expect(synth(cwd, ["plain.yaml"]).stderr).toMatch(/^warning: tienda WITHOUT TLS: /);
  expect(synth(cwd, ["--quiet", "plain.yaml"])).toMatchObject({ status: 0, stderr: "" });
});

test("files that editors and systems leave beside the environments are passed over", () => {
  const cwd = clone();
  // A resource fork of macOS: AppleDouble's header is no UTF-8.
  const fork = Buffer.from("AAUWBwACAABNYWMgT1MgWCAgICAgICAgAAL/", "base64");
  writeFileSync(join(cwd, "environments/._mine.yaml"), fork);
  for (const name of [".#mine.yaml", "#mine.yaml#", "mine.yaml~", ".mine.yaml.swp", "~$mine.yaml"])
    writeFileSync(join(cwd, "environments", name), "cluster: moon\n");
  expect(synth(cwd)).toMatchObject({ status: 0, stderr: "" });
  expect(readdirSync(join(cwd, "dist"))).toEqual(["eks", "k3s-ec2", "kind", "stand-ins"]);
});

test("what is committed in dist/ is what the charts give today", () => {
  const cwd = clone();
  synth(cwd);
  expect(tree("dist")).toEqual(tree(join(cwd, "dist")));
});

test("two runs, in two places, give the same bytes", () => {
  const [one, other] = [clone(), clone()];
  synth(one, ["s2", "kind"]);
  synth(other, ["kind", "s2"], { TZ: "Asia/Tokyo", LANG: "tr_TR.UTF-8", HOME: "/nonexistent" });
  expect(tree(join(one, "dist"))).toEqual(tree(join(other, "dist")));
});

test.each([
  ["a name", ["s4"], {}, "s4"],
  ["a path", ["environments/sources/s4.yaml"], {}, "s4"],
  ["CLOUDNOVA_ENV with a name", [], { CLOUDNOVA_ENV: "kind" }, "kind"],
  ["CLOUDNOVA_ENV with a path", [], { CLOUDNOVA_ENV: "environments/kind.yaml" }, "kind"],
])("%s limits it to one environment, and leaves the others in dist/", (_, args, env, name) => {
  const cwd = clone();
  synth(cwd, ["k3s-ec2"]);
  const before = tree(join(cwd, "dist/k3s-ec2"));
  expect(synth(cwd, args, env).status).toBe(0);
  expect(readdirSync(join(cwd, "dist"))).toEqual(["k3s-ec2", name].sort());
  expect(tree(join(cwd, "dist/k3s-ec2"))).toEqual(before);
});

describe("bad input leaves dist/ as it was", () => {
  const cwd = clone();
  synth(cwd);
  const before = tree(join(cwd, "dist"));
  const write = (name: string, text: string) => writeFileSync(join(cwd, name), text);
  write("broken.yaml", "cluster: kind\nmachin: {}\n");
  write("micro.yaml", "cluster: k3s\nmachine: { instance: t2.micro }\n");
  write("kind.yaml", "cluster: k3s\nmachine: { instance: t3.small }\n");

  test.each([
    ["an unknown environment", ["kint"], /kint: no environment of that name; did you mean kind\?/],
    ["a file that is not there", ["none.yaml"], /none\.yaml: no such file/],
    ["a wrong file beside a right one", ["kind", "broken.yaml"], /broken\.yaml:2:1: machin: .*did you mean machine\?/],
    ["a machine that is too small", ["micro.yaml"], /micro\.yaml: does not fit on its machine\n(.|\n)*more than the 76 MiB available/],
    ["two of one name", ["kind", "kind.yaml"], /two environments have the same name/],
    ["an unknown option", ["--outdri", "x"], /Unknown option '--outdri'/],
  ])("%s", (_, args, message) => {
    const { status, stderr, stdout } = synth(cwd, args);
    expect(stderr).toMatch(message);
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).not.toMatch(/\n +at .*\(/);
    expect(tree(join(cwd, "dist"))).toEqual(before);
    expect(readdirSync(cwd).sort()).toEqual(["broken.yaml", "dist", "environments", "kind.yaml", "micro.yaml"]);
  });
});

describe("under cdk8s' own command, which empties dist/ first", () => {
  test("it honours CDK8S_OUTDIR", () => {
    const cwd = clone();
    expect(synth(cwd, ["--quiet"], { CDK8S_OUTDIR: "out" })).toMatchObject({ status: 0, stdout: "", stderr: "" });
    expect(readdirSync(join(cwd, "out"))).toEqual(["eks", "k3s-ec2", "kind", "stand-ins"]);
  });
  test("with one environment and the repository's dist/, it says what is gone", () => {
    const cwd = clone();
    const { stderr } = synth(cwd, ["--quiet"], { CDK8S_OUTDIR: join(cwd, "dist"), CLOUDNOVA_ENV: "kind" });
    expect(stderr).toMatch(/deleted the contents of dist\/, including eks, k3s-ec2/);
  });
  test("with a folder of its own, it has nothing to say", () => {
    const cwd = clone();
    expect(synth(cwd, ["--quiet"], { CDK8S_OUTDIR: "elsewhere", CLOUDNOVA_ENV: "kind" }).stderr).toBe("");
    expect(existsSync(join(cwd, "dist"))).toBe(false);
  });
});

test("--help tells how", () => expect(synth(clone(), ["--help"]).stdout).toMatch(/usage: synth/));

describe("a folder that somebody names", () => {
  test("keeps everything in it but the environments' own folders", () => {
    const cwd = clone();
    const before = tree(join(cwd, "environments"));
    expect(synth(cwd, ["--outdir", "environments"]).status).toBe(0);
    expect(tree(join(cwd, "environments"))).toMatchObject(before);
    expect(readdirSync(join(cwd, "environments"))).toEqual(expect.arrayContaining(["kind", "k3s-ec2", "kind.yaml", "sources"]));
  });

  test("the manifests of an environment that lies elsewhere stay, since status and down need them, and that is said", () => {
    const cwd = clone();
    const elsewhere = temporaryFolder("elsewhere");
    cpSync("environments/kind.yaml", join(elsewhere, "mine.yaml"));
    synth(cwd, [join(elsewhere, "mine.yaml")]);
    const before = tree(join(cwd, "dist/mine"));
    expect(Object.keys(before)).toContain("Kustomization");
    mkdirSync(join(cwd, "dist/by-hand"));
    const { stderr } = synth(cwd);
    expect(stderr).toBe(
      "dist/mine was not changed: environments/ has no 'mine'. 'status' and 'down' need the folder while 'mine' runs; remove it after that.\n",
    );
    expect(tree(join(cwd, "dist/mine"))).toEqual(before);
    expect(readdirSync(join(cwd, "dist"))).toEqual(["by-hand", "eks", "k3s-ec2", "kind", "mine", "stand-ins"]);
  });
});

test("a run that was ended by force between its two steps is made good by the next one", () => {
  const cwd = clone();
  synth(cwd);
  const before = tree(join(cwd, "dist"));
  mkdirSync(join(cwd, "dist/.synth-x1y2z3"));
  renameSync(join(cwd, "dist/k3s-ec2"), join(cwd, "dist/.synth-x1y2z3/k3s-ec2"));
  expect(synth(cwd)).toMatchObject({ status: 0, stderr: "" });
  rmSync(join(cwd, "dist/.synth-x1y2z3"), { recursive: true });
  expect(tree(join(cwd, "dist"))).toEqual(before);
});

test("a file that cannot be written leaves what was there, of that environment and of the others", () => {
  const cwd = clone();
  synth(cwd);
  const before = tree(cwd);
  const written = new Map([["00-namespaces.k8s.yaml", "new\n"]]);
  const refused = new Map([...written, ["no-such-folder/file", ""]]);
  const folders = new Map([
    ["kind", written],
    ["k3s-ec2", refused],
  ]);
  expect(() => replace(join(cwd, "dist"), folders)).toThrow(/ENOENT/);
  expect(tree(cwd)).toEqual(before);
  expect(readdirSync(join(cwd, "dist"))).toEqual(["eks", "k3s-ec2", "kind", "stand-ins"]);
});

describe("what the file system refuses is told in a sentence", () => {
  test.each([
    ["dist is a file", (cwd: string) => writeFileSync(join(cwd, "dist"), "mine"), /cannot write or read .*dist/],
    [
      "another folder",
      (cwd: string) => renameSync(join(cwd, "environments"), join(cwd, "elsewhere")),
      /environments: no such folder; run this command in the repository's folder/,
    ],
  ])("%s", (_, spoil, message) => {
    const cwd = clone();
    spoil(cwd);
    const { status, stderr } = synth(cwd);
    expect(stderr).toMatch(message);
    expect(status).toBe(1);
    expect(stderr).not.toMatch(/\n +at .*\(/);
  });
});

test("another environment's fault is no matter for the one that is asked for, under cdk8s' own command too", () => {
  const cwd = clone();
  writeFileSync(join(cwd, "environments/broken.yaml"), "cluster: moon\n");
  const { status, stderr } = synth(cwd, ["--quiet"], { CDK8S_OUTDIR: join(cwd, "dist"), CLOUDNOVA_ENV: "kind" });
  expect(status).toBe(0);
  expect(stderr).toMatch(/broken, eks, k3s-ec2/);
});
