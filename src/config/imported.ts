import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { configuration as say } from "../messages/imported.ts";

/** Where imported dashboards lie; environments name them. */
export const IMPORTED = join("environments", "dashboards");
/** A ConfigMap with the copy of itself that kubectl adds must stay below 262,144 bytes. */
export const MOST_BYTES = 250_000;

/** A dashboard that `cloudnova dashboards import` wrote: made once, so that synth need not parse its queries. */
export interface ImportedDashboard {
  /** Where it is from. */
  readonly source: string;
  /** The metrics that must be stored for it, by scrape job. */
  readonly metrics: Readonly<Record<string, readonly string[]>>;
  /** Grafana's JSON. */
  readonly dashboard: Readonly<Record<string, unknown>> & { readonly title: string; readonly uid: string };
}

/** Metrics become one pattern of Prometheus' configuration, so nothing else may stand there. */
const schema = z.strictObject({
  source: z.string(),
  metrics: z.record(z.string(), z.array(z.string().regex(/^[a-zA-Z_:][\w:]*$/))),
  dashboard: z.looseObject({ title: z.string(), uid: z.string() }),
});

/** The file of an imported dashboard. */
export const importedFile = (name: string): string => join(IMPORTED, `${name}.json`);

/** Reads an imported dashboard. @throws Error in words when it is not there, or is something else */
export function readImported(name: string): ImportedDashboard {
  const file = importedFile(name);
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    throw new Error(say.notThere(file));
  }
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    throw new Error(say.notImported(file));
  }
}

/** Every dashboard that was imported so far, by name; files of another kind in that folder are passed over. */
export function allImported(): (ImportedDashboard & { readonly name: string })[] {
  const files = existsSync(IMPORTED) ? readdirSync(IMPORTED) : [];
  return files
    .filter((file) => file.endsWith(".json"))
    .sort()
    .flatMap((file) => {
      const name = file.slice(0, -".json".length);
      try {
        return [{ name, ...readImported(name) }];
      } catch {
        return [];
      }
    });
}
