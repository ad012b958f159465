import { load } from "js-yaml";
import { toYaml } from "../yaml.ts";

/** The version of TLS that the ingress refuses since 2021 (RFC 8996), as every server should. */
const VERSION = "TLS10";

/** The prober's ConfigMap, and how it is seen that it speaks the outdated version. */
export const PROBER = { name: "blackbox-exporter", outdated: new RegExp(`max_version: "?${VERSION}`) } as const;

/** blackbox.yml whose modules offer nothing but the outdated version. @param text blackbox.yml as it was */
export function outdatedProber(text: string): string {
  const { modules } = load(text) as { readonly modules: Readonly<Record<string, { readonly http: Readonly<Record<string, object>> }>> };
  const outdated = Object.entries(modules).map(([name, module]) => {
    const tls = { ...module.http.tls_config, min_version: VERSION, max_version: VERSION };
    return [name, { ...module, http: { ...module.http, tls_config: tls } }];
  });
  return toYaml({ modules: Object.fromEntries(outdated) });
}
