import { isIPv4 } from "node:net";
import { z } from "zod";
import { mailAddress, subdomain } from "./units.ts";

/** `ingress.tls`: who issues the certificate. A certificate that the user brings is named under `secrets.certificate`. */
export const tls = z
  .strictObject({
    letsEncrypt: z
      .strictObject({
        staging: z.boolean().default(true).meta({
          en: "Ask Let's Encrypt's test server, whose certificates browsers reject. Set it to false once its certificate is served: failed attempts do not count against production's limits then",
          es: "Pedirlo al servidor de pruebas de Let's Encrypt, cuyos certificados rechazan los navegadores. Póngalo en false cuando ya se sirva su certificado: así los intentos fallidos no cuentan para los límites de producción",
        }),
        email: mailAddress.optional().meta({
          en: "Mail address of the account at Let's Encrypt. Without it Traefik registers another account at each start that orders a certificate",
          es: "Dirección de correo de la cuenta en Let's Encrypt. Sin ella, Traefik registra otra cuenta en cada inicio en que pide un certificado",
        }),
        challenge: z.enum(["http-01", "tls-alpn-01"]).default("http-01").meta({
          en: "How Let's Encrypt checks the name: http-01 at port 80, or tls-alpn-01 at port 443, with which Traefik repeats a failed order at once until Let's Encrypt's limit is reached",
          es: "Cómo comprueba Let's Encrypt el nombre: http-01 en el puerto 80, o tls-alpn-01 en el puerto 443, con el que Traefik repite de inmediato un pedido fallido hasta alcanzar el límite de Let's Encrypt",
        }),
      })
      .optional()
      .meta({
        en: "Traefik orders the certificate from Let's Encrypt and renews it. ingress.host must be a public name, or the machine's public IPv4 address. letsEncrypt: {} takes the defaults",
        es: "Traefik pide el certificado a Let's Encrypt y lo renueva. ingress.host debe ser un nombre público o la dirección IPv4 pública de la máquina. letsEncrypt: {} toma los valores por defecto",
      }),
    certManager: z
      .strictObject({
        issuer: subdomain.meta({ en: "Name of the issuer", es: "Nombre del emisor" }),
        kind: z.enum(["ClusterIssuer", "Issuer"]).default("ClusterIssuer").meta({
          en: "ClusterIssuer, or Issuer of the environment's namespace",
          es: "ClusterIssuer, o Issuer del namespace del entorno",
        }),
      })
      .optional()
      .meta({
        en: "The cluster's cert-manager issues the certificate and renews it; CloudNova does not install cert-manager",
        es: "El cert-manager del clúster emite el certificado y lo renueva; CloudNova no instala cert-manager",
      }),
  })
  .prefault({})
  .meta({
    en: "Who issues the certificate. Default: CloudNova's own authority in the cluster, which browsers do not know",
    es: "Quién emite el certificado. Por defecto: la autoridad propia de CloudNova en el clúster, que los navegadores no conocen",
  });

/** The part of an environment that decides who issues the certificate. */
export interface IngressNames {
  readonly ingress: { readonly host: string; readonly tls: z.output<typeof tls> };
}

/** Every name that has a certificate: the environment's, and those that applications have for themselves. */
export const hostsOf = ({
  ingress,
  applications,
}: Pick<IngressNames, "ingress"> & { readonly applications: readonly { readonly ingress: { readonly host?: string } }[] }): string[] => [
  ...new Set([ingress.host, ...applications.flatMap((one) => one.ingress.host ?? [])]),
];

/** How Traefik orders certificates from Let's Encrypt. */
export type LetsEncrypt = NonNullable<IngressNames["ingress"]["tls"]["letsEncrypt"]> & {
  /** Whether certificates are valid for 160 hours: those of IP addresses (profile `shortlived`). */
  readonly shortLived: boolean;
};

/** Traefik's ACME settings; undefined where the certificate comes from elsewhere. */
export const letsEncryptOf = ({ ingress: { host, tls: chosen } }: IngressNames): LetsEncrypt | undefined =>
  chosen.letsEncrypt && { ...chosen.letsEncrypt, shortLived: isIPv4(host) };

/** Whether the certificate is in a Secret that CloudNova makes or the user brings: no authority issues it while the environment runs. */
export const hasOwnCertificate = ({ ingress: { tls: chosen } }: IngressNames): boolean => !chosen.letsEncrypt && !chosen.certManager;
