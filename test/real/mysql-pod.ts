import { join } from "node:path";
import { inQuotes } from "../../src/shell.ts";
import { type Daemon, startDaemon } from "../../tools/common/daemon.ts";
import type { Manifest } from "../manifests.ts";
import { prelude, run, writeFiles } from "./servers.ts";

/** mysqld's user and group, as charts/mysql.ts has them. */
export const MYSQL_USER = 10_999;

/** What MySQL's pod has. */
export interface MysqlPodParts {
  /** Folder of the programs: `serversRoot()`. */
  readonly root: string;
  /** An empty folder of the test's, for the files, the log and the name of the process. */
  readonly folder: string;
  /** Folders that are empty and the pod's own, by their paths in it; the files' are among them. */
  readonly folders: readonly string[];
  /** Texts of files by folder and name. */
  readonly files: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Commands that run one after the other before mysqld, with their variables. */
  readonly init: readonly (readonly string[])[];
  /** A shell command that runs beside mysqld. @default none */
  readonly beside?: string;
  readonly mysqld: readonly string[];
}

/** A pod that runs. */
export interface MysqlPod {
  readonly server: Daemon;
  /** Runs a command in it. @param user its user id. @returns what it printed, without spaces at its ends @throws Error when it fails */
  inside(command: readonly string[], user?: number): Promise<string>;
  /** The command line that runs a command in it, on this machine. */
  enter(command: readonly string[], user?: number): Promise<string[]>;
  /** The pid, in this machine's own count, of the process that holds its mounts. @throws Error before it runs */
  process(): Promise<string>;
}

export const quoted = (args: readonly string[]): string => args.map(inQuotes).join(" ");

/** The shell's words that run what follows in a folder as another user, in mysqld's group. */
export const chroot = (root: string, user: number): string => `chroot --userspec=${user}:${user} --groups=${MYSQL_USER} ${root}`;

/** A container's command, with its variables; `more` replace those of the same name. */
export const commandOf = ({ env = [], command = [] }: Manifest, more: Readonly<Record<string, string>> = {}): string[] => [
  "env",
  ...env.map(({ name, value }: Manifest) => `${name}=${value}`),
  ...Object.entries(more).map(([name, value]) => `${name}=${value}`),
  ...command,
];

/** Starts MySQL's pod by hand: its files, its init containers and mysqld, in mounts and process ids of their own. */
export function startMysqlPod({ root, folder, folders, files, init, beside, mysqld }: MysqlPodParts): MysqlPod {
  const pod = join(folder, "pod");
  for (const [path, texts] of Object.entries(files))
    writeFiles(pod, Object.fromEntries(Object.entries(texts).map(([name, text]) => [join(path, name), text])));
  const script = [
    "set -e",
    prelude(root, folders),
    `cp -r ${pod}/. ${root}/`,
    `chown -R ${MYSQL_USER}:${MYSQL_USER} ${folders.map((path) => root + path).join(" ")}; chmod 1777 ${root}/tmp`,
    `echo $$ > ${folder}/pid`,
    ...init.map((command) => `${chroot(root, MYSQL_USER)} ${quoted(command)}`),
    ...(beside ? [`(${beside}) &`] : []),
    `${chroot(root, MYSQL_USER)} ${quoted(mysqld)}`,
    "exit",
  ].join("\n");
  // --kill-child with a pid namespace of its own: all end with this shell. Not by exec: a program that changes its user forgets
  // whose end it must follow (prctl(2), PR_SET_PDEATHSIG), and mysqld stayed.
  const server = startDaemon(
    "unshare",
    ["--mount", "--pid", "--fork", "--mount-proc", "--kill-child", "bash", "-c", script],
    join(folder, "log"),
  );
  // Found by the folder in its arguments.
  const process = async () => {
    const { stdout } = await run("pgrep", ["--full", `echo .* > ${folder}/pid`]).catch(() => ({ stdout: "" }));
    const pid = stdout.trim().split("\n").at(-1);
    if (!pid) throw new Error("MySQL's namespace is not there yet");
    return pid;
  };
  const enter = async (command: readonly string[], user = MYSQL_USER) => {
    const namespaces = ["nsenter", "--target", await process(), "--mount", "--pid"];
    return [...namespaces, "chroot", `--userspec=${user}:${user}`, `--groups=${MYSQL_USER}`, root, ...command];
  };
  const inside = async (command: readonly string[], user = MYSQL_USER) => {
    const [file = "", ...args] = await enter(command, user);
    const { stdout } = await run(file, args);
    return stdout.trim();
  };
  return { server, inside, enter, process };
}
