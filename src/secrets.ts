import type { Config } from "./config/resolve.ts";

/** The Secrets of one environment by what they hold: the user's own where named, else those generated in the cluster. */
export interface SecretNames {
  /** Passwords of MySQL's accounts: root, webapp, migrator, exporter. */
  readonly database: string;
  /** The application's secret-key, admin-password and fault-token. */
  readonly webapp: string;
  /** Grafana's admin-password. */
  readonly grafana: string;
  /** Grafana's secret-key, which encrypts the secrets in its database; always made in the cluster. */
  readonly grafanaKey: string;
  /** The ingress's tls.crt and tls.key. */
  readonly certificate: string;
  /** MySQL's own certificate; always made in the cluster. */
  readonly databaseTls: string;
  /** The certificate authority that signs the two; its key never leaves the cluster. */
  readonly authority: string;
  /** What the receivers of alerts need; always the user's own. */
  readonly alerting: string;
}

/** The Secret with the passwords of the applications' database accounts, by application; always made in the cluster. */
export const APPLICATION_PASSWORDS = "mysql-applications";

/** The Secrets of an application in its own namespace; always made in the cluster. */
export const applicationSecrets = (name: string) => ({ database: `${name}-database`, generated: `${name}-secrets` });

/** What the bootstrap Job calls the Secrets that it makes. */
export const GENERATED_SECRETS: Omit<SecretNames, "alerting"> = {
  database: "mysql-accounts",
  webapp: "webapp",
  grafana: "grafana",
  grafanaKey: "grafana-key",
  certificate: "webapp-certificate",
  databaseTls: "mysql-certificate",
  authority: "certificate-authority",
};

/** The names of an environment: the user's where given. */
export function secretNames({ secrets }: Pick<Config, "secrets">): SecretNames {
  const given = Object.entries(secrets).filter(([, name]) => name !== undefined);
  return { ...GENERATED_SECRETS, alerting: secrets.alerting, ...Object.fromEntries(given) };
}
