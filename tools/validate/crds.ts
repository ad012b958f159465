import { existsSync } from "node:fs";
import { until } from "../../src/cluster/transport/until.ts";
import type { ApiClient } from "../apiserver/client.ts";
import { readManifests } from "../common/manifests.ts";
import { applyAll } from "./apply-twice.ts";

const LIMIT_MS = 20_000; // a definition is served within a second; this only ends a wait that would never end

const within = (fault: string) => ({
  limitMs: LIMIT_MS,
  everyMs: 50,
  late: (): never => {
    throw new Error(`${fault} within ${LIMIT_MS / 1000} s`);
  },
});

/**
 * Installs the definitions of crds/, which k3s (HelmChartConfig), Argo CD and Flux bring by themselves, and waits until the server serves them.
 *
 * @param folder the repository's crds/
 * @throws Error when one is refused or not served
 */
export async function installCrds(client: ApiClient, folder: string): Promise<string[]> {
  if (!existsSync(folder)) throw new Error(`${folder} is missing: it holds the definitions that k3s, Argo CD and Flux bring`);
  const manifests = readManifests(folder);
  const { problems } = await applyAll(client, manifests, "applied");
  if (problems[0]) throw new Error(`crds/${problems[0].place}: ${problems[0].message}`);
  const names: string[] = [];
  for (const { object } of manifests) {
    const { group, names: kinds, versions } = object.spec as { group: string; names: { kind: string }; versions: { name: string }[] };
    await until(() => client.pathOf(`${group}/${versions[0]?.name}`, kinds.kind, "any"), within(`${object.metadata.name} is not served`));
    names.push(kinds.kind);
  }
  return names;
}

/** Waits until the namespaces that every cluster has are there: the server makes them shortly after it is ready. */
export async function systemNamespaces(client: ApiClient): Promise<void> {
  for (const name of ["default", "kube-system", "kube-public", "kube-node-lease"]) {
    const there = async () => (await client.call("GET", `/api/v1/namespaces/${name}`)).status === 200 || undefined;
    await until<boolean>(there, within(`namespace ${name} did not appear`));
  }
}
