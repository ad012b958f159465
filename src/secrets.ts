import type { Config } from "./config/resolve.ts";
import { hasOwnCertificate } from "./config/tls.ts";

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

/** The key of the sample application's Secret with a key whose signatures it accepts beside those of secret-key, while that changes. */
export const OTHER_SECRET_KEY = "other-secret-key";

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

/** The Secret into which cert-manager writes the certificate: another than CloudNova's own, which would be taken for a wrong one of its. */
const CERT_MANAGER_SECRET = "ingress-certificate";

/** The names of an environment: the user's where given. */
export function secretNames({ secrets, ingress }: Pick<Config, "secrets" | "ingress">): SecretNames {
  const given = Object.entries(secrets).filter(([, name]) => name !== undefined);
  const issued = ingress.tls.certManager && { certificate: CERT_MANAGER_SECRET };
  return { ...GENERATED_SECRETS, alerting: secrets.alerting, ...issued, ...Object.fromEntries(given) };
}

/** The Secrets of these names that the bootstrap Job must not make: the user's own, and the certificate where an authority issues it. */
export const notGenerated = (config: Pick<Config, "secrets" | "ingress">): string[] => [
  ...Object.values(config.secrets).filter((name) => name !== undefined),
  ...(hasOwnCertificate(config) ? [] : [secretNames(config).certificate]),
];
