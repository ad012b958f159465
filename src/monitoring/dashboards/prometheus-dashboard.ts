import { type DashboardSpec, heading, lines } from "./panel.ts";

const rate = (metric: string) => `rate(${metric}[$__rate_interval])`;

/** Prometheus about itself: the subjects of the community dashboard 3662, written anew (its panel types are gone from Grafana). */
export const prometheus: DashboardSpec = {
  uid: "cloudnova-prometheus",
  title: { es: "Prometheus · Resumen", en: "Prometheus · Overview" },
  panels: [
    lines(["Muestras ingeridas", "Samples ingested"], "short", ["Muestras por segundo.", "Samples per second."], {
      "{{instance}}": rate("prometheus_tsdb_head_samples_appended_total"),
    }),
    lines(["Series activas", "Active series"], "short", ["Series en memoria.", "Series in memory."], {
      "{{instance}}": "prometheus_tsdb_head_series",
    }),
    lines(["Series creadas y eliminadas", "Series created and removed"], "short", ["Cambios por segundo.", "Changes per second."], {
      "creadas / created": rate("prometheus_tsdb_head_series_created_total"),
      "retiradas / removed": rate("prometheus_tsdb_head_series_removed_total"),
    }),
    lines(["Duración de los scrapes", "Scrape duration"], "s", ["Duración por objetivo.", "Duration by target."], {
      "{{job}} {{instance}}": "scrape_duration_seconds",
    }),
    lines(
      ["Muestras por objetivo", "Samples by target"],
      "short",
      ["Muestras después de metric_relabel_configs.", "Samples after metric_relabel_configs."],
      {
        "{{job}} {{instance}}": "scrape_samples_post_metric_relabeling",
      },
    ),
    lines(["Objetivos", "Targets"], "short", ["Objetivos que responden y objetivos que no responden.", "Targets that are up and down."], {
      "responden / up": "sum(up)",
      "caídos / down": "count(up) - sum(up)",
    }),
    lines(["Evaluación de reglas", "Rule evaluation"], "s", ["Duración por grupo.", "Duration by group."], {
      "{{rule_group}}": "prometheus_rule_group_last_duration_seconds",
    }),
    lines(["Fallas de reglas", "Rule failures"], "short", ["Evaluaciones fallidas por segundo.", "Failed evaluations per second."], {
      "{{rule_group}}": rate("prometheus_rule_evaluation_failures_total"),
    }),
    lines(
      ["Notificaciones", "Notifications"],
      "short",
      ["Alertas enviadas y descartadas por segundo.", "Alerts sent and dropped per second."],
      {
        "enviadas / sent": rate("prometheus_notifications_sent_total"),
        "perdidas / dropped": rate("prometheus_notifications_dropped_total"),
      },
    ),
    lines(["Memoria", "Memory"], "bytes", ["Memoria residente del proceso.", "Resident memory of the process."], {
      "{{instance}}": 'process_resident_memory_bytes{job="prometheus"}',
    }),
    lines(["CPU", "CPU"], "short", ["Núcleos que usa el proceso.", "Cores used by the process."], {
      "{{instance}}": rate('process_cpu_seconds_total{job="prometheus"}'),
    }),
    lines(
      ["Tamaño de los bloques", "Block size"],
      "bytes",
      ["Espacio en disco que ocupan los bloques.", "Disk space used by the blocks."],
      {
        "{{instance}}": "prometheus_tsdb_storage_blocks_bytes",
      },
    ),
    lines(["Compactaciones", "Compactions"], "short", ["Compactaciones por segundo.", "Compactions per second."], {
      "hechas / done": rate("prometheus_tsdb_compactions_total"),
      "fallidas / failed": rate("prometheus_tsdb_compactions_failed_total"),
    }),
    lines(["Peticiones HTTP", "HTTP requests"], "reqps", ["Peticiones a su API por ruta.", "Requests to its API by route."], {
      "{{handler}}": `sum by(handler) (${rate("prometheus_http_requests_total")})`,
    }),
    lines(
      ["Configuración cargada", "Configuration loaded"],
      "short",
      ["1: la última recarga fue correcta.", "1: the last reload succeeded."],
      {
        "{{instance}}": "prometheus_config_last_reload_successful",
      },
    ),
    heading("Fallas", "Failures"),
    lines(
      ["Disponibilidad, 1 h", "Availability, 1 h"],
      "percent",
      ["Scrapes exitosos, por job.", "Successful scrapes, by job."],
      { "{{job}}": "100 * avg by(job) (avg_over_time(up[1h]))" },
      { max: 100, thresholds: { yellow: 99, red: 90 } },
    ),
    lines(
      ["Scrapes demasiado grandes", "Scrapes over the limit"],
      "short",
      ["Scrapes por segundo que superan un límite.", "Scrapes per second that exceed a limit."],
      {
        "muestras / samples": rate("prometheus_target_scrapes_exceeded_sample_limit_total"),
        "cuerpo / body": rate("prometheus_target_scrapes_exceeded_body_size_limit_total"),
      },
    ),
    lines(["Fallas internas", "Internal failures"], "short", ["Por segundo.", "Per second."], {
      "conexiones / connections": `sum(${rate('net_conntrack_dialer_conn_failed_total{job="prometheus"}')})`,
      "descubrimiento / discovery": `sum(${rate("prometheus_sd_kubernetes_failures_total")})`,
      DNS: rate("prometheus_sd_dns_lookup_failures_total"),
      "bloques / block reloads": rate("prometheus_tsdb_reloads_failures_total"),
      "series perdidas / series not found": rate("prometheus_tsdb_head_series_not_found_total"),
    }),
    heading("Consultas", "Queries"),
    lines(["Duración de las consultas", "Query duration"], "s", ["Cuantil 0,99 por fase.", "0.99 quantile by phase."], {
      "{{slice}}": 'max by(slice) (prometheus_engine_query_duration_seconds{quantile="0.99"})',
    }),
    lines(
      ["Consultas simultáneas", "Concurrent queries"],
      "short",
      ["En ejecución y máximo permitido.", "Running, and the maximum allowed."],
      {
        "corren / running": "prometheus_engine_queries",
        "máximo / most": "prometheus_engine_queries_concurrent_max",
      },
    ),
    lines(
      ["Muestras leídas", "Samples read"],
      "short",
      ["Muestras por segundo que leen las consultas.", "Samples read by queries per second."],
      {
        "{{instance}}": rate("prometheus_engine_query_samples_total"),
      },
    ),
    heading("Scrapes y service discovery", "Scrapes and service discovery"),
    lines(
      ["Intervalo entre scrapes", "Interval between scrapes"],
      "s",
      ["Cuantil 0,99 y valor configurado.", "0.99 quantile and the configured value."],
      {
        "{{interval}}": 'prometheus_target_interval_length_seconds{quantile="0.99"}',
      },
    ),
    lines(["Objetivos por job", "Targets by job"], "short", ["Los que encontró service discovery.", "Found by service discovery."], {
      "{{scrape_job}}": "prometheus_target_scrape_pool_targets",
    }),
    lines(
      ["Muestras rechazadas", "Samples rejected"],
      "short",
      ["Por segundo: repetidas, fuera de orden o fuera de límites.", "Per second: duplicate, out of order or out of bounds."],
      {
        "repetidas / duplicate": rate("prometheus_target_scrapes_sample_duplicate_timestamp_total"),
        "desordenadas / out of order": rate("prometheus_target_scrapes_sample_out_of_order_total"),
        "fuera de plazo / out of bounds": rate("prometheus_target_scrapes_sample_out_of_bounds_total"),
      },
    ),
    lines(["Sincronización de objetivos", "Target sync"], "s", ["Duración, por segundo y job.", "Duration per second, by job."], {
      "{{scrape_job}}": rate("prometheus_target_sync_length_seconds_sum"),
    }),
    lines(["Sincronizaciones", "Syncs"], "short", ["Desde el inicio, por job.", "Since the start, by job."], {
      "{{scrape_job}}": "prometheus_target_scrape_pool_sync_total",
    }),
    heading("Almacenamiento", "Storage"),
    lines(["Write-ahead log", "Write-ahead log"], "bytes", ["Tamaño en disco.", "Size on disk."], {
      "{{instance}}": "prometheus_tsdb_wal_storage_size_bytes",
    }),
    lines(
      ["Páginas escritas del WAL", "WAL pages written"],
      "short",
      ["Por segundo; cada una es de 32 KiB.", "Per second; each has 32 KiB."],
      {
        "{{instance}}": rate("prometheus_tsdb_wal_page_flushes_total"),
      },
    ),
    lines(["Daños y escrituras fallidas del WAL", "WAL corruptions and failed writes"], "short", ["Desde el inicio.", "Since the start."], {
      "daños / corruptions": "prometheus_tsdb_wal_corruptions_total",
      "fallidas / failed": "prometheus_tsdb_wal_writes_failed_total",
    }),
    lines(
      ["Chunks en memoria", "Chunks in memory"],
      "short",
      ["Cada uno contiene hasta 120 muestras.", "Each contains up to 120 samples."],
      {
        "{{instance}}": "prometheus_tsdb_head_chunks",
      },
    ),
    lines(["Bloques en disco", "Blocks on disk"], "short", ["Número de bloques cargados.", "Number of loaded blocks."], {
      "{{instance}}": "prometheus_tsdb_blocks_loaded",
    }),
    lines(
      ["Límite de tamaño", "Size limit"],
      "bytes",
      ["Al superarlo se eliminan los bloques más antiguos.", "Above it the oldest blocks are deleted."],
      {
        "{{instance}}": "prometheus_tsdb_retention_limit_bytes",
      },
    ),
    lines(
      ["Espacio para 15 días", "Space for 15 days"],
      "bytes",
      ["Con 2 bytes por muestra, al ritmo de la última hora.", "At 2 bytes per sample, at the rate of the last hour."],
      { "{{instance}}": "15 * 86400 * 2 * rate(prometheus_tsdb_head_samples_appended_total[1h])" },
    ),
    heading("Reglas y proceso", "Rules and process"),
    lines(
      ["Evaluaciones omitidas", "Missed evaluations"],
      "short",
      ["Por segundo: la evaluación anterior seguía en ejecución.", "Per second: the previous evaluation was still running."],
      {
        "{{rule_group}}": rate("prometheus_rule_group_iterations_missed_total"),
      },
    ),
    lines(["Cola de notificaciones", "Notification queue"], "short", ["En espera y capacidad.", "Waiting, and the capacity."], {
      "esperan / waiting": "prometheus_notifications_queue_length",
      "caben / capacity": "prometheus_notifications_queue_capacity",
    }),
    lines(
      ["Desde la última recarga", "Since the last reload"],
      "s",
      ["Última recarga correcta de la configuración.", "Last successful configuration reload."],
      {
        "{{instance}}": "time() - prometheus_config_last_reload_success_timestamp_seconds",
      },
    ),
    lines(["Recolector de basura", "Garbage collector"], "percent", ["Tiempo en pausas.", "Time spent in pauses."], {
      "{{instance}}": `100 * ${rate('go_gc_duration_seconds_sum{job="prometheus"}')}`,
    }),
    lines(["Goroutines", "Goroutines"], "short", ["Número de goroutines del proceso.", "Number of goroutines of the process."], {
      "{{instance}}": 'go_goroutines{job="prometheus"}',
    }),
  ],
};
