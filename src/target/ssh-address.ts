import { ClusterError } from "../cluster/cluster-error.ts";
import { SSH_FORM } from "../config/ssh-form.ts";
import { ssh as say } from "../messages/ssh.ts";
import { quoted } from "../shell.ts";

/** A server as the system's `ssh` reaches it. */
export interface SshAddress {
  /** `user@host`, or a host of ~/.ssh/config. */
  readonly destination: string;
  /** More options of ssh, such as `-p 2222`. */
  readonly options: readonly string[];
  /** Name or address of the host, where ssh takes another way to it. @default by ~/.ssh/config */
  readonly host?: string;
  /** What to do where k3s is not installed yet. @default prepare the server by its script */
  readonly noK3sAdvice?: string;
}

/** The words after `ssh` in a command that a user types. */
export const sshArguments = ({ destination, options }: SshAddress): string => [...options, destination].map(quoted).join(" ");

/** @throws ClusterError for what is no address of ssh */
export function sshAddress(text: string): SshAddress {
  if (!SSH_FORM.test(text)) throw new ClusterError(say.noAddress(text), say.addressForm);
  const [, destination = text, port] = /^(.*?)(?::(\d{1,5}))?$/.exec(text) ?? [];
  return { destination: destination.replace(/[[\]]/g, ""), options: port ? ["-p", port] : [] };
}

/** The words of a command line that name a server. */
export const sshTarget = ({ destination, options }: SshAddress): string =>
  `ssh:${options[0] === "-p" && destination.includes(":") ? destination.replace(/[^@]+$/, "[$&]") : destination}${options[0] === "-p" ? `:${options[1]}` : ""}`;
