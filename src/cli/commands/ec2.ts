import { ClusterError } from "../../cluster/cluster-error.ts";
import type { Owner } from "../../ec2/owners.ts";
import { Aws } from "../../ec2/sdk.ts";
import { type Subject, subjectOf } from "../../ec2/subject.ts";
import { committedEnvironments, nameOf } from "../../environments.ts";
import type { Language } from "../../language.ts";
import { ec2 as say } from "../../messages/ec2.ts";
import { printFor } from "../../printed.ts";
import { readEnvironment } from "../choice.ts";
import { interruptible } from "../interrupt.ts";
import { type Io, line } from "../io.ts";

export interface Ec2Options {
  readonly output: "text" | "json";
  readonly language?: Language;
}

/** A command of `cloudnova ec2` at work. */
export interface Ec2Session {
  readonly io: Io;
  readonly signal: AbortSignal;
  readonly aws: Aws;
  readonly subject: Subject;
  /** Writes a line of progress. */
  readonly report: (text: string) => void;
}

/** The environment that a command means: the named one, `$CLOUDNOVA_ENV`, or the only one with the key `ec2`. */
async function chosen(io: Io, given: string | undefined): Promise<Subject> {
  const named = given ?? io.env.CLOUDNOVA_ENV;
  if (named) return subjectOf(await readEnvironment(named, io.stderr));
  const all = await Promise.all(committedEnvironments().map((file) => readEnvironment(file, io.stderr)));
  const found = all.filter(({ config }) => config.ec2);
  const [only] = found;
  if (!only) throw new ClusterError(say.noEnvironment, say.noEc2Advice);
  if (found.length > 1) throw new ClusterError(say.severalEnvironments(found.map(({ name }) => name).join(", ")), say.nameOne);
  return subjectOf(only);
}

/** Runs a command with the environment's machine and its region's clients. */
export function inEc2(io: Io, given: string | undefined, work: (session: Ec2Session) => Promise<number>): Promise<number> {
  return interruptible(async (signal) => {
    const subject = await chosen(io, given);
    printFor(given ?? nameOf(subject.environment.file), []);
    const aws = await Aws.in(subject.ec2.region, signal, io.env);
    return work({ io, signal, aws, subject, report: (text) => line(io.stderr, text) });
  });
}

/** Who may administer the machine, a line each. */
export function ownerLines(owners: readonly Owner[]): string[] {
  if (owners.length === 0) return [say.noOwners];
  return [say.owners, ...owners.map(({ name, ipv4, ipv6 }) => say.owner(name, [ipv4, ipv6].filter(Boolean).join(", ")))];
}
