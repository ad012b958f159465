import { selector } from "./constructs/selector.ts";
import { CLOUDNOVA_VERSION } from "./versions.ts";

/** What a component is called and what it is for. */
export interface Identity {
  /** The component's name: of its objects, its label, and what Services and policies select. */
  readonly name: string;
  /** Its part in the whole, as `app.kubernetes.io/component`. */
  readonly component: "application" | "backup" | "database" | "ingress" | "monitoring" | "secrets" | "network";
  /** @default CloudNova's own version */
  readonly version?: string;
}

/**
 * The recommended labels (kubernetes.io, "Recommended Labels") but `instance`: Argo CD may own that one.
 */
export function labels({ name, component, version = CLOUDNOVA_VERSION }: Identity): Record<string, string> {
  return {
    ...selector(name),
    "app.kubernetes.io/component": component,
    "app.kubernetes.io/part-of": "cloudnova",
    "app.kubernetes.io/managed-by": "cloudnova",
    "app.kubernetes.io/version": version,
  };
}
