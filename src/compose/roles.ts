import type { Image } from "./dockerfile.ts";
import type { Service } from "./model.ts";

/** What a service is for: it decides what becomes of it. */
export type Role = LeftOut | "database" | "proxy" | "prometheus" | "alertmanager" | "grafana" | "exporter" | "admin" | "application";

/** Those that CloudNova neither runs nor replaces. */
export type LeftOut = "cache" | "queue" | "otherDatabase" | "logs" | "mail" | "tool" | "worker" | "task";

/** Which program a proxy is: each has a configuration of its own. */
export type Proxy = "nginx" | "apache" | "traefik" | "caddy" | "other";

/** Images by their repository without registry and tag. The first that fits is taken. */
const IMAGES: readonly (readonly [RegExp, Role])[] = [
  [
    /(mysqld?|redis|nginx(-prometheus)?|node|blackbox|statsd|php-fpm|postgres|process|celery)[-_]?exporter|cadvisor|pushgateway/,
    "exporter",
  ],
  [/(^|\/)(phpmyadmin|adminer|dbgate|cloudbeaver|sqlpad|redis-commander|redisinsight|mongo-express|pgadmin4?|omnidb)(\/|$)/, "admin"],
  [/(^|\/)(mysql|mysql-server|mariadb|percona(-server)?|community-server)$/, "database"],
  [
    /(^|\/)(nginx|nginx-unprivileged|nginx-proxy|openresty|httpd|apache|traefik|caddy|haproxy|envoy|nginx-proxy-manager|swag|certbot|acme-companion|docker-letsencrypt-nginx-proxy-companion|docker-gen)$/,
    "proxy",
  ],
  [/(^|\/)(prometheus)$/, "prometheus"],
  [/(^|\/)alertmanager$/, "alertmanager"],
  [/(^|\/)grafana(-oss|-enterprise)?$/, "grafana"],
  [
    /(^|\/)(loki|promtail|fluentd?|fluent-bit|logstash|kibana|elasticsearch|opensearch|filebeat|graylog|seq|jaeger|tempo|zipkin|all-in-one|opentelemetry-collector(-contrib)?|vector|alloy)$/,
    "logs",
  ],
  [/(^|\/)(redis|redis-stack(-server)?|valkey|memcached|keydb|dragonfly)$/, "cache"],
  [/(^|\/)(rabbitmq|kafka|cp-kafka|zookeeper|cp-zookeeper|nats|activemq|eclipse-mosquitto|localstack)$/, "queue"],
  [
    /(^|\/)(postgres|postgis|mongo|mongodb|cassandra|neo4j|influxdb|couchdb|mssql\/server|oracle-xe|cockroach|clickhouse(-server)?|minio|azurite)$/,
    "otherDatabase",
  ],
  [/(^|\/)(mailhog|mailpit|mailcatcher|maildev|greenmail|postfix)(\/|$)/, "mail"],
  [
    /(^|\/)(portainer(-ce)?|watchtower|dozzle|autoheal|wait-for-it|wait|dockerize|ngrok|cloudflared|selenium[\w/-]*|standalone-chrome|sonarqube|jenkins|busybox|docker)$/,
    "tool",
  ],
];

/** `registry:5000/owner/name:tag@sha256:…` as `owner/name`, in lower case. */
export const repository = (image: string): string => {
  const path = image
    .toLowerCase()
    .replace(/@.*$/, "")
    .replace(/:[^/:]*$/, "")
    .split("/");
  return (path.length > 1 && /[.:]|^localhost$/.test(path[0] ?? "") ? path.slice(1) : path).join("/");
};

export function proxyOf(image: string): Proxy {
  const name = repository(image);
  if (/traefik/.test(name)) return "traefik";
  if (/caddy/.test(name)) return "caddy";
  if (/httpd|apache/.test(name)) return "apache";
  return /nginx|openresty/.test(name) ? "nginx" : "other";
}

const WORKER = /\b(celery|rq\s+worker|rqworker|dramatiq|huey_consumer|flower|arq|taskiq)\b/;
const TASK = /\b(db\s+(upgrade|migrate|init)|alembic\s+upgrade|migrate|init[-_]db|seed|pytest|wait-for)\b/;

const text = (command: readonly string[] | null | undefined) => (command ?? []).join(" ");

/** Folders from which web servers serve files. */
const SERVED = /^\/(usr\/share\/nginx\/|usr\/local\/apache2\/htdocs|var\/www|srv\b|usr\/share\/caddy)/;

/** Whether a path is in a folder from which web servers serve files. */
export const isServed = (path: string): boolean => SERVED.test(path);

/** Whether a web server's image has files of the project to serve, so that it is an application and no mere proxy. */
const servesFiles = (image: Image | undefined): boolean =>
  (image?.copies ?? []).some(({ target, from }) => from !== undefined || SERVED.test(target));

const STARTS = /\b(gunicorn|flask|uwsgi|uvicorn|hypercorn|waitress|runserver|daphne|app\.py|main\.py|run\.py|server\.py|wsgi\.py)\b/;
const GOES_ON = /&&|;|\b(gunicorn|run|runserver|uwsgi|uvicorn)\b/;

/** What a service without a known image does, by its command and ports. */
function roleByCommand(service: Service, image: Image | undefined, reached: boolean): Role {
  const own = `${text(service.entrypoint)} ${text(service.command)}`.trim();
  const command = own === "" ? `${text(image?.entrypoint)} ${text(image?.cmd)}` : own;
  if (WORKER.test(command)) return "worker";
  const published = reached || (service.ports ?? []).length > 0;
  // A migration of its own ends; a server that begins with one goes on.
  const ends = TASK.test(command) && !GOES_ON.test(command.replace(/python3?\s+\S+\.py/, ""));
  if (ends && !published) return "task";
  const listens = published || (service.expose ?? []).length > 0 || (image?.expose ?? []).length > 0;
  return listens || STARTS.test(command) ? "application" : "worker";
}

/**
 * The role of a service, by the image that it runs or begins with, then by its command, then by its ports.
 *
 * @param image what its Dockerfile says, where it is built
 * @param reached whether a proxy forwards to it
 */
export function roleOf(service: Service, image: Image | undefined, reached: boolean): Role {
  const base = (service.build ? image?.base : service.image) ?? "";
  const name = repository(base);
  const known = IMAGES.find(([pattern]) => pattern.test(name))?.[1];
  if (known === "proxy" && servesFiles(image)) return "application";
  return known ?? roleByCommand(service, image, reached);
}
