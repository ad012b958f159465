// What build.cjs does with esbuild, for jest: TypeScript and ES modules become CommonJS, payload files export their text.
const { createHash } = require("node:crypto");
const { readFileSync } = require("node:fs");
const { join } = require("node:path");
const { buildSync, transformSync } = require("esbuild");

const lock = readFileSync(join(__dirname, "..", "package-lock.json"));
const salt = createHash("sha256").update(readFileSync(__filename)).update(lock).digest("hex");
// jest's own import() needs a flag of Node's
const common = { format: "cjs", target: "node20", supported: { "dynamic-import": false } };
/** Libraries of ES modules are one file each: jest would load their hundreds of files one by one, again for every suite. */
const isLibrary = (file) => file.includes("/node_modules/") || file === join(__dirname, "echarts.mjs");

const bundle = (file) =>
  buildSync({ ...common, entryPoints: [file], bundle: true, platform: "node", write: false, logLevel: "error" }).outputFiles[0].text;

module.exports = {
  /** A bundle depends on more than its entry: on the installed versions, which the lock file names. */
  getCacheKey: (source, file) => createHash("sha256").update(`${salt}\0${file}\0${source}`).digest("hex"),
  process(source, file) {
    if (isLibrary(file)) return { code: bundle(file) };
    const loader = file.endsWith(".ts") ? "ts" : /\.[cm]?js$/.test(file) ? "js" : "text";
    return transformSync(source, { ...common, loader, sourcemap: "inline", sourcefile: file });
  },
};
