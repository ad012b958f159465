import { SEVERITIES, type Severity } from "../../config/alerting.ts";
import type { Config } from "../../config/resolve.ts";
import { chosen } from "./receiver-types.ts";
import { HEARTBEAT_FILE } from "./secret-keys.ts";

type Alerting = Config["alerting"];
/** A receiver, in the words of Alertmanager's configuration. */
export type ReceiverConfig = { readonly name: string } & Readonly<Record<string, unknown>>;

/** The receiver without integrations, which discards alerts (kube-prometheus calls it `null`). */
export const NULL_RECEIVER = "nobody";
export const HEARTBEAT = "heartbeat";

/** The receiver of a severity, with the integrations that want it. */
function receiverOf(alerting: Alerting, severity: Severity): ReceiverConfig {
  const own = chosen(alerting).filter(({ severities }) => severities.includes(severity));
  return { name: severity, ...Object.fromEntries(own.map(({ configKey, configuration }) => [configKey, [configuration()]])) };
}

/** One receiver for each severity, one that discards alerts, and the dead-man's switch where there is one. */
export function receivers(alerting: Alerting): ReceiverConfig[] {
  const outside = { name: HEARTBEAT, webhook_configs: [{ url_file: HEARTBEAT_FILE, send_resolved: false }] };
  return [
    ...SEVERITIES.map((severity) => receiverOf(alerting, severity)),
    { name: NULL_RECEIVER },
    ...(alerting.heartbeat ? [outside] : []),
  ];
}
