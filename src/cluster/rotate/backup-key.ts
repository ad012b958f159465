import { BACKUP_SECRETS } from "../../backups.ts";
import { rotate as words } from "../../messages/rotate.ts";
import { unitNamed, unitsIn } from "../backup/units.ts";
import { ClusterError } from "../cluster-error.ts";
import { change, madeSecret, type RotationPlan, valueIn, type Wanted } from "./rotation.ts";

const IDENTITY = "identity";
/** The key of the Secret with the private keys before, one a line, the latest first (formerFile in helper/backup/plan.go). */
export const FORMER = "former-identities";

/** The private keys before, once another takes the place of this one. */
const formerOf = (...texts: readonly string[]): string => texts.flatMap((text) => text.split(/[\r\n]+/).filter(Boolean)).join("\n");

/**
 * The plan of `cloudnova rotate backup-key`. New backups are encrypted to the new key. The former keys stay in the Secret, without an
 * expiry, so that older backups and their copies in a store can still be read. Each Secret changes in one step, so a run that was cut off
 * leaves none half changed.
 *
 * @throws ClusterError
 */
export async function planBackupKeys({ client, objects, names }: Wanted): Promise<RotationPlan> {
  const units = unitsIn(objects);
  if (units.length === 0) throw new ClusterError(words.noBackups);
  const chosen = names.length === 0 ? units : [...new Set(names.map((name) => unitNamed(units, name)))];
  const all = chosen.map(({ name }) => ({ namespace: name, secret: BACKUP_SECRETS.key, key: IDENTITY }));
  for (const kept of all) await madeSecret(client, kept);
  return {
    changed: all.map(({ namespace }) => namespace),
    restarted: [],
    work: async ({ client, note }) => {
      const { generateX25519Identity } = await import("age-encryption");
      for (const kept of all) {
        const found = await madeSecret(client, kept);
        const former = formerOf(valueIn(found, IDENTITY), valueIn(found, FORMER));
        await change(client, kept, found, { [IDENTITY]: await generateX25519Identity(), [FORMER]: former }, []);
        note(words.backupKeyDone(kept.namespace));
      }
    },
  };
}
