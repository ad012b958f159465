import type { SecureVersion } from "node:tls";
import { hasOwnCertificate, letsEncryptOf } from "../../config/tls.ts";
import { verify as words } from "../../messages/verify.ts";
import { judge, ok, problem, type Verdict, warning } from "../finding.ts";
import { handshake } from "../transport/ingress-client.ts";
import type { Check, Subject } from "./subject.ts";

/** Days that a certificate must be valid for still; one of an address has 160 hours at first, and is renewed at 48. */
const LEAST_DAYS = { long: 14, shortLived: 1 } as const;
/** The subject and issuer of the certificate that Traefik makes for itself. */
const TRAEFIK_DEFAULT = "TRAEFIK DEFAULT CERT";
const DAY_MS = 86_400_000;

/** Whether a server must accept a version, must refuse it, or may do either. */
type Rule = "accepted" | "refused" | "either";

async function tls({ ingress }: Subject, version: SecureVersion, rule: Rule): Promise<Verdict> {
  const result = await handshake(ingress, version);
  if (!("refused" in result)) return judge(rule !== "refused", words.accepted, words.onlyNew);
  // Only the server's own alert is a refusal: our side may lack the version, and a server that is not there refuses nothing.
  const alert = result.refused.includes("ALERT");
  return judge(rule !== "accepted" && alert, alert ? words.refused(result.refused) : words.noHandshake(result.refused));
}

async function certificate({ ingress, config }: Subject): Promise<Verdict> {
  const shown = await handshake(ingress, "TLSv1.2", "TLSv1.3");
  if ("refused" in shown) return problem(words.noHandshake(shown.refused));
  const now = Date.now();
  const saw = words.certificate(shown.names.join(", "), shown.issuer, Math.floor((shown.until.getTime() - now) / DAY_MS));
  const letsEncrypt = letsEncryptOf(config);
  if (shown.issuer === TRAEFIK_DEFAULT && !hasOwnCertificate(config)) return problem(saw, words.notIssued);
  if (!shown.fits) return problem(saw, words.wrongName(config.ingress.host));
  if (shown.from.getTime() > now) return problem(`${saw}; ${words.notYet}`, words.renew);
  const least = LEAST_DAYS[letsEncrypt?.shortLived ? "shortLived" : "long"];
  if (shown.until.getTime() - now < least * DAY_MS) return problem(saw, words.renew);
  return letsEncrypt?.staging ? warning(saw, words.leaveStaging) : ok(saw);
}

/** Old versions are refused, TLS 1.3 is accepted (an ingress may refuse 1.2 as well), and there is a certificate for the right name that lasts. */
export const tlsChecks: readonly Check[] = [
  { name: "TLS 1.0", run: (subject) => tls(subject, "TLSv1", "refused") },
  { name: "TLS 1.1", run: (subject) => tls(subject, "TLSv1.1", "refused") },
  { name: "TLS 1.2", run: (subject) => tls(subject, "TLSv1.2", "either") },
  { name: "TLS 1.3", run: (subject) => tls(subject, "TLSv1.3", "accepted") },
  { name: "certificate", run: certificate },
];
