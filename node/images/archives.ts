import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { withLock } from "../../tools/common/lock.ts";
import { withProgress } from "../../tools/common/progress.ts";
import { imageCache } from "../machine/layout.ts";

/** An archive of images in the cache. */
export interface Archive {
  /** File name in the image cache. */
  readonly file: string;
  /** Digest of each image by its full name. */
  readonly images: Readonly<Record<string, string>>;
}

// Up to a gigabyte each: this checkout's and the one before it.
const KEPT = 2;

/**
 * An archive from the cache, or made now, by one process at a time.
 *
 * @param title what is in it  @param hash names its content  @param hint how long it takes
 * @param make writes the archive and returns its images' digests
 */
export async function cachedArchive(
  title: string,
  hash: string,
  hint: string,
  make: (target: string) => Promise<Readonly<Record<string, string>>>,
): Promise<Archive> {
  const file = `${title}-${hash}.tar`;
  const target = join(imageCache(), file);
  const notes = `${target}.json`;
  if (!existsSync(notes)) {
    await mkdir(imageCache(), { recursive: true });
    const wait = () => void process.stderr.write(`… images ${title}: waiting for another run that makes them\n`);
    await withLock(join(imageCache(), `${title}.lock`), wait, async () => {
      if (existsSync(notes)) return;
      const images = await withProgress(`making the images ${title}`, hint, () => make(target));
      await writeFile(`${notes}.partial`, JSON.stringify(images));
      await rename(`${notes}.partial`, notes); // the proof that both are whole
      await prune(title);
    });
  }
  return { file, images: JSON.parse(await readFile(notes, "utf8")) };
}

/** Keeps the newest archives of this title, and removes what a run that was cut off left of one. */
async function prune(title: string): Promise<void> {
  const own = (await readdir(imageCache())).filter((name) => name.startsWith(`${title}-`));
  const proofs = own.filter((name) => name.endsWith(".tar.json"));
  const ages = await Promise.all(proofs.map(async (name) => ({ name, time: (await stat(join(imageCache(), name))).mtimeMs })));
  const kept = ages
    .sort((a, b) => b.time - a.time)
    .slice(0, KEPT)
    .flatMap(({ name }) => [name, name.slice(0, -".json".length)]);
  for (const name of own.filter((candidate) => !kept.includes(candidate))) await rm(join(imageCache(), name), { force: true });
}
