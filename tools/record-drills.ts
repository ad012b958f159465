import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { output } from "./common/run.ts";

// `npm run record:drills -- ENVIRONMENT …`: performs every drill and writes what it saw to docs/drills.json, from which
// `npm run generate` makes the pages. The commit is the one whose code ran: commit before.

const commit = (await output("git", ["rev-parse", "--short", "HEAD"])).trim();
const args = ["build/cloudnova.cjs", "drill", ...process.argv.slice(2), "--yes", "--output", "json"];
const { status, stdout } = spawnSync(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"], encoding: "utf8" });
if (stdout === "") process.exit(status ?? 1);
writeFileSync("docs/drills.json", `${JSON.stringify({ commit, ...JSON.parse(stdout) }, undefined, 2)}\n`);
console.log("docs/drills.json: written; now npm run generate");
process.exitCode = status ?? 1;
