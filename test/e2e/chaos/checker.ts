import type { Stage } from "../suite/stage.ts";
import { until } from "../suite/wait.ts";
import { compare, rowsIn, type Verdict, type Window } from "./compare.ts";
import type { Writer } from "./writer.ts";

/** mysqld may be starting, or the kubelet, through which the question goes. */
const ANSWER_S = 90;

/** Asks mysqld itself, through its socket: nothing of the application is between. */
async function sql(stage: Stage, statement: string): Promise<string> {
  const client = ["mysql", "--defaults-file=/run/mysql/client.cnf", "--batch", "--skip-column-names", "--execute", statement];
  return stage.kubectl("exec", "mysql-0", "--namespace=cloudnova", "--container=mysql", "--", ...client);
}

async function rowsOf(stage: Stage, { prefix }: Writer): Promise<Map<string, number>> {
  const statement = `SELECT name, COUNT(*) FROM app.users WHERE name LIKE '${prefix}%' GROUP BY name`;
  return until("the database's own list of users", ANSWER_S, async () => rowsIn(await sql(stage, statement)));
}

/** Compares what was acknowledged until now with the database. What a restore took back is forgotten then. */
export async function check(stage: Stage, writer: Writer, excused: Window | undefined): Promise<Verdict> {
  const acknowledged = new Map(writer.acknowledged); // before the question: a later one may be in no answer
  const verdict = compare(acknowledged, await rowsOf(stage, writer), excused);
  // What is lost is told once, and not again after every fault that follows.
  for (const name of [...verdict.takenBack, ...verdict.lost]) writer.acknowledged.delete(name);
  return verdict;
}

/** Proves that the checker finds a lost and a doubled write in this database, before it is trusted. @throws Error when it does not */
export async function proveChecker(stage: Stage, writer: Writer): Promise<void> {
  const [lost, doubled] = [`${writer.prefix}planted-loss`, `${writer.prefix}planted-double`];
  const values = [1, 2].map((number) => `('${doubled}', '${doubled}-${number}@example.org')`).join(", ");
  await sql(stage, `INSERT INTO app.users (name, email) VALUES ${values}`);
  const now = Date.now();
  const acknowledged = new Map([...writer.acknowledged, [lost, { sent: now, acknowledged: now }] as const]);
  const found = compare(acknowledged, await rowsOf(stage, writer), undefined);
  await sql(stage, `DELETE FROM app.users WHERE name = '${doubled}'`);
  if (found.lost.join() !== lost || found.doubled.join() !== doubled)
    throw new Error(`the checker was given one lost and one doubled write, and found ${JSON.stringify(found)}`);
}
