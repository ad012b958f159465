import { ClusterError } from "../cluster/errors.ts";
import type { Config } from "../config/resolve.ts";
import { target as words } from "../messages/target.ts";
import { IMAGES, K3S_VERSION } from "../versions.ts";
import type { Facts } from "./facts.ts";
import type { Builder } from "./image.ts";
import type { OwnTarget, Target, TargetName } from "./names.ts";

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

/** How the web application's image gets into the cluster. */
export type Delivery =
  | { readonly by: "registry" | "cluster" | "user" | "named" }
  | { readonly by: "kind" | "k3s"; readonly builder: Builder };

/** What is about to happen. */
export interface Plan {
  readonly target: TargetName;
  /** Why this target. */
  readonly why: string;
  readonly steps: readonly Step[];
  readonly delivery: Delivery;
  /** What a person must agree to first: it takes long, or brings a program from the internet. */
  readonly question?: string;
}

export const K3S_INSTALLER = "https://get.k3s.io";

/** The target where none was named, and why. @throws ClusterError that says what to install when there can be none */
export function pickTarget({ docker, k3s }: Facts): { readonly target: OwnTarget; readonly why: string } {
  if (docker) return { target: "kind", why: words.whys.docker };
  if (k3s === "installed") return { target: "k3s", why: words.whys.k3s };
  if (k3s === "installable") return { target: "k3s", why: words.whys.installable };
  throw new ClusterError(words.impossible, `${words.getDocker}, ${words.impossibleAdvice}`);
}

/** An image that stands in no registry: its name tells no host and no owner. */
export const isLocal = (image: string): boolean => !image.includes("/") || image.startsWith("localhost/");

/**
 * Whether webapp/ may be built under this name: that of the shipped image, with any tag. Under another name an image of the
 * user's own would be replaced.
 */
export const isOwnImage = (image: string): boolean => image.split(":")[0] === IMAGES.webapp.split(":")[0];

/** No registry: the name of images that are made on this machine and are part of kind's node image (environments/stand-ins.yaml). */
const STAND_INS = "cloudnova.local/";

function deliveryTo(target: TargetName, image: string, { docker, podman, buildah }: Facts): Delivery {
  if (target === "kind" && image.startsWith(STAND_INS)) return { by: "cluster" };
  if (!isLocal(image)) return { by: "registry" };
  if (!isOwnImage(image)) return { by: "named" };
  if (target === "context") return { by: "user" };
  const builder = docker ? "docker" : podman ? "podman" : buildah ? "buildah" : undefined;
  if (builder) return { by: target, builder };
  throw new ClusterError(words.noBuilder(image), words.getBuilder);
}

/** What it takes to have the cluster: words, seconds, and what must be agreed to. @throws ClusterError where there can be none */
const CLUSTER: Readonly<Record<OwnTarget, (facts: Facts) => { does: string; seconds: number; question?: string }>> = {
  kind: ({ kind, docker, podman }) => {
    if (!docker && !podman) throw new ClusterError(words.noDocker, words.getDocker);
    if (!kind) throw new ClusterError(words.noKind, words.getKind);
    return { does: words.kind, seconds: 90 };
  },
  k3s: ({ k3s }) => {
    if (k3s === "installed") return { does: words.k3s, seconds: 5 };
    const how = [K3S_VERSION, K3S_INSTALLER] as const;
    if (k3s === "installable") return { does: words.install(...how), seconds: 90, question: words.askInstall(...how) };
    throw new ClusterError(words.noK3s, words.another);
  },
};

/** What is known before anything is done. */
export interface Question {
  readonly environment: string;
  readonly config: Pick<Config, "cluster" | "images">;
  /** The target that was named, or follows from the environment. */
  readonly named: Target | undefined;
  /** The cluster that was found, where neither was it named nor has `up` in this checkout made it: context and server. */
  readonly foreign?: { readonly context: string; readonly server?: string };
  /** Steps that the user leaves out. */
  readonly without: ReadonlySet<StepName>;
  readonly facts: Facts;
}

/** What `up` will do: a pure function of what was asked and what this machine has. @throws ClusterError when it cannot be done */
export function planUp({ environment, config, named, foreign, without, facts }: Question): Plan {
  const { target, why } = named ? { target: named.name, why: words.whys.named } : pickTarget(facts);
  if (target !== "context" && config.cluster !== target) {
    throw new ClusterError(words.otherKind(environment, config.cluster, target), words.leaveOut);
  }
  const image = config.images.webapp;
  const cluster = target === "context" ? undefined : CLUSTER[target](facts);
  const delivery = deliveryTo(target, image, facts);
  const steps: (Step | undefined)[] = [
    { step: "synth", does: words.steps.synth, seconds: 1 },
    cluster && { step: "cluster", does: cluster.does, seconds: cluster.seconds },
    { step: "image", does: `${image} ${words.image[delivery.by]}`, seconds: "builder" in delivery ? 120 : 0 },
    { step: "doctor", does: words.steps.doctor, seconds: 1 },
    { step: "apply", does: words.steps.apply, seconds: 20 },
    { step: "wait", does: words.steps.wait, seconds: 40 },
    { step: "verify", does: words.steps.verify, seconds: 10 },
  ];
  const found = foreign && words.askForeign(environment, foreign.context, foreign.server);
  const questions = [found, cluster?.question].filter((one) => one !== undefined);
  return {
    target,
    why,
    delivery,
    steps: steps.filter((step): step is Step => step !== undefined && !without.has(step.step)),
    ...(questions.length > 0 ? { question: questions.join(" ") } : {}),
  };
}
