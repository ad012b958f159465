import type { Config } from "../../config/resolve.ts";
import { portOf } from "../../config/units.ts";

type Alerting = Config["alerting"];
type Settings<T extends keyof Alerting> = NonNullable<Alerting[T]>;

/** The keys under `alerting` that receive alerts by their severity. */
export type ReceiverType = {
  [T in keyof Alerting]-?: Settings<T> extends { readonly severities: unknown } ? T : never;
}[keyof Alerting];

/** All that is known of a type of receiver; docs/contributing.md shows how one is added. */
export interface ReceiverRow<S> {
  /** Its key in Alertmanager's configuration of a receiver. */
  readonly configKey: string;
  /** Its key in the Secret `alerting`, where it is a file. */
  readonly secretKey: string;
  /** Whether it needs that key. @default it does */
  readonly needsKey?: (settings: S) => boolean;
  /** The TCP port outside that Alertmanager connects to; the NetworkPolicy opens it. */
  readonly port: (settings: S) => number;
  /** Its part of Alertmanager's configuration. @param file path of its secret */
  readonly configuration: (settings: S, file: string) => Readonly<Record<string, unknown>>;
}

/** The folder of the Secret's files. A file that is not there fails each delivery that needs it, never Alertmanager's start. */
export const SECRETS_FOLDER = "/run/secrets/alerting";
/** The Secret's key with the certificate of a mail server's own CA, in PEM. */
export const MAIL_CA_KEY = "smtp-ca.crt";

const template = (name: string) => `{{ template "${name}" . }}`;

/** How mails read. */
export const MAIL_LOOK = {
  headers: { Subject: template("cloudnova.subject") },
  html: template("cloudnova.mail.html"),
  text: template("cloudnova.mail.text"),
} as const;

/** Every type of receiver: its secret, its port and its configuration. The environment's keys are in src/config/alerting.ts. */
export const RECEIVER_TYPES: { readonly [T in ReceiverType]: ReceiverRow<Settings<T>> } = {
  mail: {
    configKey: "email_configs",
    secretKey: "smtp-password",
    needsKey: ({ user }) => user !== undefined,
    port: ({ smarthost }) => portOf(smarthost),
    configuration: ({ smarthost, from, to, user, requireTls, privateCa }, file) => ({
      smarthost,
      from,
      to: to.join(", "),
      require_tls: requireTls,
      ...(user && { auth_username: user, auth_password_file: file }),
      ...(privateCa && { tls_config: { ca_file: `${SECRETS_FOLDER}/${MAIL_CA_KEY}` } }),
      ...MAIL_LOOK,
      send_resolved: true,
    }),
  },
  slack: {
    configKey: "slack_configs",
    secretKey: "slack-url",
    port: () => 443,
    configuration: ({ channel }, file) => ({
      api_url_file: file,
      channel,
      username: "CloudNova",
      color: template("cloudnova.slack.color"),
      title: template("cloudnova.subject"),
      title_link: "",
      fallback: template("cloudnova.subject"),
      text: template("cloudnova.slack.text"),
      footer: "",
      send_resolved: true,
    }),
  },
  telegram: {
    configKey: "telegram_configs",
    secretKey: "telegram-token",
    port: () => 443,
    configuration: ({ chat }, file) => ({
      bot_token_file: file,
      chat_id: chat,
      parse_mode: "HTML",
      message: template("cloudnova.telegram"),
      send_resolved: true,
    }),
  },
  webhook: {
    configKey: "webhook_configs",
    secretKey: "webhook-url",
    port: ({ port }) => port,
    configuration: (_, file) => ({ url_file: file, send_resolved: true }),
  },
};

/** A type of receiver with an environment's settings of it. */
export interface Chosen {
  readonly type: ReceiverType;
  readonly severities: readonly string[];
  readonly configKey: string;
  readonly secretKey: string;
  readonly needsKey: boolean;
  readonly port: number;
  readonly configuration: () => Readonly<Record<string, unknown>>;
}

/** The receivers that an environment has, in the table's order. */
export function chosen(alerting: Alerting): Chosen[] {
  const row = <T extends ReceiverType>(type: T): Chosen[] => {
    const settings = alerting[type] as Settings<T> | undefined;
    if (!settings) return [];
    const { configKey, secretKey, needsKey = () => true, port, configuration } = RECEIVER_TYPES[type];
    const file = `${SECRETS_FOLDER}/${secretKey}`;
    return [
      {
        type,
        severities: settings.severities,
        configKey,
        secretKey,
        needsKey: needsKey(settings),
        port: port(settings),
        configuration: () => configuration(settings, file),
      },
    ];
  };
  return (Object.keys(RECEIVER_TYPES) as ReceiverType[]).flatMap(row);
}
