import { isReserved } from "../../config/ranges.ts";
import { doctor as words } from "../../messages/doctor.ts";
import { ok, problem, type Verdict, warning } from "../finding.ts";
import type { Check } from "./facts.ts";
import type { PublicName } from "./public-names.ts";

/** The organization in certificates of Let's Encrypt; its test server's has "(STAGING)" before it. */
const AUTHORITY = "Let's Encrypt";

function judgeName({ host, ipv4, ipv6, failure, issuedBy = "" }: PublicName, machine: readonly string[], production: boolean): Verdict {
  const there = [...ipv4, ...ipv6].join(", ");
  if (failure !== undefined) return warning(words.dnsSilent(host, failure), words.askElsewhere(host));
  if (there === "") return problem(words.noRecord(host), words.makeRecord(host, machine[0] ?? words.publicAddress));
  const others = ipv4.filter((address) => isReserved(address) || (machine.length > 0 && !machine.includes(address)));
  if (others.length > 0)
    return problem(words.leadsElsewhere(host, others.join(", ")), words.makeRecord(host, machine[0] ?? words.publicAddress));
  if (ipv6.length > 0) return warning(words.ipv6First(host, ipv6.join(", ")), words.keepIpv6);
  if (production && !issuedBy.includes(AUTHORITY)) return warning(words.stagingFirst(host), words.useStaging);
  return ok(machine.length > 0 ? words.leadsHere(host, there) : words.notCompared(host, there));
}

/**
 * Whether Let's Encrypt will find this machine under the names for which Traefik orders certificates. Failed attempts count against its
 * limits, so this is looked at first.
 */
export const certificate: Check = ({ config, internet }) =>
  worstOf(
    (internet?.names ?? []).map((name) => judgeName(name, internet?.machine ?? [], config.ingress.tls.letsEncrypt?.staging === false)),
  );

/**
 * Whether the names lead to the server that ssh reaches. A wrong record keeps visitors out, but no apply: it is a warning. A server with a
 * private address is not compared.
 */
export const dns: Check = ({ internet }) => {
  const { names = [], machine = [] } = internet ?? {};
  if (machine.length === 0) return ok(words.none);
  const verdicts = names.map((name) => judgeName({ ...name, ipv6: [] }, machine, false));
  return worstOf(verdicts.map((verdict) => (verdict.state === "problem" ? { ...verdict, state: "warning" as const } : verdict)));
};

function worstOf(verdicts: readonly Verdict[]): Verdict {
  const worst = verdicts.find(({ state }) => state === "problem") ?? verdicts.find(({ state }) => state === "warning") ?? verdicts[0];
  if (!worst) return ok(words.none);
  const alike = verdicts.filter(({ state }) => state === worst.state);
  return { ...worst, saw: alike.map(({ saw }) => saw).join("; ") };
}
