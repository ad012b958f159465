import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { temporaryFolder } from "../temporary.ts";

/** volume.sh of `import data`: whatever breaks it off while it puts new files in the place of others, none of the others is lost. */
const SCRIPT = readFileSync("src/data/files/volume.sh", "utf8");
const BEFORE = { ".hidden": "before", "-a b": "before", "same/one": "before", "same/deep/two": "before" };
const AFTER = { "-r": "after", back: "after", "same/one": "after" };
type Files = Readonly<Record<string, string>>;

function write(folder: string, files: Files): string {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(folder, path, ".."), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}
const read = (folder: string): Files =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((path) => statSync(join(folder, path)).isFile())
      .sort()
      .map((path) => [relative(".", path), readFileSync(join(folder, path), "utf8")]),
  );
const sorted = (files: Files): Files => Object.fromEntries(Object.entries(files).sort(([one], [other]) => (one < other ? -1 : 1)));

const folder = temporaryFolder("volume-script");
const programs = join(folder, "bin");
const countdown = join(folder, "countdown");
/** Programs that change folders, of which one call fails, or breaks off all that runs just before it or just after. */
const STUB = `#!/bin/sh
left=$(($(cat ${countdown}) - 1))
echo $left > ${countdown}
name=\${0##*/}
if [ $left -eq 0 ]; then
  case $HOW in
    fails) echo "$name: it cannot be done" >&2; exit 1 ;;
    after) /bin/$name "$@" ;;
  esac
  kill -9 0
fi
exec /bin/$name "$@"
`;
mkdirSync(programs);
for (const name of ["mv", "rm", "mkdir", "rmdir"]) writeFileSync(join(programs, name), STUB, { mode: 0o755 });

/** Runs the script. @param breaksAt at which call of a program that changes folders it breaks off @param how in which way */
function call(what: string, volume: string, { input = Buffer.of(), breaksAt = 0, how = "fails" } = {}) {
  writeFileSync(countdown, String(breaksAt));
  // In a process group of its own: what breaks off ends all of it.
  const command = ["--wait", "sh", "-c", SCRIPT, "volume.sh", what, volume];
  const { status, stdout } = spawnSync("setsid", command, { input, env: { PATH: `${programs}:/usr/bin:/bin`, HOW: how } });
  return { status, stdout: stdout.toString(), reached: Number(readFileSync(countdown, "utf8")) <= 0 };
}
const archive = spawnSync("tar", ["-cf", "-", "-C", write(join(folder, "after"), AFTER), "."]).stdout;

test.each(["fails", "before", "after"])("nothing is lost where a step %s", (how) => {
  let steps = 0;
  for (let reached = true; reached; steps++) {
    const volume = write(join(folder, `${how}-${steps}`), BEFORE);
    expect(call("receive", volume, { input: archive }).stdout).toBe("3 15\n");
    const accepted = call("accept", volume, { breaksAt: steps + 1, how });
    reached = accepted.reached;
    expect({ steps, succeeded: accepted.status === 0 }).toEqual({ steps, succeeded: !reached });
    // A volume with files says so, wherever they are: without --replace the next import refuses it.
    expect(call("count", volume).stdout).not.toMatch(/^0 /);

    // The next command puts all in order, also when it is broken off itself.
    for (let again = 1, repeated = true; repeated; again++) {
      const copy = `${volume}-${again}`;
      cpSync(volume, copy, { recursive: true });
      repeated = call("discard", copy, { breaksAt: again, how }).reached;
      expect(call("discard", copy).status).toBe(0);
      const isDone = readdirSync(copy).includes("-r") && !readdirSync(copy).includes("-a b");
      expect({ steps, again, files: read(copy) }).toEqual({ steps, again, files: sorted(isDone ? AFTER : BEFORE) });
    }
    expect(call("receive", volume, { input: archive }).stdout).toBe("3 15\n");
    expect(call("accept", volume).status).toBe(0);
    expect(read(volume)).toEqual(sorted(AFTER));
  }
  // Three entries go, three come: a loop that ends at once would show nothing.
  expect(steps).toBeGreaterThan(5);
});

test("what failed halfway is put back at once, and what was received is removed", () => {
  const volume = write(join(folder, "one"), BEFORE);
  call("receive", volume, { input: archive });
  expect(call("accept", volume, { breaksAt: 3 }).status).not.toBe(0);
  expect(read(volume)).not.toEqual(sorted(BEFORE));
  expect(call("discard", volume).status).toBe(0);
  expect(read(volume)).toEqual(sorted(BEFORE));
  expect(readdirSync(volume).filter((name) => name.startsWith(".cloudnova"))).toEqual([]);
});
