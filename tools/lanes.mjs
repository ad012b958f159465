// Runs commands in lanes: the lanes at the same time, the commands of a lane one after another, also after one that failed.
//
//   node tools/lanes.mjs COMMAND… [+ COMMAND…]…
//
// Each command is one argument, for the shell. The first lane's output is shown as it comes, the next lane's after it.
// At the end every command has a line with its time and result. The exit code is 0 when all passed, 1 when one failed, 2 when the
// arguments are wrong, and 128 + the signal's number after Ctrl-C, SIGTERM or SIGHUP. The commands never outlive this program.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { constants, getPriority } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";

const USAGE = "usage: node tools/lanes.mjs COMMAND… [+ COMMAND…]…";
/** How long a command may take to clean up after SIGINT, in seconds; the end-to-end suite deletes its cluster in 10. */
const GRACE_S = 30;

/** Waits for a line, then runs a lane's commands; says on descriptor 3 that one begins, and with which code it ended. */
const LANE = `
  read -r _
  exec </dev/null
  trap "exit 130" INT
  for command; do
    printf "\\n=== %s\\n" "$command"
    echo begins >&3
    sh -c "$command" 3>&-
    echo $? >&3
  done`;
/** Ends the groups of processes that it has read once its input is closed: however this program ends, they end with it. */
const WATCH = `
  while read -r group; do groups="$groups $group"; done
  for group in $groups; do kill -s INT -- "-$group"; done
  sleep ${GRACE_S}
  for group in $groups; do kill -s KILL -- "-$group"; done`;

/** The exit code after a signal; 0 before. */
let interrupted = 0;

function lanesOf(args) {
  const lanes = [{ commands: [] }];
  for (const arg of args) {
    if (arg === "+") lanes.push({ commands: [] });
    else lanes.at(-1).commands.push(arg);
  }
  if (lanes.every(({ commands }) => commands.length > 0)) return lanes;
  console.error(`a lane has no command\n${USAGE}`);
  return process.exit(2);
}

/** Signals a group of processes; whether there was one. */
function signalGroup(pid, signal) {
  try {
    return process.kill(-pid, signal);
  } catch {
    return false;
  }
}

/**
 * Gives a new session this program's priority. Where autogroups are on (sched(7)), priorities count within a session alone, and a new
 * session has the usual weight whatever its processes' priorities are.
 */
function passPriorityOn(pid) {
  try {
    writeFileSync(`/proc/${pid}/autogroup`, `${getPriority()}`);
  } catch {
    // no autogroups
  }
}

/** Starts a lane in a session of its own. */
function start({ commands }) {
  const child = spawn("sh", ["-c", LANE, "lane", ...commands], { detached: true, stdio: ["pipe", "pipe", "pipe", "pipe"] });
  passPriorityOn(child.pid);
  child.stdin.end("\n");
  const results = [];
  let since = 0;
  let said = "";
  child.stdio[3].on("data", (chunk) => {
    const lines = `${said}${chunk}`.split("\n");
    said = lines.pop();
    for (const line of lines) {
      if (line === "begins") since = Date.now();
      else results.push({ code: Number(line), seconds: (Date.now() - since) / 1000 });
    }
  });
  const closed = once(child, "close");
  const ended = once(child, "exit").then(async () => {
    if (!interrupted) signalGroup(child.pid, "SIGKILL"); // what a command has left behind
    while (signalGroup(child.pid, 0)) await sleep(100);
    // A daemon in a session of its own, such as Docker's, may hold the output open for good.
    await Promise.race([closed, sleep(1000)]);
  });
  return { commands, results, child, ended };
}

/** Shows the lanes' outputs one after another, each as it comes once those before it have ended. */
async function show(running) {
  const held = running.map(() => []);
  let shown = 0;
  for (const [index, { child }] of running.entries())
    for (const [from, to] of [
      [child.stdout, process.stdout],
      [child.stderr, process.stderr],
    ])
      from.on("data", (chunk) => (index === shown ? to.write(chunk) : held[index].push([to, chunk])));
  for (const [index, { ended }] of running.entries()) {
    shown = index;
    for (const [to, chunk] of held[index].splice(0)) to.write(chunk);
    await ended;
  }
}

const lanes = lanesOf(process.argv.slice(2));
const watch = spawn("sh", ["-c", WATCH], { detached: true, stdio: ["pipe", "ignore", "ignore"] });
const groups = [];
const signalAll = (signal) => groups.map((group) => signalGroup(group, signal));
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"])
  process.on(signal, () => {
    signalAll(interrupted === 0 ? "SIGINT" : "SIGKILL");
    interrupted ||= 128 + constants.signals[signal];
    setTimeout(signalAll, GRACE_S * 1000, "SIGKILL").unref();
  });

const running = lanes.map((lane) => {
  const started = start(lane);
  groups.push(started.child.pid);
  watch.stdin.write(`${started.child.pid}\n`);
  return started;
});
await show(running);
watch.kill("SIGKILL");
for (const { child } of running) for (const stream of child.stdio) stream?.destroy();

const outcomes = running.flatMap(({ commands, results }) =>
  commands.map((command, index) => {
    const { code, seconds } = results[index] ?? {};
    if (code === undefined) return { command, failed: true, line: `did not end: ${command}` };
    const took = `${Math.round(seconds)} s`;
    return {
      command,
      failed: code !== 0,
      line: code === 0 ? `passed in ${took}: ${command}` : `FAILED after ${took} with exit code ${code}: ${command}`,
    };
  }),
);
console.log(["", ...outcomes.map(({ line }) => `=== ${line}`)].join("\n"));
const failed = outcomes.filter(({ failed }) => failed).map(({ command }) => command);
if (failed.length > 0) console.error(`FAILED: ${failed.join("; ")}`);
process.exitCode = interrupted || (failed.length > 0 ? 1 : 0);
