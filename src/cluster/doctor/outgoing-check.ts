import { isIPv4 } from "node:net";
import { addressesOf } from "../../addresses.ts";
import { destinationsOf, isInCluster, isPodOrService, mayReach } from "../../config/destinations.ts";
import type { Application } from "../../config/resolve-applications.ts";
import { doctor as words } from "../../messages/doctor.ts";
import { PORTS } from "../../ports.ts";
import { printed } from "../../printed.ts";
import { ok, warning } from "../finding.ts";
import { unansweredIn } from "../observe/unanswered.ts";
import type { Check, ClusterFacts } from "./facts.ts";

/** What is said of one destination. */
interface Said {
  readonly saw: string;
  readonly advice: string;
}

/** The addresses of a host that a policy refuses; undefined where it allows one of them, or none is known. */
function refusal(application: Application, host: string, { config, hostAddresses = {} }: ClusterFacts): readonly string[] | undefined {
  const known = isIPv4(host) ? [host] : (hostAddresses[host] ?? []);
  if (application.outgoing === "none" || isInCluster(host)) return known;
  const isRefused = known.length > 0 && known.every((address) => !mayReach(application, address, addressesOf(config)));
  return isRefused ? known : undefined;
}

/** `cache.example.com:6379 (10.0.0.5)`. */
function shown(host: string, port: number | undefined, addresses: readonly string[] = []): string {
  const known = addresses.length > 0 && !isIPv4(host) ? ` (${addresses.join(", ")})` : "";
  return `${port === undefined ? host : `${host}:${port}`}${known}`;
}
const ruleOf = ({ outgoing }: Application): string => `outgoing: ${Array.isArray(outgoing) ? `[${outgoing.join(", ")}]` : outgoing}`;

function adviceFor({ name }: Application, host: string, refused: readonly string[], { config }: ClusterFacts): string {
  const inside = isInCluster(host) || refused.some((address) => isPodOrService(address, addressesOf(config)));
  return inside ? words.publicName : words.allowRange(name, refused.map((address) => `${address}/32`).join(", ") || words.itsRange(host));
}

/** The application's own database, which its policy allows: by its name, or as a pod at MySQL's port. */
function isOwnDatabase({ database }: Application, host: string, port: number | undefined, { config }: ClusterFacts): boolean {
  if (database === false) return false;
  const { external } = config.database;
  if (external) return host === external.host;
  if (isIPv4(host)) return port === PORTS.mysql && isPodOrService(host, addressesOf(config));
  return host === "mysql" || host.startsWith(`mysql.${config.namespace}`);
}

/** What is said of an application's destinations, each host once. */
function saidOf(application: Application, facts: ClusterFacts): Said[] {
  const { name } = application;
  const rule = ruleOf(application);
  const variables = destinationsOf(application).flatMap(({ variable, host, port }) => {
    const refused = isOwnDatabase(application, host, port, facts) ? undefined : refusal(application, host, facts);
    if (!refused) return [];
    const saw = words.refusedVariable(name, variable, shown(host, port, refused), rule);
    return [{ host, saw, advice: adviceFor(application, host, refused, facts) }];
  });
  const output = unansweredIn(facts.outputs?.[name] ?? "").flatMap(({ host, port, refused: byReset }): Said[] => {
    if (host === undefined)
      return [{ saw: words.unansweredSomewhere(name, rule), advice: words.lookInLogs(printed("logs", "--component", name)) }];
    if (variables.some((one) => one.host === host) || isOwnDatabase(application, host, port, facts)) return [];
    const refused = refusal(application, host, facts);
    if (!refused) return [{ saw: words.unanswered(name, shown(host, port), byReset), advice: words.checkHost }];
    const saw = words.refusedOutput(name, shown(host, port, refused), byReset, rule);
    return [{ saw, advice: adviceFor(application, host, refused, facts) }];
  });
  return [...variables, ...output];
}

/** Which connections of applications a policy refuses: those that variables name, and those that their output says were not answered. */
export const outgoing: Check = (facts) => {
  const all = facts.config.applications.flatMap((application) => saidOf(application, facts));
  if (all.length === 0) return ok(words.nothingRefused);
  const join = (key: keyof Said) => [...new Set(all.map((one) => one[key]))].join("; ");
  return warning(join("saw"), join("advice"));
};
