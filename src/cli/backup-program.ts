import type { Command } from "commander";
import { isBackupName } from "../cluster/backup/units.ts";
import { help as words } from "../messages/help.ts";
import type { Io } from "./io.ts";
import { examples, type Finish, printing, targeted } from "./options.ts";

/** The words of a command that names an environment and then something else. @param isOther whether a word is no environment */
const split = (
  first: string | undefined,
  rest: readonly string[],
  isOther: (word: string) => boolean,
): [string | undefined, ...string[]] => (first !== undefined && isOther(first) ? [undefined, first, ...rest] : [first, ...rest]);

/** `cloudnova backup …` */
export function backupCommands(root: Command, io: Io, finish: Finish): void {
  const group = root.command("backup").description(words.commands.backup).helpCommand("help [command]", words.help);
  const add = (name: "now" | "list" | "verify" | "restore" | "download" | "upload", rest?: readonly [string, string]) =>
    targeted(group.command(name).description(words.backup[name]), rest);
  const oneUnit = (command: Command) => command.option("--unit <name>", words.options.unit);
  const name = ["[names...]", words.arguments.backup] as const;

  oneUnit(add("now"))
    .addHelpText("after", examples("backup now kind", "backup now kind --unit shop --output json"))
    .action(async (environment, options) =>
      finish(await (await import("./commands/backup.ts")).backupNowCommand(io, environment, options)),
    );
  oneUnit(add("list"))
    .addHelpText("after", examples("backup list kind"))
    .action(async (environment, options) =>
      finish(await (await import("./commands/backup.ts")).backupListCommand(io, environment, options)),
    );
  oneUnit(add("verify", name))
    .addHelpText("after", examples("backup verify kind", "backup verify kind cloudnova-20261127T021700Z"))
    .action(async (first, rest, options) => {
      const [environment, backup] = split(first, rest, isBackupName);
      finish(await (await import("./commands/backup.ts")).backupVerifyCommand(io, environment, backup, options));
    });
  add("restore", name)
    .option("--until <time>", words.options.until)
    .option("--secrets", words.options.restoreSecrets)
    .option("--yes", words.options.yesName)
    .addHelpText(
      "after",
      examples(
        "backup restore kind cloudnova-20261127T021700Z",
        "backup restore kind cloudnova-20261127T021700Z --until 2026-11-27T10:15:00Z",
      ),
    )
    .action(async (first, rest, options) => {
      const [environment, backup] = split(first, rest, isBackupName);
      finish(await (await import("./commands/backup-restore.ts")).backupRestoreCommand(io, environment, backup, options));
    });
  add("download", ["[names...]", words.arguments.backupAndFile])
    .addHelpText("after", examples("backup download kind cloudnova-20261127T021700Z"))
    .action(async (first, rest, options) => {
      const [environment, ...words] = split(first, rest, isBackupName);
      finish(await (await import("./commands/backup-transfer.ts")).backupDownloadCommand(io, environment, words, options));
    });
  add("upload", ["[names...]", words.arguments.backupFile])
    .option("--key <file>", words.options.key)
    .addHelpText("after", examples("backup upload kind cloudnova-20261127T021700Z.cnb --key backup.key"))
    .action(async (first, rest, options) => {
      const [environment, file] = split(first, rest, (word) => word.endsWith(".cnb"));
      finish(await (await import("./commands/backup-transfer.ts")).backupUploadCommand(io, environment, file, options));
    });
  printing(group.command("key").description(words.backup.key).option("--out <file>", words.options.keyFile, "backup.key"))
    .addHelpText("after", examples("backup key --out ~/backup.key"))
    .action(async (options) => finish(await (await import("./commands/backup-key.ts")).backupKeyCommand(io, options)));
}
