import { type DashboardSpec, lines, number } from "./panel.ts";

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
      { es: "Dirección pública", en: "Public address" },
      "short",
      { es: "1: responde por HTTPS; 0: no.", en: "1: it responds over HTTPS; 0: it does not." },
      { "{{instance}}": "probe_success" },
      { thresholds: { yellow: 1, red: 0.5 } },
    ),
    number(
      { es: "Días hasta el vencimiento del certificado", en: "Certificate days left" },
      "d",
      { es: "Hasta que venza.", en: "Until it expires." },
      { "{{instance}}": "(probe_ssl_earliest_cert_expiry - time()) / 86400" },
      { thresholds: { yellow: 21, red: 7 } },
    ),
    number(
      { es: "Código de estado", en: "Status code" },
      "none",
      { es: "Código que recibe la sonda.", en: "Status code that the probe receives." },
      { "{{instance}}": "probe_http_status_code" },
    ),
    number(
      { es: "TLS", en: "TLS" },
      "none",
      { es: "Versión negociada con la sonda.", en: "Version negotiated with the probe." },
      { "{{version}}": "probe_tls_version_info" },
    ),
    number(
      { es: "Última configuración", en: "Last configuration" },
      "s",
      { es: "Tiempo desde la última carga.", en: "Time since the last load." },
      { "{{instance}}": "time() - traefik_config_last_reload_success" },
    ),
    number(
      { es: "Peticiones por segundo", en: "Requests per second" },
      "reqps",
      { es: "Por HTTP y HTTPS.", en: "Over HTTP and HTTPS." },
      { "": `sum(${rate(requests())})` },
    ),
    { heading: { es: "Peticiones", en: "Requests" } },
    lines(
      { es: "Por código de estado", en: "By status code" },
      "reqps",
      { es: "Respuestas del ingress.", en: "Responses of the ingress." },
      { "{{code}}": by("code", requests()) },
    ),
    lines(
      { es: "Por entry point", en: "By entry point" },
      "reqps",
      { es: "HTTP solo redirige a HTTPS.", en: "HTTP only redirects to HTTPS." },
      { "{{entrypoint}}": by("entrypoint", requests()) },
    ),
    lines(
      { es: "Por servicio", en: "By service" },
      "reqps",
      { es: "Servicio que recibe las peticiones.", en: "Service that receives the requests." },
      { "{{service}}": by("service", "traefik_service_requests_total") },
    ),
    lines(
      { es: "Latencia del ingress", en: "Ingress latency" },
      "s",
      // HTTP only redirects, which takes no time: with it the median would be that of the redirects.
      { es: "Cuantiles de HTTPS, incluida la aplicación.", en: "Quantiles of HTTPS, including the application." },
      { p50: quantile(0.5, latency), p95: quantile(0.95, latency) },
    ),
    lines(
      { es: "Latencia de los servicios", en: "Service latency" },
      "s",
      { es: "Promedio, sin Traefik.", en: "Average, without Traefik." },
      {
        "{{service}}": `${by("service", "traefik_service_request_duration_seconds_sum")} / ${by("service", "traefik_service_request_duration_seconds_count")}`,
      },
    ),
    lines(
      { es: "Conexiones abiertas", en: "Open connections" },
      "short",
      { es: "Por entry point.", en: "By entry point." },
      { "{{entrypoint}}": "traefik_open_connections" },
    ),
    lines(
      { es: "Tráfico", en: "Traffic" },
      "Bps",
      { es: "Bytes recibidos de los visitantes y enviados a ellos.", en: "Bytes received from and sent to visitors." },
      {
        "entrada / in": `sum(${rate("traefik_entrypoint_requests_bytes_total")})`,
        "salida / out": `sum(${rate("traefik_entrypoint_responses_bytes_total")})`,
      },
    ),
    lines(
      { es: "Peticiones por versión de TLS", en: "Requests by TLS version" },
      "reqps",
      { es: "1.2 y 1.3; otras versiones se rechazan.", en: "1.2 and 1.3; other versions are rejected." },
      { "{{tls_version}} {{tls_cipher}}": by("tls_version, tls_cipher", "traefik_entrypoint_requests_tls_total") },
    ),
    lines(
      { es: "Recargas de configuración", en: "Configuration reloads" },
      "short",
      { es: "Por segundo.", en: "Per second." },
      { "{{instance}}": rate("traefik_config_reloads_total") },
    ),
    { heading: { es: "La sonda", en: "The probe" } },
    lines(
      { es: "Duración por fase", en: "Duration by phase" },
      "s",
      { es: "Duración de cada fase de una petición.", en: "Duration of each phase of a request." },
      { "{{phase}}": "probe_http_duration_seconds" },
      { width: 12 },
    ),
    lines(
      { es: "Duración", en: "Duration" },
      "s",
      { es: "De la sonda completa.", en: "Of the complete probe." },
      { "{{instance}}": "probe_duration_seconds" },
      { width: 12, thresholds: { yellow: 1, red: 2 } },
    ),
    { heading: { es: "Certificados y proceso", en: "Certificates and process" } },
    lines(
      { es: "Días hasta el vencimiento por certificado", en: "Days left by certificate" },
      "d",
      { es: "Todos los certificados de Traefik.", en: "All certificates of Traefik." },
      { "{{cn}}": "(traefik_tls_certs_not_after - time()) / 86400" },
      { thresholds: { yellow: 21, red: 7 } },
    ),
    lines(
      { es: "Memoria", en: "Memory" },
      "bytes",
      { es: "Residente del proceso.", en: "Resident memory of the process." },
      { "{{instance}}": 'process_resident_memory_bytes{job="traefik"}' },
    ),
    lines(
      { es: "CPU", en: "CPU" },
      "short",
      { es: "Núcleos que usa el proceso.", en: "Cores used by the process." },
      { "{{instance}}": rate('process_cpu_seconds_total{job="traefik"}') },
    ),
  ],
};
