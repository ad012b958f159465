// Bundles the repository's programs into build/. A group is built only when something that goes into it has changed.
// Usage: node build.cjs [GROUP…], by default every group.
const { createHash } = require("node:crypto");
const { mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } = require("node:fs");
const { dirname, join, relative } = require("node:path");

/** `cloudnova up` starts this one where it finds no registry. */
const CLUSTER = "tools/cluster.ts";
/** What every bundle depends on besides its own sources. npm keeps the last one up to date: it names every installed package. */
const SHARED = ["build.cjs", "package.json", "text-files.json", "tsconfig.json", "node_modules/.package-lock.json"];

/** CommonJS, whose compiled code V8 can cache. Names are kept, for cdk8s' messages. */
const users = {
  entryPoints: { "synth-bundle": "charts/main.ts", "cloudnova-bundle": "src/cli/main.ts" },
  outdir: "build",
  format: "cjs",
  outExtension: { ".js": ".cjs" },
  minify: true,
  keepNames: true,
};

/** ES modules with source maps; some of their libraries are CommonJS and ask for `require`. */
const modules = (outdir, entryPoints) => ({
  entryPoints,
  outdir,
  format: "esm",
  outExtension: { ".js": ".mjs" },
  sourcemap: "linked",
  banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
});

const programs = (folder) =>
  readdirSync(join(__dirname, folder))
    .map((name) => `${folder}/${name}`)
    .filter((file) => file.endsWith(".ts") && file !== CLUSTER);

/** What is built together, with the options for esbuild: what users run, and two groups for developers. */
const GROUPS = {
  users: { title: "synth and cloudnova", builds: () => [users, modules("build/tools", [CLUSTER])] },
  tools: { title: "the programs in tools/", builds: () => [modules("build/tools", programs("tools"))] },
  e2e: { title: "the programs in test/e2e/", builds: () => [modules("build/test/e2e", programs("test/e2e"))] },
};

/** Start the bundles as they are, whether or not the sources have changed since: for a run that takes hours. */
const STARTERS = ["synth", "cloudnova"].map((name) => ({
  path: join(__dirname, "build", `${name}.cjs`),
  contents: Buffer.from(`require("../bin/launch.cjs").launch("${name}");\n`),
}));

/** `read(path)`; undefined when there is no such file. */
function ifThere(read, path) {
  try {
    return read(path);
  } catch (error) {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined;
    throw error;
  }
}

const hashOf = (file) =>
  ifThere((path) => createHash("sha256").update(readFileSync(path)).digest("base64"), join(__dirname, file)) ?? "none";

/** Size and time of a file: another process' bundle in its place has another time. */
function markOf(path) {
  const { size, mtimeMs } = statSync(path);
  return `${size} ${mtimeMs}`;
}

const stampOf = (group) => join(__dirname, "build", `${group}.json`);
const entriesOf = (group) => GROUPS[group].builds().flatMap(({ entryPoints }) => Object.values(entryPoints));

/** Why a group has to be built; undefined when its bundles were built from what the sources hold now. */
function reasonToBuild(group) {
  const stamp = ifThere((path) => JSON.parse(readFileSync(path, "utf8")), stampOf(group));
  if (!stamp) return "nothing was built yet";
  // By content: a checkout of another commit, and back, changes times in both directions.
  const changed = Object.keys(stamp.inputs).find((file) => hashOf(file) !== stamp.inputs[file]);
  if (changed) return `${changed} has changed`;
  const added = entriesOf(group).find((file) => !(file in stamp.inputs));
  if (added) return `${added} is new`;
  const other = Object.keys(stamp.outputs).find((file) => ifThere(markOf, join(__dirname, file)) !== stamp.outputs[file]);
  return other && `${other} is missing or not from this build`;
}

/** Writes a file beside its place and renames it: whoever reads it meanwhile finds the old one or the new one whole. */
function writeWhole(path, contents) {
  const partial = `${path}.${process.pid}`;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(partial, contents);
  const mark = markOf(partial);
  renameSync(partial, path);
  return mark;
}

/** Writes a bundle unless it has these contents already: the code that V8 compiled from it is found by its time. @returns its mark */
function writeChanged(path, contents) {
  const mark = ifThere(markOf, path);
  return mark && readFileSync(path).equals(contents) ? mark : writeWhole(path, contents);
}

/** Builds a group and notes what it was built from. @throws esbuild's error, which esbuild has printed */
async function buildGroup(group) {
  const { build } = require("esbuild");
  const loader = Object.fromEntries(
    JSON.parse(readFileSync(join(__dirname, "text-files.json"), "utf8")).map((ending) => [`.${ending}`, "text"]),
  );
  const common = {
    absWorkingDir: __dirname,
    bundle: true,
    platform: "node",
    target: "node20",
    loader,
    logLevel: "warning",
    legalComments: "none",
  };
  const start = Date.now();
  const results = await Promise.all(
    GROUPS[group].builds().map((options) => build({ ...common, ...options, write: false, metafile: true })),
  );
  const sources = results.flatMap(({ metafile }) => Object.keys(metafile.inputs)).filter((file) => !/(^|\/)node_modules\//.test(file));
  const inputs = [...SHARED, ...new Set(sources)];
  const files = [...results.flatMap(({ outputFiles }) => outputFiles), ...(group === "users" ? STARTERS : [])];
  const outputs = files.map(({ path, contents }) => [relative(__dirname, path), writeChanged(path, contents)]);
  // A file that changed while esbuild read the sources may or may not be in the bundle: without a stamp the next run builds again.
  if (inputs.some((file) => (ifThere(statSync, join(__dirname, file))?.ctimeMs ?? 0) >= start)) return;
  const stamp = { inputs: Object.fromEntries(inputs.map((file) => [file, hashOf(file)])), outputs: Object.fromEntries(outputs) };
  writeWhole(stampOf(group), JSON.stringify(stamp));
}

/**
 * Builds those of the groups whose sources have changed since they were built, and says so on standard error.
 *
 * @returns whether every bundle is now that of its sources; when not, the error is printed
 */
exports.buildChanged = async (groups) => {
  const due = groups.map((group) => [group, reasonToBuild(group)]).filter(([, reason]) => reason);
  for (const [group, reason] of due) console.error(`Building ${GROUPS[group].title}: ${reason}`);
  try {
    await Promise.all(due.map(([group]) => buildGroup(group)));
    return true;
  } catch (error) {
    const missing = error.code === "MODULE_NOT_FOUND" && "esbuild is not installed: run 'npm ci' first";
    if (missing || !error.errors) console.error(missing || error);
    console.error("The build failed, so nothing was run.");
    return false;
  }
};

if (require.main === module) {
  const groups = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(GROUPS);
  const unknown = groups.find((group) => !(group in GROUPS));
  if (unknown) throw new Error(`there is no group '${unknown}': it is one of ${Object.keys(GROUPS).join(", ")}`);
  exports.buildChanged(groups).then((built) => {
    if (!built) process.exitCode = 1;
  });
}
