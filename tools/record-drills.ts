import { spawnSync } from "node:child_process";
import { recordDrills } from "./common/record-drills.ts";

// `npm run record:drills -- ENVIRONMENT …`: performs every drill and records what it saw; `npm run e2e:full` does so too.

const args = ["build/cloudnova.cjs", "drill", ...process.argv.slice(2), "--yes", "--output", "json"];
const { status, stdout } = spawnSync(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"], encoding: "utf8" });
if (stdout === "") process.exit(status ?? 1);
await recordDrills(stdout);
console.log("docs/drills.json: written; now npm run generate");
process.exitCode = status ?? 1;
