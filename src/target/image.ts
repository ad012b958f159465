import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { target as say } from "../messages/target.ts";
import { KIND_CLUSTER } from "./names.ts";
import { must, type Surroundings } from "./run.ts";

/** Programs that build an image from a Dockerfile. */
export type Builder = "docker" | "podman" | "buildah";

/** The web application's folder with its Dockerfile. */
const SOURCE = "webapp";

/**
 * The name under which containerd looks for an image without a host: every builder but Docker would put another one before it.
 */
export const fullName = (image: string): string => (image.includes("/") ? image : `docker.io/library/${image}`);

/** How each writes an image into a file that both `kind load image-archive` and `k3s ctr images import` read. */
const SAVE: Readonly<Record<Builder, (name: string, file: string) => readonly string[]>> = {
  docker: (name, file) => ["save", "--output", file, name],
  podman: (name, file) => ["save", "--output", file, name],
  buildah: (name, file) => ["push", name, `docker-archive:${file}:${name}`],
};

/**
 * Keeps the kubelet from removing the image when the disk fills up: nothing could bring it back. containerd tells it of
 * this label since 1.7.3 (containerd/containerd#7944); k3s takes off only its own (k3s-io/k3s#11363).
 */
const PINNED = "io.cri-containerd.pinned=pinned";

/**
 * Builds the web application's image from its Dockerfile and gives it to the cluster, without a registry.
 * Both programs leave alone what they have already.
 *
 * @throws ClusterError with the failing program's own words
 */
export async function deliverImage(around: Surroundings, to: "kind" | "k3s", builder: Builder, image: string): Promise<void> {
  const name = fullName(image);
  await must(around, say.builtBy(`${SOURCE}/Dockerfile`, builder), builder, ["build", "--tag", name, SOURCE]);
  if (to === "kind" && builder === "docker") {
    await must(around, say.seeKindNodes, "kind", ["load", "docker-image", name, "--name", KIND_CLUSTER]);
    return;
  }
  const folder = await mkdtemp(join(tmpdir(), "cloudnova-image-"));
  const file = join(folder, "webapp.tar");
  try {
    await must(around, say.temporaryRoom, builder, SAVE[builder](name, file));
    if (to === "kind") {
      await must(around, say.seeKindNodes, "kind", ["load", "image-archive", file, "--name", KIND_CLUSTER]);
    } else {
      const advice = "k3s must run, and this must be root: sudo";
      await must(around, advice, "k3s", ["ctr", "images", "import", file]);
      await must(around, advice, "k3s", ["ctr", "images", "label", name, PINNED]);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
