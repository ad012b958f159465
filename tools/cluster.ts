// `npm run cluster -- COMMAND`: what kind needs on a machine without an image registry, or without an init system that runs Docker.
import { program } from "./cluster/command-line.ts";

program.parseAsync().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
