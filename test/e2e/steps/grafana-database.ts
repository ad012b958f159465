import { output, run } from "../../../tools/common/run.ts";
import type { Stage } from "../suite/stage.ts";
import { volumeOf } from "../suite/volume.ts";
import { expect } from "../suite/wait.ts";

/** Grafana's user, and the mode with which it makes its database. */
const AS_GRAFANA = "chown 10472:10472 $file; chmod 0640 $file";

/** Prints a database with so many users in it, as SQLite itself makes it, in base64. */
const MAKE = `
import base64, sqlite3, sys, tempfile
with tempfile.NamedTemporaryFile() as file:
    with sqlite3.connect(file.name) as db:
        db.execute("CREATE TABLE user (id INTEGER PRIMARY KEY, login TEXT, note TEXT)")
        db.executemany("INSERT INTO user (login, note) VALUES (?, ?)", [(f"user-{n}", "ñ" * n) for n in range(int(sys.argv[1]))])
    db.close()
    print(base64.b64encode(open(file.name, "rb").read()).decode())
`;
/** Prints all that is in the database of standard input, which is base64, as SQL. */
const DUMP = `
import base64, sqlite3, sys, tempfile
with tempfile.NamedTemporaryFile() as file:
    file.write(base64.b64decode(sys.stdin.read()))
    file.flush()
    print("\\n".join(sqlite3.connect(file.name).iterdump()))
`;

/** Runs a script in the node, in which $file is Grafana's database. */
const inVolume = async (stage: Stage, script: string, input = ""): Promise<string> =>
  stage.inNode(`set -euo pipefail; file=${await volumeOf(stage, "grafana-data")}/grafana.db; ${script}`, input);

/** Puts a database with so many users where Grafana has its own. No Grafana runs here that would make one. */
export async function putGrafana(stage: Stage, users: number): Promise<void> {
  await inVolume(stage, `base64 --decode > $file; ${AS_GRAFANA}`, await output("python3", ["-c", MAKE, String(users)]));
}

/** What Grafana's database holds, as SQL. */
export async function grafanaDump(stage: Stage): Promise<string> {
  const { stdout, status, words } = await run("python3", ["-c", DUMP], { input: await inVolume(stage, "base64 $file") });
  if (status !== 0) throw new Error(words);
  return stdout;
}

/** Checks that it is what it was, and that Grafana's user may write it, of which the group alone decides. */
export async function isGrafana(stage: Stage, before: string): Promise<string> {
  expect("Grafana's database after the restore", await grafanaDump(stage), before);
  await inVolume(stage, "setpriv --reuid=10472 --regid=10472 --clear-groups test -w $file");
  return "Grafana's database is as it was (a stand-in ran in Grafana's place, with a database of SQLite)";
}
