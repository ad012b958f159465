import { existsSync, readdirSync, readFileSync } from "node:fs";
import { parse } from "yaml";
import { BUILT_HERE } from "../src/versions.ts";

// GitHub's workflows, as far as they can be checked without GitHub. `npm run scan` has actionlint judge their syntax.
const FOLDER = ".github/workflows";

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}
interface Job {
  readonly "timeout-minutes"?: number;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
}
interface Workflow {
  readonly permissions: Readonly<Record<string, string>>;
  readonly concurrency: { readonly group: string };
  readonly jobs: Readonly<Record<string, Job>>;
}

const files = readdirSync(FOLDER);
const text = (file: string) => readFileSync(`${FOLDER}/${file}`, "utf8");
const workflow = (file: string): Workflow => parse(text(file));
const jobs = files.flatMap((file) => Object.entries(workflow(file).jobs).map(([name, job]) => ({ file, name, job })));
const steps = jobs.flatMap(({ file, job }) => job.steps.map((step) => ({ file, step })));
const commands = steps.flatMap(({ step }) => (step.run ? [step.run] : []));

test.each(files)("%s may read the repository and nothing else by default, and has one run of a kind at a time", (file) => {
  expect(workflow(file).permissions).toEqual({ contents: "read" });
  expect(workflow(file).concurrency.group).toContain("github.ref");
});

test("only the workflow that pushes an image may write, and packages alone", () => {
  const more = jobs.filter(({ job }) => job.permissions);
  expect(new Set(more.map(({ file }) => file))).toEqual(new Set(["image.yml"]));
  const written = more.flatMap(({ job }) => Object.entries(job.permissions ?? {}).filter(([, access]) => access === "write"));
  expect(written.map(([what]) => what)).toEqual(["packages", "packages"]);
});

test("every job ends by itself", () => {
  expect(jobs.filter(({ job }) => !job["timeout-minutes"])).toEqual([]);
});

test("every action is pinned by a commit, with its version beside it; the checkout leaves no token behind", () => {
  const lines = files.flatMap((file) => text(file).split("\n")).filter((line) => line.includes("uses:"));
  expect(lines.length).toBeGreaterThan(0);
  expect(lines.filter((line) => !/uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(line))).toEqual([]);
  const checkouts = steps.filter(({ step }) => step.uses?.startsWith("actions/checkout@"));
  expect(checkouts.map(({ step }) => step.with?.["persist-credentials"])).toEqual(checkouts.map(() => false));
});

test("one action has one version", () => {
  const versions = new Map<string, Set<string>>();
  for (const { step } of steps) {
    const [action = "", version = ""] = step.uses?.split("@") ?? [];
    if (action) versions.set(action, (versions.get(action) ?? new Set()).add(version));
  }
  expect([...versions].filter(([, all]) => all.size > 1)).toEqual([]);
});

test("every program that a command installs has its version", () => {
  const installed = commands.flatMap((command) => [...command.matchAll(/\bgo install (\S+)/g)].map(([, what = ""]) => what));
  expect(installed.length).toBeGreaterThan(0);
  expect(installed.filter((what) => !/@v\d+\.\d+\.\d+$/.test(what))).toEqual([]);
  // One version of each in all jobs.
  expect(new Set(installed).size).toBe(new Set(installed.map((what) => what.split("@")[0])).size);
});

test("what our images and the repository consist of is kept, and searched for known vulnerabilities", () => {
  const { jobs: scans } = parse(text("vulnerabilities.yml"));
  for (const { steps: list, strategy } of Object.values<Job & { readonly strategy?: { readonly matrix: object } }>(scans)) {
    if (strategy) expect(strategy.matrix).toEqual({ folder: BUILT_HERE });
    const [made = "", searched = ""] = ["syft scan", "grype"].map((program) => list.find(({ run }) => run?.startsWith(program))?.run);
    const [, file] = /spdx-json=([^ "]+)/.exec(made) ?? [];
    expect(searched).toContain(`sbom:${file}`);
    expect(searched).toContain("--fail-on high");
    expect(list.some(({ uses }) => uses?.startsWith("actions/upload-artifact@"))).toBe(true);
  }
});

test("no expression of GitHub's is part of a command: commands run on any machine, and no input becomes a program", () => {
  expect(commands.filter((command) => command.includes("${{"))).toEqual([]);
});

test("every npm script and every file that a command names is there", () => {
  const { scripts }: { scripts: Record<string, string> } = JSON.parse(readFileSync("package.json", "utf8"));
  const asked = commands.flatMap((command) => [...command.matchAll(/npm (?:run )?([\w:-]+)/g)].map(([, name = ""]) => name));
  expect(asked.filter((name) => name !== "ci" && !scripts[name])).toEqual([]);
  const programs = commands.flatMap((command) => /^[\w./-]+\.sh/.exec(command) ?? []);
  expect(programs.filter((path) => !existsSync(path))).toEqual([]);
});

test.each(["docs/workflows.md", "docs/workflows.es.md"])("%s names every workflow and every job", (page) => {
  const said = readFileSync(page, "utf8");
  expect(jobs.filter(({ file, name }) => !said.includes(`${file}](../${FOLDER}/${file}) \`${name}\``)).map(({ name }) => name)).toEqual([]);
});
