import { isIPv4 } from "node:net";
import { windowOf } from "../../config/scrape-interval.ts";
import { EVERYTHING } from "../parts.ts";
import { alert, NUMBER, PERCENT, type RuleGroup, type RuleSettings } from "./rule.ts";

const DAYS = '{{ $value | printf "%.1f" }}';
const daysLeft = "(probe_ssl_earliest_cert_expiry - time()) / 86400";

/**
 * Days left at which a certificate's renewal has failed for long. The one that CloudNova generates is valid for 365 days and is renewed 30
 * days before its end, those of Let's Encrypt for 90 days or fewer and likewise: at 21 days a renewal has failed for days. One for an address
 * is valid for 160 hours and is renewed 48 hours before its end, with an attempt every two hours: at 36 hours six have failed.
 */
const DAYS_LEFT = { long: { soon: 21, verySoon: 7 }, short: { soon: 1.5, verySoon: 0.5 } } as const;

/**
 * Certificates of Traefik that name a host. Addresses are not in the label `sans`, and of a certificate for an address it is empty.
 * Traefik's own default certificate is none of them.
 */
const certificatesOf = (host: string): string =>
  `traefik_tls_certs_not_after{sans${isIPv4(host) ? '=""' : `=~"(.*,)?${host.replaceAll(".", "[.]")}(,.*)?"`}}`;

/** The number of running Traefiks, with the host as label, while none has a certificate for it. */
const withoutCertificate = (host: string): string =>
  `label_replace(count(up{job="traefik"} == 1) unless on() ${certificatesOf(host)}, "host", "${host}", "", "")`;

/** The ingress: the prober's measurements and Traefik's own counters. */
export function ingressRules(settings: RuleSettings): RuleGroup {
  const { parts = EVERYTHING, certificate = { hosts: ["localhost"], shortLived: false } } = settings;
  const { soon, verySoon } = DAYS_LEFT[certificate.shortLived ? "short" : "long"];
  const window = windowOf("3m", settings.scrapeInterval);
  const requests = (matcher: string) => `sum(rate(traefik_entrypoint_requests_total{entrypoint="websecure"${matcher}}[${window}]))`;
  return {
    name: "ingress",
    rules: [
      alert("PublicAddressDown", settings, {
        expr: "probe_success == 0",
        for: "2m",
        severity: "critical",
        summary: { es: "{{ $labels.instance }} no responde por HTTPS", en: "{{ $labels.instance }} does not respond over HTTPS" },
        description: {
          es: `La sonda no obtiene la página desde dentro del clúster desde hace 2m (probe_success ${NUMBER}).`,
          en: `The prober in the cluster has not received the page for 2m (probe_success ${NUMBER}).`,
        },
      }),
      alert("TlsHandshakeFailing", settings, {
        // Traefik 3.7 counts no handshake that fails: requests_tls_total are requests, which come after it. So the prober is the
        // client that is asked. It measures `connect` once a connection with TLS is there, and 0 when none came about (seen
        // with an exporter against a server that refuses the handshake); as Traefik runs, it is TLS or its port.
        expr: 'probe_success == 0 and on(instance) probe_http_duration_seconds{phase="connect"} == 0 and on() max(up{job="traefik"}) == 1',
        for: "2m",
        severity: "critical",
        summary: { es: "Falla el handshake TLS con {{ $labels.instance }}", en: "The TLS handshake with {{ $labels.instance }} fails" },
        description: {
          es: `Traefik está en ejecución, pero desde hace 2m no acepta conexiones TLS (probe_success ${NUMBER}).`,
          en: `Traefik is running, but has accepted no TLS connection for 2m (probe_success ${NUMBER}).`,
        },
      }),
      alert("CertificateExpiresSoon", settings, {
        expr: `${daysLeft} < ${soon} and ${daysLeft} >= ${verySoon}`,
        for: "1h",
        severity: "warning",
        summary: {
          es: "El certificado de {{ $labels.instance }} vence pronto",
          en: "The certificate of {{ $labels.instance }} expires soon",
        },
        description: {
          es: `Vence en ${DAYS} días; ya debió renovarse.`,
          en: `It expires in ${DAYS} days; it should have been renewed by now.`,
        },
      }),
      alert("CertificateExpiresVerySoon", settings, {
        expr: `${daysLeft} < ${verySoon}`,
        for: "5m",
        severity: "critical",
        summary: {
          es: "El certificado de {{ $labels.instance }} está por vencer",
          en: "The certificate of {{ $labels.instance }} is about to expire",
        },
        description: {
          es: `Vence en ${DAYS} días; después, los navegadores rechazan la página.`,
          en: `It expires in ${DAYS} days; after that, browsers reject the page.`,
        },
      }),
      ...(parts.issued
        ? [
            alert("CertificateNotIssued", settings, {
              expr: certificate.hosts.map(withoutCertificate).join(" or "),
              for: "15m",
              severity: "warning",
              summary: { es: "No hay certificado para {{ $labels.host }}", en: "There is no certificate for {{ $labels.host }}" },
              description: {
                es: `Desde hace 15m, Traefik (pods en ejecución: ${NUMBER}) no tiene ningún certificado para {{ $labels.host }}: los navegadores reciben uno por defecto y muestran una advertencia.`,
                en: `For 15m Traefik (running pods: ${NUMBER}) has had no certificate for {{ $labels.host }}: browsers receive a default one and show a warning.`,
              },
            }),
          ]
        : []),
      alert("IngressServerErrors", settings, {
        // Three minutes back, for five: a start, with 503 until the first replica is ready, is over by then (seen on a node).
        // Traefik's own 502, 503 and 504 are among them: the application cannot count what never reached it.
        expr: `100 * ${requests(',code=~"5.."')} / ${requests("")} > 5`,
        for: "5m",
        severity: "critical",
        summary: { es: "El ingress responde con errores 5xx", en: "Ingress responds with 5xx errors" },
        description: {
          es: `El ${PERCENT} de las peticiones HTTPS falla (límite: 5 %).`,
          en: `${PERCENT} of the HTTPS requests fail (limit: 5 %).`,
        },
      }),
      alert("IngressRateLimiting", settings, {
        expr: `${requests(',code="429"')} > 1`,
        for: "5m",
        severity: "warning",
        summary: { es: "El ingress limita las peticiones de clientes (HTTP 429)", en: "Ingress is rate-limiting clients (HTTP 429)" },
        description: {
          es: '{{ $value | printf "%.1f" }} peticiones por segundo se rechazan con 429 (límite: 1).',
          en: '{{ $value | printf "%.1f" }} requests per second are rejected with 429 (limit: 1).',
        },
      }),
    ],
  };
}
