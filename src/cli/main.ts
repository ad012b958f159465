import { run } from "./run.ts";

// A reader that has seen enough, such as `head`, closes our output: as if Ctrl-C were pressed, so that commands tidy up.
process.stdout.on("error", ({ code }: NodeJS.ErrnoException) => {
  if (code !== "EPIPE") throw new Error(`the output cannot be written: ${code}`);
  process.kill(process.pid, "SIGINT");
});

// No top-level await: the bundle is CommonJS, whose compiled code V8 can cache.
void run(process.argv.slice(2), process).then((code) => {
  process.exitCode = code;
});
