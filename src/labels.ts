import { CLOUDNOVA_VERSION } from "./versions.ts";

/** What a component is called and what it is for. */
export interface Identity {
  /** The component's name: of its objects, its label, and what Services and policies select. */
  readonly name: string;
  /** Its part in the whole, as `app.kubernetes.io/component`. */
  readonly component: "application" | "database" | "ingress" | "monitoring" | "secrets" | "network";
  /** @default CloudNova's own version */
  readonly version?: string;
}

/**
 * The recommended labels (kubernetes.io, "Recommended Labels") but `instance`: Argo CD may own that one.
 */
export function labels({ name, component, version = CLOUDNOVA_VERSION }: Identity): Record<string, string> {
  return {
    "app.kubernetes.io/name": name,
    "app.kubernetes.io/component": component,
    "app.kubernetes.io/part-of": "cloudnova",
    "app.kubernetes.io/managed-by": "cloudnova",
    "app.kubernetes.io/version": version,
  };
}

/** What selects a component's pods. Never a version or an environment: selectors are immutable. */
export function selector(name: string): Record<string, string> {
  return { "app.kubernetes.io/name": name };
}

/** Tells Argo CD and Flux to keep an object that left the manifests: what holds data, and what holds that. */
export const NEVER_PRUNED = {
  "argocd.argoproj.io/sync-options": "Prune=false,Delete=false",
  "kustomize.toolkit.fluxcd.io/prune": "disabled",
} as const;
