import type { LetsEncrypt } from "./config/tls.ts";

/** Name of Traefik's certificate resolver for Let's Encrypt: a router with `tls.certresolver` of this name gets a certificate for its own host. */
export const RESOLVER = "letsencrypt";

/** The folder of the volume that holds the account's key and the certificates; k3s' chart mounts its volume there (`persistence.path`). */
export const ACME_FOLDER = "/data";

/** Size of that volume. A certificate with its chain and key takes about 10 KiB there. */
export const ACME_VOLUME = "16Mi";

/** Let's Encrypt's directories (letsencrypt.org/docs/acme-protocol-updates, letsencrypt.org/docs/staging-environment). */
const DIRECTORIES = {
  production: "https://acme-v02.api.letsencrypt.org/directory",
  staging: "https://acme-staging-v02.api.letsencrypt.org/directory",
} as const;

/**
 * Hours that a short-lived certificate is valid: 160 (letsencrypt.org/docs/profiles). Traefik 3.6.7 and later renews such a certificate two
 * days before its end and tries every two hours (getCertificateRenewDurations in pkg/provider/acme/provider.go); others, of 90, 64 or 45
 * days, 30 days before their end, once a day.
 */
const SHORT_LIVED_HOURS = 160;

/**
 * How long Traefik waits between its answer to a challenge and the word to the authority that it may ask. It orders as soon as it has started,
 * when its pod is not ready and its Service leads nowhere: the authority then found no answer, and a first order that failed is not repeated
 * (seen in the end-to-end tests, with pebble). Our pod is ready after up to 8 s, k3s' after up to 12.
 */
export const CHALLENGE_DELAY = "15s";

/**
 * Arguments that make Traefik order certificates. Staging and production have files of their own: Traefik would keep a certificate of
 * staging until it expires, because it does not compare who issued it. An elliptic-curve key: Traefik's default, RSA with 4096 bits, costs
 * a small machine's CPU 10 ms or more a handshake. The common name is left out, which profiles of Let's Encrypt no longer have.
 */
export function acmeArguments({ staging, email, challenge, shortLived }: LetsEncrypt): string[] {
  const server = staging ? "staging" : "production";
  const option = (name: string, value: string | number) => `--certificatesResolvers.${RESOLVER}.acme.${name}=${value}`;
  return [
    option("caServer", DIRECTORIES[server]),
    option("storage", `${ACME_FOLDER}/letsencrypt-${server}.json`),
    option("keyType", "EC256"),
    option("disableCommonName", "true"),
    ...(email ? [option("email", email)] : []),
    challenge === "http-01" ? option("httpChallenge.entryPoint", "web") : option("tlsChallenge", "true"),
    option(`${challenge === "http-01" ? "http" : "tls"}Challenge.delay`, CHALLENGE_DELAY),
    ...(shortLived ? [option("profile", "shortlived"), option("certificatesDuration", SHORT_LIVED_HOURS)] : []),
  ];
}
