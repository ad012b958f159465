import { ClusterError } from "../cluster/errors.ts";
import type { Config } from "../config/resolve.ts";
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
export type Delivery = { readonly by: "registry" | "node" | "user" } | { readonly by: "kind" | "k3s"; readonly builder: Builder };

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

const KIND_HINT = "install kind (https://kind.sigs.k8s.io/docs/user/quick-start), or name another target: --target k3s or --target node";
const DOCKER_HINT = "install Docker (https://docs.docker.com/engine/install) or start it";
export const K3S_INSTALLER = "https://get.k3s.io";

/** The target where none was named, and why. @throws ClusterError that says what to install when there can be none */
export function pickTarget({ docker, k3s, node }: Facts): { readonly target: OwnTarget; readonly why: string } {
  if (docker) return { target: "kind", why: "Docker answers" };
  if (k3s === "installed") return { target: "k3s", why: "Docker does not answer, k3s is installed" };
  if (k3s === "installable") return { target: "k3s", why: "Docker does not answer, k3s can be installed" };
  if (!node.lacks) return { target: "node", why: "neither Docker nor k3s can be had here" };
  throw new ClusterError(
    `no cluster can be made here: Docker does not answer, k3s is not there, and ${node.lacks}`,
    `${DOCKER_HINT}, or run this as root on a Linux with systemd (k3s), or name a cluster with --context NAME`,
  );
}

/** An image that stands in no registry: its name tells no host and no owner. */
export const isLocal = (image: string): boolean => !image.includes("/") || image.startsWith("localhost/");

function deliveryTo(target: TargetName, image: string, { docker, podman, buildah }: Facts): Delivery {
  if (target === "node") return { by: "node" };
  if (!isLocal(image)) return { by: "registry" };
  if (target === "context") return { by: "user" };
  const builder = docker ? "docker" : podman ? "podman" : buildah ? "buildah" : undefined;
  if (builder) return { by: target, builder };
  throw new ClusterError(
    `the image ${image} is in no registry, and nothing here can build it: docker, podman and buildah are missing`,
    "install one of them, or name an image of a registry in the environment (images.webapp)",
  );
}

/** What it takes to have the cluster: words, seconds, and what must be agreed to. @throws ClusterError where there can be none */
const CLUSTER: Readonly<Record<OwnTarget, (facts: Facts, named: boolean) => { does: string; seconds: number; question?: string }>> = {
  kind: ({ kind, docker, podman }) => {
    if (!docker && !podman) throw new ClusterError("kind needs Docker, and Docker does not answer", DOCKER_HINT);
    if (!kind) throw new ClusterError("the program kind is missing", KIND_HINT);
    return { does: "have kind make the cluster 'cloudnova' with kind.yaml, unless it is there", seconds: 90 };
  },
  k3s: ({ k3s }) => {
    if (k3s === "installed") return { does: "see whether k3s runs", seconds: 5 };
    if (k3s === "installable") {
      const question = `k3s is not installed. Fetch its installer from ${K3S_INSTALLER} and run it as root?`;
      return { does: `install k3s by its installer from ${K3S_INSTALLER}`, seconds: 90, question };
    }
    throw new ClusterError("k3s can not be installed here: it needs Linux with systemd or OpenRC, and root", "name another target");
  },
  node: ({ node: { state, lacks, toBuild, minutes } }, named) => {
    if (lacks) throw new ClusterError(lacks, "or name another target: --target kind, k3s or context:NAME");
    if (state === "running") return { does: "the node runs; give it images that are new", seconds: 10 };
    const start = state === "stopped" ? "start the node, which is stopped" : "make and start the node";
    if (toBuild.length === 0) {
      return { does: start, seconds: 40, ...(named ? {} : { question: "A single Kubernetes node is made on this machine. Go on?" }) };
    }
    const built = `Kubernetes is built from source first, about ${minutes} minutes on two idle cores, once`;
    return { does: `${start}: ${built}`, seconds: minutes * 60 + 240, question: `${built}. Go on?` };
  },
};

const IMAGE: Readonly<Record<Delivery["by"], string>> = {
  registry: "comes from the registry that its name tells",
  node: "is made with the node's own images",
  user: "is in no registry: it must be on the cluster's machine already",
  kind: "is built from webapp/ and loaded into the cluster",
  k3s: "is built from webapp/ and imported into k3s' containerd",
};

/** What is known before anything is done. */
export interface Question {
  readonly environment: string;
  readonly config: Pick<Config, "cluster" | "images">;
  /** The target that was named, or follows from the environment. */
  readonly named: Target | undefined;
  /** Steps that the user leaves out. */
  readonly without: ReadonlySet<StepName>;
  readonly facts: Facts;
}

/** What `up` will do: a pure function of what was asked and what this machine has. @throws ClusterError when it cannot be done */
export function planUp({ environment, config, named, without, facts }: Question): Plan {
  const { target, why } = named ? { target: named.name, why: "as named" } : pickTarget(facts);
  if (target !== "context" && config.cluster !== target) {
    throw new ClusterError(
      `the environment '${environment}' is for a cluster of the kind '${config.cluster}', the target is ${target}`,
      "leave the environment out to take the target's own, or name another",
    );
  }
  const image = config.images.webapp;
  const cluster = target === "context" ? undefined : CLUSTER[target](facts, named !== undefined);
  const delivery = deliveryTo(target, image, facts);
  const steps: (Step | undefined)[] = [
    { step: "synth", does: "write the manifests", seconds: 1 },
    cluster && { step: "cluster", does: cluster.does, seconds: cluster.seconds },
    { step: "image", does: `${image} ${IMAGE[delivery.by]}`, seconds: "builder" in delivery ? 120 : 0 },
    { step: "doctor", does: "examine the cluster", seconds: 1 },
    { step: "apply", does: "send what has changed, secrets first", seconds: 20 },
    { step: "wait", does: "wait until every workload is up", seconds: 40 },
    { step: "verify", does: "check the running application and its monitoring", seconds: 10 },
  ];
  return {
    target,
    why,
    delivery,
    steps: steps.filter((step): step is Step => step !== undefined && !without.has(step.step)),
    ...(cluster?.question ? { question: cluster.question } : {}),
  };
}
