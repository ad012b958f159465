import type { KubeObject, ManagedFields } from "../objects/kube-object.ts";
import { type Fields, namedBy, ownEntry, withoutPart } from "../objects/managed-fields.ts";
import { CLIENT_SIDE, MANAGER } from "../objects/managers.ts";
import { LAST_APPLIED_CONFIGURATION } from "./comparable.ts";

/** Under which kubectl keeps `last-applied-configuration` once it applies server-side. */
const LAST_APPLIED = "kubectl-last-applied";

const isClientSide = ({ manager = "", operation, subresource }: ManagedFields): boolean =>
  [CLIENT_SIDE, LAST_APPLIED].includes(manager) && operation === "Update" && !subresource;

/** Whether `kubectl apply` has set fields of an object client-side. */
export const isClientSideApplied = ({ metadata }: Pick<KubeObject, "metadata">): boolean =>
  metadata.managedFields?.some(isClientSide) ?? false;

const union = (one: Fields, other: Fields): Fields => ({
  ...one,
  ...Object.fromEntries(Object.entries(other).map(([key, fields]) => [key, one[key] ? union(one[key], fields) : fields])),
});

/**
 * The record of who set which field, with what `kubectl apply` set client-side as ours: then a field that has left the
 * manifests goes, and none conflicts. The same as kubectl's own change to server-side apply (client-go, util/csaupgrade).
 */
export function withoutClientSide({ metadata }: Pick<KubeObject, "metadata">): ManagedFields[] {
  const entries = metadata.managedFields ?? [];
  const theirs = entries.filter(isClientSide);
  const own = ownEntry({ metadata });
  const [first] = theirs;
  if (!first) return [...entries];
  const fieldsV1 = [own, ...theirs].reduce<Fields>((all, entry) => union(all, (entry?.fieldsV1 ?? {}) as Fields), {});
  const ours: ManagedFields = { ...(own ?? first), manager: MANAGER, operation: "Apply", fieldsV1 };
  return [ours, ...entries.filter((entry) => entry !== own && !isClientSide(entry))];
}

/**
 * An object as a dry run gives it, without what only kubectl's client-side apply has set: that goes once it has become ours and
 * the manifest does not name it. Only what was in the file counts, as kubectl keeps it in an annotation: kubectl's entry holds the
 * server's defaults too, and those come back. Fields that the server resets to
 * their default are not in the difference.
 */
export function withoutLeftBehind(object: KubeObject): KubeObject {
  const entries = object.metadata.managedFields ?? [];
  const fieldsOf = (list: readonly ManagedFields[]) => list.map(({ fieldsV1 }) => (fieldsV1 ?? {}) as Fields);
  const others = fieldsOf(entries.filter((entry) => !isClientSide(entry)));
  const applied: unknown = JSON.parse(object.metadata.annotations?.[LAST_APPLIED_CONFIGURATION] ?? "{}");
  return fieldsOf(entries.filter(isClientSide)).reduce((rest, fields) => withoutPart(rest, namedBy(applied, fields), others), object);
}

const setsReplicas = ({ fieldsV1 }: ManagedFields): boolean =>
  (fieldsV1 as { "f:spec"?: Record<string, unknown> } | undefined)?.["f:spec"]?.["f:replicas"] !== undefined;

/**
 * The replicas that would fall to the API's default of 1 when an object is applied: its manifest leaves them out, because an
 * autoscaler sets them from now on, and only we have set them. Undefined when there are none.
 * See "Transferring ownership" in Kubernetes' documentation of server-side apply.
 *
 * @param live the object as the server has it
 */
export function orphanedReplicas(object: KubeObject, live: KubeObject | undefined): number | undefined {
  if (!live || object.spec?.replicas !== undefined || live.spec?.replicas === undefined) return undefined;
  const setters = (live.metadata.managedFields ?? []).filter(setsReplicas);
  const own = ownEntry(live);
  return setters.length > 0 && setters.every((entry) => entry === own || isClientSide(entry)) ? live.spec.replicas : undefined;
}

/** The part of an object that keeps its replicas, for REPLICAS_MANAGER to apply. */
export const replicasOnly = ({ apiVersion, kind, metadata: { name, namespace } }: KubeObject, replicas: number): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
  spec: { replicas },
});

/** Whether an object is an autoscaler of a workload. */
export const isAutoscaler = ({ kind }: { readonly kind: string }): boolean => kind === "HorizontalPodAutoscaler";
