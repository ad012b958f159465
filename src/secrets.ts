import type { Config } from "./config/resolve.ts";

/** The Secrets of one environment by what they hold: the user's own where named, else those born in the cluster. */
export interface SecretNames {
  /** Passwords of MySQL's accounts: root, webapp, migrator, exporter. */
  readonly database: string;
  /** The application's secret-key, admin-password and fault-token. */
  readonly webapp: string;
  /** Grafana's admin-password. */
  readonly grafana: string;
  /** The public entrance's tls.crt and tls.key. */
  readonly certificate: string;
  /** MySQL's own certificate; always made in the cluster. */
  readonly databaseTls: string;
  /** The certificate authority that signs the two; its key never leaves the cluster. */
  readonly authority: string;
}

/** The names of the Secrets that the bootstrap Job makes where the environment names none. */
export function secretNames({ secrets }: Pick<Config, "secrets">): SecretNames {
  return {
    database: secrets.database ?? "mysql-accounts",
    webapp: secrets.webapp ?? "webapp",
    grafana: secrets.grafana ?? "grafana",
    certificate: secrets.certificate ?? "webapp-certificate",
    databaseTls: "mysql-certificate",
    authority: "certificate-authority",
  };
}
