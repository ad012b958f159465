import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { run } from "../../src/cli/run.ts";
import { bundle, Program } from "./bundled-program.ts";
import { cloudnova, commandFault, faultOf, simple } from "./commands.ts";

// Every command that a README, a page or a message prints is held against the command line itself; those that need no cluster are run.
jest.setTimeout(300_000);

const READMES = ["README.md", "README.es.md"];
const START = [...READMES, "docs/deploy.md", "docs/deploy.es.md"];
const pages = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return pages(path);
    return entry.name.endsWith(".md") ? [path] : [];
  });
const DOCUMENTS = [...READMES, ...pages("docs"), "tools/cluster/README.md", "tools/README.md", "webapp/README.md"];

/** The lines of a document's shell blocks. */
const blocks = (text: string): string[] =>
  [...text.matchAll(/^ *```(?:sh|bash|shell)\n([\s\S]*?)^ *```/gm)].flatMap(([, block = ""]) => block.split("\n"));
/** What stands in backticks on a line and is a command of this repository with what it takes. */
const inline = (text: string): string[] =>
  [...text.replace(/^ *```[\s\S]*?^ *```/gm, "").matchAll(/`((?:npm run|npm ci|npm test|npx cloudnova|cloudnova) ?[^`\n]*)`/g)].map(
    ([, command = ""]) => command,
  );
/** Placeholders of a synopsis are no words of a command line. */
const concrete = (command: string) => command.replace(/\s*(?:\[[^\]]*\]|…|\.\.\.)/g, "");
const commandsOf = (file: string): string[] => {
  const text = readFileSync(file, "utf8");
  return [...blocks(text).flatMap(simple), ...inline(text).map(concrete).flatMap(simple)].filter((one) => one !== "");
};

test.each([
  ["npm run nothing", "package.json has no script nothing"],
  ["npx cloudnova sttus", "no command sttus"],
  ["npm run cloudnova -- status", "it is written npx cloudnova"],
  ["npx cloudnova status --offline", "status has no --offline"],
  ["npx cloudnova status kidn", "no environment of that name"],
  ["npm run up kind --plan", "options need -- before them"],
  ["npx cloudnova status kind node", "too many words"],
  ["npx cloudnova drill", "drill wants an environment's name"],
  ["npx cloudnova down --target kind --yes", "down wants an environment's name"],
  ["npm run synth -- --verbose", "Unknown option '--verbose'"],
  ["npm run cluster -- strat", "no command strat"],
  ["kubectl apply -f dist/nothing/", "there is no dist/nothing/"],
  ["kind create cluster --config kin.yaml", "there is no kin.yaml"],
])("%s is found out", (command, why) => expect(commandFault(command)).toContain(why));

test.each(DOCUMENTS)("%s: every command is one", (file) => {
  const faults = commandsOf(file).flatMap((command) => {
    const why = commandFault(command);
    return why === undefined ? [] : [`${command}: ${why}`];
  });
  expect(faults).toEqual([]);
});

test.each(READMES)("%s has commands in blocks and in its lines", (file) => {
  const commands = commandsOf(file);
  expect(commands).toEqual(expect.arrayContaining(["npm ci", "npm run up -- --target kind --yes", "npm test", "npx cloudnova status"]));
});

describe("messages", () => {
  const files = readdirSync("src/messages").map((name) => join("src/messages", name));
  /** The texts of a source file, without its comments. */
  const code = (file: string) => readFileSync(file, "utf8").replace(/^\s*(?:\/\*\*|\*|\/\/).*$/gm, "");

  test.each(files)("%s prints no command that is none", (file) => {
    const text = code(file);
    const made = [...text.matchAll(/printed(For)?\("([^"]+)"(?:, "([^"]+)")?/g)].map(([, other, name = "", rest = ""]) =>
      `npx cloudnova ${name} kind ${other ? "" : rest}`.trim(),
    );
    const written = [...text.matchAll(/(?:npm run|npx cloudnova) [^'«»"`\n:,;?]*/g)].map(([command]) =>
      command.replace(/\$\{[^}]*\}/g, "kind").replace(/ID\|(?:FILE|ARCHIVO)/, "1860"),
    );
    const faults = [...made, ...written].flatMap(simple).flatMap((command) => {
      const why = commandFault(command);
      return why === undefined ? [] : [`${command}: ${why}`];
    });
    expect(faults).toEqual([]);
  });

  test.each(files)("%s prints commands as they are typed", (file) => {
    const names = cloudnova.commands.map((one) => one.name()).join("|");
    expect(code(file).match(new RegExp(`(?<!npx )\\bcloudnova (?:${names})\\b[^\\n]*`, "g")) ?? []).toEqual([]);
  });
});

describe("run", () => {
  /** Runs a command line within this process. */
  async function typed(...words: readonly string[]): Promise<{ code: number; text: string }> {
    const out = new PassThrough();
    const chunks: string[] = [];
    out.on("data", (chunk) => chunks.push(String(chunk)));
    const code = await run(words, { stdin: process.stdin, stdout: out, stderr: out, env: {} });
    return { code, text: chunks.join("") };
  }
  const all = [cloudnova, ...cloudnova.commands].map((one) => (one === cloudnova ? [] : [one.name()]));

  test.each(all)("help of %j: its examples are commands", async (...path) => {
    const { code, text } = await typed(...path, "--help");
    expect(code).toBe(0);
    const shown = [...text.matchAll(/^ {2}npx cloudnova (.*)$/gm)].map(([, rest = ""]) => rest.split(" "));
    expect(shown.flatMap((words) => faultOf(cloudnova, words) ?? [])).toEqual([]);
  });

  test("what the first pages print and needs no cluster", async () => {
    const program = new Program();
    const synth = join(program.folder, "synth.mjs");
    bundle("charts/main.ts", synth);
    const written = START.flatMap(commandsOf).filter((command) => /^npm run synth\b/.test(command) && !/\b(mine|mio)\b/.test(command));
    expect(written.length).toBeGreaterThan(0);
    for (const command of new Set(written)) {
      const words = command
        .split(/\s+/)
        .slice(3)
        .filter((word) => word !== "--");
      const { status, stdout, stderr } = spawnSync(process.execPath, [synth, "--outdir", program.dist, ...words], { encoding: "utf8" });
      expect({ command, status, stderr }).toEqual({ command, status: 0, stderr: "" });
      expect(stdout).toMatch(/MiB/);
    }
    const offline = START.flatMap((file) => inline(readFileSync(file, "utf8"))).filter((command) =>
      /^npx cloudnova .*(?:--help|--offline|--list)/.test(command),
    );
    expect(offline.length).toBeGreaterThan(0);
    for (const command of new Set(offline)) {
      const { code, stderr } = await program.run(...command.replace("npx cloudnova ", "").split(" "));
      expect({ command, code, stderr }).toEqual({ command, code: 0, stderr: "" });
    }
    program.remove();
  });
});
