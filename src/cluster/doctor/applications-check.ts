import { doctor as words } from "../../messages/doctor.ts";
import { ok, warning } from "../finding.ts";
import type { Check } from "./facts.ts";

/** Whether an application of the user's runs at a weaker Pod Security level than everything else. */
export const podSecurity: Check = ({ config }) => {
  const weaker = config.applications.filter((one) => one.podSecurity === "baseline").map(({ name }) => name);
  return weaker.length > 0 ? warning(words.baseline(weaker.join(", ")), words.restrict) : ok(words.allRestricted);
};

/** Whether an application of the user's may send its database password and data over a connection without TLS. */
export const databaseTls: Check = ({ config }) => {
  const plain = config.applications.flatMap(({ name, database }) => (database && !database.requireTls ? [name] : []));
  return plain.length > 0 ? warning(words.plainDatabase(plain.join(", ")), words.requireTls) : ok(words.allTls);
};
