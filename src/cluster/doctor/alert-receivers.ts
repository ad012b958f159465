import type { Config } from "../../config/resolve.ts";
import { cluster as words } from "../../messages/cluster.ts";
import { RECEIVER_TYPES } from "../../monitoring/alertmanager/receiver-types.ts";
import { neededKeys, receiversOf } from "../../monitoring/alertmanager/secret-keys.ts";
import { ok, problem, type Verdict, warning } from "../finding.ts";

/**
 * Whether an alert receiver is configured, with its keys.
 * @param keys what the Secret of the receivers has; undefined when that cannot be known
 * @param absent what a key that is not there means: before an apply it may still come, afterwards it is a fault
 */
export function hasReceiver(
  { alerting, secrets, namespace }: Config,
  keys: readonly string[] | undefined,
  absent: (saw: string, advice: string) => Verdict = problem,
): Verdict {
  const receivers = receiversOf(alerting);
  if (receivers.length === 0) return warning(words.noReceiver, words.nameReceiver(Object.keys(RECEIVER_TYPES).join(", ")));
  const names = alerting.heartbeat ? words.heartbeat(receivers.join(", ")) : receivers.join(", ");
  const needed = neededKeys(alerting);
  if (needed.length > 0 && !keys) return warning(words.secretUnread(names, secrets.alerting), words.lookForKeys(needed.join(", ")));
  const missing = needed.filter((key) => !keys?.includes(key));
  if (missing.length === 0) return ok(names);
  const files = missing.map((key) => `--from-file=${key}`).join(" ");
  return absent(
    words.secretLacks(names, secrets.alerting, missing.join(", ")),
    `kubectl -n ${namespace} create secret generic ${secrets.alerting} ${files} (docs/alerting.md)`,
  );
}
