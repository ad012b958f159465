import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ClusterError } from "../cluster/cluster-error.ts";
import type { Config } from "../config/resolve.ts";
import { machine as say } from "../messages/machine.ts";
import { target as words } from "../messages/target.ts";
import { IMAGES } from "../versions.ts";
import { kindNodes } from "./kind.ts";
import { kindName } from "./names.ts";
import { baseImage, type Engine } from "./node-image.ts";
import { must, run, type Surroundings } from "./process.ts";

/** Programs that build an image from a Dockerfile. */
export type Builder = "docker" | "podman" | "buildah";

/** The web application's folder with its Dockerfile. */
const SOURCE = "webapp";
/** What of it goes into the image: what .dockerignore lets through, and the Dockerfile. */
export const SOURCES = ["Dockerfile", "requirements.txt", "pyproject.toml", "src"] as const;

/** Label of the image: the hash of all that it was built from. */
const CONTENT_LABEL = "dev.cloudnova.content";

/**
 * The name under which containerd looks for an image without a host: every builder but Docker would put another one before it.
 */
export const fullName = (image: string): string => (image.includes("/") ? image : `docker.io/library/${image}`);

/** An image that stands in no registry: its name tells no host and no owner. */
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

/** How each tells an image's labels. */
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

/** The files that a path stands for, in an order that is always the same. */
function filesIn(path: string): string[] {
  try {
    return readdirSync(path, { withFileTypes: true })
      .filter(({ name }) => name !== "__pycache__")
      .flatMap(({ name }) => filesIn(join(path, name)))
      .sort();
  } catch {
    return [path]; // a file
  }
}

/**
 * Hash of all that the image is built from: names and contents of the files. The base image is named in one of them.
 *
 * @throws ClusterError when one is not there
 */
export function contentOf(source: string): string {
  const hash = createHash("sha256");
  try {
    for (const file of SOURCES.flatMap((one) => filesIn(join(source, one)))) hash.update(`\0${file}\0`).update(readFileSync(file));
  } catch (error) {
    const { code = "", path = source } = error as NodeJS.ErrnoException;
    throw new ClusterError(say.sourceUnreadable(path, code), say.inCheckout);
  }
  return hash.digest("hex");
}

/** Where an image goes, and what brings it. */
export interface Destination {
  readonly to: "kind" | "k3s";
  readonly builder: Builder;
  /** What runs kind's nodes. */
  readonly engine: Engine;
}

/** The base image that the Dockerfile names. */
const dockerfileBase = (): string => /^ARG BASE_IMAGE=(\S+)/m.exec(readFileSync(join(SOURCE, "Dockerfile"), "utf8"))?.[1] ?? "";

/** How far an image is: in the cluster, built on this machine, or neither. */
export type Delivered = "delivered" | "built" | "absent";

/** What is built, from what, and whether it is there already. */
async function lookFor(around: Surroundings, image: string, { to, builder, engine }: Destination) {
  const name = fullName(image);
  const content = contentOf(SOURCE);
  const onNodes = await inspectInCluster(around, { to, engine }, name);
  if (onNodes.length > 0 && onNodes.every((one) => one.includes(content))) return { name, content, state: "delivered" as const };
  const { stdout } = await run(around, builder, [...INSPECT[builder], name]);
  return { name, content, state: stdout.includes(content) ? ("built" as const) : ("absent" as const) };
}

/** How far the web application's image is, by its content. */
export const findImage = async (around: Surroundings, image: string, destination: Destination): Promise<Delivered> =>
  (await lookFor(around, image, destination)).state;

/**
 * Builds the web application's image from its Dockerfile and gives it to the cluster, without a registry. What is there already by
 * its content is neither built nor loaded again.
 *
 * @returns the digests under which containers of this build report their image
 * @throws ClusterError with the next step, Interrupted
 */
export async function deliverImage(
  around: Surroundings,
  config: Pick<Config, "images" | "registry">,
  destination: Destination,
): Promise<string[]> {
  const image = config.images.webapp;
  const { builder } = destination;
  const { name, content, state } = await lookFor(around, image, destination);
  if (state === "delivered") around.stderr.write(`${say.imageThere(image)}\n`);
  if (state === "absent") {
    const base = await baseImage(around, config, dockerfileBase());
    const settings = ["--label", `${CONTENT_LABEL}=${content}`, ...(base ? ["--build-arg", `BASE_IMAGE=${base}`] : [])];
    await must(around, words.builtBy(`${SOURCE}/Dockerfile`, builder), builder, ["build", ...settings, "--tag", name, SOURCE], {
      drawn: true,
    });
  }
  if (state !== "delivered") await load(around, name, destination);
  return (await inspectInCluster(around, destination, name)).flatMap(digestsOf);
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
  const file = join(folder, "webapp.tar");
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
