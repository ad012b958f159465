/** Every port that a container listens on; one table, so that Services, probes, policies and scrape jobs agree. */
export const PORTS = {
  mysql: 3306,
  "mysqld-exporter": 9104,
  "backup-exporter": 9105,
  webapp: 8000,
  "webapp-metrics": 9000,
  "traefik-web": 8080,
  "traefik-websecure": 8443,
  "traefik-metrics": 9100,
  "node-exporter": 9100,
  "blackbox-exporter": 9115,
  prometheus: 9090,
  alertmanager: 9093,
  grafana: 3000,
  kubelet: 10_250,
  "api-server": 6443,
} as const;
