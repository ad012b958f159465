import { existsSync } from "node:fs";
import { join } from "node:path";
import type { ApiClient } from "../apiserver/client.ts";
import type { ApiServer } from "../apiserver/server.ts";
import type { Environment } from "../common/environments.ts";
import { type Manifest, readManifests } from "../common/manifests.ts";
import { applyAll, changedAgain, objectsHeld } from "./apply-twice.ts";
import { kubectlApply } from "./kubectl.ts";
import { admitPods, createDefaultAccounts } from "./pods.ts";
import type { EnvironmentReport, Problem, StepResult } from "./validation-report.ts";

/** What a validation needs beside the environment. */
export interface Setting {
  readonly server: ApiServer;
  /** Brings the API back to an empty cluster that has only the CRDs that the target brings. */
  readonly reset: () => Promise<void>;
  /** Scratch folder. */
  readonly folder: string;
  /** Folder with older manifests, one sub-folder for each environment. */
  readonly upgradeFrom?: string;
}

/** Takes one environment through every step, each in a cluster of its own unless it builds on the one before. */
export async function validateEnvironment({ name, folder }: Environment, setting: Setting): Promise<EnvironmentReport> {
  const { server, reset } = setting;
  const { client } = server;
  const manifests = readManifests(folder);
  const tried = manifests.length;
  const steps: StepResult[] = [];

  // A dry run keeps nothing, so the namespaces must be there before.
  await reset();
  await applyAll(
    client,
    manifests.filter(({ object }) => object.kind === "Namespace"),
    "dry run",
  );
  steps.push({ name: "dry run", tried, problems: (await applyAll(client, manifests, "dry run", { dryRun: true })).problems });

  await reset();
  const first = await applyAll(client, manifests, "applied");
  steps.push({ name: "applied", tried, problems: first.problems });
  steps.push({ name: "unchanged", tried, problems: await repeat(client, manifests) });
  await createDefaultAccounts(client, manifests);
  steps.push(await admitPods(client, manifests));

  for (const flag of ["-f", "-k"] as const) {
    await reset();
    steps.push(await kubectlApply(server, flag, folder, join(setting.folder, "kubectl-cache"), manifests));
    if (flag === "-f") steps.push({ name: "then server-side", tried, problems: await overKubectl(client, manifests) });
  }

  await reset();
  steps.push(await upgrade(setting, name, folder));
  return { environment: name, objects: tried, steps };
}

/** Applies twice more, and nothing may change. */
async function repeat(client: ApiClient, manifests: readonly Manifest[]): Promise<Problem[]> {
  const first = await objectsHeld(client, manifests);
  await applyAll(client, manifests, "unchanged"); // what it refuses was refused, and reported, the first time
  const second = await objectsHeld(client, manifests);
  await applyAll(client, manifests, "unchanged");
  const changed = changedAgain("unchanged", manifests, first, second);
  return changed.length > 0 ? changed : changedAgain("unchanged", manifests, second, await objectsHeld(client, manifests), true);
}

/**
 * Applies server-side what kubectl has applied client-side: no field may conflict and none may change. Where a manifest spells
 * a value in another way than the server stores it, both happen.
 */
async function overKubectl(client: ApiClient, manifests: readonly Manifest[]): Promise<Problem[]> {
  const held = async () => (await objectsHeld(client, manifests)).map(withoutManagers);
  const before = await held();
  const { problems } = await applyAll(client, manifests, "then server-side");
  // What kubectl does not send, such as a zero that is the default, only another server-side apply conflicts over.
  const gitOps = await applyAll(client, manifests, "then server-side", { dryRun: true, manager: "argocd-controller" });
  return [...problems, ...gitOps.problems, ...changedAgain("then server-side", manifests, before, await held())];
}

/** An object without the server's record of who set which field. */
function withoutManagers(object: unknown): unknown {
  const { metadata, ...rest } = (object ?? {}) as { metadata?: Record<string, unknown> };
  return metadata && { ...rest, metadata: { ...metadata, managedFields: undefined } };
}

/** The older version first, then this one over it: an immutable field that changed is refused here. */
async function upgrade({ server, upgradeFrom }: Setting, environment: string, folder: string): Promise<StepResult> {
  const name = "upgrade";
  if (!upgradeFrom) return { name, tried: 0, reason: "no older version given", problems: [] };
  const older = join(upgradeFrom, environment);
  if (!existsSync(older)) return { name, tried: 0, reason: "the older version lacks it", problems: [] };
  const before = await applyAll(server.client, readManifests(older), name);
  // The older version's own faults are not this one's, but without it there is nothing to upgrade.
  if (before.versions.every((version) => version === undefined)) {
    return { name, tried: 1, problems: [{ step: name, message: `nothing of ${older} could be applied: ${before.problems[0]?.message}` }] };
  }
  const manifests = readManifests(folder);
  const { problems } = await applyAll(server.client, manifests, name);
  return { name, tried: manifests.length, problems };
}
