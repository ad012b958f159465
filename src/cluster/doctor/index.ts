import type { DoctorCheck } from "../../messages/doctor.ts";
import { type Finding, warning } from "../finding.ts";
import { tellsSomebody } from "../receivers.ts";
import { addresses } from "./addresses.ts";
import type { Check, Facts } from "./facts.ts";
import { clients, controller, ports } from "./ingress.ts";
import { nodes, size } from "./nodes.ts";
import { clock, rights, version } from "./server.ts";
import { storage } from "./storage.ts";

/** Before the first apply there is no namespace for the Secret yet. */
const alerting: Check = ({ config, receiverKeys }) => tellsSomebody(config, receiverKeys, warning);

/** The checks, in the order in which they are told. */
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
};

/** Judges what was read; every check tells what it saw. */
export function examine(facts: Facts): Finding[] {
  return Object.entries(CHECKS).map(([check, judge]) => ({ check, ...judge(facts) }));
}
