import type { AlertCases } from "./cases/case.ts";
import { INGRESS } from "./cases/ingress.ts";
import { KUBERNETES } from "./cases/kubernetes.ts";
import { MACHINE } from "./cases/machine.ts";
import { MYSQL } from "./cases/mysql.ts";
import { PIPELINE } from "./cases/pipeline.ts";
import { STORAGE } from "./cases/storage.ts";
import { WEBAPP } from "./cases/webapp.ts";

export type { AlertCase } from "./cases/case.ts";

/** One case for every alert that an environment may have (thresholds by default: 80 % for 5m, 10 %, 15 %, 1m). */
export const ALERT_CASES: AlertCases = { ...MACHINE, ...STORAGE, ...WEBAPP, ...MYSQL, ...INGRESS, ...KUBERNETES, ...PIPELINE };
