import type { KubeObject } from "../objects/kube-object.ts";

/** The server's own book-keeping, which differs by every request and says nothing about what is wanted. */
const NOISE = ["managedFields", "resourceVersion", "generation", "uid", "creationTimestamp", "selfLink"];

/** Where `kubectl apply` keeps what it sent last. */
export const LAST_APPLIED_CONFIGURATION = "kubectl.kubernetes.io/last-applied-configuration";

/** An object as it is compared: without the book-keeping of the server and of kubectl. */
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
