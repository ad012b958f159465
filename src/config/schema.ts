import { z } from "zod";
import { type Component, IMAGES } from "../versions.ts";
import { alerting } from "./alerting.ts";
import { INSTANCES, type Instance } from "./machines.ts";
import { OPEN_PORTS, type Openable } from "./open.ts";
import { RESOURCES, resourcesOverride, type Workload } from "./resources.ts";
import { SCRAPE_INTERVAL } from "./scrape-interval.ts";
import { cpu, dnsName, duration, image, label, must, percent, port, quantity, registry, seconds, subdomain } from "./units.ts";

/** The dashboards that an environment may choose; one file each in src/monitoring/dashboards/. */
export const DASHBOARDS = [
  "overview",
  "system",
  "webapp",
  "alerts",
  "mysql",
  "traefik",
  "containers",
  "node",
  "node-io",
  "prometheus",
] as const;

const instances = Object.keys(INSTANCES) as Instance[];
const components = Object.keys(IMAGES) as Component[];
const openable = Object.keys(OPEN_PORTS) as Openable[];
const workloads = Object.keys(RESOURCES) as Workload[];
/** Relabelling the cluster's own namespaces would lock its pods out. */
const namespace = label.max(50).refine((name) => !/^(kube-.*|default)$/.test(name), must("namespace"));

const ranges = z.array(z.cidrv4(must("range"))).min(1);

const machine = z
  .strictObject({
    instance: z.enum(instances).optional().describe("EC2 instance type; gives memory and cpu"),
    memory: quantity.optional().describe("Memory of the machine; not together with instance"),
    cpu: cpu.optional().describe("CPU of the machine; not together with instance"),
    system: z
      .strictObject({
        memory: quantity.optional().describe("Memory of kernel, operating system and Kubernetes itself. Default: by cluster"),
        cpu: cpu.optional().describe("CPU of the same. Default: by cluster"),
      })
      .prefault({})
      .describe("What the machine needs before the first pod runs"),
    disk: quantity.default("20Gi").describe("Root disk of the machine; volumes of k3s and kind are folders on it"),
    addresses: ranges
      .default(["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"])
      .describe(
        "Ranges in which the nodes and the API server have their addresses; only there may pods reach them. What of network.pods and network.services lies in them is left out. `doctor` proposes narrower ones",
      ),
  })
  .describe("The machine that everything has to fit on");

const ingress = z
  .strictObject({
    host: dnsName.default("localhost").describe("DNS name in the certificate and in links"),
    onlyHost: z
      .boolean()
      .default(false)
      .describe("Answer this name alone; otherwise every name and address, as a machine whose IP changes needs"),
    rateLimit: z
      .strictObject({
        average: z.int().min(1).max(100_000).default(50).describe("Requests per second that one client address may keep up"),
        burst: z.int().min(1).max(100_000).default(100).describe("Requests that one client address may send at once"),
      })
      .prefault({})
      .describe("Limit for each client address"),
    ports: z
      .strictObject({
        http: port.optional().describe("Port of HTTP. Default: 8080"),
        https: port.optional().describe("Port of HTTPS. Default: 8443"),
      })
      .optional()
      .describe("On kind, the ports of this computer's loopback address that lead to the application; k3s uses 80 and 443"),
    nodePorts: z
      .strictObject({
        http: z.int().min(30_000).max(32_767).default(30_080).describe("NodePort of HTTP"),
        https: z.int().min(30_000).max(32_767).default(30_443).describe("NodePort of HTTPS"),
      })
      .prefault({})
      .describe("Ports of the ingress controller on kind; k3s uses 80 and 443"),
  })
  .prefault({})
  .describe("The public entrance: Traefik with TLS");

const webapp = z
  .strictObject({
    replicas: z
      .int()
      .min(1)
      .max(20)
      .optional()
      .describe("Instances among which the Ingress balances. Default: 1 on a machine below 3 GiB, 2 on a larger one"),
    autoscaling: z
      .strictObject({
        maxReplicas: z.int().min(2).max(20).describe("Upper bound; replicas is the lower one"),
        cpu: percent.min(1).default(70).describe("Mean CPU use, in % of the request, that is aimed at"),
      })
      .optional()
      .describe("HorizontalPodAutoscaler; needs metrics-server. Default: off"),
    writeAccess: z.enum(["open", "login"]).optional().describe("Who may change users. Default: open on kind, login elsewhere"),
    faultInjection: z.boolean().default(false).describe("Answer /debug/* (with a token), for alert drills"),
    workers: z
      .int()
      .min(1)
      .max(16)
      .default(1)
      .describe("gunicorn worker processes of one replica; each after the first adds 13.4 MiB to the default memory of webapp"),
    threads: z.int().min(2).max(64).default(4).describe("Threads of one worker"),
  })
  .prefault({})
  .describe("The Flask application");

const database = z
  .strictObject({
    volume: quantity.default("4Gi").describe("Size of the data volume; decide it at the first apply, most local storage cannot grow later"),
    bufferPool: quantity.default("64Mi").describe("InnoDB's buffer pool; MySQL's default memory follows it"),
    maxConnections: z.int().min(10).max(1000).default(40).describe("Connections that MySQL accepts"),
  })
  .prefault({})
  .describe("MySQL");

const alert = (threshold: number, what: string) =>
  z.strictObject({
    threshold: percent.default(threshold).describe(what),
    for: duration.default("5m").describe("How long it must hold before the alert fires"),
  });

const alerts = z
  .strictObject({
    cpu: alert(80, "CPU use in % above which HighCPUUsage fires")
      .extend({ window: duration.default("5m").describe("Window of the rate") })
      .prefault({})
      .describe("HighCPUUsage"),
    memory: alert(10, "Available memory in % below which LowMemoryAvailable fires").prefault({}).describe("LowMemoryAvailable"),
    disk: alert(15, "Free disk in % below which LowDiskSpace fires").prefault({}).describe("LowDiskSpace"),
    targetDown: z
      .strictObject({ for: duration.default("1m").describe("How long a target must be down") })
      .prefault({})
      .describe("TargetDown"),
  })
  .prefault({})
  .describe("Thresholds of the sources' alerts");

const scrapeInterval = duration.refine(
  (text) => seconds(text) >= seconds(SCRAPE_INTERVAL.least) && seconds(text) <= seconds(SCRAPE_INTERVAL.most),
  must("scrapeInterval"),
);

const monitoring = z
  .strictObject({
    scrapeInterval: scrapeInterval.default("15s").describe("How often each target is scraped and each rule evaluated: from 5s to 1m"),
    retention: duration.default("15d").describe("How long samples are kept"),
    volume: quantity
      .default("4Gi")
      .describe(
        "Size of Prometheus' volume; retention by size follows from it. Decide it at the first apply, most local storage cannot grow later",
      ),
    alerts,
    dashboards: z
      .array(z.enum(DASHBOARDS))
      .min(1)
      .refine((names) => new Set(names).size === names.length, must("dashboards"))
      .default([...DASHBOARDS])
      .describe("Dashboards in Grafana"),
    imported: z
      .array(label.max(40))
      .refine((names) => new Set(names).size === names.length, must("dashboards"))
      .default([])
      .describe("Dashboards in Grafana that `cloudnova dashboards import` wrote, by name: files in environments/dashboards/"),
    grafana: z
      .union([z.boolean(), z.literal("on-demand")])
      .optional()
      .describe(
        "Run Grafana: true, false, or on-demand, which runs it only while `cloudnova open` does. Default: on-demand on a machine below 3 GiB, true on a larger one",
      ),
    runbooks: z
      .string()
      .max(200)
      .regex(/^[\w./:~-]+[^/]$/, must("runbooks"))
      .default("docs/runbooks")
      .describe("Where alerts say that their runbook is: your repository's address of docs/runbooks"),
  })
  .prefault({})
  .describe("Prometheus, Alertmanager, Grafana and the exporters");

const secrets = z
  .strictObject({
    database: subdomain.optional().describe("Secret with root, webapp, migrator, exporter: MySQL's passwords"),
    webapp: subdomain.optional().describe("Secret with secret-key, admin-password, fault-token"),
    grafana: subdomain.optional().describe("Secret with admin-password"),
    certificate: subdomain
      .optional()
      .describe(
        "TLS Secret of the public Ingress, with tls.crt and tls.key. Clients without a known server name get it too if it names ingress.host literally, not by a wildcard",
      ),
    alerting: subdomain
      .default("alerting")
      .describe("Secret with what receivers need of smtp-password, slack-url, telegram-token, webhook-url, heartbeat-url; never made here"),
  })
  .prefault({})
  .describe("Names of Secrets that you bring (Sealed Secrets, External Secrets, SOPS); those left out are made in the cluster");

const network = z
  .strictObject({
    pods: ranges.optional().describe("Ranges of pods' addresses. Default: 10.244.0.0/16 on kind, 10.42.0.0/16 on k3s"),
    services: ranges.optional().describe("Ranges of Services' addresses. Default: 10.96.0.0/16 on kind, 10.43.0.0/16 on k3s"),
  })
  .prefault({})
  .describe("The cluster's own addresses, for the NetworkPolicies. `doctor` compares them with the cluster's");

/** One environment: every key, with meaning, unit and default. The one source of types, defaults and documentation. */
export const environmentSchema = z
  .strictObject({
    cluster: z.enum(["kind", "k3s"]).describe("What it runs on"),
    namespace: namespace
      .default("cloudnova")
      .describe("Namespace of everything; node-exporter lives in NAME-host. Cannot be changed later without moving the data"),
    language: z.enum(["es", "en"]).default("es").describe("Language of dashboards, alerts and the application's default"),
    machine,
    ingress,
    webapp,
    database,
    monitoring,
    alerting,
    network,
    secrets,
    registry: registry
      .optional()
      .describe(
        "Registry that has copies of Docker Hub's images, as the prefix of their names: with mirror.example.com/hub, mysql becomes mirror.example.com/hub/library/mysql. Images named under images and the application's image, which up builds, keep their names. Default: Docker Hub",
      ),
    images: z
      .partialRecord(z.enum(components), image)
      .prefault({})
      .describe("Images other than the pinned ones that docs/configuration.md lists"),
    resources: z
      .partialRecord(z.enum(workloads), resourcesOverride)
      .prefault({})
      .describe("Requests and limits other than the defaults, by component"),
    open: z
      .partialRecord(z.enum(openable), port)
      .prefault({})
      .describe("Local ports at which `open` makes components reachable, on the loopback address only"),
  })
  .meta({ title: "A CloudNova environment" });
