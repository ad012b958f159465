import type { DashboardSpec, PanelSpec } from "./panel.ts";

const rate = (metric: string) => `rate(${metric}[$__rate_interval])`;

function series(es: string, en: string, unit: string, description: readonly [string, string], queries: PanelSpec["queries"]): PanelSpec {
  return {
    kind: "timeseries",
    title: { es, en },
    description: { es: description[0], en: description[1] },
    unit,
    min: 0,
    width: 8,
    queries,
  };
}

/** Prometheus about itself: the subjects of the community dashboard 3662, written anew (its panel types are gone from Grafana). */
export const prometheus: DashboardSpec = {
  uid: "cloudnova-prometheus",
  title: { es: "Prometheus · Resumen", en: "Prometheus · Overview" },
  panels: [
    series("Muestras ingeridas", "Samples ingested", "short", ["Muestras por segundo.", "Samples a second."], {
      "{{instance}}": rate("prometheus_tsdb_head_samples_appended_total"),
    }),
    series("Series activas", "Active series", "short", ["Series en memoria.", "Series in memory."], {
      "{{instance}}": "prometheus_tsdb_head_series",
    }),
    series("Series creadas y retiradas", "Series created and removed", "short", ["Cambios por segundo.", "Changes a second."], {
      "creadas / created": rate("prometheus_tsdb_head_series_created_total"),
      "retiradas / removed": rate("prometheus_tsdb_head_series_removed_total"),
    }),
    series("Duración de las lecturas", "Scrape duration", "s", ["Lo que tarda cada objetivo.", "What each target takes."], {
      "{{job}} {{instance}}": "scrape_duration_seconds",
    }),
    series(
      "Muestras por objetivo",
      "Samples by target",
      "short",
      ["Muestras que quedan tras el filtro.", "Samples that the filter keeps."],
      {
        "{{job}} {{instance}}": "scrape_samples_post_metric_relabeling",
      },
    ),
    series("Objetivos", "Targets", "short", ["Objetivos que responden y que no.", "Targets that answer and that do not."], {
      "responden / up": "sum(up)",
      "caídos / down": "count(up) - sum(up)",
    }),
    series("Evaluación de reglas", "Rule evaluation", "s", ["Lo que tarda cada grupo.", "What each group takes."], {
      "{{rule_group}}": "prometheus_rule_group_last_duration_seconds",
    }),
    series("Fallos de reglas", "Rule failures", "short", ["Evaluaciones fallidas por segundo.", "Failed evaluations a second."], {
      "{{rule_group}}": rate("prometheus_rule_evaluation_failures_total"),
    }),
    series("Notificaciones", "Notifications", "short", ["Alertas enviadas y perdidas por segundo.", "Alerts sent and dropped a second."], {
      "enviadas / sent": rate("prometheus_notifications_sent_total"),
      "perdidas / dropped": rate("prometheus_notifications_dropped_total"),
    }),
    series("Memoria", "Memory", "bytes", ["Memoria residente del proceso.", "Resident memory of the process."], {
      "{{instance}}": 'process_resident_memory_bytes{job="prometheus"}',
    }),
    series("CPU", "CPU", "short", ["Núcleos que usa el proceso.", "Cores that the process uses."], {
      "{{instance}}": rate('process_cpu_seconds_total{job="prometheus"}'),
    }),
    series("Disco de los bloques", "Disk of the blocks", "bytes", ["Lo que ocupan los bloques.", "What the blocks take."], {
      "{{instance}}": "prometheus_tsdb_storage_blocks_bytes",
    }),
    series("Compactaciones", "Compactions", "short", ["Compactaciones por segundo.", "Compactions a second."], {
      "hechas / done": rate("prometheus_tsdb_compactions_total"),
      "fallidas / failed": rate("prometheus_tsdb_compactions_failed_total"),
    }),
    series("Peticiones HTTP", "HTTP requests", "reqps", ["Peticiones a su API por ruta.", "Requests to its API by route."], {
      "{{handler}}": `sum by(handler) (${rate("prometheus_http_requests_total")})`,
    }),
    series(
      "Configuración cargada",
      "Configuration loaded",
      "short",
      ["1: la última carga fue correcta.", "1: the last reload was right."],
      {
        "{{instance}}": "prometheus_config_last_reload_successful",
      },
    ),
  ],
};
