import type { DoctorCheck } from "../../messages/doctor.ts";
import { type Finding, warning } from "../finding.ts";
import { addresses } from "./addresses-check.ts";
import { hasReceiver } from "./alert-receivers.ts";
import { databaseTls, podSecurity } from "./applications-check.ts";
import { backups } from "./backups-check.ts";
import { certificate, dns } from "./certificate-check.ts";
import type { Check, ClusterFacts } from "./facts.ts";
import { clients, controller, ports } from "./ingress-check.ts";
import { nodes, size } from "./nodes-check.ts";
import { outgoing } from "./outgoing-check.ts";
import { clock, rights, version } from "./server-check.ts";
import { storage } from "./storage-check.ts";

/** Before the first apply there is no namespace for the Secret yet. */
const alerting: Check = ({ config, receiverKeys }) => hasReceiver(config, receiverKeys, warning);

/** The checks, in the order in which they are printed. */
const CHECKS: Readonly<Partial<Record<DoctorCheck, Check>>> = {
  version,
  clock,
  rights,
  nodes,
  size,
  addresses,
  storage,
  controller,
  clients,
  ports,
  alerting,
  backups,
};

/** Checks that only concern applications of the user's. */
const APPLICATION_CHECKS: Readonly<Partial<Record<DoctorCheck, Check>>> = {
  "pod security": podSecurity,
  "database TLS": databaseTls,
  outgoing,
};

/** Judges what was read; every check returns what it saw. */
export function examine(facts: ClusterFacts): Finding[] {
  const { applications, ingress } = facts.config;
  const checks = {
    ...CHECKS,
    ...(ingress.tls.letsEncrypt ? { certificate } : facts.internet && { dns }),
    ...(applications.length > 0 && APPLICATION_CHECKS),
  };
  return Object.entries(checks).map(([check, judge]) => ({ check, ...judge(facts) }));
}
