import { existsSync } from "node:fs";
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { IMAGES } from "../../src/versions.ts";
import { withLock } from "../../tools/common/lock.ts";
import { withProgress } from "../../tools/common/progress.ts";
import { definitionHash } from "../../tools/toolchain/definition.ts";
import { imageCache } from "../machine/layout.ts";
import { type DebianRoot, debianRoot } from "./debian.ts";
import { type Image, writeArchive, writeLayer } from "./oci.ts";
import { buildPrograms, type Programs } from "./programs.ts";
import { type ImageRecipe, imageTable, NODE_ROOT, SERVERS, type Versions } from "./table.ts";
import { versionsOf } from "./versions.ts";
import { webappArchive } from "./webapp.ts";

/** An archive of images in the cache. */
export interface Archive {
  /** File name in the image cache. */
  readonly file: string;
  /** Digest of each image by its name. */
  readonly images: Readonly<Record<string, string>>;
}

/** Everything that a node starts from. */
export interface Parts {
  readonly programs: Programs;
  /** The node's own root file system. */
  readonly root: DebianRoot;
  readonly versions: Versions;
  /** Debian versions of the servers. */
  readonly servers: Readonly<Record<string, string>>;
  readonly archives: readonly Archive[];
}

/** Makes what is missing of programs, root file systems and images; all of it is found by its content the next time. */
export async function makeParts(): Promise<Parts> {
  const programs = await buildPrograms();
  const root = await debianRoot(NODE_ROOT);
  const servers = await debianRoot(SERVERS);
  const versions = versionsOf(servers.versions);
  const table = imageTable(programs, versions);
  const layers = { node: root.tar, servers: servers.tar };
  // Two archives, so that a new program does not rewrite the large one.
  const archives = [
    await archive(
      "kubernetes",
      table.filter((recipe) => recipe.debian !== "servers"),
      layers,
    ),
    await archive(
      "servers",
      table.filter((recipe) => recipe.debian === "servers"),
      layers,
    ),
    await webappArchive(IMAGES.webapp),
  ];
  return { programs, root, versions, servers: servers.versions, archives };
}

/** One archive, from the cache or written. */
async function archive(title: string, recipes: readonly ImageRecipe[], debian: Readonly<Record<string, string>>): Promise<Archive> {
  // Sources lie in folders named by their content, and so do the Debian roots.
  const file = `${title}-${definitionHash({}, [JSON.stringify([recipes, debian])])}.tar`;
  const target = join(imageCache(), file);
  const notes = `${target}.json`;
  if (!existsSync(notes)) {
    const wait = () => void process.stderr.write(`… images ${title}: waiting for another run that makes them\n`);
    await withLock(`${target}.lock`, wait, async () => {
      if (existsSync(notes)) return;
      await withProgress(`writing the images ${title}`, "first time only, half a minute", async () => {
        const images = [];
        for (const recipe of recipes) images.push(await imageOf(recipe, debian));
        const digests = await writeArchive(target, images);
        await Promise.all(
          images.flatMap((image) => image.layers.filter((path) => path.startsWith(`${target}.`)).map((path) => rm(path, { force: true }))),
        );
        await writeFile(`${notes}.partial`, JSON.stringify(digests));
        await rename(`${notes}.partial`, notes);
      });
    });
  }
  return { file, images: JSON.parse(await readFile(notes, "utf8")) };

  async function imageOf(
    { name, debian: base, program, entrypoint }: ImageRecipe,
    roots: Readonly<Record<string, string>>,
  ): Promise<Image> {
    const layers = base ? [roots[base] ?? ""] : [];
    if (program) {
      const layer = `${target}.${basename(program.path)}.layer`;
      await writeLayer(layer, [program]);
      layers.push(layer);
    }
    return { name, layers, entrypoint };
  }
}
