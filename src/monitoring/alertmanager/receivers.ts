import { SEVERITIES, type Severity } from "../../config/alerting.ts";
import type { Config } from "../../config/resolve.ts";
import { MAIL_CA_FILE, secretFile } from "./secret-keys.ts";

type Alerting = Config["alerting"];
/** A receiver, in the words of Alertmanager's configuration. */
export type ReceiverConfig = { readonly name: string } & Readonly<Record<string, unknown>>;

/** Takes what nobody is to be told of. */
export const NOBODY = "nobody";
export const HEARTBEAT = "heartbeat";

const template = (name: string) => `{{ template "${name}" . }}`;

/** How mails read. */
export const MAIL_LOOK = {
  headers: { Subject: template("cloudnova.subject") },
  html: template("cloudnova.mail.html"),
  text: template("cloudnova.mail.text"),
} as const;

function mail({ mail: settings }: Alerting) {
  if (!settings) return undefined;
  const { smarthost, from, to, user, requireTls, privateCa } = settings;
  return {
    smarthost,
    from,
    to: to.join(", "),
    require_tls: requireTls,
    ...(user && { auth_username: user, auth_password_file: secretFile("mail") }),
    ...(privateCa && { tls_config: { ca_file: MAIL_CA_FILE } }),
    ...MAIL_LOOK,
    send_resolved: true,
  };
}

const slack = ({ slack: settings }: Alerting) =>
  settings && {
    api_url_file: secretFile("slack"),
    channel: settings.channel,
    username: "CloudNova",
    color: template("cloudnova.slack.color"),
    title: template("cloudnova.subject"),
    title_link: "",
    fallback: template("cloudnova.subject"),
    text: template("cloudnova.slack.text"),
    footer: "",
    send_resolved: true,
  };

const telegram = ({ telegram: settings }: Alerting) =>
  settings && {
    bot_token_file: secretFile("telegram"),
    chat_id: settings.chat,
    parse_mode: "HTML",
    message: template("cloudnova.telegram"),
    send_resolved: true,
  };

const webhook = ({ webhook: settings }: Alerting) => settings && { url_file: secretFile("webhook"), send_resolved: true };

/** What makes a receiver's part of Alertmanager's configuration, by its key there. */
const KINDS = {
  mail: ["email_configs", mail],
  slack: ["slack_configs", slack],
  telegram: ["telegram_configs", telegram],
  webhook: ["webhook_configs", webhook],
} as const;

/** All that is to be told of a severity. */
function told(alerting: Alerting, severity: Severity): ReceiverConfig {
  const kinds = Object.entries(KINDS).filter(([name]) => alerting[name as keyof typeof KINDS]?.severities.includes(severity));
  return { name: severity, ...Object.fromEntries(kinds.map(([, [key, make]]) => [key, [make(alerting)]])) };
}

/** One receiver a severity, one that nobody reads, and the dead-man's switch where there is one. */
export function receivers(alerting: Alerting): ReceiverConfig[] {
  const outside = { name: HEARTBEAT, webhook_configs: [{ url_file: secretFile("heartbeat"), send_resolved: false }] };
  return [...SEVERITIES.map((severity) => told(alerting, severity)), { name: NOBODY }, ...(alerting.heartbeat ? [outside] : [])];
}
