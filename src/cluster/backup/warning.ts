import type { Config } from "../../config/resolve.ts";
import { backup as words } from "../../messages/backup.ts";
import type { KubeObject } from "../objects/kube-object.ts";
import { unitsIn } from "./units.ts";

/** What would lose all data with the machine, or with whatever damages the data where no backups are made; undefined where nothing would. */
function lossOf(kept: { readonly recipients: readonly string[]; readonly offsite: boolean } | undefined): string | undefined {
  if (!kept) return words.warnings.off;
  const hasKey = kept.recipients.length > 0;
  if (kept.offsite) return hasKey ? undefined : words.warnings["no key"];
  return hasKey ? words.warnings.nowhere : words.warnings["nowhere and no key"];
}

/** The same, as the environment's file has the backups. */
export const lossWith = ({ backups }: Pick<Config, "backups">): string | undefined =>
  lossOf(backups ? { recipients: backups.recipients, offsite: backups.store !== undefined } : undefined);

/** The same, as the manifests have them. */
export const lossIn = (objects: readonly KubeObject[]): string | undefined => lossOf(unitsIn(objects)[0]);
