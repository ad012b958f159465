import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { chmod, cp, link, mkdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { output } from "../common/run.ts";
import { withTemporaryFolder } from "../common/temporary.ts";

/** An image: what lies in it, lowest layer first, and how it starts. */
export interface Image {
  /** Full reference, such as `cloudnova.local/pause:3.10.1`. */
  readonly name: string;
  /** Uncompressed tar files, each one layer. */
  readonly layers: readonly string[];
  readonly entrypoint: readonly string[];
  /** Environment variables beside PATH, as NAME=value. @default none */
  readonly env?: readonly string[];
}

/** A blob in an archive. */
interface Blob {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

/** The variable PATH of every image that is made here. */
export const PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/** The annotation in which containerd looks for an image's name. */
const NAME = "io.containerd.image.name";
const OCI = "application/vnd.oci.image";
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: "amd64", arm64: "arm64" };

/**
 * Writes images into one OCI archive, in which equal layers lie once. An image is layers and two small JSON
 * documents, so no image builder and no registry is needed.
 *
 * @returns each image's digest by its name, as containerd reports it after an import
 */
export async function writeArchive(target: string, images: readonly Image[]): Promise<Record<string, string>> {
  return withTemporaryFolder(async (folder) => {
    const blobs = join(folder, "blobs", "sha256");
    await mkdir(blobs, { recursive: true });
    const layers = new Map<string, Blob>();
    for (const path of new Set(images.flatMap((image) => image.layers)))
      layers.set(path, await addFile(blobs, path, `${OCI}.layer.v1.tar`));

    const manifests = [];
    for (const { name, layers: paths, entrypoint, env = [] } of images) {
      const own = paths.map((path) => layers.get(path)).filter((blob) => blob !== undefined);
      const config = await addJson(blobs, `${OCI}.config.v1+json`, {
        architecture: ARCHITECTURES[process.arch] ?? process.arch,
        os: "linux",
        config: { Entrypoint: entrypoint, Env: [PATH, ...env] },
        rootfs: { type: "layers", diff_ids: own.map((blob) => blob.digest) },
      });
      const manifest = await addJson(blobs, `${OCI}.manifest.v1+json`, {
        schemaVersion: 2,
        mediaType: `${OCI}.manifest.v1+json`,
        config,
        layers: own,
      });
      manifests.push({ ...manifest, annotations: { [NAME]: name } });
    }
    await writeFile(join(folder, "index.json"), JSON.stringify({ schemaVersion: 2, manifests }));
    await writeFile(join(folder, "oci-layout"), JSON.stringify({ imageLayoutVersion: "1.0.0" }));
    await writeFile(join(folder, "repositories"), JSON.stringify(repositoriesOf(manifests.map(({ annotations }) => annotations[NAME]))));
    const parts = ["repositories", "oci-layout", "index.json", "blobs"];
    await output("tar", ["--create", "--file", `${target}.partial`, "--directory", folder, ...parts]);
    await rename(`${target}.partial`, target);
    return Object.fromEntries(manifests.map((manifest) => [manifest.annotations[NAME], manifest.digest]));
  });
}

/**
 * Docker's older list of an archive's images, by repository and tag: where `kind build node-image` reads which images it need not pull.
 * It looks at the names alone.
 */
function repositoriesOf(names: readonly string[]): Record<string, Record<string, string>> {
  const list: Record<string, Record<string, string>> = {};
  for (const name of names) {
    const at = name.lastIndexOf(":");
    const repository = name.slice(0, at);
    list[repository] = { ...list[repository], [name.slice(at + 1)]: "" };
  }
  return list;
}

/** A file to put into a layer. */
export interface LayerFile {
  /** Path on this machine. */
  readonly source: string;
  /** Absolute path in the image; it becomes executable for everybody. */
  readonly path: string;
}

/** Writes a layer of these files, the same bytes every time: root's, of the epoch, in order of their names. */
export async function writeLayer(target: string, files: readonly LayerFile[]): Promise<void> {
  await withTemporaryFolder(async (folder) => {
    for (const { source, path } of files) {
      await mkdir(join(folder, path, ".."), { recursive: true });
      await cp(source, join(folder, path), { dereference: true });
      await chmod(join(folder, path), 0o755);
    }
    const sameBytes = ["--sort=name", "--mtime=@0", "--owner=0", "--group=0", "--numeric-owner", "--mode=u=rwX,go=rX"];
    await output("tar", ["--create", "--file", `${target}.partial`, ...sameBytes, "--directory", folder, "."]);
    await rename(`${target}.partial`, target);
  });
}

async function addFile(blobs: string, path: string, mediaType: string): Promise<Blob> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  const hex = hash.digest("hex");
  const place = join(blobs, hex);
  await rm(place, { force: true });
  await link(path, place).catch(() => cp(path, place)); // another file system has no hard links to this one
  return { mediaType, digest: `sha256:${hex}`, size: (await stat(path)).size };
}

async function addJson(blobs: string, mediaType: string, content: object): Promise<Blob> {
  const text = JSON.stringify(content);
  const hex = createHash("sha256").update(text).digest("hex");
  await writeFile(join(blobs, hex), text);
  return { mediaType, digest: `sha256:${hex}`, size: Buffer.byteLength(text) };
}
