import { execFile } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

const BUILDING = /^Building synth and cloudnova: /m;

/** A checkout with the real launcher and the real build, and programs of a line or two. */
class Checkout {
  readonly folder = mkdtempSync(join(tmpdir(), "cloudnova-launch-"));

  constructor() {
    for (const name of ["build.cjs", "bin", "package.json", "text-files.json", "tsconfig.json"])
      cpSync(name, join(this.folder, name), { recursive: true });
    symlinkSync(join(process.cwd(), "node_modules"), join(this.folder, "node_modules"));
    this.write(
      "charts/main.ts",
      'import { word } from "../src/word.ts";\nimport text from "../src/text.sh";\nconsole.log("synth", word, text.trim());\n',
    );
    this.write("src/cli/main.ts", 'import { word } from "../word.ts";\nconsole.log("cloudnova", word, ...process.argv.slice(2));\n');
    this.write("src/word.ts", 'export const word: string = "one";\n');
    this.write("src/text.sh", "echo\n");
    this.write("tools/cluster.ts", 'console.log("cluster");\n');
    this.write("tools/other.ts", 'console.log("other");\n');
    this.write("src/constructs/index.ts", 'export { one } from "./one.ts";\n');
    this.write("src/constructs/one.ts", "export const one: string = String(1);\n");
    this.write("test/e2e/main.ts", 'console.log("e2e");\n');
  }

  write(file: string, text: string): void {
    mkdirSync(dirname(join(this.folder, file)), { recursive: true });
    writeFileSync(join(this.folder, file), text);
  }

  /** Runs a file of the checkout, from another folder. */
  run(file: string, ...args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
    return new Promise((resolve) => {
      execFile(process.execPath, [join(this.folder, file), ...args], { cwd: tmpdir() }, (error, stdout, stderr) =>
        resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
      );
    });
  }

  readonly synth = () => this.run("bin/synth.cjs");

  /** Every file in build/ with its time. */
  built(): Record<string, number> {
    const files = readdirSync(join(this.folder, "build"), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    return Object.fromEntries(files.map(({ parentPath, name }) => [name, statSync(join(parentPath, name)).mtimeMs]));
  }
}

const made: Checkout[] = [];
function checkout(): Checkout {
  const one = new Checkout();
  made.push(one);
  return one;
}
afterAll(() => {
  for (const { folder } of made) rmSync(folder, { recursive: true });
});

/** Waits: of a younger source the stamp holds no times, since it could change again within the resolution of the file system's times. */
const later = () => new Promise((resolve) => setTimeout(resolve, 1100));

test("the first run builds what users run, says so on standard error, and runs", async () => {
  const one = checkout();
  expect(await one.run("bin/cloudnova.cjs", "status", "kind")).toEqual({
    code: 0,
    stdout: "cloudnova one status kind\n",
    stderr: "Building synth and cloudnova: nothing was built yet\n",
  });
  expect(Object.keys(one.built())).toEqual(expect.arrayContaining(["synth-bundle.cjs", "cloudnova-bundle.cjs", "cluster.mjs"]));
  expect(existsSync(join(one.folder, "build/tools/other.mjs"))).toBe(false);
  expect(existsSync(join(one.folder, "build/test"))).toBe(false);
});

test("without a change nothing is built or written", async () => {
  const one = checkout();
  await later();
  await one.synth();
  await one.run("build.cjs");
  const before = one.built();
  expect(await one.synth()).toEqual({ code: 0, stdout: "synth one echo\n", stderr: "" });
  expect((await one.run("build.cjs")).stderr).toBe("");
  expect(one.built()).toEqual(before);
});

test.each([
  ["a source", "src/word.ts", 'export const word: string = "two";\n', "synth two echo\n"],
  ["a text that is bundled", "src/text.sh", "printf\n", "synth one printf\n"],
  ["an option of the compiler", "tsconfig.json", '{ "compilerOptions": { "target": "es2022" } }\n', "synth one echo\n"],
])("after a change of %s it builds, and names the file", async (_, file, text, stdout) => {
  const one = checkout();
  await one.synth();
  one.write(file, text);
  expect(await one.synth()).toEqual({ code: 0, stdout, stderr: `Building synth and cloudnova: ${file} has changed\n` });
  expect(await one.synth()).toEqual({ code: 0, stdout, stderr: "" });
});

test("a file that is older than the bundle and differs is a change too, as after a checkout of an older commit", async () => {
  const one = checkout();
  await one.synth();
  one.write("src/word.ts", 'export const word: string = "old";\n');
  utimesSync(join(one.folder, "src/word.ts"), 1e9, 1e9);
  expect(await one.synth()).toMatchObject({ stdout: "synth old echo\n", stderr: expect.stringMatching(BUILDING) });
});

test("a newer time alone is none", async () => {
  const one = checkout();
  await one.synth();
  one.write("src/word.ts", readFileSync(join(one.folder, "src/word.ts"), "utf8"));
  expect((await one.synth()).stderr).toBe("");
});

/** Files of src/ that a look at the sources reads. */
async function sourcesRead(one: Checkout): Promise<string[]> {
  one.write(
    "count.cjs",
    `const fs = require("node:fs");
const { readFileSync } = fs;
const read = [];
fs.readFileSync = (path, ...rest) => (String(path).includes("/src/") && read.push(path.split("/src/")[1]), readFileSync(path, ...rest));
require("./build.cjs").buildChanged(["users"]).then(() => console.log(JSON.stringify(read)));
`,
  );
  return JSON.parse((await one.run("count.cjs")).stdout) as string[];
}

test("sources are read only where their size or times differ, and once", async () => {
  const one = checkout();
  await later();
  await one.synth();
  expect(await sourcesRead(one)).toEqual([]);
  one.write("src/word.ts", readFileSync(join(one.folder, "src/word.ts"), "utf8"));
  await later();
  expect(await sourcesRead(one)).toEqual(["word.ts"]);
  expect(await sourcesRead(one)).toEqual([]);
});

test("a source of the same size and modification time that differs is a change", async () => {
  const one = checkout();
  await one.synth();
  const { atime, mtime } = statSync(join(one.folder, "src/word.ts"));
  one.write("src/word.ts", 'export const word: string = "two";\n');
  utimesSync(join(one.folder, "src/word.ts"), atime, mtime);
  expect(await one.synth()).toMatchObject({ stdout: "synth two echo\n", stderr: expect.stringMatching(BUILDING) });
});

test("a bundle with the same contents keeps its time, and with it the code that V8 compiled", async () => {
  const one = checkout();
  await one.synth();
  const before = one.built();
  one.write("src/word.ts", '// A comment.\nexport const word: string = "one";\n');
  expect((await one.synth()).stderr).toMatch(BUILDING);
  const { "users.json": _, ...after } = one.built();
  expect(before).toMatchObject(after);
});

test("a removed bundle is built again", async () => {
  const one = checkout();
  await one.synth();
  rmSync(join(one.folder, "build/synth-bundle.cjs"));
  expect(await one.synth()).toMatchObject({ code: 0, stdout: "synth one echo\n", stderr: expect.stringMatching(BUILDING) });
});

test("a new program of a group is built, and the other groups are not", async () => {
  const one = checkout();
  await one.run("build.cjs");
  one.write("tools/added.ts", 'console.log("added");\n');
  expect((await one.run("build.cjs")).stderr).toBe("Building the programs in tools/: tools/added.ts is new\n");
  expect((await one.run("build/tools/added.mjs")).stdout).toBe("added\n");
});

describe("the constructs for other projects", () => {
  const build = (one: Checkout) => one.run("build.cjs", "users", "constructs");
  const text = (one: Checkout, file: string) => readFileSync(join(one.folder, "build/constructs", file), "utf8");

  test("are a bundle in CommonJS with the types of each source, also of one that has types only", async () => {
    const one = checkout();
    expect(await build(one)).toMatchObject({ code: 0, stdout: "" });
    one.write("src/constructs/two.ts", "export type Two = 2;\n");
    one.write("src/constructs/one.ts", 'import type { Two } from "./two.ts";\nexport const one: Two = 2;\n');
    expect((await build(one)).stderr).toMatch(/src\/constructs\/one\.ts has changed/);
    expect(text(one, "one.d.ts")).toBe('import type { Two } from "./two.ts";\nexport declare const one: Two;\n');
    one.write("src/constructs/two.ts", "export type Two = 2 | 3;\n");
    expect((await build(one)).stderr).toMatch(/src\/constructs\/two\.ts has changed/);
    expect(text(one, "two.d.ts")).toBe("export type Two = 2 | 3;\n");
    expect([text(one, "index.d.ts"), text(one, "package.json")]).toEqual(['export { one } from "./one.ts";\n', '{ "type": "commonjs" }\n']);
    expect(text(one, "index.js")).toMatch(/module\.exports = /);
  });
  test("a source whose types depend on another one fails the build and is named", async () => {
    const one = checkout();
    one.write("src/constructs/one.ts", "export const one = String(1);\n");
    expect(await build(one)).toMatchObject({ code: 1, stderr: expect.stringMatching(/src\/constructs\/one\.ts: .*isolatedDeclarations/) });
  });
  test("are left out where typescript is not installed, as by npm ci --omit=dev, and synth is built", async () => {
    const one = checkout();
    rmSync(join(one.folder, "node_modules"));
    for (const name of ["esbuild", "@esbuild"]) {
      mkdirSync(join(one.folder, "node_modules"), { recursive: true });
      symlinkSync(join(process.cwd(), "node_modules", name), join(one.folder, "node_modules", name));
    }
    const { code, stderr } = await build(one);
    expect([code, stderr]).toEqual([
      0,
      expect.stringContaining("Not built: the constructs for other projects, as typescript is not installed\n"),
    ]);
    expect([existsSync(join(one.folder, "build/constructs")), (await one.synth()).stdout]).toEqual([false, "synth one echo\n"]);
  });
});

test("several at once all run a whole bundle", async () => {
  const one = checkout();
  await one.synth();
  // Large enough that a bundle takes several writes.
  one.write(
    "src/word.ts",
    `export const word: string = "two";\nexport const filling = ${JSON.stringify("x".repeat(4_000_000))};\nconsole.log(filling.length);\n`,
  );
  const runs = await Promise.all([one.synth(), one.synth(), one.run("bin/cloudnova.cjs"), one.run("build/synth.cjs")]);
  const [first, second, third, unchecked] = runs;
  expect([first, second]).toEqual(Array(2).fill({ code: 0, stdout: "4000000\nsynth two echo\n", stderr: expect.stringMatching(BUILDING) }));
  expect(third).toMatchObject({ code: 0, stdout: "4000000\ncloudnova two\n" });
  // The starter in build/ does not look at the sources: the earlier bundle or the new one.
  expect(unchecked).toMatchObject({ code: 0, stdout: expect.stringMatching(/^(synth one|4000000\nsynth two) echo\n$/) });
  expect(readdirSync(join(one.folder, "build")).filter((name) => /\.\d+$/.test(name))).toEqual([]);
});

test("a source with an error gives esbuild's words and 1; the earlier bundle is not run", async () => {
  const one = checkout();
  await one.synth();
  one.write("src/word.ts", "export const word = ;\n");
  const { code, stdout, stderr } = await one.synth();
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toMatch(/Unexpected ";"[\s\S]*src\/word\.ts:1:20:[\s\S]*The build failed, so nothing was run\.\n$/);
  expect((await one.synth()).code).toBe(1);
});

test("a source that was removed is named by esbuild", async () => {
  const one = checkout();
  await one.synth();
  rmSync(join(one.folder, "src/word.ts"));
  expect(await one.synth()).toMatchObject({
    code: 1,
    stdout: "",
    stderr: expect.stringMatching(/Could not resolve "\.\.\/src\/word\.ts"/),
  });
});

test("without the packages it says what to run", async () => {
  const one = checkout();
  rmSync(join(one.folder, "node_modules"));
  expect(await one.synth()).toEqual({
    code: 1,
    stdout: "",
    stderr: expect.stringMatching(/^esbuild is not installed: run 'npm ci' first\nThe build failed, so nothing was run\.\n$/m),
  });
});

test("a group that does not exist is named, with those that do", async () => {
  const { code, stderr } = await checkout().run("build.cjs", "user");
  expect(code).toBe(1);
  expect(stderr).toMatch(/there is no group 'user': it is one of users, constructs, tools, e2e/);
});
