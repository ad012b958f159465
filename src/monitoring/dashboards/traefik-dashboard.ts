import { type DashboardSpec, heading, lines, number } from "./panel.ts";

const requests = (matcher = "") => `traefik_entrypoint_requests_total{entrypoint=~"web|websecure"${matcher}}`;
const rate = (selector: string) => `rate(${selector}[$__rate_interval])`;
const by = (label: string, selector: string) => `sum by(${label}) (${rate(selector)})`;
const quantile = (q: number, inner: string) => `histogram_quantile(${q}, ${inner})`;
const latency = by("le", 'traefik_entrypoint_request_duration_seconds_bucket{entrypoint="websecure"}');

/** The public entrance: Traefik, its certificate, and what the prober sees of both. */
export const traefik: DashboardSpec = {
  uid: "cloudnova-traefik",
  title: { es: "Traefik y TLS", en: "Traefik and TLS" },
  panels: [
    number(
      ["Dirección pública", "Public address"],
      "short",
      ["1: responde por HTTPS; 0: no.", "1: it answers on HTTPS; 0: it does not."],
      { "{{instance}}": "probe_success" },
      { thresholds: { yellow: 1, red: 0.5 } },
    ),
    number(
      ["Días de certificado", "Days of certificate"],
      "d",
      ["Hasta que caduque.", "Until it expires."],
      { "{{instance}}": "(probe_ssl_earliest_cert_expiry - time()) / 86400" },
      { thresholds: { yellow: 21, red: 7 } },
    ),
    number(["Código", "Status code"], "none", ["Lo que la sonda recibe.", "What the probe gets."], {
      "{{instance}}": "probe_http_status_code",
    }),
    number(["TLS", "TLS"], "none", ["Versión que se acuerda con la sonda.", "Version that the probe agrees on."], {
      "{{version}}": "probe_tls_version_info",
    }),
    number(["Última configuración", "Last configuration"], "s", ["Tiempo desde que se cargó.", "Time since it was loaded."], {
      "{{instance}}": "time() - traefik_config_last_reload_success",
    }),
    number(["Peticiones por segundo", "Requests a second"], "reqps", ["Por HTTP y HTTPS.", "On HTTP and HTTPS."], {
      "": `sum(${rate(requests())})`,
    }),
    heading("Peticiones", "Requests"),
    lines(["Por código", "By status code"], "reqps", ["Respuestas de la entrada.", "Answers of the entrance."], {
      "{{code}}": by("code", requests()),
    }),
    lines(["Por entrada", "By entry point"], "reqps", ["HTTP solo redirige a HTTPS.", "HTTP does nothing but redirect to HTTPS."], {
      "{{entrypoint}}": by("entrypoint", requests()),
    }),
    lines(["Por servicio", "By service"], "reqps", ["A quién se le pasan.", "Whom they are handed to."], {
      "{{service}}": by("service", "traefik_service_requests_total"),
    }),
    lines(
      ["Latencia en la entrada", "Latency at the entrance"],
      "s",
      // HTTP only redirects, which takes no time: with it the median would be that of the redirects.
      ["Cuantiles por HTTPS, con la aplicación incluida.", "Quantiles of HTTPS, the application included."],
      { p50: quantile(0.5, latency), p95: quantile(0.95, latency) },
    ),
    lines(["Latencia de los servicios", "Latency of services"], "s", ["Media, sin Traefik.", "Mean, without Traefik."], {
      "{{service}}": `${by("service", "traefik_service_request_duration_seconds_sum")} / ${by("service", "traefik_service_request_duration_seconds_count")}`,
    }),
    lines(["Conexiones abiertas", "Open connections"], "short", ["Por entrada.", "By entry point."], {
      "{{entrypoint}}": "traefik_open_connections",
    }),
    lines(["Tráfico", "Traffic"], "Bps", ["Bytes con los visitantes.", "Bytes with the visitors."], {
      "entrada / in": `sum(${rate("traefik_entrypoint_requests_bytes_total")})`,
      "salida / out": `sum(${rate("traefik_entrypoint_responses_bytes_total")})`,
    }),
    lines(
      ["Peticiones por versión de TLS", "Requests by TLS version"],
      "reqps",
      ["1.2 y 1.3; otras no se aceptan.", "1.2 and 1.3; others are not accepted."],
      { "{{tls_version}} {{tls_cipher}}": by("tls_version, tls_cipher", "traefik_entrypoint_requests_tls_total") },
    ),
    lines(["Cargas de configuración", "Configuration reloads"], "short", ["Por segundo.", "A second."], {
      "{{instance}}": rate("traefik_config_reloads_total"),
    }),
    heading("La sonda", "The probe"),
    lines(
      ["Duración por fase", "Time by phase"],
      "s",
      ["Dónde se va el tiempo de una petición.", "Where the time of a request goes."],
      { "{{phase}}": "probe_http_duration_seconds" },
      { width: 12 },
    ),
    lines(
      ["Duración", "Duration"],
      "s",
      ["De toda la sonda.", "Of the whole probe."],
      { "{{instance}}": "probe_duration_seconds" },
      { width: 12, thresholds: { yellow: 1, red: 2 } },
    ),
    heading("Certificados y proceso", "Certificates and process"),
    lines(
      ["Días de cada certificado", "Days of each certificate"],
      "d",
      ["De todos los que Traefik tiene.", "Of all that Traefik holds."],
      { "{{cn}}": "(traefik_tls_certs_not_after - time()) / 86400" },
      { thresholds: { yellow: 21, red: 7 } },
    ),
    lines(["Memoria", "Memory"], "bytes", ["Residente del proceso.", "Resident memory of the process."], {
      "{{instance}}": 'process_resident_memory_bytes{job="traefik"}',
    }),
    lines(["CPU", "CPU"], "short", ["Núcleos que usa.", "Cores that it uses."], {
      "{{instance}}": rate('process_cpu_seconds_total{job="traefik"}'),
    }),
  ],
};
