// Bundles the repository's programs into build/. A group is built only when something that goes into it has changed.
// Usage: node build.cjs [GROUP…], by default every group.
const { createHash } = require("node:crypto");
const { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } = require("node:fs");
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
  // Only `cloudnova ec2` needs them, and they are as large as all the rest; it loads them from node_modules.
  external: ["@aws-sdk/*"],
  // bin/launch.cjs compiles the bundle itself, and gives it `require` alone.
  supported: { "dynamic-import": false },
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

const CONSTRUCTS = "src/constructs";
/** CommonJS, which both kinds of modules can import. cdk8s stays outside: the construct tree is that of the project that imports them. */
const constructs = { entryPoints: { index: `${CONSTRUCTS}/index.ts` }, outdir: "build/constructs", format: "cjs", packages: "external" };

/** Start the bundles as they are, whether or not the sources have changed since: for a run that takes hours. */
const starters = () =>
  ["synth", "cloudnova"].map((name) => ({
    path: join(__dirname, "build", `${name}.cjs`),
    contents: Buffer.from(`require("../bin/launch.cjs").launch("${name}");\n`),
  }));

/** The type declarations of the constructs, one file a source, and what says that the bundle beside them is CommonJS. */
function declarations() {
  const { flattenDiagnosticMessageText, transpileDeclaration } = require("typescript");
  const texts = programs(CONSTRUCTS).map((fileName) => {
    const options = {
      reportDiagnostics: true,
      fileName,
      compilerOptions: { isolatedDeclarations: true, declaration: true, target: "es2023" },
    };
    const { outputText, diagnostics } = transpileDeclaration(readFileSync(join(__dirname, fileName), "utf8"), options);
    const [problem] = diagnostics;
    if (problem) throw new Error(`${fileName}: ${flattenDiagnosticMessageText(problem.messageText, "\n")}`);
    return [fileName.replace(/^.*\/(.+)\.ts$/, "$1.d.ts"), outputText];
  });
  const files = [...texts, ["package.json", '{ "type": "commonjs" }\n']];
  return files.map(([name, text]) => ({ path: join(__dirname, constructs.outdir, name), contents: Buffer.from(text) }));
}

/**
 * What is built together: the options for esbuild, and `others`, the files that it does not write. `reads` are sources that esbuild may not
 * read, as they have types only. Without the package `needs` the group is left out.
 */
const GROUPS = {
  users: { title: "synth and cloudnova", builds: () => [users, modules("build/tools", [CLUSTER])], others: starters },
  constructs: {
    title: "the constructs for other projects",
    builds: () => [constructs],
    reads: () => programs(CONSTRUCTS),
    others: declarations,
    needs: "typescript",
  },
  tools: { title: "the programs in tools/", builds: () => [modules("build/tools", programs("tools"))] },
  e2e: { title: "the programs in test/e2e/", builds: () => [modules("build/test/e2e", programs("test/e2e"))] },
};

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

/** A file is marked when it is older than this, ms: a younger one could change again within the file system's resolution of times. */
const SETTLED_MS = 1000;

/** Size of a source and the time at which anything of it changed last, which no program can set. Undefined where there is none to rely on. */
function sourceMark(file) {
  const stat = ifThere(statSync, join(__dirname, file));
  return stat && Date.now() - stat.ctimeMs > SETTLED_MS ? `${stat.size} ${stat.ctimeMs}` : undefined;
}

/** What a stamp holds of a source. The mark is taken first: a change in between shows at the next start. */
function inputOf(file) {
  const mark = sourceMark(file);
  return { mark, hash: hashOf(file) };
}

const stampOf = (group) => join(__dirname, "build", `${group}.json`);
const entriesOf = (group) => GROUPS[group].builds().flatMap(({ entryPoints }) => Object.values(entryPoints));

/** Why a group has to be built; undefined when its bundles were built from what the sources hold now. */
function reasonToBuild(group) {
  const stamp = ifThere((path) => JSON.parse(readFileSync(path, "utf8")), stampOf(group));
  if (!stamp) return "nothing was built yet";
  const { inputs } = stamp;
  const touched = Object.keys(inputs).filter((file) => !inputs[file].mark || sourceMark(file) !== inputs[file].mark);
  const current = touched.map((file) => [file, inputOf(file)]);
  // By content: a checkout of another commit, and back, changes times in both directions.
  const [changed] = current.find(([file, { hash }]) => hash !== inputs[file].hash) ?? [];
  if (changed) return `${changed} has changed`;
  const added = entriesOf(group).find((file) => !(file in stamp.inputs));
  if (added) return `${added} is new`;
  const other = Object.keys(stamp.outputs).find((file) => ifThere(markOf, join(__dirname, file)) !== stamp.outputs[file]);
  if (other) return `${other} is missing or not from this build`;
  if (current.some(([, { mark }]) => mark)) noteMarks(group, { ...stamp, inputs: { ...inputs, ...Object.fromEntries(current) } });
  return undefined;
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

/** Notes the marks of sources whose contents are the same, so that the next start does not read them again. */
function noteMarks(group, stamp) {
  try {
    writeWhole(stampOf(group), JSON.stringify(stamp));
  } catch {
    // a read-only checkout
  }
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
  const { reads, others } = GROUPS[group];
  const sources = results.flatMap(({ metafile }) => Object.keys(metafile.inputs)).filter((file) => !/(^|\/)node_modules\//.test(file));
  const inputs = [...SHARED, ...new Set([...sources, ...(reads?.() ?? [])])];
  const files = [...results.flatMap(({ outputFiles }) => outputFiles), ...(others?.() ?? [])];
  const outputs = files.map(({ path, contents }) => [relative(__dirname, path), writeChanged(path, contents)]);
  // A file that changed while esbuild read the sources may or may not be in the bundle: without a stamp the next run builds again.
  if (inputs.some((file) => (ifThere(statSync, join(__dirname, file))?.ctimeMs ?? 0) >= start)) return;
  const stamp = { inputs: Object.fromEntries(inputs.map((file) => [file, inputOf(file)])), outputs: Object.fromEntries(outputs) };
  writeWhole(stampOf(group), JSON.stringify(stamp));
}

/** Whether the package that a group needs is installed: `npm ci --omit=dev` runs this program too. */
function isPossible(group) {
  const { needs } = GROUPS[group];
  return needs === undefined || existsSync(join(__dirname, "node_modules", needs));
}

/**
 * Builds those of the groups whose sources have changed since they were built, and says so on standard error.
 *
 * @returns whether every bundle is now that of its sources; when not, the error is printed
 */
exports.buildChanged = async (groups) => {
  const [possible, impossible] = [groups.filter(isPossible), groups.filter((group) => !isPossible(group))];
  for (const group of impossible) console.error(`Not built: ${GROUPS[group].title}, as ${GROUPS[group].needs} is not installed`);
  const due = possible.map((group) => [group, reasonToBuild(group)]).filter(([, reason]) => reason);
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
