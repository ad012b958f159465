import { runCommand } from "./grafana/command.ts";

// `npm run e2e:grafana`: what was provisioned, as Grafana's own server has it. For machines that can pull Grafana's image.

// A reader that has seen enough, such as `head`, closes our output.
process.stdout.on("error", () => process.kill(process.pid, "SIGINT"));
process.exitCode = await runCommand(process.argv.slice(2), process);
