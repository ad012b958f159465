import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { inQuotes } from "../../src/shell.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cloudnova-lanes-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Starts it in the test's folder. */
function start(...args: readonly string[]) {
  const child = spawn(process.execPath, [join(process.cwd(), "tools", "lanes.mjs"), ...args], { cwd: folder });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (chunk) => (stdout += chunk));
  child.stderr.on("data", (chunk) => (stderr += chunk));
  const ended = new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) =>
    child.on("close", (code) => resolve({ code, stdout, stderr })),
  );
  return { child, ended };
}
const lanes = (...args: readonly string[]) => start(...args).ended;
/** For a shell: waits for a file. */
const until = (file: string) => `until [ -e ${file} ]; do sleep 0.05; done`;
async function untilSo(what: string, so: () => boolean): Promise<void> {
  for (const end = Date.now() + 50_000; !so(); await sleep(20)) if (Date.now() > end) throw new Error(`${what}: not within 50 s`);
}
/** What a command has written into a file. */
async function written(file: string): Promise<string> {
  const path = join(folder, file);
  await untilSo(file, () => existsSync(path) && readFileSync(path, "utf8").endsWith("\n"));
  return readFileSync(path, "utf8").trim();
}
/** Waits until no process has this number but one that has ended and was not waited for. */
const gone = (pid: string) =>
  untilSo(`end of process ${pid}`, () => {
    try {
      return /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
    } catch {
      return true;
    }
  });

test("lanes run at the same time, the commands of a lane one after another", async () => {
  const { code, stdout } = await lanes(`touch a; ${until("b")}`, "ls", "+", `touch b; ${until("a")}`);
  expect(code).toBe(0);
  expect(stdout).toContain("=== ls\na\nb\n");
});

test("outputs do not mix: the second lane's follows the first's, though it ended before", async () => {
  const { stdout } = await lanes(`echo 1; ${until("done")}; echo 2`, "+", "echo 3; touch done");
  expect(stdout).toMatch(/\n1\n2\n[\s\S]*\n3\n[\s\S]*passed in/);
});

test("each command that fails is named, with its exit code; those after it run all the same", async () => {
  const { code, stdout, stderr } = await lanes("exit 3", "echo after", "+", "echo other; exit 4");
  expect(code).toBe(1);
  expect(stdout).toContain("=== echo after\nafter\n");
  expect(stdout.trim().split("\n").slice(-3)).toEqual([
    "=== FAILED after 0 s with exit code 3: exit 3",
    "=== passed in 0 s: echo after",
    "=== FAILED after 0 s with exit code 4: echo other; exit 4",
  ]);
  expect(stderr).toBe("FAILED: exit 3; echo other; exit 4\n");
});

test("all passed: exit code 0, and nothing on standard error", async () => {
  expect(await lanes("true", "+", "true")).toMatchObject({ code: 0, stderr: "" });
});

test("what a command leaves running ends with its lane", async () => {
  await lanes("sleep 1000 & echo $! > pid");
  await gone(await written("pid"));
});

test.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 129],
] as const)("%s: the commands clean up, no other begins, and the exit code is %d", async (signal, expected) => {
  // As npm does, the command's own shell ends before the program that it runs.
  const program = "trap 'sleep 0.5; echo cleaned > cleaned; exit' INT; echo $$ > pid; while :; do sleep 0.1; done";
  const { child, ended } = start(`sh -c "${program.replaceAll("$", "\\$")}"; true`, "touch next", "+", "echo $$ > other; exec sleep 1000");
  const pids = [await written("pid"), await written("other")];
  child.kill(signal);
  const { code, stdout } = await ended;
  expect(code).toBe(expected);
  expect(existsSync(join(folder, "cleaned"))).toBe(true);
  expect(existsSync(join(folder, "next"))).toBe(false);
  expect(stdout).toMatch(/=== did not end: touch next\n=== did not end: echo .* > other/);
  for (const pid of pids) await gone(pid);
});

test("killed, it leaves no command behind", async () => {
  const { child, ended } = start("echo $$ > pid; exec sleep 1000", "+", "echo $$ > other; exec sleep 1000");
  const pids = [await written("pid"), await written("other")];
  child.kill("SIGKILL");
  for (const pid of pids) await gone(pid);
  await ended;
});

describe("priorities", () => {
  // Somebody may run the tests beside other work with `nice npm test`: every lane must keep that priority.
  const own = Number(execFileSync("nice", { encoding: "utf8" }));
  const lower = Math.max(own, 10);
  const AUTOGROUP = "/proc/self/autogroup";
  /** Writes its name, its own priority and its session's. */
  const saying = (name: string) => `echo "${name}: $(nice) $(sed 's/.*nice //' ${AUTOGROUP} 2>&1)"`;
  const expected = (name: string, nice: number) => expect.stringMatching(`^${name}: ${nice} ${existsSync(AUTOGROUP) ? `${nice}$` : ""}`);

  test("lanes have that of their caller", async () => {
    const { stdout } = await lanes(saying("a"), "+", saying("b"));
    expect(stdout.match(/^[ab]: \d+ .*/gm)).toEqual([expected("a", own), expected("b", own)]);
  });

  test("so have the lanes of a lane that gives way to others", async () => {
    const inner = `nice -n ${lower - own} node ${join(process.cwd(), "tools", "lanes.mjs")} ${inQuotes(saying("a"))}`;
    const { stdout } = await lanes("true", "+", inner);
    expect(stdout.match(/^a: \d+ .*/gm)).toEqual([expected("a", lower)]);
  });
});

test("a lane without a command is refused, with the usage", async () => {
  const { code, stderr } = await lanes("true", "+");
  expect(code).toBe(2);
  expect(stderr).toMatch(/^a lane has no command\nusage: /);
});
