// Bundles every program of the repository into build/: synth starts fast, and nothing is compiled at run time.
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { build } from "esbuild";

const endings = JSON.parse(readFileSync("text-files.json", "utf8"));
const text = Object.fromEntries(endings.map((ending) => [`.${ending}`, "text"]));
const common = { bundle: true, platform: "node", target: "node20", loader: text, logLevel: "warning", legalComments: "none" };

/** What users run: CommonJS, whose compiled code V8 can cache. Names are kept, for cdk8s' messages. */
const users = {
  ...common,
  entryPoints: { "synth-bundle": "charts/main.ts", "cloudnova-bundle": "src/cli/main.ts" },
  outdir: "build",
  format: "cjs",
  outExtension: { ".js": ".cjs" },
  minify: true,
  keepNames: true,
  write: false,
};

/** The developers' programs, as ES modules; some of their libraries are CommonJS and ask for `require`. */
const programs = (folder) => ({
  ...common,
  entryPoints: readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => `${folder}/${entry.name}`),
  outdir: `build/${folder}`,
  format: "esm",
  outExtension: { ".js": ".mjs" },
  sourcemap: "linked",
  banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
});

/** Leaves a file alone that is as it should be: its time names the code that V8 has compiled of it. */
function writeChanged({ path, contents }) {
  try {
    if (readFileSync(path).equals(contents)) return;
  } catch {
    // the first build
  }
  for (const file of readdirSync("build")) if (file.endsWith(".cache")) rmSync(`build/${file}`);
  writeFileSync(path, contents);
}

const [{ outputFiles }] = await Promise.all([build(users), build(programs("tools")), build(programs("test/e2e"))]);
outputFiles.forEach(writeChanged);
const launcher = readFileSync("charts/launch.cjs", "utf8");
for (const name of ["synth", "cloudnova"]) writeFileSync(`build/${name}.cjs`, launcher.replaceAll("synth-", `${name}-`));
