/** Arguments of pebble-challtestsrv that leave its DNS server alone: challenges are Traefik's to answer. */
export const NAMES_ALONE = ["-http01=", "-https01=", "-tlsalpn01=", "-doh=", "-defaultIPv6="];

/** Variables of pebble: it validates at once, refuses no nonce, and asks for each challenge again. */
export const PEBBLE_VARIABLES = ["PEBBLE_VA_NOSLEEP=1", "PEBBLE_WFE_NONCEREJECT=0", "PEBBLE_AUTHZREUSE=0"];

/** What is different from one pebble to another. */
export interface PebbleSettings {
  /** Address and port of its HTTPS. */
  readonly listen: string;
  /** Address and port at which it shows its authority. @default none */
  readonly management?: string;
  /** Files of the certificate and key of its HTTPS. */
  readonly certificate: string;
  readonly privateKey: string;
  /** Where it validates: of Traefik's entry points. */
  readonly ports: { readonly web: number; readonly websecure: number };
  /** Seconds that certificates are valid, by profile; `default` is that of orders without one. */
  readonly profiles: Readonly<Record<string, number>>;
}

/** The text of pebble's configuration file. */
export function pebbleConfiguration({ listen, management, certificate, privateKey, ports, profiles }: PebbleSettings): string {
  const pebble = {
    listenAddress: listen,
    ...(management && { managementListenAddress: management }),
    certificate,
    privateKey,
    httpPort: ports.web,
    tlsPort: ports.websecure,
    keyAlgorithm: "ecdsa",
    retryAfter: { authz: 1, order: 1 },
    profiles: Object.fromEntries(Object.entries(profiles).map(([name, validityPeriod]) => [name, { description: name, validityPeriod }])),
  };
  return JSON.stringify({ pebble });
}
