// Loaded here and not above, so that what is wrong at loading (CLOUDNOVA_NODE is no name) is told in words as well.
import("./cli/program.ts")
  .then(({ program }) => program.parseAsync())
  .catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
