import { environment as words } from "../messages/environment.ts";
import { TAKEN } from "./application-rules.ts";
import type { Violation } from "./errors.ts";
import { resolveApplications } from "./resolve-applications.ts";
import type { Parsed } from "./schema.ts";

/** A target's job has a name of its own, and its pods are in no namespace of ours: the policies there let Prometheus reach ours only. */
export function scrapeViolations(parsed: Parsed): Violation[] {
  const applications = resolveApplications(parsed);
  const names = new Set([...TAKEN, ...applications.map(({ name }) => name)]);
  const ours = [parsed.namespace, `${parsed.namespace}-host`, ...applications.map(({ namespace }) => namespace)];
  return Object.entries(parsed.monitoring.scrape).flatMap(([name, { namespace = "" }]) => {
    const path = ["monitoring", "scrape", name];
    return [
      ...(names.has(name) ? [{ path, message: words.jobTaken(name) }] : []),
      ...(ours.includes(namespace) ? [{ path: [...path, "namespace"], message: words.ownNamespace(namespace) }] : []),
    ];
  });
}
