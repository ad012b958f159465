// Made from the queries of rules and dashboards by src/monitoring/keep/derive.ts; never edited.
// biome-ignore-all format: one metric a line

/** What is stored of each job's metrics: those that a rule or a panel asks for, and no other. */
export const KEPT: Readonly<Record<string, string>> = {
  "alertmanager": `
    alertmanager_config_last_reload_successful
    alertmanager_notifications_failed_total
    alertmanager_notifications_total`,
  "cadvisor": `
    container_cpu_cfs_periods_total
    container_cpu_cfs_throttled_periods_total
    container_cpu_usage_seconds_total
    container_memory_working_set_bytes
    container_spec_memory_limit_bytes
    container_start_time_seconds`,
  "kubelet": `
    kubelet_pleg_last_seen_seconds`,
  "kubelet-probes": `
    prober_probe_total`,
  "mysql": `
    mysql_global_status_aborted_clients
    mysql_global_status_aborted_connects
    mysql_global_status_connection_errors_total
    mysql_global_status_innodb_buffer_pool_read_requests
    mysql_global_status_innodb_buffer_pool_reads
    mysql_global_status_innodb_row_lock_waits
    mysql_global_status_slow_queries
    mysql_global_status_table_locks_immediate
    mysql_global_status_table_locks_waited
    mysql_global_status_threads_connected
    mysql_global_status_threads_running
    mysql_global_status_uptime
    mysql_global_variables_max_connections
    mysql_up`,
  "node": `
    node_cpu_seconds_total
    node_filesystem_avail_bytes
    node_filesystem_files
    node_filesystem_files_free
    node_filesystem_readonly
    node_filesystem_size_bytes
    node_load5
    node_memory_MemAvailable_bytes
    node_memory_MemTotal_bytes
    node_network_receive_errs_total
    node_network_receive_packets_total
    node_network_transmit_errs_total
    node_network_transmit_packets_total
    node_nf_conntrack_entries
    node_nf_conntrack_entries_limit
    node_timex_offset_seconds
    node_timex_sync_status
    node_vmstat_oom_kill
    node_vmstat_pgmajfault`,
  "probe": `
    probe_ssl_earliest_cert_expiry
    probe_success`,
  "prometheus": `
    process_cpu_seconds_total
    process_resident_memory_bytes
    prometheus_config_last_reload_successful
    prometheus_http_requests_total
    prometheus_notifications_dropped_total
    prometheus_notifications_errors_total
    prometheus_notifications_sent_total
    prometheus_rule_evaluation_failures_total
    prometheus_rule_group_last_duration_seconds
    prometheus_target_scrape_pool_targets
    prometheus_tsdb_compactions_failed_total
    prometheus_tsdb_compactions_total
    prometheus_tsdb_head_samples_appended_total
    prometheus_tsdb_head_series
    prometheus_tsdb_head_series_created_total
    prometheus_tsdb_head_series_removed_total
    prometheus_tsdb_storage_blocks_bytes
    prometheus_tsdb_wal_corruptions_total`,
  "traefik": `
    traefik_entrypoint_requests_bytes_total
    traefik_entrypoint_requests_total
    traefik_entrypoint_responses_bytes_total`,
  "webapp": `
    webapp_database_errors_total
    webapp_database_pool_in_use
    webapp_database_pool_size
    webapp_http_request_duration_seconds_bucket
    webapp_http_request_duration_seconds_count
    webapp_http_requests_in_progress
    webapp_http_requests_total
    webapp_logins_total
    webapp_readiness_failures_total`,
};
