import { existsSync } from "node:fs";
import { ClusterError } from "../cluster/cluster-error.ts";
import type { Config } from "../config/resolve.ts";
import { machine as say } from "../messages/machine.ts";
import { type Build, ownBuild, ownComponents } from "./build.ts";
import { type Docker, dockerPackages, findDocker, hasSystemd, OWN_DOCKER, withDocker } from "./docker.ts";
import { type Delivered, findImage, isOwnImage } from "./image.ts";
import { type KernelOption, kernelMissing } from "./kernel.ts";
import { type KindNode, kindNodes, refuseTakenPorts, type Wanted } from "./kind.ts";
import { readKindConfiguration } from "./kind-config.ts";
import { hasMade } from "./made.ts";
import type { OwnTarget } from "./names.ts";
import {
  askRegistry,
  askRegistryDirectly,
  type Composition,
  type Engine,
  holdsImage,
  nodeImageOf,
  planComposition,
  type Registry,
  usesStandIns,
} from "./node-image.ts";
import { K3S_KUBECONFIG } from "./place.ts";
import { has, run, type Surroundings } from "./process.ts";
import { findKind, type Kind, withKind } from "./tool-programs.ts";

/** What this machine has, as far as the choice of a target depends on it. */
export interface MachineFacts {
  readonly docker: Docker;
  readonly podman: boolean;
  readonly buildah: boolean;
  readonly kind: Kind;
  /** What runs kind's nodes. */
  readonly engine: Engine;
  /** The nodes of kind's cluster, running or stopped; undefined while what runs them does not answer. */
  readonly kindCluster: readonly KindNode[] | undefined;
  /** Whether `up` in this checkout has made a cluster of kind. */
  readonly made: boolean;
  /** `installable`: Linux with an init system that k3s' installer knows, as root. */
  readonly k3s: "installed" | "installable" | "impossible";
  readonly machine: Machine;
}

/** What may be installed and started here. */
export interface Machine {
  readonly linux: boolean;
  readonly root: boolean;
  /** Debian's and Ubuntu's package manager. */
  readonly apt: boolean;
  readonly systemd: boolean;
  readonly go: boolean;
  readonly curl: boolean;
  /** Options that Linux was built without, of those that enforcing NetworkPolicies needs. */
  readonly kernelMissing: readonly KernelOption[];
  /** Packages that Docker's daemon lacks here. */
  readonly dockerPackages: readonly string[];
  /** `$DOCKER_HOST`, unless it is that of our own daemon: another is never started. */
  readonly dockerHost?: string;
}

/** Whether a cluster of this machine is there, running or stopped. */
export function isThere(target: OwnTarget, { kindCluster, k3s, made }: Pick<MachineFacts, "kindCluster" | "k3s" | "made">): boolean {
  // While Docker does not answer, only the note of `up` shows whether there is a cluster.
  return { kind: kindCluster === undefined ? made : kindCluster.length > 0, k3s: k3s === "installed" }[target];
}

/** The same machine, with every program led to the Docker and the kind that were found. */
export const equipped = (around: Surroundings, { docker, kind }: Pick<MachineFacts, "docker" | "kind">): Surroundings =>
  withKind(withDocker(around, docker), kind);

/** Looks at this machine without changing anything; a third of a second. */
export async function machineFacts(around: Surroundings): Promise<MachineFacts> {
  const works = async (program: string, ...args: string[]) => (await run(around, program, args)).status === 0;
  const [docker, podman, buildah, kind, k3s] = await Promise.all([
    findDocker(around),
    works("podman", "version"),
    works("buildah", "version"),
    findKind(around),
    works("k3s", "--version"),
  ]);
  const engine = engineOf(around, docker, podman);
  const answers = engine === "podman" ? podman : docker.state === "answers";
  return {
    docker,
    podman,
    buildah,
    kind,
    engine,
    kindCluster: answers ? await kindNodes(equipped(around, { docker, kind }), engine) : undefined,
    made: hasMade("kind", around.env),
    k3s: k3s || existsSync(around.env.K3S_KUBECONFIG_OUTPUT || K3S_KUBECONFIG) ? "installed" : installable(),
    machine: machine(around),
  };
}

/** kind takes Docker where there is its client, else podman; its variable decides. */
function engineOf({ env }: Surroundings, docker: Docker, podman: boolean): Engine {
  if (env.KIND_EXPERIMENTAL_PROVIDER) return env.KIND_EXPERIMENTAL_PROVIDER === "podman" ? "podman" : "docker";
  return docker.state === "absent" && podman ? "podman" : "docker";
}

function machine(around: Surroundings): Machine {
  const systemd = hasSystemd();
  const { DOCKER_HOST } = around.env;
  const isOthers = DOCKER_HOST && DOCKER_HOST !== OWN_DOCKER;
  return {
    linux: process.platform === "linux",
    root: process.getuid?.() === 0,
    apt: has(around, "apt-get"),
    systemd,
    go: has(around, "go"),
    curl: has(around, "curl"),
    kernelMissing: kernelMissing(),
    dockerPackages: dockerPackages(around, systemd),
    ...(isOthers && { dockerHost: DOCKER_HOST }),
  };
}

/** The init systems are those that the installer of k3s looks for. */
function installable(): "installable" | "impossible" {
  const init = existsSync("/run/systemd/system") || existsSync("/sbin/openrc-run");
  return process.platform === "linux" && process.getuid?.() === 0 && init ? "installable" : "impossible";
}

/** What a cluster of kind takes that is not there yet. */
export interface Needs {
  /** Whether the node image is here. */
  readonly nodeImage: boolean;
  /** What the registry says; undefined where it was not asked, since nothing is needed of it. */
  readonly registry?: Registry;
  /** Images of the cluster's nodes that are there, or that kind.yaml names. */
  readonly images?: readonly string[];
  /** How far the images are that `up` builds, by their names: in the cluster, built, or neither. */
  readonly delivered?: ReadonlyMap<string, Delivered>;
  /** What making a node image here takes, for an environment whose images are part of it. */
  readonly composition?: Composition;
}

/** What the registry says of the node image, as far as it can be asked. */
export function registryAnswer(
  around: Surroundings,
  { docker, engine, kindCluster }: MachineFacts,
  registry: string | undefined,
): Promise<Registry> {
  const askable = kindCluster !== undefined || docker.state === "answers";
  return askable ? askRegistry(around, engine, nodeImageOf(registry, engine)) : askRegistryDirectly(around, registry);
}

/** Whether a node image can be made here. */
export const canCompose = ({ linux, root, go }: Machine): boolean => linux && root && go;

/** @throws ClusterError where no node image can be made: it takes the namespaces and mounts of Linux' root, and Go */
function refuseComposition({ linux, root, go }: Machine): void {
  if (!linux || !root) throw new ClusterError(say.composeNeedsRoot, say.anotherNetwork);
  if (!go) throw new ClusterError(say.composeNeedsGo, say.anotherNetwork);
}

/**
 * What making the environment's cluster takes, when there is none; nothing is changed.
 *
 * @param builds how the images of the user's applications are built
 * @param ask what the registry says of the node image
 * @throws ClusterError for what would stop it in the middle: ports that are taken, a kind.yaml that is none
 */
export async function clusterNeeds(
  around: Surroundings,
  { engine, kindCluster, machine }: MachineFacts,
  config: Wanted & Pick<Config, "images" | "sample">,
  builds: readonly Build[],
  ask: () => Promise<Registry>,
): Promise<Needs> {
  const { images: named } = config;
  const own = ownComponents(config)
    .filter((component) => isOwnImage(component, named[component]))
    .map((component) => ownBuild(component, named[component]));
  const delivered = new Map<string, Delivered>();
  for (const build of [...own, ...builds]) {
    delivered.set(build.image, await findImage(around, build, { to: "kind", builder: engine, engine }));
  }
  if (kindCluster && kindCluster.length > 0) return { nodeImage: true, delivered, images: kindCluster.map((node) => node.image) };
  const images = (readKindConfiguration(around).nodes ?? []).flatMap((node) => node.image ?? []);
  await refuseTakenPorts(around, engine, config);
  if (usesStandIns(config)) refuseComposition(machine);
  if (usesStandIns(config)) return { nodeImage: false, delivered, images, composition: await planComposition(around) };
  if (kindCluster && (await holdsImage(around, engine, nodeImageOf(config.registry, engine))))
    return { nodeImage: true, delivered, images };
  return { nodeImage: false, delivered, images, registry: await ask() };
}
