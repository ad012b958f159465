/** A Kubernetes object of any kind, as a manifest or the API server holds it. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Metadata;
  // biome-ignore lint/suspicious/noExplicitAny: fields differ by kind; each reader names the few that it knows
  readonly [field: string]: any;
}

/** What the API server keeps about every object; only what is read here. */
export interface Metadata {
  readonly name: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly generation?: number;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly finalizers?: readonly string[];
  readonly ownerReferences?: readonly { readonly kind: string; readonly name: string; readonly uid: string }[];
  readonly managedFields?: readonly ManagedFields[];
}

/** Which manager set which fields (server-side apply). */
export interface ManagedFields {
  readonly manager?: string;
  readonly operation?: string;
  readonly subresource?: string;
  readonly time?: string;
  readonly fieldsV1?: object;
}

/** Kubernetes' `Status`, as far as refusals carry it. */
export interface Status {
  readonly message?: string;
  readonly reason?: string;
  readonly details?: { readonly causes?: readonly Cause[] };
}
interface Cause {
  readonly reason?: string;
  readonly message?: string;
  readonly field?: string;
}

/** Which object is meant. */
export interface Ref {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
}

/** The reference of an object. */
export function refOf({ apiVersion, kind, metadata: { namespace, name } }: KubeObject): Ref {
  return namespace === undefined ? { apiVersion, kind, name } : { apiVersion, kind, namespace, name };
}

/** Identity of an object within a cluster. The version is no part of it: the same object is served at several. */
export function keyOf({ apiVersion, kind, namespace = "", name }: Ref): string {
  const group = apiVersion.includes("/") ? apiVersion.split("/")[0] : "";
  return [group, kind, namespace, name].join("/");
}

/** An object's name in messages: `Deployment cloudnova/webapp`. */
export function nameOf({ kind, namespace, name }: Ref): string {
  return `${kind} ${namespace ? `${namespace}/` : ""}${name}`;
}
