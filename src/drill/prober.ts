import { BLACKBOX_CONFIGURATION } from "../monitoring/scrape.ts";
import { toYaml } from "../yaml.ts";

/** The version of TLS that the ingress refuses since 2021 (RFC 8996), as every server should. */
const VERSION = "TLS10";

/** The prober's ConfigMap, and how it is seen that it speaks the outdated version. */
export const PROBER = { name: "blackbox-exporter", outdated: new RegExp(`max_version: "?${VERSION}`) } as const;

/** blackbox.yml of a client that speaks nothing but the outdated version. */
export function outdatedProber(): string {
  const { https } = BLACKBOX_CONFIGURATION.modules;
  const tls = { ...https.http.tls_config, min_version: VERSION, max_version: VERSION };
  return toYaml({ modules: { https: { ...https, http: { ...https.http, tls_config: tls } } } });
}
