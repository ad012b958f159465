import { z } from "zod";
import type { Component } from "../versions.ts";
import { cpu, mebibytes, quantity } from "./units.ts";

/** What one container asks for and may use. Every container has all four, so a test of the sums is a proof. */
export interface Resources {
  /** Memory that the scheduler sets aside, `Mi` or `Gi`. */
  readonly memory: string;
  /** Memory at which the kernel kills the container, `Mi` or `Gi`. */
  readonly memoryLimit: string;
  /** CPU that the scheduler sets aside. */
  readonly cpu: string;
  /** CPU at which the container is throttled: a burst guard, so set well above use. */
  readonly cpuLimit: string;
}

const of = (memory: string, memoryLimit: string, cpuRequest: string, cpuLimit: string): Resources => ({
  memory,
  memoryLimit,
  cpu: cpuRequest,
  cpuLimit,
});

/** Who runs in the cluster: every image's component, the Job that makes the secrets, the backups, and the exporter of their results. */
export type Workload = Exclude<Component, "helper"> | "bootstrap" | "backup" | "backup-exporter";

/**
 * Requests and limits for a machine of 2 GiB. Requests follow working sets on the kind cluster of the tests with these charts after minutes
 * under a light load (docs/footprint.md): MySQL 192 MiB with its buffer pool of 48 full, after twelve clients, two dumps
 * and two restores (229 with a pool of 64 and glibc's moving thresholds, see charts/mysql.ts; the same 233 MiB were seen after an hour of
 * requests); the application 72 to 78 with one worker (84 with two, webapp/README.md); Prometheus
 * with its prober 82 at 1,762 series; Traefik 45, but 73 after a first start on a new machine, when the file cache of its binary counts
 * as its own. The small ones follow the most that `verify` saw of
 * them on busy nodes: Alertmanager 30, blackbox-exporter 21, the other two near 16. Grafana's 160 follows
 * grafana/grafana#123017 (about 180 MiB idle for 12.4 in a larger set-up) and was
 * never measured by us.
 * The two of the backups share the 100 MiB that were kept for them: 24 for the exporter that always runs (the end-to-end run saw 21:
 * 5 are its own, up to 19 the file cache of its binary), 76 for a run, in which mysqldump
 * or the client (20 MiB with a row of 900 KiB) works beside the program, whose runtime aims at 16 MiB of heap. While it copies Grafana's
 * database, before mysqldump begins, the program has 31 MiB at most, file cache included, with 1 MiB of database as with 107.
 */
export const RESOURCES: Readonly<Record<Workload, Resources>> = {
  mysql: of("216Mi", "312Mi", "100m", "1500m"),
  webapp: of("96Mi", "192Mi", "75m", "1000m"),
  traefik: of("76Mi", "144Mi", "40m", "1000m"),
  prometheus: of("96Mi", "192Mi", "50m", "1000m"),
  alertmanager: of("32Mi", "64Mi", "10m", "200m"),
  "node-exporter": of("24Mi", "48Mi", "10m", "200m"),
  "mysqld-exporter": of("24Mi", "48Mi", "10m", "200m"),
  "blackbox-exporter": of("32Mi", "48Mi", "10m", "200m"),
  grafana: of("160Mi", "256Mi", "50m", "1000m"),
  bootstrap: of("32Mi", "64Mi", "10m", "500m"),
  backup: of("76Mi", "180Mi", "20m", "1000m"),
  "backup-exporter": of("24Mi", "32Mi", "5m", "100m"),
};

/** Working set of one replica in MiB, measured with 1 to 16 gunicorn workers: 60 with one, 261 with 16, in a straight line. */
const ONE_WORKER_MIB = 60;
const WORKER_MIB = 13.4;

/** Memory in MiB that a replica of the web application needs with so many gunicorn workers. */
export const workersNeed = (workers: number): number => Math.ceil(ONE_WORKER_MIB + (workers - 1) * WORKER_MIB);

/** What MySQL's memory follows from. */
export interface DatabaseSize {
  /** InnoDB's buffer pool, such as `48Mi`. */
  readonly bufferPool: string;
  readonly maxConnections: number;
}

/** The sizes that the default of MySQL in `RESOURCES` is for; schema.ts has them as defaults. */
const USUAL_DATABASE = { bufferPool: 48, maxConnections: 40 };
/** MySQL's memory in MiB beside its buffer pool: the default request less the pool. */
const MYSQL_BESIDE_POOL = 168;
/**
 * Memory in MiB of one connection that sorts and joins: sort, join, read and random-read buffers of 256, 256, 128 and 256 KiB (MySQL
 * Reference Manual, "How MySQL Uses Memory"), and its stack.
 */
const CONNECTION_MIB = 1;

/** Memory in MiB that MySQL needs at least under load: what is beside the buffer pool, and the pool. */
export const databaseNeeds = ({ bufferPool }: DatabaseSize): number => MYSQL_BESIDE_POOL + mebibytes(bufferPool);

/**
 * `RESOURCES` with what an environment's settings add: each worker of the web application after the first, MySQL's buffer pool beyond
 * the default (to its request and limit), and connections beyond the default (to its limit).
 */
export function defaultResources({ workers }: { readonly workers: number }, database: DatabaseSize): Readonly<Record<Workload, Resources>> {
  const { webapp, mysql } = RESOURCES;
  const plus = (memory: string, more: number) => `${mebibytes(memory) + more}Mi`;
  const [inWorkers, inPool] = [workersNeed(workers) - workersNeed(1), mebibytes(database.bufferPool) - USUAL_DATABASE.bufferPool];
  const inConnections = Math.max(0, database.maxConnections - USUAL_DATABASE.maxConnections) * CONNECTION_MIB;
  return {
    ...RESOURCES,
    webapp: { ...webapp, memory: plus(webapp.memory, inWorkers), memoryLimit: plus(webapp.memoryLimit, inWorkers) },
    mysql: { ...mysql, memory: plus(mysql.memory, inPool), memoryLimit: plus(mysql.memoryLimit, inPool + inConnections) },
  };
}

/** The schema of one component's override: any of the four; what is left out keeps its default. */
export const resourcesOverride = z
  .strictObject({
    memory: quantity.meta({ en: "Memory request", es: "Solicitud de memoria" }),
    memoryLimit: quantity.meta({ en: "Memory limit", es: "Límite de memoria" }),
    cpu: cpu.meta({ en: "CPU request", es: "Solicitud de CPU" }),
    cpuLimit: cpu.meta({ en: "CPU limit", es: "Límite de CPU" }),
  })
  .partial();
