import { readdirSync, readFileSync } from "node:fs";
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { repositoryRoot } from "../../tools/common/root.ts";
import { output, run } from "../../tools/common/run.ts";
import { withTemporaryFolder } from "../../tools/common/temporary.ts";
import { definitionHash } from "../../tools/toolchain/definition.ts";
import { type Archive, cachedArchive } from "./archives.ts";

/**
 * The web application's image, built by webapp/image.sh from its own Dockerfile, as an archive in the cache.
 * It is built again when a file of webapp/ that goes into it changes.
 *
 * @param image its full name, such as `cloudnova.local/cloudnova-webapp:1.0.0`
 * @throws Error with the build's own words
 */
export function webappArchive(image: string): Promise<Archive> {
  const folder = join(repositoryRoot(), "webapp");
  const hash = definitionHash(sourcesOf(folder), [process.arch, image]);
  // image.sh takes the heavy lock itself.
  return cachedArchive("webapp", hash, "about a minute", async (target) => {
    await build(folder, target);
    return { [image]: await nameImage(target, image) };
  });
}

/** The files that decide the image. */
function sourcesOf(folder: string): Record<string, string> {
  const under = readdirSync(join(folder, "src"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.includes("__pycache__"))
    .map((entry) => join(entry.parentPath, entry.name));
  const paths = [...["Dockerfile", "image.sh", "pyproject.toml", "requirements.txt"].map((name) => join(folder, name)), ...under];
  return Object.fromEntries(paths.map((path) => [path.slice(folder.length), readFileSync(path, "latin1")]));
}

async function build(folder: string, target: string): Promise<void> {
  await rm(target, { force: true });
  const { status, words } = await run("bash", [join(folder, "image.sh")], { env: { OCI_ARCHIVE: target } });
  if (status !== 0) throw new Error(`webapp/image.sh failed:\n${words.split("\n").slice(-20).join("\n")}`);
}

/** Gives the one image in an archive the name that containerd looks for, and returns its digest. */
async function nameImage(target: string, name: string): Promise<string> {
  return withTemporaryFolder(async (folder) => {
    await output("tar", ["--extract", "--file", target, "--directory", folder]);
    const path = join(folder, "index.json");
    const index = JSON.parse(await readFile(path, "utf8"));
    const [manifest, ...others] = index.manifests;
    if (!manifest || others.length > 0)
      throw new Error(`${target} holds ${index.manifests.length} images instead of one: look at webapp/image.sh`);
    manifest.annotations = { "io.containerd.image.name": name };
    await writeFile(path, JSON.stringify(index));
    await output("tar", ["--create", "--file", `${target}.partial`, "--directory", folder, "."]);
    await rename(`${target}.partial`, target);
    return manifest.digest;
  });
}
