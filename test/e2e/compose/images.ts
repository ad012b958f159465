import { IMAGE_REPOSITORY } from "../../../src/target/node-image.ts";
import { type DebianRecipe, debianRoot } from "../../../tools/cluster/debian.ts";
import { importRoot, isThere } from "../../../tools/cluster/node-image.ts";
import { SERVERS } from "../../../tools/cluster/table.ts";
import { definitionHash } from "../../../tools/toolchain/definition.ts";
import type { Images } from "./theirs.ts";

/** The reverse proxy, and the load generator: Debian keeps wrk, which is under the Apache licence. */
const TOOLS: DebianRecipe = { suite: "bookworm", packages: ["nginx", "wrk"] };

/** Images of Debian's packages in Docker, made unless they are there, with the version of each package. */
export async function bringImages(): Promise<Images & { readonly versions: Readonly<Record<string, string>> }> {
  const [tools, servers] = [await bring("tools", TOOLS), await bring("servers", SERVERS)];
  return { tools: tools.name, servers: servers.name, versions: { ...tools.versions, ...servers.versions } };
}

/** An image of Debian's packages in Docker, made unless it is there, with the versions of the packages. */
export async function bring(what: string, recipe: DebianRecipe) {
  const root = await debianRoot(recipe);
  const name = `${IMAGE_REPOSITORY}/bench-${what}:${definitionHash({}, [JSON.stringify(root)])}`;
  if (!(await isThere(name))) await importRoot(root, name);
  return { name, versions: root.versions };
}
