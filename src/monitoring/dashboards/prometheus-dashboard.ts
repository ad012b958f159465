import { type DashboardSpec, heading, lines } from "./panel.ts";

const rate = (metric: string) => `rate(${metric}[$__rate_interval])`;

/** Prometheus about itself: the subjects of the community dashboard 3662, written anew (its panel types are gone from Grafana). */
export const prometheus: DashboardSpec = {
  uid: "cloudnova-prometheus",
  title: { es: "Prometheus · Resumen", en: "Prometheus · Overview" },
  panels: [
    lines(["Muestras ingeridas", "Samples ingested"], "short", ["Muestras por segundo.", "Samples a second."], {
      "{{instance}}": rate("prometheus_tsdb_head_samples_appended_total"),
    }),
    lines(["Series activas", "Active series"], "short", ["Series en memoria.", "Series in memory."], {
      "{{instance}}": "prometheus_tsdb_head_series",
    }),
    lines(["Series creadas y retiradas", "Series created and removed"], "short", ["Cambios por segundo.", "Changes a second."], {
      "creadas / created": rate("prometheus_tsdb_head_series_created_total"),
      "retiradas / removed": rate("prometheus_tsdb_head_series_removed_total"),
    }),
    lines(["Duración de las lecturas", "Scrape duration"], "s", ["Lo que tarda cada objetivo.", "What each target takes."], {
      "{{job}} {{instance}}": "scrape_duration_seconds",
    }),
    lines(
      ["Muestras por objetivo", "Samples by target"],
      "short",
      ["Muestras que quedan tras el filtro.", "Samples that the filter keeps."],
      {
        "{{job}} {{instance}}": "scrape_samples_post_metric_relabeling",
      },
    ),
    lines(["Objetivos", "Targets"], "short", ["Objetivos que responden y que no.", "Targets that answer and that do not."], {
      "responden / up": "sum(up)",
      "caídos / down": "count(up) - sum(up)",
    }),
    lines(["Evaluación de reglas", "Rule evaluation"], "s", ["Lo que tarda cada grupo.", "What each group takes."], {
      "{{rule_group}}": "prometheus_rule_group_last_duration_seconds",
    }),
    lines(["Fallos de reglas", "Rule failures"], "short", ["Evaluaciones fallidas por segundo.", "Failed evaluations a second."], {
      "{{rule_group}}": rate("prometheus_rule_evaluation_failures_total"),
    }),
    lines(["Notificaciones", "Notifications"], "short", ["Alertas enviadas y perdidas por segundo.", "Alerts sent and dropped a second."], {
      "enviadas / sent": rate("prometheus_notifications_sent_total"),
      "perdidas / dropped": rate("prometheus_notifications_dropped_total"),
    }),
    lines(["Memoria", "Memory"], "bytes", ["Memoria residente del proceso.", "Resident memory of the process."], {
      "{{instance}}": 'process_resident_memory_bytes{job="prometheus"}',
    }),
    lines(["CPU", "CPU"], "short", ["Núcleos que usa el proceso.", "Cores that the process uses."], {
      "{{instance}}": rate('process_cpu_seconds_total{job="prometheus"}'),
    }),
    lines(["Disco de los bloques", "Disk of the blocks"], "bytes", ["Lo que ocupan los bloques.", "What the blocks take."], {
      "{{instance}}": "prometheus_tsdb_storage_blocks_bytes",
    }),
    lines(["Compactaciones", "Compactions"], "short", ["Compactaciones por segundo.", "Compactions a second."], {
      "hechas / done": rate("prometheus_tsdb_compactions_total"),
      "fallidas / failed": rate("prometheus_tsdb_compactions_failed_total"),
    }),
    lines(["Peticiones HTTP", "HTTP requests"], "reqps", ["Peticiones a su API por ruta.", "Requests to its API by route."], {
      "{{handler}}": `sum by(handler) (${rate("prometheus_http_requests_total")})`,
    }),
    lines(
      ["Configuración cargada", "Configuration loaded"],
      "short",
      ["1: la última carga fue correcta.", "1: the last reload was right."],
      {
        "{{instance}}": "prometheus_config_last_reload_successful",
      },
    ),
    heading("Fallos", "Failures"),
    lines(
      ["Disponibilidad, 1 h", "Availability, 1 h"],
      "percent",
      ["Lecturas que respondieron, por trabajo.", "Scrapes that were answered, by job."],
      { "{{job}}": "100 * avg by(job) (avg_over_time(up[1h]))" },
      { max: 100, thresholds: { yellow: 99, red: 90 } },
    ),
    lines(
      ["Lecturas demasiado grandes", "Scrapes too large"],
      "short",
      ["Por segundo, por encima de un límite.", "A second, above a limit."],
      {
        "muestras / samples": rate("prometheus_target_scrapes_exceeded_sample_limit_total"),
        "cuerpo / body": rate("prometheus_target_scrapes_exceeded_body_size_limit_total"),
      },
    ),
    lines(["Fallos internos", "Failures inside"], "short", ["Por segundo.", "A second."], {
      "conexiones / connections": `sum(${rate('net_conntrack_dialer_conn_failed_total{job="prometheus"}')})`,
      "descubrimiento / discovery": `sum(${rate("prometheus_sd_kubernetes_failures_total")})`,
      DNS: rate("prometheus_sd_dns_lookup_failures_total"),
      "bloques / block reloads": rate("prometheus_tsdb_reloads_failures_total"),
      "series perdidas / series not found": rate("prometheus_tsdb_head_series_not_found_total"),
    }),
    heading("Consultas", "Queries"),
    lines(["Duración de las consultas", "Query duration"], "s", ["Cuantil 0,99 por fase.", "Quantile 0.99 by phase."], {
      "{{slice}}": 'max by(slice) (prometheus_engine_query_duration_seconds{quantile="0.99"})',
    }),
    lines(
      ["Consultas a la vez", "Queries at once"],
      "short",
      ["Las que corren, y cuántas puede haber.", "Those that run, and how many may."],
      {
        "corren / running": "prometheus_engine_queries",
        "máximo / most": "prometheus_engine_queries_concurrent_max",
      },
    ),
    lines(
      ["Muestras leídas", "Samples read"],
      "short",
      ["Muestras por segundo que leen las consultas.", "Samples a second that queries read."],
      {
        "{{instance}}": rate("prometheus_engine_query_samples_total"),
      },
    ),
    heading("Lecturas y descubrimiento", "Scrapes and discovery"),
    lines(
      ["Intervalo entre lecturas", "Interval between scrapes"],
      "s",
      ["Cuantil 0,99 frente al pedido.", "Quantile 0.99 against what was asked."],
      {
        "{{interval}}": 'prometheus_target_interval_length_seconds{quantile="0.99"}',
      },
    ),
    lines(
      ["Objetivos por trabajo", "Targets by job"],
      "short",
      ["Los que el descubrimiento encontró.", "Those that discovery has found."],
      {
        "{{scrape_job}}": "prometheus_target_scrape_pool_targets",
      },
    ),
    lines(
      ["Muestras rechazadas", "Samples refused"],
      "short",
      ["Por segundo: repetidas, fuera de orden o de plazo.", "A second: duplicate, out of order or out of bounds."],
      {
        "repetidas / duplicate": rate("prometheus_target_scrapes_sample_duplicate_timestamp_total"),
        "desordenadas / out of order": rate("prometheus_target_scrapes_sample_out_of_order_total"),
        "fuera de plazo / out of bounds": rate("prometheus_target_scrapes_sample_out_of_bounds_total"),
      },
    ),
    lines(
      ["Sincronización de objetivos", "Target sync"],
      "s",
      ["Lo que tarda, por segundo y trabajo.", "What it takes, a second, by job."],
      {
        "{{scrape_job}}": rate("prometheus_target_sync_length_seconds_sum"),
      },
    ),
    lines(["Sincronizaciones", "Syncs"], "short", ["Desde el arranque, por trabajo.", "Since the start, by job."], {
      "{{scrape_job}}": "prometheus_target_scrape_pool_sync_total",
    }),
    heading("Almacén", "Storage"),
    lines(["Registro de escritura", "Write-ahead log"], "bytes", ["Lo que ocupa.", "What it takes."], {
      "{{instance}}": "prometheus_tsdb_wal_storage_size_bytes",
    }),
    lines(["Páginas escritas del registro", "Pages of the log written"], "short", ["Por segundo, de 32 KiB.", "A second, of 32 KiB."], {
      "{{instance}}": rate("prometheus_tsdb_wal_page_flushes_total"),
    }),
    lines(
      ["Daños y escrituras fallidas", "Damage and failed writes"],
      "short",
      ["Del registro, desde el arranque.", "Of the log, since the start."],
      {
        "daños / corruptions": "prometheus_tsdb_wal_corruptions_total",
        "fallidas / failed": "prometheus_tsdb_wal_writes_failed_total",
      },
    ),
    lines(["Trozos en memoria", "Chunks in memory"], "short", ["Cada uno guarda hasta 120 muestras.", "Each holds up to 120 samples."], {
      "{{instance}}": "prometheus_tsdb_head_chunks",
    }),
    lines(["Bloques en el disco", "Blocks on the disk"], "short", ["Cuántos hay cargados.", "How many are loaded."], {
      "{{instance}}": "prometheus_tsdb_blocks_loaded",
    }),
    lines(
      ["Límite por tamaño", "Limit by size"],
      "bytes",
      ["A partir de aquí borra lo más viejo.", "From here on it removes what is oldest."],
      {
        "{{instance}}": "prometheus_tsdb_retention_limit_bytes",
      },
    ),
    lines(
      ["Espacio para 15 días", "Space for 15 days"],
      "bytes",
      ["A 2 bytes por muestra, al ritmo de la última hora.", "At 2 bytes a sample, at the pace of the last hour."],
      { "{{instance}}": "15 * 86400 * 2 * rate(prometheus_tsdb_head_samples_appended_total[1h])" },
    ),
    heading("Reglas y proceso", "Rules and process"),
    lines(
      ["Evaluaciones perdidas", "Evaluations missed"],
      "short",
      ["Por segundo: la anterior aún corría.", "A second: the one before was still running."],
      {
        "{{rule_group}}": rate("prometheus_rule_group_iterations_missed_total"),
      },
    ),
    lines(
      ["Cola de notificaciones", "Queue of notifications"],
      "short",
      ["Las que esperan, y cuántas caben.", "Those that wait, and how many fit."],
      {
        "esperan / waiting": "prometheus_notifications_queue_length",
        "caben / capacity": "prometheus_notifications_queue_capacity",
      },
    ),
    lines(
      ["Desde la última carga", "Since the last reload"],
      "s",
      ["De la configuración, correcta.", "Of the configuration, a right one."],
      {
        "{{instance}}": "time() - prometheus_config_last_reload_success_timestamp_seconds",
      },
    ),
    lines(["Recolector de basura", "Garbage collector"], "percent", ["Tiempo en pausas.", "Time in pauses."], {
      "{{instance}}": `100 * ${rate('go_gc_duration_seconds_sum{job="prometheus"}')}`,
    }),
    lines(["Gorrutinas", "Goroutines"], "short", ["Hilos ligeros del proceso.", "Light threads of the process."], {
      "{{instance}}": 'go_goroutines{job="prometheus"}',
    }),
  ],
};
