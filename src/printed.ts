import { quoted } from "./shell.ts";

/** What a printed command must name, so that it reaches the same environment and cluster. */
let subject: { readonly environment: string; readonly cluster: string } = { environment: "", cluster: "" };

/** Sets what every printed command names from here on. By default it names neither. @param cluster options such as --context NAME */
export function printFor(environment: string, cluster: readonly string[]): void {
  subject = { environment: environment && quoted(environment), cluster: cluster.map(quoted).join(" ") };
}

const line = (name: string, environment: string, rest: readonly string[]) =>
  ["npx cloudnova", name, environment, subject.cluster, ...rest].filter(Boolean).join(" ");

/** The program kind as a user can call it: `up` may have brought it to a folder that is not on the PATH. */
let kind = "kind";
export const printKindAs = (program: string): void => {
  kind = quoted(program);
};
/** A command of kind as a user can paste it. */
export const kindCommand = (command: string): string => `${kind} ${command}`;

/** A command of cloudnova as a user can paste it, for the environment and cluster that this run is about. */
export const printed = (name: string, ...rest: readonly string[]): string => line(name, subject.environment, rest);

/** The same for a command that reads the environment alone, and reaches no cluster. */
export const printedAlone = (name: string): string => ["npx cloudnova", name, subject.environment].filter(Boolean).join(" ");

/** The same for another environment of the same cluster. */
export const printedFor = (name: string, environment: string): string => line(name, quoted(environment), []);
