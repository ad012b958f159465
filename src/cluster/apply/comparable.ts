import type { KubeObject } from "../objects/kube-object.ts";

/** Metadata that the server keeps, which differs by every request and is no part of the desired state. */
const NOISE = ["managedFields", "resourceVersion", "generation", "uid", "creationTimestamp", "selfLink"];

/** Where `kubectl apply` keeps what it sent last. */
export const LAST_APPLIED_CONFIGURATION = "kubectl.kubernetes.io/last-applied-configuration";

/** An object as it is compared: without the metadata of the server and of kubectl. */
export function comparable({ status: _, ...object }: KubeObject): object {
  const { annotations, ...metadata } = Object.fromEntries(
    Object.entries(object.metadata).filter(([key]) => !NOISE.includes(key)),
  ) as unknown as KubeObject["metadata"];
  const said = Object.entries(annotations ?? {}).filter(([key]) => key !== LAST_APPLIED_CONFIGURATION);
  const { apiVersion, kind, ...rest } = object;
  return {
    apiVersion,
    kind,
    ...rest,
    metadata: { ...metadata, ...(said.length > 0 ? { annotations: Object.fromEntries(said) } : {}) },
  };
}
