import type { KubeObject } from "../objects/kube-object.ts";

/** The fields of a container, and of a volume, that name Secrets. */
interface Reading {
  readonly env?: readonly { readonly valueFrom?: { readonly secretKeyRef?: { readonly name: string; readonly key: string } } }[];
}
interface Mounted {
  readonly secret?: { readonly secretName: string; readonly items?: readonly { readonly key: string }[] };
}

/** What `kubectl create secret` takes for the keys that a pod wants of a Secret. */
export function secretKeys({ spec }: KubeObject, secret: string): string[] {
  const containers = [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])] as readonly Reading[];
  const read = containers.flatMap(({ env = [] }) => env.map(({ valueFrom }) => valueFrom?.secretKeyRef));
  const mounted = ((spec?.volumes ?? []) as readonly Mounted[]).filter((one) => one.secret?.secretName === secret);
  return [
    ...new Set([
      ...read.flatMap((one) => (one?.name === secret ? [`--from-literal=${one.key}=…`] : [])),
      ...mounted.flatMap((one) => (one.secret?.items ?? []).map(({ key }) => `--from-file=${key}=…`)),
    ]),
  ];
}
