import { createReadStream, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ClusterError } from "../cluster/cluster-error.ts";
import type { Config } from "../config/resolve.ts";
import { machine as say } from "../messages/machine.ts";
import { ssh } from "../messages/ssh.ts";
import { target as words } from "../messages/target.ts";
import { type BuiltHere, IMAGES } from "../versions.ts";
import { type Build, contentOf } from "./build.ts";
import { kindNodes } from "./kind.ts";
import { kindName } from "./names.ts";
import { baseImage, type Engine } from "./node-image.ts";
import { type Ended, knownAdvice, lastLines, must, run, type Surroundings } from "./process.ts";
import { checkProcessor, imageProcessor, ownProcessor } from "./processor.ts";
import type { Remote } from "./ssh.ts";

/** Programs that build an image from a Dockerfile. */
export type Builder = "docker" | "podman" | "buildah";

/** Label of the image: the hash of all that it was built from. */
const CONTENT_LABEL = "dev.cloudnova.content";

/**
 * The name under which containerd looks for an image without a host: every builder but Docker would put another one before it.
 */
export const fullName = (image: string): string => (image.includes("/") ? image : `docker.io/library/${image}`);

/** An image that is in no registry: its name has no host and no owner. */
export const isLocal = (image: string): boolean => !image.includes("/") || image.startsWith("localhost/");

/**
 * Whether the component's folder may be built under this name: that of the shipped image, with any tag. Under another name an image
 * of the user's own would be replaced.
 */
export const isOwnImage = (component: BuiltHere, image: string): boolean => image.split(":")[0] === IMAGES[component].split(":")[0];

/** How each writes an image into a file that both `kind load image-archive` and `k3s ctr images import` read. */
const SAVE: Readonly<Record<Builder, (name: string, file: string) => readonly string[]>> = {
  docker: (name, file) => ["save", "--output", file, name],
  podman: (name, file) => ["save", "--output", file, name],
  buildah: (name, file) => ["push", name, `docker-archive:${file}:${name}`],
};

/** The command that prints an image's labels. */
const INSPECT: Readonly<Record<Builder, readonly string[]>> = {
  docker: ["image", "inspect"],
  podman: ["image", "inspect"],
  buildah: ["inspect", "--type", "image"],
};

/**
 * Keeps the kubelet, when the disk fills up, and `crictl rmi --prune` from removing an image that no container runs, such as the helper's
 * between two backups: it is in no registry. containerd reports this label to them since 1.7.3 (containerd/containerd#7944); k3s removes
 * only its own (k3s-io/k3s#11363).
 */
const PINNED = "io.cri-containerd.pinned=pinned";

/** Where an image goes, and what brings it. */
export interface Destination {
  readonly to: "kind" | "k3s" | "ssh";
  readonly builder: Builder;
  /** What runs kind's nodes. */
  readonly engine: Engine;
  /** The server, where the image goes to one. */
  readonly remote?: Remote;
}

/** The base image that a Dockerfile lets its builder choose; undefined where it names none as the argument BASE_IMAGE. */
const baseIn = (dockerfile: string): string | undefined => /^ARG BASE_IMAGE=(\S+)/m.exec(readFileSync(dockerfile, "utf8"))?.[1];

/** How far an image is: in the cluster, built on this machine, or neither. */
export type Delivered = "delivered" | "built" | "absent";

/** What is built, from what, and whether it is there already. */
async function lookFor(around: Surroundings, build: Build, { to, builder, engine, remote }: Destination) {
  const name = fullName(build.image);
  const content = contentOf(build);
  const onNodes = await inspectInCluster(around, { to, engine, remote }, name);
  if (onNodes.length > 0 && onNodes.every((one) => one.includes(content))) return { name, content, state: "delivered" as const };
  const { stdout } = await run(around, builder, [...INSPECT[builder], name]);
  // The same content is built once for each processor.
  const fits = remote === undefined || imageProcessor(stdout) === remote.processor;
  return { name, content, state: stdout.includes(content) && fits ? ("built" as const) : ("absent" as const) };
}

/** How far an image is, by its content. @throws ClusterError when what it is built from is not there */
export const findImage = async (around: Surroundings, build: Build, destination: Destination): Promise<Delivered> =>
  (await lookFor(around, build, destination)).state;

/**
 * Builds an image from its Dockerfile and gives it to the cluster, without a registry. What is there already by its content is
 * neither built nor loaded again.
 *
 * @returns the digests under which containers of this build report their image
 * @throws ClusterError with the next step, Interrupted
 */
export async function deliverImage(
  around: Surroundings,
  config: Pick<Config, "images" | "registry">,
  build: Build,
  destination: Destination,
): Promise<string[]> {
  const { name, content, state } = await lookFor(around, build, destination);
  if (state === "delivered") around.stderr.write(`${say.imageThere(build.image)}\n`);
  const { builder, remote } = destination;
  const platform = remote && remote.processor !== ownProcessor() ? remote.processor : undefined;
  if (state === "absent") await buildImage(around, config, build, { name, content, builder, platform });
  if (state !== "delivered") {
    const { stdout } = await run(around, destination.builder, [...INSPECT[destination.builder], name]);
    await checkProcessor(around, build.image, stdout, destination, (processor) => words.buildFor(build.dockerfile, processor));
    await load(around, name, destination);
  }
  return (await pin(around, destination, name)).flatMap(digestsOf);
}

/**
 * Gives kind's cluster an image that the user has built on this machine, unless the nodes have this very build already.
 *
 * @returns the digests under which containers of this build report their image; none where this machine does not have it either
 * @throws ClusterError with the next step, Interrupted
 */
export async function loadLocal(around: Surroundings, image: string, destination: Destination): Promise<string[]> {
  const name = fullName(image);
  const { status, stdout } = await run(around, destination.builder, [...INSPECT[destination.builder], name]);
  if (status !== 0) return [];
  await checkProcessor(around, image, stdout, destination, (processor) => words.buildAgainFor(image, destination.builder, processor));
  const [{ Id = "" } = {}] = JSON.parse(stdout) as { Id?: string }[];
  const held = (await inspectInCluster(around, destination, name)).map(digestsOf);
  if (held.length === 0 || held.some((one) => !one.includes(Id))) await load(around, name, destination);
  return (await pin(around, destination, name)).flatMap(digestsOf);
}

/** The words of a builder that fails, and what to do. The first that fits is taken. @param key of the application's entry */
const FAILURES: readonly (readonly [RegExp, (key: string) => string])[] = [
  [/mysql_config|pkg-config[^\n]*(?:not found|No such file)|Can not find valid pkg-config name/i, () => words.mysqlclientNeeds],
  [/No matching distribution found|Could not find a version that satisfies|ResolutionImpossible/i, () => words.correctRequirements],
  [
    /dockerfile[^\n]*(?:no such file|not found)|failed to read dockerfile|unable to (?:prepare|evaluate)/i,
    (key) => words.correctDockerfile(key),
  ],
  [/COPY failed|ADD failed|failed to compute cache key|failed to calculate checksum/i, () => words.copyFails],
  [/target stage[^\n]*(?:could not be found|not found)|failed to reach build target/i, (key) => words.correctStage(key)],
  [/no match for platform|exec format error/i, () => words.otherPlatform],
  // `--mount`, `--chmod`, `FROM --platform=$BUILDPLATFORM`
  [/requires BuildKit|failed to parse platform/i, () => words.needsBuildKit],
  // the lines of a `RUN <<EOF`, to a builder that does not know it
  [/parse error[^\n]*unknown instruction/i, () => words.unknownInstruction],
];

/** The same, of a build for another processor than this machine's. */
const OTHER_PLATFORM: readonly (readonly [RegExp, (processor: string) => string])[] = [
  [/exec format error|exec user process caused/i, (processor) => ssh.noEmulation(processor)],
  [/"--platform" is only supported|unknown flag: --platform/i, () => ssh.noBuildKit],
];

/** @throws ClusterError with the end of the builder's output for an application of the user's; Interrupted */
async function buildImage(
  around: Surroundings,
  config: Pick<Config, "images" | "registry">,
  { context, dockerfile, target, args, application }: Build,
  {
    name,
    content,
    builder,
    platform,
  }: Pick<Destination, "builder"> & Readonly<Record<"name" | "content", string>> & { readonly platform?: string },
): Promise<void> {
  const named = args.BASE_IMAGE === undefined ? baseIn(dockerfile) : undefined;
  const base = named && (await baseImage(around, config, named));
  const settings = [
    ...(platform ? ["--platform", `linux/${platform}`] : []),
    "--label",
    `${CONTENT_LABEL}=${content}`,
    ...(dockerfile === join(context, "Dockerfile") ? [] : ["--file", dockerfile]),
    ...(target ? ["--target", target] : []),
    ...Object.entries({ ...(base ? { BASE_IMAGE: base } : {}), ...args }).flatMap(([key, value]) => ["--build-arg", `${key}=${value}`]),
  ];
  const command = ["build", ...settings, "--tag", name, context];
  if (!application && !platform) {
    await must(around, words.builtBy(dockerfile, builder), builder, command, { drawn: true });
    return;
  }
  // Not drawn: on a terminal its words would be lost, and the message needs their end.
  const { status, missing, words: said } = await run(around, builder, command, { shown: true });
  if (status === 0) return;
  const key = application ? `applications.${application.name}` : "images.webapp";
  const other = platform && OTHER_PLATFORM.find(([pattern]) => pattern.test(said))?.[1](platform);
  const advice = other || FAILURES.find(([pattern]) => pattern.test(said))?.[1](key);
  const why = missing ? words.noProgram : `${words.buildEnds}\n  ${lastLines(said)}`;
  throw new ClusterError(
    words.notBuilt(application?.name ?? name, dockerfile, why),
    advice ?? knownAdvice(said) ?? words.builtBy(dockerfile, builder),
  );
}

/**
 * The digests of an image, from crictl's JSON: its ID, and those of its repository digests. A container reports the first repository
 * digest, or the ID where there is none (containerd, internal/cri/server/container_status.go).
 */
function digestsOf(inspected: string): string[] {
  if (inspected === "") return [];
  const { status } = JSON.parse(inspected) as { status: { id: string; repoDigests?: readonly string[] } };
  return [status.id, ...(status.repoDigests ?? [])].flatMap((one) => /sha256:[0-9a-f]{64}$/.exec(one) ?? []);
}

/** A machine or container with a containerd of its own. */
interface Node {
  /** What crictl reports about an image; empty where the node does not have it. */
  readonly inspect: (name: string) => Promise<string>;
  /** Runs ctr on the images that Kubernetes uses. @throws ClusterError when it fails */
  readonly ctr: (args: readonly string[]) => Promise<unknown>;
}

const K3S_ADVICE = "k3s must run, and this must be root: sudo";

/** The cluster's nodes; none where kind's do not answer. */
async function nodesOf(around: Surroundings, { to, engine, remote }: Omit<Destination, "builder">): Promise<Node[]> {
  const node = (ask: (args: readonly string[]) => Promise<Pick<Ended, "status" | "stdout">>, ctr: Node["ctr"]): Node => ({
    inspect: async (name) => {
      const { status, stdout } = await ask(["crictl", "inspecti", name]);
      return status === 0 ? stdout : "";
    },
    ctr,
  });
  if (remote)
    return [
      node(
        (args) => remote.k3s(args),
        (args) => remote.mustK3s(["ctr", ...args]),
      ),
    ];
  if (to !== "kind")
    return [
      node(
        (args) => run(around, "k3s", args),
        (args) => must(around, K3S_ADVICE, "k3s", ["ctr", ...args]),
      ),
    ];
  const inContainer = (name: string) =>
    node(
      (args) => run(around, engine, ["exec", name, ...args]),
      // k3s' ctr has this namespace by itself.
      (args) => must(around, words.seeKindNodes, engine, ["exec", name, "ctr", "--namespace=k8s.io", ...args]),
    );
  return (await kindNodes(around, engine).catch(() => [])).map(({ name }) => inContainer(name));
}

/** What crictl reports about an image on each node; empty where a node does not have it. */
const inspectInCluster = async (around: Surroundings, to: Omit<Destination, "builder">, name: string): Promise<string[]> =>
  Promise.all((await nodesOf(around, to)).map(({ inspect }) => inspect(name)));

const isPinned = (inspected: string): boolean =>
  inspected !== "" && (JSON.parse(inspected) as { status: { pinned?: boolean } }).status.pinned === true;

/**
 * Pins an image that the nodes have: also one that an earlier version has brought without a pin.
 *
 * @returns what crictl reports about it on each node @throws ClusterError
 */
async function pin(around: Surroundings, destination: Destination, name: string): Promise<string[]> {
  const nodes = await nodesOf(around, destination);
  return Promise.all(
    nodes.map(async ({ inspect, ctr }) => {
      const inspected = await inspect(name);
      if (!isPinned(inspected)) await ctr(["images", "label", name, PINNED]);
      return inspected;
    }),
  );
}

async function load(around: Surroundings, name: string, { to, builder, remote }: Destination): Promise<void> {
  const cluster = ["--name", kindName(around.env)];
  if (to === "kind" && builder === "docker") {
    await must(around, words.seeKindNodes, "kind", ["load", "docker-image", name, ...cluster]);
    return;
  }
  const folder = await mkdtemp(join(tmpdir(), "cloudnova-image-"));
  const file = join(folder, "image.tar");
  try {
    await must(around, words.temporaryRoom, builder, SAVE[builder](name, file));
    if (to === "kind") {
      await must(around, words.seeKindNodes, "kind", ["load", "image-archive", file, ...cluster]);
    } else if (remote) {
      await remote.mustK3s(["ctr", "images", "import", "-"], createReadStream(file));
    } else {
      await must(around, K3S_ADVICE, "k3s", ["ctr", "images", "import", file]);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
