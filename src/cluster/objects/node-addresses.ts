import type { KubeObject } from "./kube-object.ts";

/** The addresses of a type that a Node reports in its status. */
export const nodeAddresses = ({ status }: KubeObject, type: string): string[] =>
  ((status?.addresses ?? []) as { type: string; address: string }[]).filter((one) => one.type === type).map(({ address }) => address);
