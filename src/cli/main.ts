import { run } from "./run.ts";

// No top-level await: the bundle is CommonJS, whose compiled code V8 can cache.
void run(process.argv.slice(2), process).then((code) => {
  process.exitCode = code;
});
