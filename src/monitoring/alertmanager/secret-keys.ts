import type { Config } from "../../config/resolve.ts";
import { chosen, MAIL_CA_KEY, RECEIVER_TYPES, type ReceiverType, SECRETS_FOLDER } from "./receiver-types.ts";

/** The key of the dead-man's switch in the Secret: the address that it is posted to. */
const HEARTBEAT_KEY = "heartbeat-url";
export const HEARTBEAT_FILE = `${SECRETS_FOLDER}/${HEARTBEAT_KEY}`;

/** Every key that the Secret may have, but for certificates. */
export const SECRET_KEYS: readonly string[] = [...Object.values(RECEIVER_TYPES).map(({ secretKey }) => secretKey), HEARTBEAT_KEY];

/** The types of the configured receivers; when there are none, no alert is notified. */
export const receiversOf = (alerting: Config["alerting"]): ReceiverType[] => chosen(alerting).map(({ type }) => type);

/** The keys that an environment's Secret must have. */
export function neededKeys(alerting: Config["alerting"]): string[] {
  const needed = chosen(alerting).filter(({ needsKey }) => needsKey);
  return [
    ...needed.map(({ secretKey }) => secretKey),
    ...(alerting.heartbeat ? [HEARTBEAT_KEY] : []),
    ...(alerting.mail?.privateCa ? [MAIL_CA_KEY] : []),
  ];
}

/** TCP ports outside that Alertmanager has to reach, sorted; none without receivers. */
export function outsidePorts(alerting: Config["alerting"]): number[] {
  const ports = [...chosen(alerting).map(({ port }) => port), ...(alerting.heartbeat ? [alerting.heartbeat.port] : [])];
  return [...new Set(ports)].sort((one, other) => one - other);
}
