import { type Command, Option } from "commander";
import { help as words } from "../messages/help.ts";
import type { Io } from "./io.ts";
import { examples, type Finish, printing } from "./options.ts";

/** `cloudnova ec2 …` */
export function ec2Commands(root: Command, io: Io, finish: Finish): void {
  const group = root.command("ec2").description(words.commands.ec2).helpCommand("help [command]", words.help);
  const add = (name: keyof typeof words.ec2, argument = "[environment]") =>
    printing(group.command(name).description(words.ec2[name]).argument(argument, words.arguments.ec2Environment));
  const addressed = (command: Command) =>
    command.option("--address <address...>", words.options.ownAddress).option("--service <url...>", words.options.addressService);
  const changing = (command: Command) =>
    addressed(command)
      .addOption(new Option("--replace <part...>", words.options.replacePart).choices(["instance", "volume"]))
      .option("--volume <id>", words.options.adoptVolume);
  const up = () => import("./commands/ec2-up.ts");
  const access = () => import("./commands/ec2-access.ts");
  const state = () => import("./commands/ec2-state.ts");

  changing(add("plan"))
    .addHelpText("after", examples("ec2 plan mine", "ec2 plan mine --address 203.0.113.7 --output json"))
    .action(async (name, options) => finish(await (await up()).ec2PlanCommand(io, name, options)));
  changing(add("up"))
    .option("--yes", words.options.yesEc2)
    .addHelpText("after", examples("ec2 up mine", "ec2 up mine --yes", "ec2 up mine --replace instance"))
    .action(async (name, options) => finish(await (await up()).ec2UpCommand(io, name, options)));
  addressed(add("allow-my-ip"))
    .option("--also <address...>", words.options.also)
    .option("--forget <name...>", words.options.forget)
    .addHelpText("after", examples("ec2 allow-my-ip mine", "ec2 allow-my-ip mine --also 198.51.100.0/24"))
    .action(async (name, options) => finish(await (await access()).ec2AllowCommand(io, name, options)));
  add("status")
    .addHelpText("after", examples("ec2 status mine", "ec2 status mine --output json"))
    .action(async (name, options) => finish(await (await state()).ec2StatusCommand(io, name, options)));
  add("ssh")
    .argument("[command...]", words.arguments.command)
    .addHelpText("after", examples("ec2 ssh mine", "ec2 ssh mine -- sudo k3s kubectl get nodes"))
    .action(async (name, command) => finish(await (await access()).ec2SshCommand(io, name, command)));
  add("kubeconfig")
    .option("--kubeconfig <file>", words.options.kubeconfig)
    .addHelpText("after", examples("ec2 kubeconfig mine"))
    .action(async (name, options) => finish(await (await access()).ec2KubeconfigCommand(io, name, options)));
  add("stop")
    .addHelpText("after", examples("ec2 stop mine"))
    .action(async (name, options) => finish(await (await state()).ec2StopCommand(io, name, options)));
  add("start")
    .addHelpText("after", examples("ec2 start mine"))
    .action(async (name, options) => finish(await (await state()).ec2StartCommand(io, name, options)));
  add("down", "<environment>")
    .option("--delete-data", words.options.deleteVolumes)
    .option("--yes", words.options.yesName)
    .addHelpText("after", examples("ec2 down mine", "ec2 down mine --delete-data"))
    .action(async (name, options) => finish(await (await state()).ec2DownCommand(io, name, options)));
}
