import { Command } from "commander";
import { tableOf } from "../common/table.ts";
import { buildMinutes, missingPackages, missingPrograms } from "./built-programs.ts";
import { connectDocker, forwardPorts, startDocker, stopDocker } from "./docker.ts";
import { deleteCluster, kindProgram } from "./kind-program.ts";
import { nodeImage } from "./node-image.ts";
import { versionsOf } from "./versions.ts";

/** The command line of `npm run cluster`. */
export const program = new Command("cluster")
  .description("What kind needs where no image registry answers, or where nothing runs Docker's daemon.")
  .option("--output <format>", "text or json", "text")
  .configureHelp({ sortSubcommands: false })
  .showHelpAfterError("(add --help for what it takes)");
const show = (value: object, text: string) => console.log(program.opts().output === "json" ? JSON.stringify(value, null, 2) : text);

program
  .command("kind")
  .description("build the pinned kind from its Go module unless it is in the cache, and print its path")
  .action(async () => {
    const path = await kindProgram();
    show({ path, version: versionsOf().kind }, path);
  });

program
  .command("docker")
  .description("start Docker's daemon in a network namespace of its own; as root on Linux")
  .action(async () => {
    const host = await startDocker();
    show({ host }, `export DOCKER_HOST=${host}`);
  });

program
  .command("node-image")
  .description("make kind's node image, with the stand-ins of environments/stand-ins.yaml; about 20 minutes on two cores the first time")
  .option("--plan", "tell what would be built, how long that takes, and which Debian packages are missing")
  .action(async ({ plan }: { plan?: boolean }) => {
    if (plan) {
      const toBuild = await missingPrograms();
      const value = { toBuild, minutes: buildMinutes(toBuild), packages: await missingPackages() };
      show(
        value,
        `to build: ${toBuild.join(", ") || "nothing"} (${value.minutes} min); missing packages: ${value.packages.join(", ") || "none"}`,
      );
      return;
    }
    const made = await nodeImage();
    show(made, `${made.image}\n${tableOf([["stands in", "is"], ...Object.entries(made.standIns)])}`);
  });

program
  .command("forward")
  .description("make the ports that containers of this daemon publish on 127.0.0.1 reachable on this machine's 127.0.0.1")
  .action(async () => {
    const ports = await forwardPorts();
    show({ ports }, ports.join("\n"));
  });

program
  .command("delete")
  .argument("<name>", "kind's name of the cluster")
  .description("delete a kind cluster with its volumes, in the Docker that answers here")
  .action(async (name: string) => {
    await deleteCluster(name, await connectDocker());
    await forwardPorts(); // gives the ports back
    show({ deleted: name }, `The cluster ${name} is deleted.`);
  });

program
  .command("stop")
  .description("end the daemon with its containers and its network; images and clusters stay on the disk")
  .option("--purge", "remove those too")
  .action(async ({ purge }: { purge?: boolean }) => {
    const stopped = await stopDocker({ purge });
    show({ stopped }, stopped ? "Docker's daemon is stopped." : "No daemon of ours ran.");
  });
