import { join } from "node:path";
import { withTemporaryFolder } from "../../tools/common/temporary.ts";
import { definitionHash } from "../../tools/toolchain/definition.ts";
import { type Archive, cachedArchive } from "./archives.ts";
import { type DebianRoot, debianRoot } from "./debian.ts";
import { type Image, writeArchive, writeLayer } from "./oci.ts";
import { buildPrograms, type Programs } from "./programs.ts";
import { type ImageRecipe, imageTable, NODE_ROOT, SERVERS, type Versions, WEBAPP } from "./table.ts";
import { versionsOf } from "./versions.ts";
import { webappArchive } from "./webapp.ts";

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

/** Makes what is missing of programs, root file systems and images; all of it is found by its content the next time. @param refresh have today's versions of the Debian packages */
export async function makeParts({ refresh = false } = {}): Promise<Parts> {
  const programs = await buildPrograms();
  const root = await debianRoot(NODE_ROOT, refresh);
  const servers = await debianRoot(SERVERS, refresh);
  const versions = versionsOf(servers.versions);
  const table = imageTable(programs, versions);
  const roots = { node: root, servers };
  // Two archives, so that a new program does not rewrite the large one.
  const archives = [
    await archive(
      "kubernetes",
      table.filter((recipe) => recipe.debian !== "servers"),
      roots,
    ),
    await archive(
      "servers",
      table.filter((recipe) => recipe.debian === "servers"),
      roots,
    ),
    await webappArchive(WEBAPP),
  ];
  return { programs, root, versions, servers: servers.versions, archives };
}

/** One archive of images that are made here. */
function archive(title: string, recipes: readonly ImageRecipe[], roots: Readonly<Record<string, DebianRoot>>): Promise<Archive> {
  // Programs lie in folders named by their content; a Debian root made anew has other versions.
  const hash = definitionHash({}, [JSON.stringify([recipes, roots])]);
  return cachedArchive(title, hash, "first time only, half a minute", (target) =>
    withTemporaryFolder(async (folder) => {
      const images: Image[] = [];
      for (const { name, debian, program, entrypoint, env } of recipes) {
        const layers = debian ? [roots[debian]?.tar ?? ""] : [];
        if (program) {
          const layer = join(folder, `${images.length}.tar`);
          await writeLayer(layer, [program]);
          layers.push(layer);
        }
        images.push({ name, layers, entrypoint, env });
      }
      return writeArchive(target, images);
    }),
  );
}
