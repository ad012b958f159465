import { environment as words } from "../messages/environment.ts";
import { ASSUMED_POOL, allConnections, applicationConnections } from "./application-connections.ts";
import type { Config } from "./resolve.ts";

const list = (names: readonly string[]) => names.join(", ");

/** What an environment allows that weakens it, or may not suffice, in words: nothing of it is wrong, and the user must know of it. */
export function warningsOf(config: Config): string[] {
  const { applications, database } = config;
  const plain = applications.filter((one) => one.database !== false && !one.database.requireTls).map(({ name }) => name);
  const baseline = applications.filter(({ podSecurity }) => podSecurity === "baseline").map(({ name }) => name);
  const connections = applicationConnections(applications);
  const need = allConnections(config, connections);
  const assumed = connections.filter(({ known }) => !known);
  return [
    ...(baseline.length > 0 ? [words.warnBaseline(list(baseline))] : []),
    ...(plain.length > 0 ? [words.warnPlain(list(plain))] : []),
    ...(assumed.length > 0 && need > database.maxConnections
      ? [words.warnConnections(database.maxConnections, need, list(assumed.map(({ name }) => name)), ASSUMED_POOL)]
      : []),
  ];
}
