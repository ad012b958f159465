import { ClusterError } from "../cluster/cluster-error.ts";
import type { Config } from "../config/resolve.ts";
import { machine as say } from "../messages/machine.ts";
import { target as words } from "../messages/target.ts";
import { KIND_MINIMUM, KIND_VERSION, minorOf, SCHEMA_VERSIONS } from "../versions.ts";
import type { MachineFacts, Needs } from "./facts.ts";
import type { KernelOption } from "./kernel.ts";
import { nodeImageOf, usesStandIns } from "./node-image.ts";

/** What it takes to have kind's cluster. */
export interface KindPlan {
  /** What is done, in words. */
  readonly does: string;
  readonly seconds: number;
  /** Packages of Debian that are installed first. */
  readonly packages: readonly string[];
  /** What a person must agree to. */
  readonly questions: readonly string[];
  /** What is worth knowing before. */
  readonly notes: readonly string[];
}

/** Seconds to expect on two cores; of the cluster: measured, 32 s from the node image to Ready. What is fetched counts at 20 Mbit/s. */
const SECONDS = { runs: 2, start: 30, create: 40, pull: 180, docker: 5, install: 60, module: 90, download: 10 };

/** Whether a daemon that does not answer can be started here. */
export const canStart = ({ linux, root, dockerHost, apt, dockerPackages }: MachineFacts["machine"]): boolean =>
  linux && root && !dockerHost && (dockerPackages.length === 0 || apt);

/** What keeps Docker from being had here, and what to do; undefined where it answers or can be brought. */
export function dockerTrouble({ docker, machine, engine }: MachineFacts): ClusterError | undefined {
  if (engine === "podman" || docker.state === "answers" || (docker.state !== "denied" && canStart(machine))) return undefined;
  if (docker.state === "denied") return new ClusterError(say.dockerDenied, words.dockerGroup);
  if (machine.dockerHost) return new ClusterError(say.dockerHostSilent(machine.dockerHost), say.dockerHostAdvice);
  if (docker.state === "absent") return new ClusterError(words.noDocker, howToInstall(machine));
  return new ClusterError(words.noDocker, machine.linux ? say.startDocker : say.startDesktop);
}

/** How Docker is installed where this does not do it. */
function howToInstall({ linux, apt, dockerPackages }: MachineFacts["machine"]): string {
  return linux && apt
    ? say.installLine(["docker.io", ...dockerPackages.filter((name) => name !== "docker.io")].join(" "))
    : words.getDocker;
}

/**
 * What `up` does to have kind's cluster: all that is missing at once, before the first long step.
 *
 * @throws ClusterError when something is missing that cannot be brought here
 */
export function planKind(
  facts: MachineFacts,
  needs: Needs,
  name: string,
  config: Pick<Config, "images" | "machine" | "registry">,
): KindPlan {
  const trouble = dockerTrouble(facts) ?? registryTrouble(facts, needs, config.registry) ?? cgroupTrouble(facts, needs);
  if (trouble) throw trouble;
  const packages = packagesFor(facts, needs);
  const steps = [
    ...(packages.length > 0 ? [[say.installs(packages.join(" ")), SECONDS.install] as const] : []),
    ...programSteps(facts),
    clusterStep(facts.kindCluster ?? [], needs, name),
  ];
  return {
    does: steps.map(([text]) => text).join("; "),
    seconds: steps.reduce((sum, [, one]) => sum + one, 0),
    packages,
    questions: questionsFor(facts, needs, packages),
    notes: notesFor(facts, needs, config),
  };
}

const startsDocker = ({ docker, engine }: MachineFacts): boolean => engine === "docker" && docker.state !== "answers";

/** @throws ClusterError with the line that installs them where this user cannot */
function packagesFor(facts: MachineFacts, { composition }: Needs): string[] {
  const { kind, machine } = facts;
  const downloader = kind.version === undefined && !machine.go && !machine.curl ? ["curl"] : [];
  const daemon = startsDocker(facts) ? machine.dockerPackages : [];
  const packages = [...new Set([...daemon, ...downloader, ...(composition?.packages ?? [])])];
  if (packages.length === 0 || (machine.apt && machine.root)) return packages;
  throw new ClusterError(say.packagesMissing(packages.join(", ")), say.installLine(packages.join(" ")));
}

function programSteps(facts: MachineFacts): (readonly [string, number])[] {
  const { kind, machine } = facts;
  const steps: (readonly [string, number])[] = [];
  if (startsDocker(facts)) steps.push([machine.systemd ? say.startsDocker : say.startsOwnDocker, SECONDS.docker]);
  if (kind.version !== undefined) return steps;
  return [...steps, machine.go ? [say.buildsKind(KIND_VERSION), SECONDS.module] : [say.downloadsKind(KIND_VERSION), SECONDS.download]];
}

function questionsFor({ kind, machine }: MachineFacts, { composition }: Needs, packages: readonly string[]): string[] {
  const questions = packages.length > 0 ? [say.askPackages(packages.join(" "))] : [];
  if (kind.version === undefined) {
    const why = kind.outdated ? say.kindOutdated(kind.outdated, KIND_MINIMUM) : words.noKind;
    questions.push(machine.go ? say.askBuildKind(why, KIND_VERSION) : say.askDownloadKind(why, KIND_VERSION));
  }
  if (composition && composition.minutes > 0) questions.push(say.askCompose(composition.minutes, composition.toBuild.join(", ")));
  return questions;
}

/** The Kubernetes versions of node images, by their tags. */
const versionsOf = (images: readonly string[] = []): string[] => images.flatMap((image) => /:(v1\.\d+[\w.+-]*)/.exec(image)?.[1] ?? []);

/** The first Kubernetes whose kubelet refuses cgroup v1 (failCgroupV1). */
const WANTS_CGROUP_2 = 35;

/** A kubelet that would not start on this machine's cgroups. */
function cgroupTrouble({ docker }: MachineFacts, { images }: Needs): ClusterError | undefined {
  const version = versionsOf(images).find((one) => minorOf(one) >= WANTS_CGROUP_2);
  if (!version || docker.state !== "answers" || docker.cgroup === 2) return undefined;
  return new ClusterError(say.cgroupTooOld(version), say.cgroups);
}

function notesFor(
  { docker, machine: { kernelMissing } }: MachineFacts,
  { images }: Needs,
  config: Pick<Config, "images" | "machine">,
): string[] {
  const { memory } = config.machine;
  const checked = SCHEMA_VERSIONS.map(minorOf);
  const unchecked = versionsOf(images).find((one) => !checked.includes(minorOf(one)));
  // kindnet hands packets to a program by nftables' queue; kube-router, of the node image that is made here, matches sets of addresses.
  const needed: readonly KernelOption[] = usesStandIns(config) ? ["IP_SET"] : ["NFT_QUEUE", "NETFILTER_NETLINK_QUEUE"];
  const missing = needed.filter((option) => kernelMissing.includes(option));
  return [
    ...(docker.state === "answers" && docker.memory < memory ? [say.littleMemory(docker.memory, memory)] : []),
    ...(unchecked ? [say.unchecked(unchecked, SCHEMA_VERSIONS.map((one) => `1.${minorOf(one)}`).join(", "))] : []),
    ...(missing.length > 0 ? [say.noPolicies(missing.map((option) => `CONFIG_${option}`).join(", "))] : []),
  ];
}

function clusterStep(nodes: NonNullable<MachineFacts["kindCluster"]>, { nodeImage, composition }: Needs, name: string): [string, number] {
  if (nodes.length > 0)
    return nodes.every(({ status }) => status === "running") ? [say.runs(name), SECONDS.runs] : [say.starts(name), SECONDS.start];
  if (composition) return [say.composes(name), SECONDS.create + composition.minutes * 60];
  return nodeImage ? [say.creates(name), SECONDS.create] : [say.pullsAndCreates(name), SECONDS.create + SECONDS.pull];
}

/** Whether the registry lets the cluster be made. */
function registryTrouble({ engine }: MachineFacts, { registry }: Needs, prefix: string | undefined): ClusterError | undefined {
  if (registry === undefined || registry === "answers") return undefined;
  return new ClusterError(say.noNodeImage(nodeImageOf(prefix, engine)), say.pullAdvice[registry]);
}
