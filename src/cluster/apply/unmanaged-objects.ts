import { cluster as words } from "../../messages/cluster.ts";
import { type KubeObject, nameOf } from "../objects/kube-object.ts";
import type { Client } from "../transport/client.ts";
import { INVENTORY } from "./inventory.ts";

/** Kinds that keep a namespace from being deleted. */
const GUARDED_KINDS: readonly (readonly [apiVersion: string, plural: string, kind: string])[] = [
  ["api/v1", "persistentvolumeclaims", "PersistentVolumeClaim"],
  ["apis/apps/v1", "deployments", "Deployment"],
  ["apis/apps/v1", "statefulsets", "StatefulSet"],
  ["apis/apps/v1", "daemonsets", "DaemonSet"],
  ["apis/batch/v1", "cronjobs", "CronJob"],
  ["apis/batch/v1", "jobs", "Job"],
  ["apis/networking.k8s.io/v1", "ingresses", "Ingress"],
  ["api/v1", "pods", "Pod"],
  ["api/v1", "secrets", "Secret"],
  ["api/v1", "configmaps", "ConfigMap"],
];

/** Whether an object was not made by a user: it has an owner, or Kubernetes puts it into each namespace. */
const isGenerated = ({ metadata }: KubeObject) =>
  (metadata.ownerReferences ?? []).length > 0 ||
  ["kube-root-ca.crt", INVENTORY].includes(metadata.name) ||
  metadata.annotations?.["kubernetes.io/service-account.name"] !== undefined;

/** The Helm release that a Secret is a revision of, of which each upgrade leaves one; undefined for other objects. */
const releaseOf = ({ type, metadata }: KubeObject): string | undefined =>
  type === "helm.sh/release.v1" ? /^sh\.helm\.release\.v1\.(.+)\.v\d+$/.exec(metadata.name)?.[1] : undefined;

/** Names (`nameOf`) of the objects in the inventory, and of those of them that are not ours to delete. */
export interface KnownObjects {
  readonly ours: readonly string[];
  readonly spared: readonly string[];
}

/** The unmanaged objects of a namespace: those that are not in the inventory. Each is named once. */
export async function unmanagedObjects(client: Client, namespace: string, { ours, spared }: KnownObjects): Promise<string[]> {
  const found: string[] = [];
  for (const [api, plural, kind] of GUARDED_KINDS) {
    const answer = await client.send({ path: `/${api}/namespaces/${namespace}/${plural}` });
    const items: KubeObject[] = client.expect(answer, words.everyIn(kind, namespace)).body.items;
    for (const item of items) {
      const name = nameOf({ apiVersion: api, kind, namespace, name: item.metadata.name });
      if (!spared.includes(name) && (ours.includes(name) || isGenerated(item))) continue;
      const release = releaseOf(item);
      found.push(release ? words.helmRelease(release) : name);
    }
  }
  return [...new Set(found)];
}
