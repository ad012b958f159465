import { isIPv4 } from "node:net";
import { environment as words } from "../messages/environment.ts";
import type { Violation } from "./errors.ts";
import { isReserved } from "./ranges.ts";
import { resolveApplications } from "./resolve-applications.ts";
import type { Parsed } from "./schema.ts";

/** Names that no public DNS has: RFC 6761, RFC 6762, RFC 8375, ICANN's `internal`, and what home routers use. */
const LOCAL_NAME = /^[^.]+$|\.(localhost|local|internal|test|example|invalid|home\.arpa|lan|home)$/;

const isPublic = (host: string): boolean => (isIPv4(host) ? !isReserved(host) : !LOCAL_NAME.test(host));

/** An address as the host: only Let's Encrypt issues a certificate for one, and an Ingress has rules for names alone. */
function addressViolations({ host, onlyHost, tls: { letsEncrypt } }: Parsed["ingress"]): Violation[] {
  if (!isIPv4(host)) return [];
  const found: Violation[] = [];
  if (!letsEncrypt) found.push({ path: ["ingress", "host"], message: words.addressNeedsLetsEncrypt });
  // Traefik 3.7 looks its answer up by the address, and the authority asks for its name in in-addr.arpa (RFC 8738).
  else if (letsEncrypt.challenge !== "http-01")
    found.push({ path: ["ingress", "tls", "letsEncrypt", "challenge"], message: words.addressNeedsHttp });
  if (onlyHost) found.push({ path: ["ingress", "onlyHost"], message: words.addressHasNoRule });
  return found;
}

/** Names that Let's Encrypt cannot reach: the environment's, and the applications' own. */
function hiddenNames(parsed: Parsed): Violation[] {
  const names = [
    { path: ["ingress", "host"], host: parsed.ingress.host },
    ...resolveApplications(parsed).map(({ name, ingress: { host } }) => ({ path: ["applications", name, "ingress", "host"], host })),
  ];
  return names.flatMap(({ path, host }) => (host === undefined || isPublic(host) ? [] : [{ path, message: words.notPublic(host) }]));
}

/** What contradicts itself in `ingress.tls`, `ingress.host` and `secrets.certificate`. */
export function tlsViolations(parsed: Parsed): Violation[] {
  const { letsEncrypt, certManager } = parsed.ingress.tls;
  const issuer = letsEncrypt ? "letsEncrypt" : certManager && "certManager";
  return [
    ...(letsEncrypt && certManager ? [{ path: ["ingress", "tls", "certManager"], message: words.twoIssuers }] : []),
    ...(issuer && parsed.secrets.certificate ? [{ path: ["secrets", "certificate"], message: words.broughtAndIssued(issuer) }] : []),
    ...addressViolations(parsed.ingress),
    ...(letsEncrypt ? hiddenNames(parsed) : []),
  ];
}
