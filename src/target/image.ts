import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ClusterError } from "../cluster/cluster-error.ts";
import type { Config } from "../config/resolve.ts";
import { machine as say } from "../messages/machine.ts";
import { target as words } from "../messages/target.ts";
import { IMAGES } from "../versions.ts";
import { type Build, contentOf } from "./build.ts";
import { kindNodes } from "./kind.ts";
import { kindName } from "./names.ts";
import { baseImage, type Engine } from "./node-image.ts";
import { knownAdvice, lastLines, must, run, type Surroundings } from "./process.ts";

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
 * Whether webapp/ may be built under this name: that of the shipped image, with any tag. Under another name an image of the
 * user's own would be replaced.
 */
export const isOwnImage = (image: string): boolean => image.split(":")[0] === IMAGES.webapp.split(":")[0];

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
 * Keeps the kubelet from removing the image when the disk fills up: nothing could bring it back. containerd tells it of
 * this label since 1.7.3 (containerd/containerd#7944); k3s takes off only its own (k3s-io/k3s#11363).
 */
const PINNED = "io.cri-containerd.pinned=pinned";

/** Where an image goes, and what brings it. */
export interface Destination {
  readonly to: "kind" | "k3s";
  readonly builder: Builder;
  /** What runs kind's nodes. */
  readonly engine: Engine;
}

/** The base image that a Dockerfile lets its builder choose; undefined where it names none as the argument BASE_IMAGE. */
const baseIn = (dockerfile: string): string | undefined => /^ARG BASE_IMAGE=(\S+)/m.exec(readFileSync(dockerfile, "utf8"))?.[1];

/** How far an image is: in the cluster, built on this machine, or neither. */
export type Delivered = "delivered" | "built" | "absent";

/** What is built, from what, and whether it is there already. */
async function lookFor(around: Surroundings, build: Build, { to, builder, engine }: Destination) {
  const name = fullName(build.image);
  const content = contentOf(build);
  const onNodes = await inspectInCluster(around, { to, engine }, name);
  if (onNodes.length > 0 && onNodes.every((one) => one.includes(content))) return { name, content, state: "delivered" as const };
  const { stdout } = await run(around, builder, [...INSPECT[builder], name]);
  return { name, content, state: stdout.includes(content) ? ("built" as const) : ("absent" as const) };
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
  if (state === "absent") await buildImage(around, config, build, { name, content, builder: destination.builder });
  if (state !== "delivered") await load(around, name, destination);
  return (await inspectInCluster(around, destination, name)).flatMap(digestsOf);
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
  const [{ Id = "" } = {}] = JSON.parse(stdout) as { Id?: string }[];
  const digests = async () => (await inspectInCluster(around, destination, name)).map(digestsOf);
  const held = await digests();
  if (held.length === 0 || held.some((one) => !one.includes(Id))) await load(around, name, destination);
  return (await digests()).flat();
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
];

/** @throws ClusterError with the end of the builder's output for an application of the user's; Interrupted */
async function buildImage(
  around: Surroundings,
  config: Pick<Config, "images" | "registry">,
  { context, dockerfile, target, args, application }: Build,
  { name, content, builder }: { readonly name: string; readonly content: string; readonly builder: Builder },
): Promise<void> {
  const named = args.BASE_IMAGE === undefined ? baseIn(dockerfile) : undefined;
  const base = named && (await baseImage(around, config, named));
  const settings = [
    "--label",
    `${CONTENT_LABEL}=${content}`,
    ...(dockerfile === join(context, "Dockerfile") ? [] : ["--file", dockerfile]),
    ...(target ? ["--target", target] : []),
    ...Object.entries({ ...(base ? { BASE_IMAGE: base } : {}), ...args }).flatMap(([key, value]) => ["--build-arg", `${key}=${value}`]),
  ];
  const command = ["build", ...settings, "--tag", name, context];
  if (!application) {
    await must(around, words.builtBy(dockerfile, builder), builder, command, { drawn: true });
    return;
  }
  // Not drawn: on a terminal its words would be lost, and the message needs their end.
  const { status, missing, words: said } = await run(around, builder, command, { shown: true });
  if (status === 0) return;
  const advice = FAILURES.find(([pattern]) => pattern.test(said))?.[1](`applications.${application.name}`);
  const why = missing ? words.noProgram : `${words.buildEnds}\n  ${lastLines(said)}`;
  throw new ClusterError(
    words.notBuilt(application.name, dockerfile, why),
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

/** What crictl reports about an image on each node; empty where a node does not have it. */
async function inspectInCluster(around: Surroundings, { to, engine }: Omit<Destination, "builder">, name: string): Promise<string[]> {
  const asks =
    to === "k3s"
      ? [run(around, "k3s", ["crictl", "inspecti", name])]
      : (await kindNodes(around, engine).catch(() => [])).map((node) =>
          run(around, engine, ["exec", node.name, "crictl", "inspecti", name]),
        );
  return (await Promise.all(asks)).map(({ status, stdout }) => (status === 0 ? stdout : ""));
}

async function load(around: Surroundings, name: string, { to, builder }: Destination): Promise<void> {
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
    } else {
      const advice = "k3s must run, and this must be root: sudo";
      await must(around, advice, "k3s", ["ctr", "images", "import", file]);
      await must(around, advice, "k3s", ["ctr", "images", "label", name, PINNED]);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
