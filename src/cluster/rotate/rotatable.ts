import type { help } from "../../messages/help.ts";
import { planApplication } from "./application.ts";
import { planBackupKeys } from "./backup-key.ts";
import { planCertificates } from "./certificate.ts";
import { planDatabase } from "./database.ts";
import { planGrafana, planGrafanaKey } from "./grafana.ts";
import type { RotationPlan, Wanted } from "./rotation.ts";
import { planWebapp } from "./webapp.ts";

/** What has a command, with its text. */
export type Rotatable = keyof typeof help.rotations;

/** What of an environment `cloudnova rotate` changes: by the keys under `secrets` in the environment file, by Secrets, and of applications. */
export const ROTATABLE = {
  database: planDatabase,
  webapp: planWebapp,
  grafana: planGrafana,
  "grafana-key": planGrafanaKey,
  certificate: planCertificates,
  "backup-key": planBackupKeys,
  application: planApplication,
} satisfies Record<Rotatable, (wanted: Wanted) => Promise<RotationPlan>>;
