import type { KubeObject, Manifest } from "../../tools/common/manifests.ts";

/** A manifest with the annotations given; all else has a default. */
export function manifest(name: string, annotations: Record<string, string> = {}, more: Partial<KubeObject> = {}): Manifest {
  const metadata = { name, namespace: "shop", annotations };
  return { file: "10-shop.k8s.yaml", line: 7, object: { apiVersion: "apps/v1", kind: "Deployment", metadata, ...more } };
}
