import { relative } from "node:path";
import { parseArgs } from "node:util";
import { budgetTable } from "../src/budget.ts";
import { EnvironmentError } from "../src/config/errors.ts";
import { loadEnvironment } from "../src/config/load.ts";
import { committedEnvironments, environmentFile, nameOf } from "../src/environments.ts";
import { languageOf, setLocale } from "../src/language.ts";
import { budget as words } from "../src/messages/budget.ts";
import { receiversOf } from "../src/monitoring/alertmanager/secret-keys.ts";
import type { Manifests } from "./app.ts";
import { type Synthesis, synthesise } from "./synth.ts";
import { otherFolders, replace, writeInto } from "./write.ts";

const DIST = "dist";
/** A problem that is reported as a message, without a stack trace. */
class SynthError extends Error {}

function checked(synthesis: Synthesis): Synthesis {
  const { environment, budget } = synthesis;
  if (budget.problems.length === 0) return synthesis;
  throw new SynthError([words.tooLarge(environment.file), budgetTable(budget), ...budget.problems].join("\n"));
}

/**
 * Writes the folders where they belong, and names those that it did not write.
 * @param whole whether they are all of the repository's environments
 * @param named the folder that the user named
 */
function write(folders: ReadonlyMap<string, Manifests>, whole: boolean, named?: string): string {
  const cdk8s = named ? undefined : process.env.CDK8S_OUTDIR;
  const outdir = named || cdk8s || DIST;
  if (cdk8s) {
    // cdk8s' own command has removed the folder already, and looks for what is written there.
    writeInto(outdir, folders);
    const gone = committedEnvironments()
      .map(nameOf)
      .filter((name) => !folders.has(name));
    if (!whole && gone.length > 0 && relative(outdir, DIST) === "") {
      console.error(words.emptied(DIST, gone.join(", ")));
    }
    return outdir;
  }
  replace(outdir, folders);
  // Nothing is removed: the environment's file may lie elsewhere, and `status` and `down` need the manifests of what still runs.
  const others = whole && outdir === DIST ? otherFolders(outdir, new Set(folders.keys())) : [];
  for (const name of others) console.error(words.stays(name, `${outdir}/${name}`));
  return outdir;
}

function run(): void {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      outdir: { type: "string" },
      quiet: { type: "boolean" },
      language: { type: "string" },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help) {
    console.log(words.usage(DIST));
    return;
  }
  const asked = positionals.length > 0 ? positionals : process.env.CLOUDNOVA_ENV ? [process.env.CLOUDNOVA_ENV] : [];
  const files = asked.length > 0 ? asked.map(environmentFile) : committedEnvironments();
  // Everything is made in memory before the first byte is written.
  const made = files.map(loadEnvironment).map(synthesise).map(checked);
  // `up` runs this with --quiet, and has printed them itself.
  if (!values.quiet) {
    for (const text of made.flatMap(({ environment }) => [...environment.notices, ...environment.warnings])) console.error(text);
  }
  const folders = new Map(made.map(({ environment, files }) => [environment.name, files]));
  if (folders.size < made.length) throw new SynthError(words.oneName(files.join(", ")));

  const outdir = write(folders, asked.length === 0, values.outdir);
  if (values.quiet) return;
  for (const { environment, budget, files: written } of made) {
    console.log(`${words.written(environment.name, written.size - 1, `${outdir}/${environment.name}`)}\n${budgetTable(budget)}\n`);
    if (receiversOf(environment.config.alerting).length === 0) console.log(`${words.noReceiver}\n`);
  }
}

/** What an error says to a person; undefined for one that is a fault of this program. */
function messageOf(error: unknown): string | undefined {
  const { message, code, syscall, path } = error as NodeJS.ErrnoException;
  if (error instanceof EnvironmentError || error instanceof SynthError || code?.startsWith("ERR_PARSE_ARGS")) return message;
  // The file system's own refusals: no right, no space, a file where a folder should be.
  return syscall ? words.fileSystem(path, message) : undefined;
}

setLocale(languageOf(process.argv.slice(2), process.env));
try {
  run();
} catch (error) {
  const message = messageOf(error);
  if (message === undefined) throw error;
  console.error(message);
  process.exitCode = 1;
}
