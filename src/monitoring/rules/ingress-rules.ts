import { windowOf } from "../../config/scrape-interval.ts";
import { alert, NUMBER, PERCENT, type RuleGroup, type RuleSettings } from "./rule.ts";

const DAYS = '{{ $value | printf "%.1f" }}';
const daysLeft = "(probe_ssl_earliest_cert_expiry - time()) / 86400";

/**
 * The public entrance: what the prober sees of it, and Traefik's own counters. The certificate that CloudNova makes lasts 397
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
        summary: { es: "{{ $labels.instance }} no responde por HTTPS", en: "{{ $labels.instance }} does not answer on HTTPS" },
        description: {
          es: `La sonda, que pregunta desde dentro del clúster, no obtiene una página desde hace 2m (probe_success ${NUMBER}).`,
          en: `The probe, which asks from inside the cluster, has had no page for 2m (probe_success ${NUMBER}).`,
        },
      }),
      alert("TlsHandshakeFailing", settings, {
        // Traefik 3.7 counts no handshake that fails: requests_tls_total are requests, which come after it. So the prober is the
        // client that is asked. It measures `connect` once a connection with TLS is there, and 0 when none came about (seen
        // with an exporter against a server that refuses the handshake); as Traefik runs, it is TLS or its port.
        expr: 'probe_success == 0 and on(instance) probe_http_duration_seconds{phase="connect"} == 0 and on() max(up{job="traefik"}) == 1',
        for: "2m",
        severity: "critical",
        summary: { es: "Falla el saludo TLS con {{ $labels.instance }}", en: "The TLS handshake with {{ $labels.instance }} fails" },
        description: {
          es: `Traefik funciona, pero desde hace 2m no se abre ninguna conexión TLS con él (probe_success ${NUMBER}).`,
          en: `Traefik runs, but for 2m no TLS connection to it has come about (probe_success ${NUMBER}).`,
        },
      }),
      alert("CertificateExpiresSoon", settings, {
        expr: `${daysLeft} < 21 and ${daysLeft} >= 7`,
        for: "1h",
        severity: "warning",
        summary: {
          es: "El certificado de {{ $labels.instance }} caduca pronto",
          en: "The certificate of {{ $labels.instance }} expires soon",
        },
        description: {
          es: `Quedan ${DAYS} días, y ya debería haberse renovado.`,
          en: `${DAYS} days are left, and it should have been renewed by now.`,
        },
      }),
      alert("CertificateExpiresVerySoon", settings, {
        expr: `${daysLeft} < 7`,
        for: "5m",
        severity: "critical",
        summary: {
          es: "El certificado de {{ $labels.instance }} está a punto de caducar",
          en: "The certificate of {{ $labels.instance }} is about to expire",
        },
        description: {
          es: `Quedan ${DAYS} días; después los navegadores rechazan la página.`,
          en: `${DAYS} days are left; after that browsers refuse the page.`,
        },
      }),
      alert("IngressServerErrors", settings, {
        // Three minutes back, for five: a start, with 503 until the first replica is ready, is over by then (seen on a node).
        // Traefik's own 502, 503 and 504 are among them: the application cannot count what never reached it.
        expr: `100 * ${requests(',code=~"5.."')} / ${requests("")} > 5`,
        for: "5m",
        severity: "critical",
        summary: { es: "La entrada pública responde con errores 5xx", en: "The public entrance answers with 5xx errors" },
        description: {
          es: `Terminan en error el ${PERCENT} de las peticiones por HTTPS (límite: 5 %).`,
          en: `${PERCENT} of the requests on HTTPS end in an error (limit: 5 %).`,
        },
      }),
      alert("IngressRateLimiting", settings, {
        expr: `${requests(',code="429"')} > 1`,
        for: "5m",
        severity: "warning",
        summary: { es: "El límite de peticiones rechaza a alguien", en: "The rate limit refuses somebody" },
        description: {
          es: '{{ $value | printf "%.1f" }} peticiones por segundo rechazadas con 429 (límite: 1).',
          en: '{{ $value | printf "%.1f" }} requests a second are refused with 429 (limit: 1).',
        },
      }),
    ],
  };
}
