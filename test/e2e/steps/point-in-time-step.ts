import { comesBack } from "../suite/health.ts";
import type { Stage } from "../suite/stage.ts";
import type { Step } from "../suite/step.ts";
import { expect, until } from "../suite/wait.ts";
import { apply } from "./changes-step.ts";

const IN = ["--namespace", "cloudnova"] as const;
const CLIENT = "mysql --defaults-file=/run/mysql/client.cnf --batch --skip-column-names";
/** Users that are added after the backup and before the mistake, and after it. */
const [BEFORE, AFTER] = [20, 5];
/** Rows that are written to tell the cost, each in a transaction of its own, and how often. */
const [ROWS, ROUNDS] = [1000, 5];
/** MySQL's pod starts anew. */
const RESTARTED_S = 120;

const inMysql = (stage: Stage, script: string): Promise<string> =>
  stage.kubectl("exec", "mysql-0", ...IN, "--container", "mysql", "--", "bash", "-c", script);

/** Writes rows of 100 bytes, with the log and without it by turns. @returns ms for each kind, fastest round */
async function timed(stage: Stage, kinds: readonly (0 | 1)[]): Promise<number[]> {
  const rounds = await inMysql(
    stage,
    `${CLIENT} -e "CREATE DATABASE IF NOT EXISTS costs; CREATE TABLE IF NOT EXISTS costs.t (id INT AUTO_INCREMENT PRIMARY KEY, text CHAR(100))"
    for round in $(seq ${ROUNDS}); do for log in ${kinds.join(" ")}; do
      { echo "SET sql_log_bin = $log;"; for i in $(seq ${ROWS}); do echo "INSERT INTO costs.t (text) VALUES (REPEAT('x', 100));"; done; } > /tmp/costs
      begun=$(date +%s%N); ${CLIENT} < /tmp/costs; echo "$log $((($(date +%s%N) - begun) / 1000000))"
    done; done; ${CLIENT} -e "DROP DATABASE costs"`,
  );
  const lines = rounds.trim().split("\n");
  return kinds.map((kind) => Math.min(...lines.filter((one) => one.startsWith(`${kind} `)).map((one) => Number(one.slice(2)))));
}

const restarted = (stage: Stage) => stage.kubectl("rollout", "status", "statefulset/mysql", ...IN, `--timeout=${RESTARTED_S}s`);
/** mysqld's anonymous memory, MiB. */
const anonymous = async (stage: Stage): Promise<number> =>
  Math.round(Number(/\d+/.exec(await inMysql(stage, "grep RssAnon /proc/1/status"))?.[0]) / 1024);

/** What the log costs: MySQL's memory, its time for a commit, and the disk. */
async function turnedOn(stage: Stage): Promise<string> {
  await stage.kubectl("rollout", "restart", "statefulset/mysql", ...IN);
  await restarted(stage);
  await timed(stage, [1]);
  const before = await anonymous(stage);
  await stage.environment.set(["backups"], { pointInTime: true });
  await apply(stage);
  await restarted(stage);
  const size = `du -cb /var/lib/mysql/data/binlog.0* | tail -n 1 | cut -f 1`;
  const empty = Number(await inMysql(stage, size));
  const [without = 0, logged = 0] = await timed(stage, [0, 1]);
  const bytes = (Number(await inMysql(stage, size)) - empty) / ROUNDS;
  const cost = `${ROWS} rows of 100 bytes, each in a transaction: ${(bytes / 1024).toFixed(0)} KiB of log`;
  return `${cost}, ${without} ms without it and ${logged} ms with it; mysqld's anonymous memory ${before} and ${await anonymous(stage)} MiB`;
}

/** A DELETE that was a mistake is undone: everything that was acknowledged before it is there, and nothing that was from after it. */
export const POINT_IN_TIME: Step = {
  name: "a point in time is restored",
  expects: "users that were acknowledged between the backup and a mistaken DELETE are there, those from after it are not",
  full: true,
  restarts: ["mysql"],
  run: async (stage) => {
    const { load } = stage;
    load.stop();
    await load.settled();
    const cost = await turnedOn(stage);
    await comesBack(stage);
    const { backups } = JSON.parse(await stage.must("backup now", "--output", "json"));
    for (let count = 0; count < BEFORE; count++) await load.add();
    const wanted = [...load.acknowledged];
    const time = (await inMysql(stage, `${CLIENT} -e "SELECT DATE_FORMAT(UTC_TIMESTAMP(3), '%Y-%m-%dT%H:%i:%s.%fZ')"`)).trim();
    await inMysql(stage, `${CLIENT} -e "DELETE FROM app.users"`);
    for (let count = 0; count < AFTER; count++) await load.add();
    const later = [...load.acknowledged].filter((email) => !wanted.includes(email));

    const args = [backups[0].name, "--until", time, "--yes", "--output", "json"];
    const { seconds } = JSON.parse(await stage.must("backup restore", ...args));
    const listed = await until("the application lists its users", RESTARTED_S, () => load.listed());
    expect("users from before the mistake that are missing", wanted.filter((email) => !listed.has(email)).length, 0);
    expect("users from after it that are there", later.filter((email) => listed.has(email)).length, 0);
    for (const email of later) load.acknowledged.delete(email);

    await stage.environment.unset(["backups"]);
    await apply(stage);
    await restarted(stage);
    const back = await comesBack(stage);
    load.start(stage.intensity.rate);
    return `${wanted.length} users as at ${time}, stopped for ${seconds.toFixed(0)} s; ${cost}; ${back}`;
  },
};
