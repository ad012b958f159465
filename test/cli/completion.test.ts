import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { completion, knownCommands, SHELLS, type Shell } from "../../src/cli/completion.ts";
import { program } from "../../src/cli/program.ts";

const root = program({ stdin: process.stdin, stdout: process.stdout, stderr: process.stderr, env: {} }, () => undefined);
let folder: string;
const file = (shell: Shell) => join(folder, `completion.${shell}`);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "cloudnova-completion-"));
  for (const shell of SHELLS) writeFileSync(file(shell), completion(root, shell));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What bash itself offers after these words; the last may be half a word. */
function offered(...words: readonly string[]): string[] {
  const script = `source ${file("bash")}; COMP_WORDS=(cloudnova "$@"); COMP_CWORD=$#; _cloudnova; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return execFileSync("bash", ["-c", script, "bash", ...words], { encoding: "utf8" })
    .split("\n")
    .filter(Boolean);
}

describe("bash", () => {
  test("every command, by its beginning", () => {
    expect(offered("")).toEqual(expect.arrayContaining(knownCommands(root).map(({ name }) => name)));
    expect(offered("st")).toEqual(["status"]);
    expect(offered("nothing-begins-so")).toEqual([]);
  });
  test("every option of its own command, and no other's", () => {
    for (const { name, options } of knownCommands(root)) {
      expect(offered(name, "--").sort()).toEqual(options.map(({ names }) => names.at(-1)).sort());
    }
    expect(offered("up", "--no-")).toEqual(["--no-synth", "--no-doctor", "--no-verify"]);
    expect(offered("status", "--del")).toEqual([]);
  });
  test("what an option takes", () => {
    expect(offered("up", "--target", "")).toEqual(["kind", "k3s"]);
    expect(offered("up", "kind", "--output", "j")).toEqual(["json"]);
    expect(offered("apply", "--kubeconfig", "packag")).toEqual(expect.arrayContaining(["package.json"]));
    expect(offered("apply", "--timeout", "")).toEqual([]);
    expect(offered("completion", "")).toEqual([...SHELLS]);
  });
  test("the environments of the folder", () => {
    expect(offered("up", "")).toEqual(expect.arrayContaining(["k3s-ec2", "kind"]));
    expect(offered("up", "ki")).toEqual(["kind"]);
  });
});

// Not on every machine: where a shell is missing its test says so by its name.
for (const shell of ["zsh", "fish"] as const) {
  const there = spawnSync(shell, ["-c", "true"]).status === 0;
  (there ? test : test.skip)(`${shell} takes its script${there ? "" : ` (not run: ${shell} is not installed)`}`, () => {
    expect(spawnSync(shell, ["-n", file(shell)], { encoding: "utf8" })).toMatchObject({ status: 0, stderr: "" });
  });
}
const fish = spawnSync("fish", ["-c", "true"]).status === 0;
(fish ? test : test.skip)("fish offers targets and commands", () => {
  const ask = (line: string) => execFileSync("fish", ["-N", "-c", `source ${file("fish")}; complete -C '${line}'`], { encoding: "utf8" });
  const words = (line: string) =>
    ask(line)
      .trim()
      .split("\n")
      .map((text) => text.split("\t")[0]);
  expect(words("cloudnova up --target ").sort()).toEqual(["k3s", "kind"]);
  expect(words("cloudnova completion ").sort()).toEqual([...SHELLS].sort());
  expect(ask("cloudnova st")).toMatch(/^status\t/);
});
