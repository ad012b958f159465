import type { help } from "../../messages/help.ts";
import { planCertificates } from "./certificate.ts";
import { planDatabase } from "./database.ts";
import { planGrafana } from "./grafana.ts";
import type { RotationPlan, Wanted } from "./rotation.ts";
import { planWebapp } from "./webapp.ts";

/** What has a command, with its text. */
export type Rotatable = keyof typeof help.rotations;

/** What of an environment `cloudnova rotate` changes, by the keys under `secrets` in the environment file. */
export const ROTATABLE = {
  database: planDatabase,
  webapp: planWebapp,
  grafana: planGrafana,
  certificate: planCertificates,
} satisfies Record<Rotatable, (wanted: Wanted) => Promise<RotationPlan>>;
