import type { Config } from "../../config/resolve.ts";
import { portOf } from "../../config/units.ts";

/** The receivers' secrets: what each is called in the Secret, where it is a file. */
export const SECRET_KEYS = {
  mail: "smtp-password",
  slack: "slack-url",
  telegram: "telegram-token",
  webhook: "webhook-url",
  heartbeat: "heartbeat-url",
} as const;

/** The Secret's key with the certificate of a mail server's own CA, in PEM. */
const MAIL_CA_KEY = "smtp-ca.crt";

/** Who gets messages, and the dead-man's switch. */
export type Receiver = keyof typeof SECRET_KEYS;

/** The folder of the Secret's files. A file that is not there fails each delivery that needs it, never Alertmanager's start. */
export const SECRETS_FOLDER = "/run/secrets/alerting";
export const secretFile = (receiver: Receiver): string => `${SECRETS_FOLDER}/${SECRET_KEYS[receiver]}`;
export const MAIL_CA_FILE = `${SECRETS_FOLDER}/${MAIL_CA_KEY}`;

/** Receivers that somebody reads: without one, nobody is told of any alert. */
export function receiversOf(alerting: Config["alerting"]): Receiver[] {
  return (["mail", "slack", "telegram", "webhook"] as const).filter((name) => alerting[name]);
}

/** The keys that an environment's Secret must have. A mail server without an account needs no password. */
export function neededKeys(alerting: Config["alerting"]): string[] {
  const needing = (Object.keys(SECRET_KEYS) as Receiver[]).filter((name) => (name === "mail" ? alerting.mail?.user : alerting[name]));
  return [...needing.map((name) => SECRET_KEYS[name]), ...(alerting.mail?.privateCa ? [MAIL_CA_KEY] : [])];
}

/** TCP ports outside that Alertmanager has to reach, sorted; none without receivers. */
export function outsidePorts({ mail, slack, telegram, webhook, heartbeat }: Config["alerting"]): number[] {
  const ports = [mail && portOf(mail.smarthost), slack && 443, telegram && 443, webhook?.port, heartbeat?.port];
  return [...new Set(ports.filter((port) => port !== undefined))].sort((one, other) => one - other);
}
