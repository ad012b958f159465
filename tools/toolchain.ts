import { ensure } from "./toolchain/ensure.ts";
import { type ProgramName, programs } from "./toolchain/programs.ts";

// `node build/tools/toolchain.mjs [NAME[:COMMAND,…] …]`: builds what is missing and prints where it is.
const asked = process.argv.slice(2);
const names = Object.keys(programs) as ProgramName[];
try {
  for (const text of asked.length > 0 ? asked : names) {
    const [name, commands] = text.split(":");
    const known = names.find((candidate) => candidate === name);
    if (!known) throw new Error(`there is no program ${name}: choose from ${names.join(", ")}`);
    console.log(`${known} ${await ensure(known, commands?.split(","))}`);
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
