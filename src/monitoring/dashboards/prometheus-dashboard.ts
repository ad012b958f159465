import { type DashboardSpec, lines } from "./panel.ts";

const rate = (metric: string) => `rate(${metric}[$__rate_interval])`;

/** Prometheus about itself: the subjects of the community dashboard 3662, written anew (its panel types are gone from Grafana). */
export const prometheus: DashboardSpec = {
  uid: "cloudnova-prometheus",
  title: { es: "Prometheus · Resumen", en: "Prometheus · Overview" },
  panels: [
    lines(
      { es: "Muestras ingeridas", en: "Samples ingested" },
      "short",
      { es: "Muestras por segundo.", en: "Samples per second." },
      { "{{instance}}": rate("prometheus_tsdb_head_samples_appended_total") },
    ),
    lines(
      { es: "Series activas", en: "Active series" },
      "short",
      { es: "Series en memoria.", en: "Series in memory." },
      { "{{instance}}": "prometheus_tsdb_head_series" },
    ),
    lines(
      { es: "Series creadas y eliminadas", en: "Series created and removed" },
      "short",
      { es: "Cambios por segundo.", en: "Changes per second." },
      {
        "creadas / created": rate("prometheus_tsdb_head_series_created_total"),
        "retiradas / removed": rate("prometheus_tsdb_head_series_removed_total"),
      },
    ),
    lines(
      { es: "Duración de los scrapes", en: "Scrape duration" },
      "s",
      { es: "Duración por objetivo.", en: "Duration by target." },
      { "{{job}} {{instance}}": "scrape_duration_seconds" },
    ),
    lines(
      { es: "Muestras por objetivo", en: "Samples by target" },
      "short",
      { es: "Muestras después de metric_relabel_configs.", en: "Samples after metric_relabel_configs." },
      { "{{job}} {{instance}}": "scrape_samples_post_metric_relabeling" },
    ),
    lines(
      { es: "Objetivos", en: "Targets" },
      "short",
      { es: "Objetivos que responden y objetivos que no responden.", en: "Targets that are up and down." },
      {
        "responden / up": "sum(up)",
        "caídos / down": "count(up) - sum(up)",
      },
    ),
    lines(
      { es: "Evaluación de reglas", en: "Rule evaluation" },
      "s",
      { es: "Duración por grupo.", en: "Duration by group." },
      { "{{rule_group}}": "prometheus_rule_group_last_duration_seconds" },
    ),
    lines(
      { es: "Fallas de reglas", en: "Rule failures" },
      "short",
      { es: "Evaluaciones fallidas por segundo.", en: "Failed evaluations per second." },
      { "{{rule_group}}": rate("prometheus_rule_evaluation_failures_total") },
    ),
    lines(
      { es: "Notificaciones", en: "Notifications" },
      "short",
      { es: "Alertas enviadas y descartadas por segundo.", en: "Alerts sent and dropped per second." },
      {
        "enviadas / sent": rate("prometheus_notifications_sent_total"),
        "perdidas / dropped": rate("prometheus_notifications_dropped_total"),
      },
    ),
    lines(
      { es: "Memoria", en: "Memory" },
      "bytes",
      { es: "Memoria residente del proceso.", en: "Resident memory of the process." },
      { "{{instance}}": 'process_resident_memory_bytes{job="prometheus"}' },
    ),
    lines(
      { es: "CPU", en: "CPU" },
      "short",
      { es: "Núcleos que usa el proceso.", en: "Cores used by the process." },
      { "{{instance}}": rate('process_cpu_seconds_total{job="prometheus"}') },
    ),
    lines(
      { es: "Tamaño de los bloques", en: "Block size" },
      "bytes",
      { es: "Espacio en disco que ocupan los bloques.", en: "Disk space used by the blocks." },
      { "{{instance}}": "prometheus_tsdb_storage_blocks_bytes" },
    ),
    lines(
      { es: "Compactaciones", en: "Compactions" },
      "short",
      { es: "Compactaciones por segundo.", en: "Compactions per second." },
      {
        "hechas / done": rate("prometheus_tsdb_compactions_total"),
        "fallidas / failed": rate("prometheus_tsdb_compactions_failed_total"),
      },
    ),
    lines(
      { es: "Peticiones HTTP", en: "HTTP requests" },
      "reqps",
      { es: "Peticiones a su API por ruta.", en: "Requests to its API by route." },
      { "{{handler}}": `sum by(handler) (${rate("prometheus_http_requests_total")})` },
    ),
    lines(
      { es: "Configuración cargada", en: "Configuration loaded" },
      "short",
      { es: "1: la última recarga fue correcta.", en: "1: the last reload succeeded." },
      { "{{instance}}": "prometheus_config_last_reload_successful" },
    ),
    { heading: { es: "Fallas", en: "Failures" } },
    lines(
      { es: "Disponibilidad, 1 h", en: "Availability, 1 h" },
      "percent",
      { es: "Scrapes exitosos, por job.", en: "Successful scrapes, by job." },
      { "{{job}}": "100 * avg by(job) (avg_over_time(up[1h]))" },
      { max: 100, thresholds: { yellow: 99, red: 90 } },
    ),
    lines(
      { es: "Scrapes demasiado grandes", en: "Scrapes over the limit" },
      "short",
      { es: "Scrapes por segundo que superan un límite.", en: "Scrapes per second that exceed a limit." },
      {
        "muestras / samples": rate("prometheus_target_scrapes_exceeded_sample_limit_total"),
        "cuerpo / body": rate("prometheus_target_scrapes_exceeded_body_size_limit_total"),
      },
    ),
    lines(
      { es: "Fallas internas", en: "Internal failures" },
      "short",
      { es: "Por segundo.", en: "Per second." },
      {
        "conexiones / connections": `sum(${rate('net_conntrack_dialer_conn_failed_total{job="prometheus"}')})`,
        "descubrimiento / discovery": `sum(${rate("prometheus_sd_kubernetes_failures_total")})`,
        DNS: rate("prometheus_sd_dns_lookup_failures_total"),
        "bloques / block reloads": rate("prometheus_tsdb_reloads_failures_total"),
        "series perdidas / series not found": rate("prometheus_tsdb_head_series_not_found_total"),
      },
    ),
    { heading: { es: "Consultas", en: "Queries" } },
    lines(
      { es: "Duración de las consultas", en: "Query duration" },
      "s",
      { es: "Cuantil 0,99 por fase.", en: "0.99 quantile by phase." },
      { "{{slice}}": 'max by(slice) (prometheus_engine_query_duration_seconds{quantile="0.99"})' },
    ),
    lines(
      { es: "Consultas simultáneas", en: "Concurrent queries" },
      "short",
      { es: "En ejecución y máximo permitido.", en: "Running, and the maximum allowed." },
      {
        "corren / running": "prometheus_engine_queries",
        "máximo / most": "prometheus_engine_queries_concurrent_max",
      },
    ),
    lines(
      { es: "Muestras leídas", en: "Samples read" },
      "short",
      { es: "Muestras por segundo que leen las consultas.", en: "Samples read by queries per second." },
      { "{{instance}}": rate("prometheus_engine_query_samples_total") },
    ),
    { heading: { es: "Scrapes y service discovery", en: "Scrapes and service discovery" } },
    lines(
      { es: "Intervalo entre scrapes", en: "Interval between scrapes" },
      "s",
      { es: "Cuantil 0,99 y valor configurado.", en: "0.99 quantile and the configured value." },
      { "{{interval}}": 'prometheus_target_interval_length_seconds{quantile="0.99"}' },
    ),
    lines(
      { es: "Objetivos por job", en: "Targets by job" },
      "short",
      { es: "Los que encontró service discovery.", en: "Found by service discovery." },
      { "{{scrape_job}}": "prometheus_target_scrape_pool_targets" },
    ),
    lines(
      { es: "Muestras rechazadas", en: "Samples rejected" },
      "short",
      { es: "Por segundo: repetidas, fuera de orden o fuera de límites.", en: "Per second: duplicate, out of order or out of bounds." },
      {
        "repetidas / duplicate": rate("prometheus_target_scrapes_sample_duplicate_timestamp_total"),
        "desordenadas / out of order": rate("prometheus_target_scrapes_sample_out_of_order_total"),
        "fuera de plazo / out of bounds": rate("prometheus_target_scrapes_sample_out_of_bounds_total"),
      },
    ),
    lines(
      { es: "Sincronización de objetivos", en: "Target sync" },
      "s",
      { es: "Duración, por segundo y job.", en: "Duration per second, by job." },
      { "{{scrape_job}}": rate("prometheus_target_sync_length_seconds_sum") },
    ),
    lines(
      { es: "Sincronizaciones", en: "Syncs" },
      "short",
      { es: "Desde el inicio, por job.", en: "Since the start, by job." },
      { "{{scrape_job}}": "prometheus_target_scrape_pool_sync_total" },
    ),
    { heading: { es: "Almacenamiento", en: "Storage" } },
    lines(
      { es: "Write-ahead log", en: "Write-ahead log" },
      "bytes",
      { es: "Tamaño en disco.", en: "Size on disk." },
      { "{{instance}}": "prometheus_tsdb_wal_storage_size_bytes" },
    ),
    lines(
      { es: "Páginas escritas del WAL", en: "WAL pages written" },
      "short",
      { es: "Por segundo; cada una es de 32 KiB.", en: "Per second; each has 32 KiB." },
      { "{{instance}}": rate("prometheus_tsdb_wal_page_flushes_total") },
    ),
    lines(
      { es: "Daños y escrituras fallidas del WAL", en: "WAL corruptions and failed writes" },
      "short",
      { es: "Desde el inicio.", en: "Since the start." },
      {
        "daños / corruptions": "prometheus_tsdb_wal_corruptions_total",
        "fallidas / failed": "prometheus_tsdb_wal_writes_failed_total",
      },
    ),
    lines(
      { es: "Chunks en memoria", en: "Chunks in memory" },
      "short",
      { es: "Cada uno contiene hasta 120 muestras.", en: "Each contains up to 120 samples." },
      { "{{instance}}": "prometheus_tsdb_head_chunks" },
    ),
    lines(
      { es: "Bloques en disco", en: "Blocks on disk" },
      "short",
      { es: "Número de bloques cargados.", en: "Number of loaded blocks." },
      { "{{instance}}": "prometheus_tsdb_blocks_loaded" },
    ),
    lines(
      { es: "Límite de tamaño", en: "Size limit" },
      "bytes",
      { es: "Al superarlo se eliminan los bloques más antiguos.", en: "Above it the oldest blocks are deleted." },
      { "{{instance}}": "prometheus_tsdb_retention_limit_bytes" },
    ),
    lines(
      { es: "Espacio para 15 días", en: "Space for 15 days" },
      "bytes",
      { es: "Con 2 bytes por muestra, al ritmo de la última hora.", en: "At 2 bytes per sample, at the rate of the last hour." },
      { "{{instance}}": "15 * 86400 * 2 * rate(prometheus_tsdb_head_samples_appended_total[1h])" },
    ),
    { heading: { es: "Reglas y proceso", en: "Rules and process" } },
    lines(
      { es: "Evaluaciones omitidas", en: "Missed evaluations" },
      "short",
      { es: "Por segundo: la evaluación anterior seguía en ejecución.", en: "Per second: the previous evaluation was still running." },
      { "{{rule_group}}": rate("prometheus_rule_group_iterations_missed_total") },
    ),
    lines(
      { es: "Cola de notificaciones", en: "Notification queue" },
      "short",
      { es: "En espera y capacidad.", en: "Waiting, and the capacity." },
      {
        "esperan / waiting": "prometheus_notifications_queue_length",
        "caben / capacity": "prometheus_notifications_queue_capacity",
      },
    ),
    lines(
      { es: "Desde la última recarga", en: "Since the last reload" },
      "s",
      { es: "Última recarga correcta de la configuración.", en: "Last successful configuration reload." },
      { "{{instance}}": "time() - prometheus_config_last_reload_success_timestamp_seconds" },
    ),
    lines(
      { es: "Recolector de basura", en: "Garbage collector" },
      "percent",
      { es: "Tiempo en pausas.", en: "Time spent in pauses." },
      { "{{instance}}": `100 * ${rate('go_gc_duration_seconds_sum{job="prometheus"}')}` },
    ),
    lines(
      { es: "Goroutines", en: "Goroutines" },
      "short",
      { es: "Número de goroutines del proceso.", en: "Number of goroutines of the process." },
      { "{{instance}}": 'go_goroutines{job="prometheus"}' },
    ),
  ],
};
