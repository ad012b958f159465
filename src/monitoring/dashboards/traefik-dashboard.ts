import { type DashboardSpec, heading, lines, number } from "./panel.ts";

const requests = (matcher = "") => `traefik_entrypoint_requests_total{entrypoint=~"web|websecure"${matcher}}`;
const rate = (selector: string) => `rate(${selector}[$__rate_interval])`;
const by = (label: string, selector: string) => `sum by(${label}) (${rate(selector)})`;
const quantile = (q: number, inner: string) => `histogram_quantile(${q}, ${inner})`;
const latency = by("le", 'traefik_entrypoint_request_duration_seconds_bucket{entrypoint="websecure"}');

/** The ingress: Traefik, its certificate, and what the prober sees of both. */
export const traefik: DashboardSpec = {
  uid: "cloudnova-traefik",
  title: { es: "Traefik y TLS", en: "Traefik and TLS" },
  panels: [
    number(
      ["Dirección pública", "Public address"],
      "short",
      ["1: responde por HTTPS; 0: no.", "1: it responds over HTTPS; 0: it does not."],
      { "{{instance}}": "probe_success" },
      { thresholds: { yellow: 1, red: 0.5 } },
    ),
    number(
      ["Días hasta el vencimiento del certificado", "Certificate days left"],
      "d",
      ["Hasta que venza.", "Until it expires."],
      { "{{instance}}": "(probe_ssl_earliest_cert_expiry - time()) / 86400" },
      { thresholds: { yellow: 21, red: 7 } },
    ),
    number(["Código de estado", "Status code"], "none", ["Código que recibe la sonda.", "Status code that the probe receives."], {
      "{{instance}}": "probe_http_status_code",
    }),
    number(["TLS", "TLS"], "none", ["Versión negociada con la sonda.", "Version negotiated with the probe."], {
      "{{version}}": "probe_tls_version_info",
    }),
    number(["Última configuración", "Last configuration"], "s", ["Tiempo desde la última carga.", "Time since the last load."], {
      "{{instance}}": "time() - traefik_config_last_reload_success",
    }),
    number(["Peticiones por segundo", "Requests per second"], "reqps", ["Por HTTP y HTTPS.", "Over HTTP and HTTPS."], {
      "": `sum(${rate(requests())})`,
    }),
    heading("Peticiones", "Requests"),
    lines(["Por código de estado", "By status code"], "reqps", ["Respuestas del ingress.", "Responses of the ingress."], {
      "{{code}}": by("code", requests()),
    }),
    lines(["Por entry point", "By entry point"], "reqps", ["HTTP solo redirige a HTTPS.", "HTTP only redirects to HTTPS."], {
      "{{entrypoint}}": by("entrypoint", requests()),
    }),
    lines(["Por servicio", "By service"], "reqps", ["Servicio que recibe las peticiones.", "Service that receives the requests."], {
      "{{service}}": by("service", "traefik_service_requests_total"),
    }),
    lines(
      ["Latencia del ingress", "Ingress latency"],
      "s",
      // HTTP only redirects, which takes no time: with it the median would be that of the redirects.
      ["Cuantiles de HTTPS, incluida la aplicación.", "Quantiles of HTTPS, including the application."],
      { p50: quantile(0.5, latency), p95: quantile(0.95, latency) },
    ),
    lines(["Latencia de los servicios", "Service latency"], "s", ["Promedio, sin Traefik.", "Average, without Traefik."], {
      "{{service}}": `${by("service", "traefik_service_request_duration_seconds_sum")} / ${by("service", "traefik_service_request_duration_seconds_count")}`,
    }),
    lines(["Conexiones abiertas", "Open connections"], "short", ["Por entry point.", "By entry point."], {
      "{{entrypoint}}": "traefik_open_connections",
    }),
    lines(
      ["Tráfico", "Traffic"],
      "Bps",
      ["Bytes recibidos de los visitantes y enviados a ellos.", "Bytes received from and sent to visitors."],
      {
        "entrada / in": `sum(${rate("traefik_entrypoint_requests_bytes_total")})`,
        "salida / out": `sum(${rate("traefik_entrypoint_responses_bytes_total")})`,
      },
    ),
    lines(
      ["Peticiones por versión de TLS", "Requests by TLS version"],
      "reqps",
      ["1.2 y 1.3; otras versiones se rechazan.", "1.2 and 1.3; other versions are rejected."],
      { "{{tls_version}} {{tls_cipher}}": by("tls_version, tls_cipher", "traefik_entrypoint_requests_tls_total") },
    ),
    lines(["Recargas de configuración", "Configuration reloads"], "short", ["Por segundo.", "Per second."], {
      "{{instance}}": rate("traefik_config_reloads_total"),
    }),
    heading("La sonda", "The probe"),
    lines(
      ["Duración por fase", "Duration by phase"],
      "s",
      ["Duración de cada fase de una petición.", "Duration of each phase of a request."],
      { "{{phase}}": "probe_http_duration_seconds" },
      { width: 12 },
    ),
    lines(
      ["Duración", "Duration"],
      "s",
      ["De la sonda completa.", "Of the complete probe."],
      { "{{instance}}": "probe_duration_seconds" },
      { width: 12, thresholds: { yellow: 1, red: 2 } },
    ),
    heading("Certificados y proceso", "Certificates and process"),
    lines(
      ["Días hasta el vencimiento por certificado", "Days left by certificate"],
      "d",
      ["Todos los certificados de Traefik.", "All certificates of Traefik."],
      { "{{cn}}": "(traefik_tls_certs_not_after - time()) / 86400" },
      { thresholds: { yellow: 21, red: 7 } },
    ),
    lines(["Memoria", "Memory"], "bytes", ["Residente del proceso.", "Resident memory of the process."], {
      "{{instance}}": 'process_resident_memory_bytes{job="traefik"}',
    }),
    lines(["CPU", "CPU"], "short", ["Núcleos que usa el proceso.", "Cores used by the process."], {
      "{{instance}}": rate('process_cpu_seconds_total{job="traefik"}'),
    }),
  ],
};
