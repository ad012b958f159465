import { backup as words } from "../../messages/backup.ts";
import { lossWith } from "../backup/warning.ts";
import { ok, warning } from "../finding.ts";
import type { Check } from "./facts.ts";

/** Whether the data would outlive its machine. */
export const backups: Check = ({ config }) => {
  const loss = lossWith(config);
  if (loss || !config.backups) return warning(loss ?? "", words.advice);
  const { recipients, store } = config.backups;
  return ok(words.saved(recipients.length, store?.endpoint ?? ""));
};
