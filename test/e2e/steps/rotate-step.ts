import { comesBack, withoutLoss } from "../suite/health.ts";
import type { Stage } from "../suite/stage.ts";
import type { Step } from "../suite/step.ts";
import { expect } from "../suite/wait.ts";

const IN = ["--namespace", "cloudnova"] as const;
/** What the command gives new passwords without a name: the others need MySQL's restart. */
const ROTATED = ["migrator", "root", "webapp"];

/** The passwords of MySQL's accounts in their Secret. */
async function passwords(stage: Stage): Promise<Record<string, string>> {
  const { data } = JSON.parse(await stage.kubectl("get", "secret", "mysql-accounts", ...IN, "--output", "json"));
  return Object.fromEntries(Object.entries(data).map(([name, value]) => [name, Buffer.from(String(value), "base64").toString()]));
}

/** Whether MySQL lets an account in with a password: root from its pod alone. @throws Error for any other answer than yes or "Access denied" */
async function letsIn(stage: Stage, user: string, password: string): Promise<boolean> {
  const way = user === "root" ? ["--socket=/run/mysql/mysqld.sock"] : ["--host=127.0.0.1", "--protocol=TCP", "--ssl-mode=REQUIRED"];
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
    const saw = await withoutLoss(stage, async () => {
      const begun = Date.now();
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
    return `${saw}; new passwords of ${ROTATED.join(", ")}, the old ones are refused; ${await comesBack(stage)}`;
  },
};
