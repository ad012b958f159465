import type { SecureVersion } from "node:tls";
import { handshake } from "../entrance.ts";
import { judge, problem, type Verdict } from "../finding.ts";
import type { Check, Subject } from "./subject.ts";

const LEAST_DAYS = 14;

async function tls({ entrance }: Subject, version: SecureVersion, wanted: boolean): Promise<Verdict> {
  const result = await handshake(entrance, version);
  if (!("refused" in result)) return judge(wanted, "accepted", "allow TLS 1.2 and newer alone");
  // Only the server's own alert is a refusal; a server that is not there refuses nothing.
  const alert = /ALERT|WRONG_VERSION|UNSUPPORTED_PROTOCOL/.test(result.refused);
  return judge(!wanted && alert, `${alert ? "refused by the server" : "no handshake"} (${result.refused})`);
}

async function certificate({ entrance, config }: Subject): Promise<Verdict> {
  const shown = await handshake(entrance, "TLSv1.2");
  if ("refused" in shown) return problem(`no handshake (${shown.refused})`);
  const days = Math.floor((shown.until.getTime() - Date.now()) / 86_400_000);
  const saw = `for ${shown.names.join(", ")}, by '${shown.issuer}', ${days} days left`;
  if (!shown.names.includes(config.ingress.host))
    return problem(saw, `its names must include ${config.ingress.host}: delete its Secret, and the daily Job makes another`);
  return judge(days >= LEAST_DAYS, saw, "renew it");
}

export const tlsChecks: readonly Check[] = [
  { name: "TLS 1.0", run: (subject) => tls(subject, "TLSv1", false) },
  { name: "TLS 1.1", run: (subject) => tls(subject, "TLSv1.1", false) },
  { name: "TLS 1.2", run: (subject) => tls(subject, "TLSv1.2", true) },
  { name: "TLS 1.3", run: (subject) => tls(subject, "TLSv1.3", true) },
  { name: "certificate", run: certificate },
];
