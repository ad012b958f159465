// What build.cjs does with esbuild, for jest: TypeScript and ES modules become CommonJS, payload files export their text.
const { transformSync } = require("esbuild");

module.exports = {
  process(source, file) {
    const loader = file.endsWith(".ts") ? "ts" : /\.[cm]?js$/.test(file) ? "js" : "text";
    // jest's own import() needs a flag of Node's
    const supported = { "dynamic-import": false };
    return transformSync(source, { loader, format: "cjs", target: "node20", supported, sourcemap: "inline", sourcefile: file });
  },
};
