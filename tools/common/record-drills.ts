import { writeFileSync } from "node:fs";
import { output } from "./run.ts";

/**
 * Writes what `cloudnova drill --output json` said to docs/drills.json, from which `npm run generate` makes the pages. The
 * commit it names is the one whose code ran: commit before.
 */
export async function recordDrills(said: string): Promise<void> {
  const commit = (await output("git", ["rev-parse", "--short", "HEAD"])).trim();
  writeFileSync("docs/drills.json", `${JSON.stringify({ commit, ...JSON.parse(said) }, undefined, 2)}\n`);
}
