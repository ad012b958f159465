import { windowOf } from "../../config/scrape-interval.ts";
import { alert, NUMBER, PERCENT, type RuleGroup, type RuleSettings } from "./rule.ts";

const DAYS = '{{ $value | printf "%.1f" }}';
const daysLeft = "(probe_ssl_earliest_cert_expiry - time()) / 86400";

/**
 * The ingress: the prober's measurements and Traefik's own counters. The certificate that CloudNova generates is valid for 397
 * days and is renewed 30 days before its end, Let's Encrypt's 90 days and likewise: at 21 days a renewal has failed for days.
 */
export function ingressRules(settings: RuleSettings): RuleGroup {
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
        expr: `${daysLeft} < 21 and ${daysLeft} >= 7`,
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
        expr: `${daysLeft} < 7`,
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
