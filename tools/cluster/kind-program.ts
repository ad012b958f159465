import { join } from "node:path";
import { run } from "../common/run.ts";
import { ensure } from "../toolchain/ensure.ts";

/** Path of the pinned kind, which is built from its Go module unless it is in the cache. */
export const kindProgram = async (): Promise<string> => join(await ensure("kind"), "kind");

/**
 * Deletes a kind cluster with its volumes, and its context in the kubeconfig. Nothing happens when there is none.
 *
 * @param env variables that say where Docker and the kubeconfig are
 * @throws Error with kind's own words
 */
export async function deleteCluster(name: string, env: Readonly<Record<string, string>>): Promise<void> {
  const { status, words } = await run(await kindProgram(), ["delete", "cluster", "--name", name], { env });
  if (status !== 0) throw new Error(`kind delete cluster --name ${name} failed: ${words}`);
}
