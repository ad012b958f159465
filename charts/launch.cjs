// Starts the bundle beside it with V8's compiled code from an earlier run: compiling took a third of a synth (profiled).
// The first run after a build writes that code, named by Node's version and the bundle's size and time; without it, or
// where it cannot be written, everything works the same, only slower.
const fs = require("node:fs");
const Module = require("node:module");
const path = require("node:path");
const vm = require("node:vm");

const bundle = path.join(__dirname, "synth-bundle.cjs");
const { size, mtimeMs } = fs.statSync(bundle);
const cache = path.join(__dirname, `synth-${process.version}-${size}-${Math.round(mtimeMs)}.cache`);

let cachedData;
try {
  cachedData = fs.readFileSync(cache);
} catch {
  // the first run
}
const script = new vm.Script(Module.wrap(fs.readFileSync(bundle, "utf8")), { filename: bundle, cachedData });
const bundled = new Module(bundle);
script.runInThisContext()(bundled.exports, require, bundled, bundle, __dirname);

if (!cachedData || script.cachedDataRejected) {
  const partial = `${cache}.${process.pid}`;
  try {
    fs.writeFileSync(partial, script.createCachedData());
    fs.renameSync(partial, cache);
  } catch {
    // a read-only checkout
  }
}
