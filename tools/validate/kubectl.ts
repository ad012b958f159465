import { existsSync } from "node:fs";
import { join } from "node:path";
import type { ApiServer } from "../apiserver/server.ts";
import type { Manifest } from "../common/manifests.ts";
import { run } from "../common/run.ts";
import { changedAgain, objectsHeld } from "./apply-twice.ts";
import type { Problem, StepName, StepResult } from "./validation-report.ts";

/**
 * Plain `kubectl apply`, as a user types it, into a fresh cluster: it must work the first time. Then again, which must
 * leave every object as it was. (kubectl calls an object "configured" as soon as it sends a patch, even one that
 * changes nothing: resource versions tell the truth.)
 *
 * @param cache folder for kubectl's discovery cache, so that the user's own is left alone
 */
export async function kubectlApply(
  server: ApiServer,
  flag: "-f" | "-k",
  folder: string,
  cache: string,
  manifests: readonly Manifest[],
): Promise<StepResult> {
  const name: StepName = `kubectl ${flag}`;
  const tried = manifests.length;
  if (flag === "-k" && !existsSync(join(folder, "Kustomization"))) {
    return { name, tried, problems: [{ step: name, place: "Kustomization", message: "is missing: kubectl apply -k needs it" }] };
  }
  const apply = async (): Promise<Problem[]> => {
    const args = ["apply", flag, folder, "--validate=strict", "--kubeconfig", server.kubeconfig, "--cache-dir", cache];
    const { stderr, status, words } = await run(join(server.bin, "kubectl"), args);
    // Whatever kubectl says on standard error counts, warnings too.
    const said = (status === 0 ? stderr : words).split("\n").filter(Boolean);
    return said.map((text) => ({ step: name, message: text.replaceAll(`${folder}/`, "") }));
  };
  const problems = await apply();
  if (problems.length > 0) return { name, tried, problems };
  const before = await objectsHeld(server.client, manifests);
  const again = await apply();
  return { name, tried, problems: [...again, ...changedAgain(name, manifests, before, await objectsHeld(server.client, manifests))] };
}
