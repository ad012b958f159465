import { uptime } from "node:os";
import { connect } from "../cluster/transport/connection.ts";
import type { Environment } from "../config/load.ts";
import type { Config } from "../config/resolve.ts";
import { machine } from "../messages/machine.ts";
import { ssh } from "../messages/ssh.ts";
import { applicationBuilds } from "../target/build.ts";
import { findDocker, hasSystemd, OWN_DOCKER, startDocker } from "../target/docker.ts";
import { canCompose, clusterNeeds, equipped, isThere, type MachineFacts, machineFacts, registryAnswer } from "../target/facts.ts";
import { deliverImage, loadLocal } from "../target/image.ts";
import { k3sAnswers, prepareK3s } from "../target/k3s.ts";
import { holdsStandIns, prepareKind } from "../target/kind.ts";
import { dockerTrouble } from "../target/kind-plan.ts";
import { exclusively } from "../target/lock.ts";
import { isMadeHere, rememberMade } from "../target/made.ts";
import { ENVIRONMENT_OF, isOwn, kindName, type Named, type OwnTarget, STAND_IN_ENVIRONMENT, type Target } from "../target/names.ts";
import type { Engine, Registry } from "../target/node-image.ts";
import { addressOf } from "../target/place.ts";
import type { Surroundings } from "../target/process.ts";
import { openRemote, type Remote } from "../target/ssh.ts";
import { fetchKind, findKind, installPackages } from "../target/tool-programs.ts";
import { type Plan, pickTarget, planUp, type StepName } from "../target/up-plan.ts";
import { choose, located, readEnvironment } from "./choice.ts";
import type { Io } from "./io.ts";
import type { Shown } from "./plan-text.ts";
import { printForChoice } from "./session.ts";

/** The options of `up` on which the plan depends. */
interface DecideOptions extends Named {
  readonly synth: boolean;
  readonly doctor: boolean;
  readonly verify: boolean;
}

/** The decision, made before anything is changed. */
export interface Decided {
  readonly environment: Environment;
  readonly argument: string;
  readonly target: Target;
  /** Whether it is a cluster of this machine that was there before. */
  readonly existed: boolean;
  readonly facts: MachineFacts;
  readonly plan: Plan;
  /** The server that ssh reaches. */
  readonly remote?: Remote;
}

/** Decides which environment goes to which target. Nothing is changed. @throws ClusterError */
export async function decide(given: Surroundings, argument: string | undefined, options: DecideOptions): Promise<Decided> {
  const facts = await machineFacts(given);
  const around = equipped(given, facts);
  // A registry that does not answer keeps one waiting: it is asked once.
  const asked = new Map<string, Promise<Registry>>();
  const registry = (prefix = "") => asked.get(prefix) ?? remember(asked, prefix, registryAnswer(around, facts, prefix || undefined));
  const choice = await choose(around, argument, options, {
    pick: async () => pickTarget(facts).target,
    own: (target) => ownEnvironment(target, facts, registry),
  });
  const { environment: chosen, named } = choice;
  printForChoice(choice, "dist"); // what fails from here on advises commands
  const target = await located(around, choice);
  const environment = await readEnvironment(chosen, around.stderr);
  const { config } = environment;
  const without = new Set((["synth", "doctor", "verify"] as const).filter((step) => !options[step]) as StepName[]);
  const existed = isOwn(target.name) && isThere(target.name, facts);
  const foreign = !named && existed && !(await isMadeHere(target, around.env)) ? await addressIn(target, around.env) : undefined;
  const builds = applicationBuilds(environment);
  const question = {
    environment: environment.name,
    config,
    builds,
    named: named ? target : undefined,
    foreign,
    without,
    facts,
    kindName: kindName(around.env),
  };
  const remote = target.ssh && (await openRemote(around, target.ssh));
  const isKind = target.name === "kind" && config.cluster === "kind";
  if (isKind) refuseWithoutDocker(facts);
  const needs = isKind ? await clusterNeeds(around, facts, config, builds, () => registry(config.registry)) : undefined;
  return { environment, argument: chosen, target, existed, facts, plan: planUp({ ...question, needs, remote }), remote };
}

function remember<K, V>(map: Map<K, V>, key: K, value: V): V {
  map.set(key, value);
  return value;
}

/**
 * A target's own environment: for kind the one whose images its cluster holds, and where there is none the one whose images can be had.
 *
 * @throws ClusterError where kind can have no Docker: then nothing else matters
 */
async function ownEnvironment(target: OwnTarget, facts: MachineFacts, registry: () => Promise<Registry>): Promise<string> {
  if (target !== "kind") return ENVIRONMENT_OF[target];
  refuseWithoutDocker(facts);
  const { kindCluster, machine: here } = facts;
  const standIns = kindCluster?.length ? holdsStandIns(kindCluster) : canCompose(here) && (await registry()) === "silent";
  return standIns ? STAND_IN_ENVIRONMENT : ENVIRONMENT_OF.kind;
}

/** @throws ClusterError where Docker does not answer and cannot be brought */
function refuseWithoutDocker(facts: MachineFacts): void {
  const trouble = dockerTrouble(facts);
  if (trouble) throw trouble;
}

/** Context and server of a target, as far as they are known before there is a cluster. @throws ClusterError for a context that is not there */
async function addressIn(target: Target, env: Io["env"]): Promise<{ readonly context: string; readonly server?: string }> {
  const address = addressOf(target, env);
  if (target.ssh) return { context: address.context ?? "", server: ssh.overSsh };
  const connection = isOwn(target.name) ? await connect(address).catch(() => undefined) : await connect(address);
  return { context: connection?.context ?? address.context ?? "", server: connection?.server };
}

/** The plan with the cluster's address, as far as that is known before there is one. */
export const shown = async ({ environment, target, plan }: Decided, env: Io["env"]): Promise<Shown> => ({
  ...plan,
  environment: environment.name,
  ...(await addressIn(target, env)),
});

/** A cluster that is ready for the manifests. */
export interface Prepared {
  /** Since when its nodes run, ms since 1970; undefined where that is not known. */
  readonly since?: number;
  /** The images that were built here, each with the digests of its build. */
  readonly built: ReadonlyMap<string, readonly string[]>;
}

/**
 * Makes or starts a cluster of this machine, or waits for the k3s of a server, and brings it the images. Another run that does so is
 * waited for.
 *
 * @returns undefined for a cluster of a kubeconfig
 */
export async function prepare(around: Surroundings, decided: Decided): Promise<Prepared | undefined> {
  const { target } = decided;
  if (target.name === "context") return undefined;
  const ready = { kind: kindReady, k3s: k3sReady, ssh: serverReady }[target.name];
  return exclusively(around, () => ready(around, decided));
}

async function kindReady(given: Surroundings, { target, environment: { config }, plan, facts }: Decided): Promise<Prepared> {
  const { engine } = facts;
  const around = await bringPrograms(given, facts, plan.packages);
  const { since, made } = await prepareKind(around, engine, config);
  if (made) await rememberMade(target, around.env); // another run may have made it meanwhile
  return { since, built: await deliverImages(around, config, plan, engine) };
}

/** Brings the cluster every image that is built here. */
async function deliverImages(
  around: Surroundings,
  config: Config,
  { images }: Plan,
  engine: Engine,
  remote?: Remote,
): Promise<Prepared["built"]> {
  const built = new Map<string, readonly string[]>();
  for (const { image, delivery, build } of images) {
    if (!("builder" in delivery)) continue;
    const destination = { ...delivery, to: delivery.by, engine, remote };
    built.set(image, await (build ? deliverImage(around, config, build, destination) : loadLocal(around, image, destination)));
  }
  return built;
}

/** Installs packages, Docker's daemon and kind, as far as they are missing still: another run may have brought them. */
async function bringPrograms(around: Surroundings, { engine }: MachineFacts, packages: readonly string[]): Promise<Surroundings> {
  await installPackages(around, packages);
  const found = await findDocker(around);
  const docker = engine === "docker" && found.state !== "answers" ? await startDocker(around, hasSystemd()) : found;
  if (docker.state === "answers" && docker.own) around.stderr.write(`${machine.ownDocker(OWN_DOCKER)}\n`);
  const kind = await findKind(around);
  if (kind.version !== undefined) return equipped(around, { docker, kind });
  await fetchKind(around);
  return equipped(around, { docker, kind: await findKind(around) });
}

async function k3sReady(around: Surroundings, { target, environment: { config }, existed, plan, facts }: Decided): Promise<Prepared> {
  await prepareK3s(around, addressOf(target, around.env).kubeconfig ?? "", config.webapp.autoscaling !== undefined);
  if (!existed) await rememberMade(target, around.env);
  return { since: Date.now() - uptime() * 1000, built: await deliverImages(around, config, plan, facts.engine) };
}

async function serverReady(given: Surroundings, { environment: { config }, plan, facts, remote }: Decided): Promise<Prepared> {
  if (!remote) return { built: new Map() };
  await k3sAnswers(given, (args) => remote.k3s(args));
  return { built: await deliverImages(equipped(given, facts), config, plan, facts.engine, remote) };
}
