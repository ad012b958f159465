import type { KubeObject, ManagedFields, Status } from "./kube-object.ts";

/** What brought an object into the cluster. `other`: some other program, or a person by hand. */
export type Origin = "cloudnova" | "kubectl" | "argo" | "flux" | "helm" | "k3s" | "other";

/** The name under which we own fields. */
export const MANAGER = "cloudnova";
/** The name under which a drill owns what it changes; whatever has an owner of that name is to be restored. */
export const DRILL_MANAGER = "cloudnova-drill";
/** The field manager of `open` while it runs what runs on demand. An apply takes the field back. */
export const OPEN_MANAGER = "cloudnova-open";
/** The field manager of a restore while it has stopped an application. An apply takes the field back. */
export const BACKUP_MANAGER = "cloudnova-backup";
/** The field manager of a release, which also labels what a release puts beside an application. An apply changes none of it. */
export const RELEASE_MANAGER = "cloudnova-release";
/** The field manager of a restart for a new build of the image; an apply keeps what it sets. */
export const RESTART_MANAGER = "cloudnova-restart";
/**
 * The manager that holds a workload's replicas from when they leave the manifest until an autoscaler sets them, and of those that `open`
 * and a restore have set back. An apply takes the field back, and so does Argo CD, which leaves alone what the names above set.
 */
export const REPLICAS_MANAGER = "cloudnova-replicas";
/**
 * The annotation of a live object that stops Flux from applying it: "disabled". Flux cannot ignore single field managers, as Argo CD can, so
 * our commands set it while a field of the object has a temporary value, and remove it afterwards.
 */
export const FLUX_RECONCILES = "kustomize.toolkit.fluxcd.io/reconcile";
/** The field manager under which `kubectl apply` without --server-side sets fields. */
export const CLIENT_SIDE = "kubectl-client-side-apply";
/** Under which a HorizontalPodAutoscaler sets replicas, through the scale subresource. */
export const AUTOSCALER_MANAGER = "kube-controller-manager";

/** How an origin is recognised. */
interface Marks {
  /** Names of field managers. */
  readonly managers: RegExp;
  /** Labels or annotations that it puts on everything. */
  readonly keys: readonly string[];
}

/**
 * By the sources of each: Argo CD (common.go, argo/kube tracking), Flux (kustomize-controller, helm-controller), Helm (action/validate.go),
 * k3s' manifests folder (wrangler's apply). The first that fits is taken: those that would bring an object back come first.
 */
const ORIGINS: readonly (readonly [Origin, Marks])[] = [
  ["argo", { managers: /^argocd-/, keys: ["argocd.argoproj.io/tracking-id"] }],
  ["flux", { managers: /^(kustomize|helm)-controller$/, keys: ["kustomize.toolkit.fluxcd.io/name", "helm.toolkit.fluxcd.io/name"] }],
  ["helm", { managers: /^helm$/, keys: ["meta.helm.sh/release-name"] }],
  ["k3s", { managers: /^deploy@/, keys: ["objectset.rio.cattle.io/id"] }],
  ["cloudnova", { managers: /^cloudnova$/, keys: [] }],
  ["kubectl", { managers: /^kubectl(-client-side-apply)?$/, keys: [] }],
];

/** The origin whose field managers have this name; `other` for a name that none has. */
export const originOfManager = (manager: string): Origin => ORIGINS.find(([, { managers }]) => managers.test(manager))?.[0] ?? "other";

/** Whether an origin brings back what is deleted, or counts on what it installed being there. */
export const isKeeper = (origin: Origin): boolean => ["argo", "flux", "helm", "k3s"].includes(origin);

/** What brought an object: by marks of its own, else by whoever set the label that names the project. */
export function originOf({ metadata }: Pick<KubeObject, "metadata">): Origin {
  const names = Object.keys({ ...metadata.labels, ...metadata.annotations });
  const marked = ORIGINS.find(([, { keys }]) => keys.some((key) => names.includes(key)));
  if (marked) return marked[0];
  const managers = (metadata.managedFields ?? []).filter(setsLabel).map(({ manager = "" }) => manager);
  return ORIGINS.find(([, marks]) => managers.some((manager) => marks.managers.test(manager)))?.[0] ?? "other";
}

const setsLabel = ({ subresource, fieldsV1 }: ManagedFields): boolean => {
  const fields = fieldsV1 as { "f:metadata"?: { "f:labels"?: Record<string, unknown> } } | undefined;
  return !subresource && fields?.["f:metadata"]?.["f:labels"]?.["f:app.kubernetes.io/managed-by"] !== undefined;
};

/** A field that another manager set, and that we would set to another value. */
export interface ManagerConflict {
  readonly manager: string;
  readonly field: string;
}

/** The conflicts with other field managers that an answer names. */
export function managerConflicts(body: unknown): ManagerConflict[] {
  const causes = (body as Status | undefined)?.details?.causes ?? [];
  return causes
    .filter(({ reason }) => reason === "FieldManagerConflict")
    .map(({ message = "", field = "" }) => ({ manager: /conflict with "([^"]*)"/.exec(message)?.[1] ?? message, field }));
}
