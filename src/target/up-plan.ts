import { ClusterError } from "../cluster/cluster-error.ts";
import type { Config } from "../config/resolve.ts";
import { machine as say } from "../messages/machine.ts";
import { ssh } from "../messages/ssh.ts";
import { target as words } from "../messages/target.ts";
import { type BuiltHere, K3S_VERSION } from "../versions.ts";
import { type Build, ownBuild, ownComponents } from "./build.ts";
import type { MachineFacts, Needs } from "./facts.ts";
import { type Builder, type Delivered, isLocal, isOwnImage } from "./image.ts";
import { canStart, type KindPlan, planKind } from "./kind-plan.ts";
import type { OwnTarget, Target, TargetName } from "./names.ts";
import { STAND_INS, usesStandIns } from "./node-image.ts";
import type { Remote } from "./ssh.ts";

/** What `up` does, in this order. */
export const STEPS = ["synth", "cluster", "image", "doctor", "apply", "wait", "verify"] as const;
export type StepName = (typeof STEPS)[number];

/** A step, what it does here, and about how long it takes. */
export interface Step {
  readonly step: StepName;
  readonly does: string;
  /** Seconds to expect. */
  readonly seconds: number;
}

/** How an image gets into the cluster. */
export type Delivery =
  | { readonly by: "registry" | "cluster" | "user" | "named" }
  | { readonly by: "kind" | "k3s" | "ssh"; readonly builder: Builder };

/** An image that no registry may have, and how it gets into the cluster. */
export interface ImagePlan {
  readonly image: string;
  readonly delivery: Delivery;
  /** What it is built from, where it can be. */
  readonly build?: Build;
}

/** What is about to happen. */
export interface Plan {
  readonly target: TargetName;
  /** Why this target. */
  readonly why: string;
  readonly steps: readonly Step[];
  /** The images that are built or loaded: our own first, then those of applications. */
  readonly images: readonly ImagePlan[];
  /** What a person must agree to first: it takes long, or brings a program from the internet. */
  readonly question?: string;
  /** Packages of Debian that are installed first; agreed to with the question. */
  readonly packages: readonly string[];
  /** What is worth knowing before anything is done. */
  readonly notes: readonly string[];
}

export const K3S_INSTALLER = "https://get.k3s.io";

/** The target where none was named, and why. @throws ClusterError that says what to install when there can be none */
export function pickTarget({ docker, engine, podman, made, k3s, machine }: MachineFacts): {
  readonly target: OwnTarget;
  readonly why: string;
} {
  if (docker.state === "answers") return { target: "kind", why: words.whys.docker };
  if (engine === "podman" && podman) return { target: "kind", why: say.whys.podman };
  // The cluster that was made before is meant, and not another one, while its Docker is down.
  if (made) return { target: "kind", why: say.whys.made };
  if (k3s === "installed") return { target: "k3s", why: words.whys.k3s };
  if (docker.state === "down" && canStart(machine) && !machine.dockerPackages.includes("docker.io"))
    return { target: "kind", why: say.whys.startable };
  if (k3s === "installable") return { target: "k3s", why: words.whys.installable };
  if (docker.state !== "denied" && canStart(machine)) return { target: "kind", why: say.whys.dockerInstallable };
  throw new ClusterError(words.impossible, `${words.getDocker}, ${words.impossibleAdvice}`);
}

/**
 * The delivery of an image that may be built under its name.
 *
 * @param key that names the image in the environment's file
 * @throws ClusterError where no program can build it
 */
function built(target: TargetName, image: string, key: string, { docker, engine, podman, buildah }: MachineFacts): Delivery {
  if (target === "context") return { by: "user" };
  if (target === "kind") return { by: "kind", builder: engine };
  const builder = docker.state === "answers" ? "docker" : podman ? "podman" : buildah ? "buildah" : undefined;
  if (builder) return { by: target, builder };
  throw new ClusterError(words.noBuilder(image), words.getBuilder(key));
}

function ownImage(target: TargetName, component: BuiltHere, image: string, facts: MachineFacts): ImagePlan {
  if (target === "kind" && image.startsWith(STAND_INS)) return { image, delivery: { by: "cluster" } };
  if (!isLocal(image)) return { image, delivery: { by: "registry" } };
  if (!isOwnImage(component, image)) return { image, delivery: { by: "named" } };
  return { image, delivery: built(target, image, `images.${component}`, facts), build: ownBuild(component, image) };
}

/** Our own images, and those of an environment's applications. */
function imagesOf(target: TargetName, { config, builds = [], facts }: Question): ImagePlan[] {
  const { images, applications } = config;
  return [
    ...ownComponents(config).map((component) => ownImage(target, component, images[component], facts)),
    ...applications.map(({ name, image }): ImagePlan => {
      const build = builds.find(({ application }) => application?.name === name);
      if (build) return { image, delivery: built(target, image, `applications.${name}.image`, facts), build };
      if (!isLocal(image)) return { image, delivery: { by: "registry" } };
      return { image, delivery: target === "kind" ? { by: "kind", builder: facts.engine } : { by: "named" } };
    }),
  ];
}

/** What it takes to have k3s: words, seconds, and what must be agreed to. @throws ClusterError where there can be none */
function planK3s({ k3s }: MachineFacts): KindPlan {
  const plan = { packages: [], questions: [], notes: [] };
  if (k3s === "installed") return { ...plan, does: words.k3s, seconds: 5 };
  const how = [K3S_VERSION, K3S_INSTALLER] as const;
  if (k3s === "installable") return { ...plan, does: words.install(...how), seconds: 90, questions: [words.askInstall(...how)] };
  throw new ClusterError(words.noK3s, words.another);
}

/** What is known before anything is done. */
export interface Question {
  readonly environment: string;
  readonly config: Pick<Config, "cluster" | "images" | "machine" | "registry" | "sample" | "applications">;
  /** How the images of its own applications are built. @default none of them is */
  readonly builds?: readonly Build[];
  /** The target that was named, or follows from the environment. */
  readonly named: Target | undefined;
  /** The cluster that was found, where neither was it named nor has `up` in this checkout made it: context and server. */
  readonly foreign?: { readonly context: string; readonly server?: string };
  /** Steps that the user leaves out. */
  readonly without: ReadonlySet<StepName>;
  readonly facts: MachineFacts;
  /** What a cluster of kind takes; nothing where another target is meant. */
  readonly needs?: Needs;
  /** The server, where ssh reaches one. */
  readonly remote?: Pick<Remote, "processor">;
  /** Name of kind's cluster. */
  readonly kindName: string;
}

/** Seconds to expect of a build of the image, of loading one that is built, and of looking for one that is there. */
const IMAGE_SECONDS: Readonly<Record<Delivered, number>> = { absent: 120, built: 15, delivered: 1 };
/** Seconds until the workloads are up; on a cluster that is new they pull their images, some hundred MiB. */
const WAIT_SECONDS = { here: 40, pulled: 180 };

function imageStep({ image, delivery, build }: ImagePlan, { delivered }: Needs, remote: Question["remote"]): Step {
  if (!("builder" in delivery)) return { step: "image", does: `${image} ${words.image[delivery.by]}`, seconds: 0 };
  if (!build) return { step: "image", does: `${image} ${words.loaded}`, seconds: IMAGE_SECONDS.built };
  const how = delivery.by === "ssh" ? ssh.built(build.context, remote?.processor ?? "") : words.builtFor[delivery.by](build.context);
  const does = `${image} ${how}`;
  return { step: "image", does, seconds: IMAGE_SECONDS[delivered?.get(image) ?? "absent"] };
}

function stepsOf(
  images: readonly ImagePlan[],
  cluster: KindPlan | undefined,
  { needs = { nodeImage: false }, remote }: Question,
  pulls: boolean,
): Step[] {
  return [
    { step: "synth", does: words.steps.synth, seconds: 1 },
    ...(cluster ? [{ step: "cluster" as const, does: cluster.does, seconds: cluster.seconds }] : []),
    ...images.map((one) => imageStep(one, needs, remote)),
    { step: "doctor", does: words.steps.doctor, seconds: 1 },
    { step: "apply", does: words.steps.apply, seconds: 20 },
    { step: "wait", does: words.steps.wait, seconds: WAIT_SECONDS[pulls ? "pulled" : "here"] },
    { step: "verify", does: words.steps.verify, seconds: 10 },
  ];
}

/** What it takes to have the cluster; nothing for one of a kubeconfig. */
function planCluster(target: TargetName, { facts, kindName, config }: Question, needs: Needs): KindPlan | undefined {
  if (target === "context") return undefined;
  if (target === "ssh") return { does: ssh.check, seconds: 5, packages: [], questions: [], notes: [] };
  return target === "k3s" ? planK3s(facts) : planKind(facts, needs, kindName, config);
}

/** What `up` will do: a pure function of what was asked and what this machine has. @throws ClusterError when it cannot be done */
export function planUp(question: Question): Plan {
  const { environment, config, named, foreign, without, facts, needs = { nodeImage: false } } = question;
  const { target, why } = named ? { target: named.name, why: words.whys.named } : pickTarget(facts);
  if (target !== "context" && config.cluster !== (target === "ssh" ? "k3s" : target)) {
    throw new ClusterError(words.otherKind(environment, config.cluster, target), words.leaveOut);
  }
  const cluster = planCluster(target, question, needs);
  const images = imagesOf(target, question);
  const pulls = target === "kind" && !facts.kindCluster?.length && !usesStandIns(config);
  const found = foreign && words.askForeign(environment, foreign.context, foreign.server);
  const questions = [found, ...(cluster?.questions ?? [])].filter((one) => one !== undefined);
  return {
    target,
    why,
    images,
    steps: stepsOf(images, cluster, question, pulls).filter(({ step }) => !without.has(step)),
    packages: cluster?.packages ?? [],
    notes: cluster?.notes ?? [],
    ...(questions.length > 0 ? { question: questions.join(" ") } : {}),
  };
}
