import { mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { shows, write } from "../suite/example-pages.ts";
import { EXAMPLES, type Example, UPLOADS } from "../suite/examples.ts";
import { difference, type OldDatabase, oldGuestBook, oldTasks, printedRows } from "../suite/old-database.ts";
import type { Stage } from "../suite/stage.ts";
import { expect } from "../suite/wait.ts";

/** An example by its name, which is its database's too. @throws Error where there is none */
function exampleOf(name: string): Example {
  const found = EXAMPLES.find((one) => one.name === name);
  if (!found) throw new Error(`test/e2e/suite/examples.ts has no example ${name}`);
  return found;
}

/** Runs SQL in the cluster's MySQL as root. @returns the lines of its answer */
async function sql(stage: Stage, statement: string): Promise<string[]> {
  const client = ["mysql", "--defaults-file=/run/mysql/client.cnf", "--default-character-set=utf8mb4", "--batch", "--raw"];
  const command = [...client, "--skip-column-names", "--execute", statement];
  const text = await stage.kubectl("exec", "mysql-0", "--namespace", "cloudnova", "--container", "mysql", "--", ...command);
  return text.split("\n").filter(Boolean);
}

/** A table's rows, each as an array: JSON keeps line ends and backslashes. */
const rowsIn = async (stage: Stage, database: string, table: string, columns: readonly string[]): Promise<unknown[][]> =>
  (await sql(stage, `SELECT JSON_ARRAY(${columns.join(", ")}) FROM \`${database}\`.\`${table}\` ORDER BY \`${columns[0]}\``)).map((line) =>
    JSON.parse(line),
  );

/** Checks that a database has the tables of the old one with the same rows, and no other table. @throws Error with the first difference */
async function holds(stage: Stage, database: string, { tables }: OldDatabase): Promise<void> {
  const names = await sql(
    stage,
    `SELECT table_name FROM information_schema.tables WHERE table_schema = '${database}' AND table_type = 'BASE TABLE' ORDER BY 1`,
  );
  const wanted = tables.map(({ name }) => name).sort();
  expect(`tables of the database ${database}`, names, wanted);
  for (const table of tables) {
    const found = difference(table, await rowsIn(stage, database, table.name, table.columns));
    if (found !== undefined) throw new Error(`the database ${database} after the import: ${found}`);
  }
}

/** Checks that nothing of an import is left in the server. */
async function nothingLeft(stage: Stage): Promise<void> {
  expect("databases that an import left", await sql(stage, "SHOW DATABASES LIKE '%-restore%'"), []);
  expect("accounts that an import left", await sql(stage, "SELECT user FROM mysql.user WHERE user = 'cloudnova_import'"), []);
}

/** Runs `import data`, which must be refused with certain words, and must leave the rows of a table as they are. */
async function refused(stage: Stage, name: string, args: readonly string[], reason: string, rows: () => Promise<unknown>): Promise<void> {
  const before = await rows();
  const { status, stdout, stderr } = await stage.cloudnova(`import data ${name}`, ...args);
  if (status !== 1 || !stderr.includes(reason))
    throw new Error(`import data ${name} ${args.join(" ")}: expected 1 and '${reason}', saw ${status}:\n${stdout}${stderr}`);
  expect(`the rows of ${name} after the import that was refused`, await rows(), before);
  await nothingLeft(stage);
}

/** Replaces what an application wrote by a dump: refused without --replace and with a statement that fails, then done. */
async function replaced(stage: Stage, folder: string): Promise<string> {
  const guests = exampleOf("guestbook");
  const [good, broken] = [oldGuestBook(), oldGuestBook(true)];
  const [dump, brokenDump] = [join(folder, "guests.sql"), join(folder, "broken.sql")];
  writeFileSync(dump, good.dump);
  writeFileSync(brokenDump, broken.dump);
  const rows = () => rowsIn(stage, guests.name, "entries", ["id", "name", "text"]);

  const count = (await rows()).length;
  await refused(stage, guests.name, ["--from", dump], `database ${guests.name} is not empty: entries ${count}\n`, rows);
  const line = broken.dump.split("\n").findIndex((text) => text.includes("`absent`")) + 1;
  const failing = `${brokenDump}:${line}: MySQL refused the statement: Table`;
  await refused(stage, guests.name, ["--from", brokenDump, "--replace", "--yes"], failing, rows);

  const answer = JSON.parse(await stage.must(`import data ${guests.name}`, "--from", dump, "--replace", "--yes", "--output", "json"));
  const compared = good.tables.map(({ name, rows: { length } }) => ({ table: name, old: length, exact: true, new: length }));
  expect("the tables in the command's answer", [answer.tables, answer.differs], [compared, false]);
  await holds(stage, guests.name, good);
  await nothingLeft(stage);
  const total = compared.reduce((sum, one) => sum + one.new, 0);
  await shows(guests, "Íñigo 2400");
  await write(guests, "written after the import");
  await shows(guests, "written after the import");
  return `${count} rows of ${guests.name} kept by 2 refused imports, then replaced by ${total}`;
}

/** The files of an upload folder, small and in names as users have them. */
function makeUploads(folder: string): { files: number; bytes: number } {
  mkdirSync(join(folder, "año 2026"), { recursive: true });
  writeFileSync(join(folder, "foto.bin"), Buffer.alloc(300_000, "a photograph"));
  writeFileSync(join(folder, "año 2026", "niña.txt"), "¡hola!\n");
  writeFileSync(join(folder, ".oculto"), "");
  const found = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return {
    files: found.length,
    bytes: found.reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0),
  };
}

/** Fills an empty database from a packed dump with a trigger, a view and a procedure, and a volume from a folder. */
async function filled(stage: Stage, folder: string): Promise<string> {
  const tasks = exampleOf("tasks");
  const old = oldTasks();
  const [dump, uploads] = [join(folder, "tasks.sql.gz"), join(folder, "uploads")];
  writeFileSync(dump, gzipSync(old.dump));
  const { files, bytes } = makeUploads(uploads);
  // Tables without rows do not count as data: this is what the application makes at its first start.
  await sql(stage, `DELETE FROM ${tasks.name}.tasks`);

  const printed = await stage.must(`import data ${tasks.name}`, "--from", dump, "--volume", `${UPLOADS.volume}=${uploads}`);
  const total = String(old.tables.reduce((sum, { rows }) => sum + rows.length, 0));
  const counts = old.tables.map(({ name, rows }) => [name, String(rows.length), String(rows.length)]);
  const copied = [UPLOADS.volume, String(files), String(files), String(bytes), String(bytes)];
  const headings = { tables: ["TABLE", "OLD", "NEW"], volumes: ["VOLUME", "FILES OLD", "NEW", "BYTES OLD", "NEW"] };
  const wanted = [headings.tables, ...counts, ["total", total, total], headings.volumes, copied];
  expect(`the rows that the command prints in\n${printed}`, printedRows(printed), wanted);
  await holds(stage, tasks.name, old);
  await nothingLeft(stage);
  expect("rows of the imported view", await sql(stage, `SELECT COUNT(*) FROM ${tasks.name}.recent`), ["100"]);
  const kinds = { views: "table_schema", triggers: "trigger_schema", routines: "routine_schema" };
  const definers = Object.entries(kinds).map(
    ([kind, schema]) => `SELECT definer FROM information_schema.${kind} WHERE ${schema} = '${tasks.name}'`,
  );
  expect(
    "the accounts of the view, the trigger and the procedure",
    await sql(stage, definers.join(" UNION ALL ")),
    Array(3).fill(`${tasks.name}@%`),
  );

  await shows(tasks, "1500: ");
  await write(tasks, "written after the import");
  await shows(tasks, "written after the import");
  const logged = await sql(stage, `SELECT what FROM ${tasks.name}.log ORDER BY id DESC LIMIT 1`);
  expect("what the imported trigger wrote of the application's row", logged, ["añadida: written after the import"]);
  const pod = ["deployment/tasks", "--namespace", "cloudnova-tasks", "--container", "tasks"];
  const text = await stage.kubectl("exec", ...pod, "--", "cat", `${UPLOADS.path}/año 2026/niña.txt`);
  expect("a file of the volume", text, "¡hola!\n");
  return `${total} rows with a trigger, a view and a procedure, and ${files} files into ${tasks.name}`;
}

/**
 * Imports dumps, as users bring them, into the databases of two examples that run, with `cloudnova import data`.
 * @returns what was seen @throws Error with what differs
 */
export async function importData(stage: Stage): Promise<string> {
  const begun = Date.now();
  const folder = join(dirname(stage.environment.file), "import");
  mkdirSync(folder, { recursive: true });
  const saw = [await replaced(stage, folder), await filled(stage, folder)].join("; ");
  return `import data: ${saw}, in ${Math.round((Date.now() - begun) / 1000)} s`;
}
