// Starts a bundle in build/ with V8's compiled code from an earlier run: compiling took a third of a synth (profiled).
// The first run after a build writes that code, named by Node's version and the bundle's size and time; without it, or
// where it cannot be written, everything works the same, only slower.
const fs = require("node:fs");
const Module = require("node:module");
const path = require("node:path");
const vm = require("node:vm");

const BUILD = path.join(__dirname, "..", "build");

/** Reads a bundle with the name of its compiled code. By one descriptor: another process may rename a new bundle into its place. */
function read(bundle) {
  const file = fs.openSync(bundle);
  try {
    const { size, mtimeMs } = fs.fstatSync(file);
    return { source: fs.readFileSync(file, "utf8"), version: `${process.version}-${size}-${Math.round(mtimeMs)}` };
  } finally {
    fs.closeSync(file);
  }
}

/** Writes the compiled code, and removes that of earlier bundles. */
function keep(cache, name, script) {
  const partial = `${cache}.${process.pid}`;
  try {
    fs.writeFileSync(partial, script.createCachedData());
    fs.renameSync(partial, cache);
    for (const file of fs.readdirSync(BUILD)) {
      if (file.startsWith(`${name}-v`) && file.endsWith(".cache") && file !== path.basename(cache))
        fs.rmSync(path.join(BUILD, file), { force: true });
    }
  } catch {
    // a read-only checkout
  }
}

/** Runs a bundle as it is. */
function launch(name) {
  const bundle = path.join(BUILD, `${name}-bundle.cjs`);
  const { source, version } = read(bundle);
  const cache = path.join(BUILD, `${name}-${version}.cache`);
  let cachedData;
  try {
    cachedData = fs.readFileSync(cache);
  } catch {
    // the first run
  }
  const script = new vm.Script(Module.wrap(source), { filename: bundle, cachedData });
  const bundled = new Module(bundle);
  // The programs find each other beside it.
  process.argv[1] = bundle;
  script.runInThisContext()(bundled.exports, require, bundled, bundle, BUILD);
  if (!cachedData || script.cachedDataRejected) keep(cache, name, script);
}

exports.launch = launch;

/** Runs a program that users run, after building it when its sources have changed. A build that fails ends with 1 and runs nothing. */
exports.launchCurrent = async (name) => {
  if (await require("../build.cjs").buildChanged(["users"])) launch(name);
  else process.exitCode = 1;
};
