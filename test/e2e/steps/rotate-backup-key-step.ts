import { rmSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { output } from "../../../tools/common/run.ts";
import { withoutLoss } from "../suite/health.ts";
import type { Stage } from "../suite/stage.ts";
import type { Step } from "../suite/step.ts";
import { expect } from "../suite/wait.ts";
import { apply } from "./changes-step.ts";
import { valuesOf } from "./rotate-step.ts";

const RECIPIENTS = ["backups", "recipients"];
/** The volume of the environment's backups in the node. */
const FOLDER = "/var/local-path-provisioner/*_cloudnova_backup-data";

/** Makes a backup, which is restored on trial. @returns its name */
async function backUp(stage: Stage): Promise<string> {
  const { backups }: { backups: { name: string; checked: boolean }[] } = JSON.parse(await stage.must("backup now", "--output", "json"));
  expect("backups that were restored on trial", backups[0]?.checked, true);
  return backups[0]?.name ?? "";
}

/** Makes the owner's pair of keys. @returns its public half */
async function ownKey(file: string): Promise<string> {
  rmSync(file, { force: true });
  const command = [resolve("build", "cloudnova.cjs"), "backup", "key", "--out", file, "--output", "json"];
  return JSON.parse(await output(process.execPath, command)).recipient;
}

export const BACKUP_KEY_ROTATED: Step = {
  name: "the keys of the backups and of Grafana changed",
  expects:
    "a backup of before is checked with the former key, and after it came back by the owner's key, with the new one; no request is lost",
  run: (stage) =>
    withoutLoss(stage, async () => {
      const folder = dirname(stage.environment.file);
      const key = join(folder, "owner.key");
      await stage.environment.set(RECIPIENTS, [await ownKey(key)]);
      await apply(stage);
      const old = await backUp(stage);
      const file = join(folder, `${old}.cnb`);
      rmSync(file, { force: true });
      await stage.must("backup download", old, file);

      const before = { ...(await valuesOf(stage, "backup-key")), ...(await valuesOf(stage, "grafana-key")) };
      await stage.must("rotate backup-key", "--yes");
      await stage.must("rotate grafana-key", "--yes");
      const after = { ...(await valuesOf(stage, "backup-key")), ...(await valuesOf(stage, "grafana-key")) };
      const changed = ["identity", "secret-key"].filter((name) => after[name] !== before[name]);
      expect("keys with another value", changed, ["identity", "secret-key"]);
      expect("the former key", after["former-identities"], before.identity?.trim());
      await stage.must("backup verify", old);
      const fresh = await backUp(stage);

      // As after a disaster: the file is all that is left, and it opens with the owner's key.
      await stage.inNode(`rm ${FOLDER}/${old}.cnb*`);
      await stage.must("backup upload", file, "--key", key);
      await stage.must("backup verify", old);
      await stage.environment.unset(RECIPIENTS);
      await apply(stage);
      return `${old} is checked with the key before, and ${fresh} with the new one; ${old} came back by the owner's key`;
    }),
};
