import { comesBack, withoutLoss } from "../suite/health.ts";
import type { Stage } from "../suite/stage.ts";
import type { Step } from "../suite/step.ts";
import { expect, until } from "../suite/wait.ts";

const IN = ["--namespace", "cloudnova"] as const;
/** What the command gives new passwords without a name. */
const ROTATED = ["backup", "exporter", "migrator", "root", "webapp"];
/** Of these, who uses MySQL's socket. */
const LOCAL = ["exporter", "root"];
/** Whether an exporter could ask MySQL at its last scrape. */
const SEEN = ["mysql_up", "cloudnova_backup_up"];
/** How often Prometheus scrapes, with room, s. */
const SCRAPED_S = 90;

/** The values of a Secret's keys. */
export async function valuesOf(stage: Stage, secret: string): Promise<Record<string, string>> {
  const { data } = JSON.parse(await stage.kubectl("get", "secret", secret, ...IN, "--output", "json"));
  return Object.fromEntries(Object.entries(data).map(([name, value]) => [name, Buffer.from(String(value), "base64").toString()]));
}

/** The passwords of MySQL's accounts. */
async function passwords(stage: Stage): Promise<Record<string, string>> {
  const { password = "" } = await valuesOf(stage, "backup-database");
  return { ...(await valuesOf(stage, "mysql-accounts")), backup: password };
}

/** Waits for a scrape with the new passwords. @param begun when the passwords began to change, ms @throws Error when a scrape met a wrong one */
async function exportersSawMysql(stage: Stage, begun: number): Promise<string> {
  const ended = Date.now() / 1000;
  for (const series of SEEN) {
    await until(`a scrape of ${series}`, SCRAPED_S, async () => {
      const [last] = await stage.query(`timestamp(${series})`);
      return Number(last?.value[1]) > ended ? true : undefined;
    });
    const seconds = Math.ceil((Date.now() - begun) / 1000);
    const lowest = await stage.query(`min_over_time(${series}[${seconds}s])`);
    expect(
      `the lowest ${series} since`,
      lowest.map(({ value }) => value[1]),
      ["1"],
    );
  }
  return "the exporters were never refused";
}

/** Whether MySQL lets an account in with a password: some from its pod alone. @throws Error for any other answer than yes or "Access denied" */
async function letsIn(stage: Stage, user: string, password: string): Promise<boolean> {
  const way = LOCAL.includes(user) ? ["--socket=/run/mysql/mysqld.sock"] : ["--host=127.0.0.1", "--protocol=TCP", "--ssl-mode=REQUIRED"];
  const login = ["mysql", ...way, `--user=${user}`, "--execute=DO 1"];
  try {
    await stage.kubectl("exec", "mysql-0", ...IN, "--container", "mysql", "--", "env", `MYSQL_PWD=${password}`, ...login);
    return true;
  } catch (error) {
    if (String(error).includes("Access denied")) return false;
    throw error;
  }
}

export const ROTATE: Step = {
  name: "MySQL's passwords changed",
  expects: "the accounts have new passwords, the old ones are refused, no request is lost, and no user is missing",
  run: async (stage) => {
    const before = await passwords(stage);
    const begun = Date.now();
    const saw = await withoutLoss(stage, async () => {
      await stage.must("rotate database", "--yes");
      return `done after ${Math.round((Date.now() - begun) / 1000)} s`;
    });
    const after = await passwords(stage);
    const changed = Object.keys(after).filter((name) => after[name] !== before[name]);
    expect("accounts with another password", changed.sort(), ROTATED);
    for (const user of ROTATED) {
      const answers = [await letsIn(stage, user, after[user] ?? ""), await letsIn(stage, user, before[user] ?? "")];
      expect(`whether ${user} gets in with the new password and with the old one`, answers, [true, false]);
    }
    const exporters = await exportersSawMysql(stage, begun);
    return `${saw}; new passwords of ${ROTATED.join(", ")}, the old ones are refused; ${exporters}; ${await comesBack(stage)}`;
  },
};
