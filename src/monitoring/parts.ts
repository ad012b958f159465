import type { Config } from "../config/resolve.ts";
import { hasOwnCertificate } from "../config/tls.ts";

/** What an environment has, of what not every one has: rules, dashboards, panels and drills of the rest are left out. */
export interface Parts {
  /** The sample application. */
  readonly sample: boolean;
  /** At least one application of the user's. */
  readonly applications: boolean;
  /** Backups. */
  readonly backups: boolean;
  /** Copies of the backups in a store outside. */
  readonly store: boolean;
  /** A certificate that Let's Encrypt or cert-manager issues while the environment runs. */
  readonly issued: boolean;
  /** A certificate in a Secret that CloudNova makes or the user brings. */
  readonly ownCertificate: boolean;
  /** A MySQL server of ours. */
  readonly ownDatabase: boolean;
  /** Samples that are written to other servers, too. */
  readonly remoteWrite: boolean;
}

/** What something needs, if anything. */
export interface Needing {
  /** @default none: it is there in every environment */
  readonly needs?: keyof Parts;
}

/** Everything that an environment may have: for the documentation, and for the list of what is stored. */
export const EVERYTHING: Parts = {
  sample: true,
  applications: true,
  backups: true,
  store: true,
  issued: true,
  ownCertificate: true,
  ownDatabase: true,
  remoteWrite: true,
};

/** Whether an environment has what something needs. */
export const fits = (parts: Parts, { needs }: Needing): boolean => needs === undefined || parts[needs];

/** What an environment runs. */
export const partsOf = (config: Pick<Config, "sample" | "applications" | "backups" | "ingress" | "database" | "monitoring">): Parts => ({
  sample: config.sample,
  applications: config.applications.length > 0,
  backups: config.backups !== false,
  store: config.backups !== false && config.backups.store !== undefined,
  issued: !hasOwnCertificate(config),
  ownCertificate: hasOwnCertificate(config),
  ownDatabase: config.database.external === undefined,
  remoteWrite: config.monitoring.remoteWrite.length > 0,
});
