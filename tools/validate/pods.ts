import type { ApiClient } from "../apiserver/client.ts";
import type { KubeObject, Manifest } from "../common/manifests.ts";
import { podTemplateOf } from "../common/pod-template.ts";
import { objections } from "./apply-twice.ts";
import { problemWith, type StepResult } from "./validation-report.ts";

/**
 * The pod that a workload's controller would create. Undefined for a kind that makes none.
 * A StatefulSet's claims become volumes, as its controller does.
 */
export function podOf(object: KubeObject): KubeObject | undefined {
  const template = podTemplateOf(object);
  if (!template) return undefined;
  const claims = (object as { spec?: { volumeClaimTemplates?: { metadata: { name: string } }[] } }).spec?.volumeClaimTemplates ?? [];
  const volumes = claims.map(({ metadata: { name } }) => ({
    name,
    persistentVolumeClaim: { claimName: `${name}-${object.metadata.name}-0` },
  }));
  const declared = (template.spec.volumes as unknown[] | undefined) ?? [];
  const { name, namespace } = object.metadata;
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { ...template.metadata, name: `${name}-0`, ...(namespace ? { namespace } : {}) },
    spec: { ...template.spec, volumes: [...declared, ...volumes] },
  };
}

/**
 * Asks the server to create a pod from each pod template, without keeping it: a Deployment that breaks Pod Security is
 * accepted with a warning, only its pods are refused. Service accounts must exist, namespaces too.
 */
export async function admitPods(client: ApiClient, manifests: readonly Manifest[]): Promise<StepResult> {
  const name = "pods admitted";
  const pods = manifests.flatMap((manifest) => {
    const pod = podOf(manifest.object);
    return pod ? [{ manifest, pod }] : [];
  });
  const problems = [];
  for (const { manifest, pod } of pods) {
    const path = `/api/v1/namespaces/${pod.metadata.namespace ?? "default"}/pods?dryRun=All&fieldValidation=Strict`;
    for (const message of objections(await client.call("POST", path, pod))) problems.push(problemWith(name, manifest, message));
  }
  return { name, tried: pods.length, problems, ...(pods.length === 0 ? { reason: "no object makes pods" } : {}) };
}

/** What the controller manager, which does not run here, adds to each namespace: pods without an account of their own use it. */
export async function createDefaultAccounts(client: ApiClient, manifests: readonly Manifest[]): Promise<void> {
  for (const namespace of new Set(manifests.map(({ object }) => object.metadata.namespace ?? "default"))) {
    await client.call("POST", `/api/v1/namespaces/${namespace}/serviceaccounts`, { metadata: { name: "default" } });
  }
}
