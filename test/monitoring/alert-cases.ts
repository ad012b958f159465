import { APPLICATION } from "./cases/application-cases.ts";
import { BACKUPS } from "./cases/backup-cases.ts";
import type { AlertCases } from "./cases/case.ts";
import { INGRESS } from "./cases/ingress-cases.ts";
import { KUBERNETES } from "./cases/kubernetes-cases.ts";
import { MACHINE } from "./cases/machine-cases.ts";
import { MYSQL } from "./cases/mysql-cases.ts";
import { PIPELINE } from "./cases/pipeline-cases.ts";
import { STORAGE } from "./cases/storage-cases.ts";
import { WEBAPP } from "./cases/webapp-cases.ts";

export type { AlertCase } from "./cases/case.ts";

/** One case for every alert that an environment may have (thresholds by default: 80 % for 5m, 10 %, 15 %, 1m). */
export const ALERT_CASES: AlertCases = {
  ...MACHINE,
  ...STORAGE,
  ...WEBAPP,
  ...APPLICATION,
  ...MYSQL,
  ...BACKUPS,
  ...INGRESS,
  ...KUBERNETES,
  ...PIPELINE,
};
