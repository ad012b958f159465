import type { Writable } from "node:stream";
import { deployedEnvironments } from "../cluster/apply/inventory-store.ts";
import { ClusterError } from "../cluster/cluster-error.ts";
import { Client } from "../cluster/transport/client.ts";
import { connect } from "../cluster/transport/connection.ts";
import { connects } from "../cluster/transport/ingress-client.ts";
import type { Environment } from "../config/load.ts";
import { routeTo } from "../ec2/connection.ts";
import { Aws } from "../ec2/sdk.ts";
import { findMachine, subjectOf } from "../ec2/subject.ts";
import { commands as words } from "../messages/commands.ts";
import { machineFacts } from "../target/facts.ts";
import { holdsStandIns } from "../target/kind.ts";
import { ENVIRONMENT_OF, isOwn, type Named, namedTarget, type OwnTarget, STAND_IN_ENVIRONMENT, type Target } from "../target/names.ts";
import { reach } from "../target/place.ts";
import type { Surroundings } from "../target/process.ts";
import { sshAddress } from "../target/ssh-address.ts";
import { pickTarget } from "../target/up-plan.ts";
import { line } from "./io.ts";

/** The environment and target that the user chose. */
export interface Choice {
  /** Name or file of the environment. */
  readonly environment: string;
  readonly target: Target;
  /** Whether the user named the environment or the target, in the command line or in CLOUDNOVA_ENV. */
  readonly named: boolean;
}

/** How a command chooses the environment and the target. */
export interface Choosing {
  /** It deletes or replaces, so the environment is never found for it: the command line must name it. @default false */
  readonly wantsName?: boolean;
  /** Do not ask a cluster which environment it runs. @default false */
  readonly offline?: boolean;
  /** The target where none was named. @default what `up` takes on this machine */
  readonly pick?: () => Promise<OwnTarget>;
  /** A target's own environment. @default by what its cluster was made from */
  readonly own?: (target: OwnTarget) => Promise<string>;
}

/** The notices that a run has printed on its standard error: most commands read their environment several times. */
const PRINTED = new WeakMap<Writable, Set<string>>();

/**
 * The environment of that name or file; its notices are printed on `stderr`, each once. The schema takes longer to load than most
 * commands run: only for those that need it.
 *
 * @throws EnvironmentError when it cannot be read or used
 */
export async function readEnvironment(named: string, stderr: Writable): Promise<Environment> {
  const [{ loadEnvironment }, { environmentFile }] = await Promise.all([import("../config/load.ts"), import("../environments.ts")]);
  const environment = loadEnvironment(environmentFile(named));
  const printed = PRINTED.get(stderr) ?? new Set();
  for (const notice of environment.notices.filter((one) => !printed.has(one))) line(stderr, notice);
  PRINTED.set(stderr, new Set([...printed, ...environment.notices]));
  return environment;
}

/**
 * The cluster that an environment means: the server that it names, its machine on EC2, or the cluster of this machine of its own kind.
 * None for k3s without any of these, which mostly stands for another machine, and none for a cluster that is there already: it must be named.
 */
async function targetOf(environment: string, stderr: Writable): Promise<Target | undefined> {
  const { cluster, machine, ec2 } = (await readEnvironment(environment, stderr)).config;
  if (machine.ssh) return { name: "ssh", ssh: sshAddress(machine.ssh), implied: true };
  if (ec2) return { name: "ssh", ec2: true, implied: true };
  return cluster === "kind" ? { name: cluster } : undefined;
}

/**
 * A target whose server is known: the address of a machine on EC2, which another start may have changed, is looked up at AWS.
 *
 * @throws ClusterError when AWS cannot be asked, or the machine does not run; Interrupted
 */
export async function located(around: Surroundings, { environment, target }: Pick<Choice, "environment" | "target">): Promise<Target> {
  if (!target.ec2 || target.ssh) return target;
  const subject = subjectOf(await readEnvironment(environment, around.stderr));
  const aws = await Aws.in(subject.ec2.region, around.signal, around.env);
  const { machine } = await findMachine(aws, subject);
  return { ...target, ssh: routeTo(machine, subject.stack, subject.ec2, around) };
}

/** The environments that a target's cluster runs; none where a cluster of this machine does not run. */
async function runningAt(around: Surroundings, target: Target): Promise<string[]> {
  const local = isOwn(target.name);
  const connection = await connect(await reach(around, target)).catch((error) => {
    if (!local) throw error;
  });
  if (!connection) return [];
  const { hostname, port } = new URL(connection.server);
  if (local && !(await connects(hostname, Number(port) || 443))) return [];
  const client = new Client(connection, around.signal);
  try {
    return await deployedEnvironments(client);
  } finally {
    client.close();
  }
}

/**
 * Environment and cluster of a command; the one rule for all of them. The environment is the first of these that there is:
 *
 * 1. the name or file that the command line gives; a command that deletes or replaces takes nothing else;
 * 2. `$CLOUDNOVA_ENV`;
 * 3. the only environment that the cluster runs: the cluster that --target or --context names, else the one that `up` takes here;
 * 4. that target's own: k3s-ec2, kind, or stand-ins where kind's cluster holds the images of that.
 *
 * @throws ClusterError when it is none of them, or the cluster runs several  @throws Interrupted
 */
export async function choose(
  around: Surroundings,
  argument: string | undefined,
  options: Named,
  { wantsName = false, offline = false, pick = () => usual(around), own = (target) => ownEnvironment(around, target) }: Choosing = {},
): Promise<Choice> {
  const asked = namedTarget(options);
  const given = argument || (wantsName ? undefined : around.env.CLOUDNOVA_ENV);
  if (given) return { environment: given, target: asked ?? (await targetOf(given, around.stderr)) ?? { name: "context" }, named: true };
  if (wantsName) throw new ClusterError(words.noEnvironment, words.wantsName);
  const target = asked ?? { name: await pick() };
  const running = offline ? [] : await runningAt(around, target);
  if (running.length > 1) throw new ClusterError(words.severalEnvironments(running.join(", ")), words.giveName);
  const environment = running[0] ?? (isOwn(target.name) ? await own(target.name) : undefined);
  if (environment) return { environment, target, named: asked !== undefined };
  throw new ClusterError(words.noEnvironment, words.giveName);
}

/** What `up` takes on this machine. @throws ClusterError that asks for a name where that is nothing */
async function usual(around: Surroundings): Promise<OwnTarget> {
  const facts = await machineFacts(around);
  try {
    return pickTarget(facts).target;
  } catch {
    throw new ClusterError(words.noEnvironment, words.giveName);
  }
}

/** The environment that fits what a target's cluster was made from. */
async function ownEnvironment(around: Surroundings, target: OwnTarget): Promise<string> {
  const nodes = target === "kind" ? (await machineFacts(around)).kindCluster : undefined;
  return holdsStandIns(nodes ?? []) ? STAND_IN_ENVIRONMENT : ENVIRONMENT_OF[target];
}
