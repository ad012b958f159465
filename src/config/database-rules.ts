import { isIPv4 } from "node:net";
import { environment as words } from "../messages/environment.ts";
import type { Violation } from "./errors.ts";
import type { Parsed } from "./schema.ts";

/** What contradicts itself where MySQL is another server than ours. */
export function databaseViolations({ database: { external }, open, resources, backups }: Parsed): Violation[] {
  if (!external) return [];
  const needless = Object.entries({ open, resources }).flatMap(([key, { mysql }]) => (mysql === undefined ? [] : [key]));
  return [
    ...(external.addresses || isIPv4(external.host)
      ? []
      : [{ path: ["database", "external", "host"], message: words.noDatabaseAddresses(external.host) }]),
    ...(backups !== false && backups.pointInTime ? [{ path: ["backups", "pointInTime"], message: words.noOwnServer }] : []),
    ...needless.map((key) => ({ path: [key, "mysql"], message: words.noOwnServer })),
  ];
}
