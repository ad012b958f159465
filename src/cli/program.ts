import { Argument, type Command, Option } from "commander";
import type { Rotatable } from "../cluster/rotate/rotatable.ts";
import { help as words } from "../messages/help.ts";
import { LEAST, OPEN_S, WEIGHT } from "../release/gate.ts";
import { CLOUDNOVA_VERSION } from "../versions.ts";
import { backupCommands } from "./backup-program.ts";
import { count, LocalizedCommand } from "./command.ts";
import { applyCommand } from "./commands/apply.ts";
import { diffCommand } from "./commands/diff.ts";
import { downCommand } from "./commands/down.ts";
import { logsCommand } from "./commands/logs.ts";
import { openCommand } from "./commands/open.ts";
import { statusCommand } from "./commands/status.ts";
import { completion, SHELLS, type Shell } from "./completion.ts";
import { ec2Commands } from "./ec2-program.ts";
import { EXIT, type Io } from "./io.ts";
import { applying, examples, type Finish, language, printing, replacing, targeted, waiting } from "./options.ts";

/**
 * The command line. Commands that read the environment load its schema, so they are loaded when they are asked for.
 *
 * @param finish is given the exit code of the command that ran
 */
export function program(io: Io, finish: Finish): Command {
  const root = new LocalizedCommand("cloudnova")
    .description(words.about)
    .version(CLOUDNOVA_VERSION, "-V, --version", words.version)
    .helpOption("-h, --help", words.help)
    .helpCommand("help [command]", words.help)
    .configureOutput({ writeOut: (text) => void io.stdout.write(text), writeErr: (text) => void io.stderr.write(text) })
    .exitOverride();
  const add = (name: keyof typeof words.commands) => targeted(root.command(name).description(words.commands[name]));

  waiting(replacing(add("up")))
    .option("--no-synth", words.options.noSynth)
    .option("--no-doctor", words.options.noDoctor)
    .option("--no-verify", words.options.noVerify)
    .option("--address <address>", words.options.address)
    .option("--yes", words.options.yesUp)
    .option("--plan", words.options.plan)
    .addHelpText("after", examples("up --target kind --yes", "up k3s-ec2 --context my-server", "up kind --no-verify --timeout 600"))
    .action(async (name, options) => finish(await (await import("./commands/up.ts")).upCommand(io, name, options)));
  add("doctor")
    .option("--offline", words.options.offline)
    .addHelpText("after", examples("doctor kind", "doctor k3s-ec2 --offline", "doctor k3s-ec2 --context my-server --output json"))
    .action(async (name, options) => finish(await (await import("./commands/doctor.ts")).doctorCommand(io, name, options)));
  applying(add("diff"))
    .addHelpText("after", examples("diff kind", "diff k3s-ec2 --context my-server"))
    .action(async (name, options) => finish(await diffCommand(io, name, options)));
  waiting(replacing(add("apply")))
    .option("--wait", words.options.wait)
    .addHelpText("after", examples("apply kind", "apply k3s-ec2 --context my-server --wait", "apply kind --output json"))
    .action(async (name, options) => finish(await applyCommand(io, name, options)));
  add("status")
    .addHelpText("after", examples("status kind", "status kind --output json"))
    .action(async (name, options) => finish(await statusCommand(io, name, options)));
  add("logs")
    .option("-c, --component <name>", words.options.component)
    .option("-f, --follow", words.options.follow)
    .option("--previous", words.options.previous)
    .option("--tail <lines>", words.options.tail, count, 100)
    .option("--since <seconds>", words.options.since, count)
    .addHelpText("after", examples("logs kind -c webapp --follow", "logs kind -c mysql-0 --previous"))
    .action(async (name, options) => finish(await logsCommand(io, name, options)));
  targeted(root.command("open").description(words.commands.open), ["[names...]", words.arguments.names])
    .option("--port <name=port...>", words.options.port)
    .addHelpText("after", examples("open kind", "open kind mysql", "open k3s-ec2 --context my-server --port app=8443 grafana=3000"))
    .action(async (name, names, options) => finish(await openCommand(io, name, names, options)));
  add("verify")
    .option("--address <address>", words.options.address)
    .option("--thorough", words.options.thorough)
    .option("--patience <seconds>", words.options.patience, count, 30)
    .addHelpText("after", examples("verify kind", "verify k3s-ec2 --context my-server --address 203.0.113.7"))
    .action(async (name, options) => finish(await (await import("./commands/verify.ts")).verifyCommand(io, name, options)));
  add("queries")
    .addHelpText("after", examples("queries kind", "queries k3s-ec2 --context my-server --output json"))
    .action(async (name, options) => finish(await (await import("./commands/queries.ts")).queriesCommand(io, name, options)));
  targeted(root.command("drill").description(words.commands.drill), ["[alerts...]", words.arguments.alerts])
    .option("--list", words.options.list)
    .option("--repair", words.options.repair)
    .option("--webhook <url>", words.options.webhook)
    .option("--smtp <host:port>", words.options.smtp)
    .option("--to <address>", words.options.to)
    .option("--yes", words.options.yesName)
    .addHelpText("after", examples("drill --list", "drill kind TargetDown MysqlDown", "drill k3s-ec2 --context my-server --yes"))
    .action(async (name, alerts, options) => finish(await (await import("./commands/drill.ts")).drillCommand(io, name, alerts, options)));
  add("evidence")
    .option("--out <file>", words.options.out, "evidence.html")
    .option("--pdf", words.options.pdf)
    .option("--range <duration>", words.options.range, "1h")
    .option("--dashboards <name...>", words.options.dashboards)
    .option("--address <address>", words.options.address)
    .addHelpText("after", examples("evidence kind --pdf", "evidence k3s-ec2 --context my-server --language en --range 1d --dashboards all"))
    .action(async (name, options) => finish(await (await import("./commands/evidence.ts")).evidenceCommand(io, name, options)));
  printing(
    root
      .command("dashboards")
      .description(words.commands.dashboards)
      .helpCommand("help [command]", words.help)
      .command("import")
      .description(words.commands.import)
      .argument("<id|file>", words.arguments.dashboard)
      .option("--revision <number>", words.options.revision, count)
      .option("--name <name>", words.options.dashboardName)
      .option("--title <title>", words.options.dashboardTitle)
      .option("--environment <name>", words.options.dashboardEnvironment)
      .option("--server <url>", words.options.server, "https://grafana.com"),
  )
    .addHelpText("after", examples("dashboards import 1860 --revision 37", "dashboards import my-dashboard.json --name mine"))
    .action(async (what, options) => finish(await (await import("./commands/dashboards.ts")).importCommand(io, what, options)));
  const importer = root.command("import").description(words.commands.importProject).helpCommand("help [command]", words.help);
  printing(
    importer
      .command("compose")
      .description(words.commands.compose)
      .argument("<file...>", words.arguments.composeFile)
      .option("--name <name>", words.options.environmentName)
      .addOption(new Option("--cluster <cluster>", words.options.cluster).choices(["kind", "k3s"]).default("kind"))
      .option("--profile <name...>", words.options.profile)
      .option("--force", words.options.force),
  )
    .addHelpText("after", examples("import compose ../shop/docker-compose.yml --name shop", "import compose ../shop --cluster k3s"))
    .action(async (files, options) =>
      finish(await (await import("./commands/import-compose.ts")).importComposeCommand(io, files, options)),
    );
  targeted(importer.command("data").description(words.commands.data).argument("<application>", words.arguments.application))
    .option("--from <file>", words.options.from)
    .option("--compose <file>", words.options.composeFrom)
    .option("--service <name>", words.options.service)
    .option("--database <name>", words.options.database)
    .option("--volume <name=folder...>", words.options.volume)
    .option("--replace", words.options.replace)
    .option("--yes", words.options.yesReplace)
    .addHelpText(
      "after",
      examples(
        "import data web --from shop.sql.gz",
        "import data web shop --compose ../shop",
        "import data web shop --from shop.sql --volume uploads=../shop/uploads --replace",
      ),
    )
    .action(async (application, name, options) =>
      finish(await (await import("./commands/import-data.ts")).importDataCommand(io, application, name, options)),
    );
  backupCommands(root, io, finish);
  const rotate = root.command("rotate").description(words.commands.rotate).helpCommand("help [command]", words.help);
  const named: Partial<Record<string, string>> = {
    database: "webapp migrator",
    webapp: "secret-key",
    "backup-key": "shop",
    application: "shop/SECRET_KEY",
  };
  for (const [what, text] of Object.entries(words.rotations)) {
    const example = `rotate ${what} kind`;
    const names = named[what];
    waiting(targeted(rotate.command(what).description(text), names ? ["[names...]", words.arguments.rotated] : undefined))
      .option("--yes", words.options.yesRotate)
      .addHelpText("after", names ? examples(example, `${example} ${names} --yes`) : examples(example))
      .action(async (name, ...rest) => {
        const [chosen, options] = names ? rest : [[], ...rest];
        finish(await (await import("./commands/rotate.ts")).rotateCommand(io, what as Rotatable, name, chosen, options));
      });
  }
  targeted(root.command("release").description(words.commands.release), ["[application]", words.arguments.released])
    .option("--weight <percent>", words.options.weight, count, WEIGHT)
    .option("--seconds <seconds>", words.options.gate, count, OPEN_S)
    .option("--least <requests>", words.options.least, count, LEAST)
    .option("--timeout <seconds>", words.options.timeout, count, 300)
    .option("--undo", words.options.undoRelease)
    .addHelpText("after", examples("release kind", "release k3s-ec2 shop --weight 5 --seconds 1800", "release kind --undo"))
    .action(async (name, application, options) =>
      finish(await (await import("./commands/release.ts")).releaseCommand(io, name, application, options)),
    );
  root
    .command("server")
    .description(words.commands.server)
    .helpCommand("help [command]", words.help)
    .command("script")
    .description(words.commands.serverScript)
    .argument("[environment]", words.arguments.serverEnvironment)
    .addOption(language())
    .addHelpText("after", examples("server script k3s-ec2 | ssh ubuntu@203.0.113.7 sudo bash"))
    .action(async (name) => finish(await (await import("./commands/server-script.ts")).serverScriptCommand(io, name)));
  ec2Commands(root, io, finish);
  waiting(add("down"))
    .option("--delete-data", words.options.deleteData)
    .option("--yes", words.options.yesName)
    .addHelpText("after", examples("down kind", "down kind --delete-data --yes"))
    .action(async (name, options) => finish(await downCommand(io, name, options)));
  root
    .command("completion")
    .description(words.commands.completion)
    .addArgument(new Argument("<shell>", words.arguments.shell).choices(SHELLS))
    .addHelpText("after", examples("completion bash"))
    .action((shell: Shell) => {
      io.stdout.write(completion(root, shell));
      finish(EXIT.ok);
    });
  return root;
}
