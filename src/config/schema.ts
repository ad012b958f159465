import { z } from "zod";
import type { Text } from "../language.ts";
import { type Component, IMAGES } from "../versions.ts";
import { alerting } from "./alerting.ts";
import { applications } from "./applications.ts";
import { backups } from "./backups.ts";
import { CLUSTERS } from "./clusters.ts";
import { database } from "./database.ts";
import { ec2 } from "./ec2.ts";
import { INSTANCES, type Instance } from "./machines.ts";
import { OPEN_PORTS, type Openable } from "./open.ts";
import { remoteWrite } from "./remote-write.ts";
import { RESOURCES, resourcesOverride, type Workload } from "./resources.ts";
import { sample } from "./sample.ts";
import { scrape } from "./scrape.ts";
import { SCRAPE_INTERVAL } from "./scrape-interval.ts";
import { tls } from "./tls.ts";
import {
  annotationKey,
  cidr,
  cpu,
  duration,
  filePath,
  image,
  label,
  must,
  percent,
  port,
  publicHost,
  quantity,
  registry,
  seconds,
  sshServer,
  subdomain,
  variable,
} from "./units.ts";

/** The description of a configuration key, in each language: `z.string().meta({ en: "…", es: "…" })`. */
declare module "zod" {
  interface GlobalMeta extends Partial<Text> {}
}

/** The dashboards that an environment may choose; one file each in src/monitoring/dashboards/. */
export const DASHBOARDS = [
  "overview",
  "system",
  "webapp",
  "applications",
  "alerts",
  "mysql",
  "backups",
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

const ranges = z.array(cidr).min(1);

const machine = z
  .strictObject({
    instance: z
      .enum(instances)
      .optional()
      .meta({ en: "EC2 instance type; gives memory and cpu", es: "Tipo de instancia de EC2; da memory y cpu" }),
    memory: quantity
      .optional()
      .meta({ en: "Memory of the machine; not together with instance", es: "Memoria de la máquina; no junto con instance" }),
    cpu: cpu.optional().meta({ en: "CPU of the machine; not together with instance", es: "CPU de la máquina; no junto con instance" }),
    system: z
      .strictObject({
        memory: quantity.optional().meta({
          en: "Memory of kernel, operating system and Kubernetes itself. Default: by cluster",
          es: "Memoria del kernel, del sistema operativo y de Kubernetes. Por defecto: según cluster",
        }),
        cpu: cpu.optional().meta({ en: "CPU of the same. Default: by cluster", es: "CPU de lo mismo. Por defecto: según cluster" }),
      })
      .prefault({})
      .meta({
        en: "What the machine needs before the first pod runs",
        es: "Lo que la máquina necesita antes de que funcione el primer pod",
      }),
    nodes: z.int().min(1).max(1000).default(1).meta({
      en: "Number of such machines in the cluster. With several, everything must fit on one fewer, so that any one may be away",
      es: "Cantidad de máquinas así en el clúster. Con varias, todo debe caber en una menos, para que cualquiera pueda faltar",
    }),
    ssh: sshServer.optional().meta({
      en: "The server, as ssh reaches it: user@host, such as ubuntu@203.0.113.7. Commands then go to its k3s. Default: none",
      es: "El servidor, como lo alcanza ssh: usuario@servidor, por ejemplo ubuntu@203.0.113.7. Los comandos van entonces a su k3s. Por defecto: ninguno",
    }),
    disk: quantity.default("20Gi").meta({
      en: "Disk of the machine; volumes of k3s and kind are folders on it. With ec2: the data volume, beside a root disk of 8 GiB",
      es: "Disco de la máquina; los volúmenes de k3s y kind son carpetas en él. Con ec2: el volumen de datos, aparte de un disco raíz de 8 GiB",
    }),
    addresses: ranges.default(["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"]).meta({
      en: "Ranges in which the nodes and the API server have their addresses; only there may pods reach them. What of network.pods and network.services lies in them is left out. `doctor` proposes narrower ones",
      es: "Rangos en los que tienen sus direcciones los nodos y el servidor de la API; los pods solo los alcanzan ahí. Se descuenta lo que caiga en network.pods y network.services. `doctor` propone rangos más estrechos",
    }),
  })
  .meta({ en: "The machine that everything has to fit on", es: "La máquina en la que todo debe caber" });

const ingress = z
  .strictObject({
    host: publicHost.default("localhost").meta({
      en: "DNS name in the certificate and in links; with tls.letsEncrypt also the machine's public IPv4 address",
      es: "Nombre DNS en el certificado y en los enlaces; con tls.letsEncrypt, también la dirección IPv4 pública de la máquina",
    }),
    tls,
    onlyHost: z.boolean().default(false).meta({
      en: "Answer this name alone; otherwise every name and address, as a machine whose IP changes needs",
      es: "Responder solo a este nombre; si no, a todo nombre y dirección, como necesita una máquina cuya IP cambia",
    }),
    rateLimit: z
      .strictObject({
        average: z.int().min(1).max(100_000).default(50).meta({
          en: "Requests per second that one client address may keep up",
          es: "Peticiones por segundo que una dirección puede mantener",
        }),
        burst: z
          .int()
          .min(1)
          .max(100_000)
          .default(100)
          .meta({ en: "Requests that one client address may send at once", es: "Peticiones que una dirección puede enviar de una vez" }),
      })
      .prefault({})
      .meta({ en: "Limit for each client address", es: "Límite para la dirección de cada cliente" }),
    ports: z
      .strictObject({
        http: port.optional().meta({ en: "Port of HTTP. Default: 8080", es: "Puerto de HTTP. Por defecto: 8080" }),
        https: port.optional().meta({ en: "Port of HTTPS. Default: 8443", es: "Puerto de HTTPS. Por defecto: 8443" }),
      })
      .optional()
      .meta({
        en: "On kind, the ports of this computer's loopback address that lead to the application; k3s uses 80 and 443",
        es: "En kind, los puertos de este computador (dirección de loopback) que llevan a la aplicación; k3s usa 80 y 443",
      }),
    loadBalancer: z
      .strictObject({
        annotations: z.record(annotationKey, z.string().max(4096)).default({}).meta({
          en: "Annotations of Traefik's Service, by which clouds choose the kind of load balancer",
          es: "Anotaciones del Service de Traefik, con las que las nubes eligen el tipo de balanceador",
        }),
      })
      .optional()
      .meta({
        en: "Reach Traefik through the cluster's load balancer and not at nodePorts. Default: with cluster: kubernetes, without annotations",
        es: "Llegar a Traefik por el balanceador de carga del clúster y no por nodePorts. Por defecto: con cluster: kubernetes, sin anotaciones",
      }),
    nodePorts: z
      .strictObject({
        http: z.int().min(30_000).max(32_767).default(30_080).meta({ en: "NodePort of HTTP", es: "NodePort de HTTP" }),
        https: z.int().min(30_000).max(32_767).default(30_443).meta({ en: "NodePort of HTTPS", es: "NodePort de HTTPS" }),
      })
      .prefault({})
      .meta({
        en: "Ports of the ingress controller on kind; k3s uses 80 and 443",
        es: "Puertos del controlador de Ingress en kind; k3s usa 80 y 443",
      }),
  })
  .prefault({})
  .meta({ en: "The public ingress: Traefik with TLS", es: "El Ingress público: Traefik con TLS" });

const alert = (threshold: number, what: Text) =>
  z.strictObject({
    threshold: percent.default(threshold).meta(what),
    for: duration
      .default("5m")
      .meta({ en: "How long it must hold before the alert fires", es: "Cuánto debe cumplirse antes de que la alerta se dispare" }),
  });

const alerts = z
  .strictObject({
    cpu: alert(80, { en: "CPU use in % above which HighCPUUsage fires", es: "Uso de CPU en % por encima del cual se dispara HighCPUUsage" })
      .extend({ window: duration.default("5m").meta({ en: "Window of the rate", es: "Ventana de la tasa" }) })
      .prefault({})
      .meta({ en: "HighCPUUsage", es: "HighCPUUsage" }),
    memory: alert(10, {
      en: "Available memory in % below which LowMemoryAvailable fires",
      es: "Memoria disponible en % por debajo de la cual se dispara LowMemoryAvailable",
    })
      .prefault({})
      .meta({ en: "LowMemoryAvailable", es: "LowMemoryAvailable" }),
    disk: alert(15, {
      en: "Free disk in % below which LowDiskSpace fires",
      es: "Disco libre en % por debajo del cual se dispara LowDiskSpace",
    })
      .prefault({})
      .meta({ en: "LowDiskSpace", es: "LowDiskSpace" }),
    targetDown: z
      .strictObject({
        for: duration.default("1m").meta({ en: "How long a target must be down", es: "Cuánto tiempo debe estar caído un objetivo" }),
      })
      .prefault({})
      .meta({ en: "TargetDown", es: "TargetDown" }),
  })
  .prefault({})
  .meta({
    en: "Thresholds and times of four alerts; those of the others are fixed (docs/guides/add-an-alert.md)",
    es: "Umbrales y tiempos de cuatro alertas; los de las demás son fijos (docs/guides/add-an-alert.es.md)",
  });

const scrapeInterval = duration.refine(
  (text) => seconds(text) >= seconds(SCRAPE_INTERVAL.least) && seconds(text) <= seconds(SCRAPE_INTERVAL.most),
  must("scrapeInterval"),
);

const monitoring = z
  .strictObject({
    scrapeInterval: scrapeInterval.default("15s").meta({
      en: "How often each target is scraped and each rule evaluated: from 5s to 1m",
      es: "Cada cuánto se lee cada objetivo y se evalúa cada regla: de 5s a 1m",
    }),
    retention: duration.default("15d").meta({ en: "How long samples are kept", es: "Cuánto tiempo se guardan las muestras" }),
    volume: quantity.default("4Gi").meta({
      en: "Size of Prometheus' volume; retention by size follows from it. Decide it at the first apply, most local storage cannot grow later",
      es: "Tamaño del volumen de Prometheus; de él sale la retención por tamaño. Decídalo en el primer apply, casi ningún almacenamiento local puede crecer después",
    }),
    alerts,
    dashboards: z
      .array(z.enum(DASHBOARDS))
      .min(1)
      .refine((names) => new Set(names).size === names.length, must("dashboards"))
      .default([...DASHBOARDS])
      .meta({ en: "Dashboards in Grafana", es: "Tableros en Grafana" }),
    imported: z
      .array(label.max(40))
      .refine((names) => new Set(names).size === names.length, must("dashboards"))
      .default([])
      .meta({
        en: "Dashboards in Grafana that `cloudnova dashboards import` wrote, by name: files in environments/dashboards/",
        es: "Tableros en Grafana que escribió `cloudnova dashboards import`, por nombre: archivos de environments/dashboards/",
      }),
    rules: z.array(filePath).max(50).default([]).meta({
      en: "Files of your own Prometheus rules, from this file's folder, such as rules/shop.yaml. `npm test` runs their unit tests: the *.test.yaml beside them",
      es: "Archivos de reglas de Prometheus suyas, desde la carpeta de este archivo, por ejemplo rules/tienda.yaml. `npm test` ejecuta sus pruebas unitarias: los *.test.yaml junto a ellos",
    }),
    grafana: z
      .union([z.boolean(), z.literal("on-demand")], must("grafana"))
      .optional()
      .meta({
        en: "Run Grafana: true, false, or on-demand, which runs it only while `cloudnova open` does. Default: on-demand on a machine below 3 GiB, true on a larger one",
        es: "Ejecutar Grafana: true, false, u on-demand, que lo ejecuta solo mientras lo hace `cloudnova open`. Por defecto: on-demand en una máquina de menos de 3 GiB, true en una mayor",
      }),
    scrape,
    remoteWrite,
    externalLabels: z.record(variable, z.string().min(1).max(200)).optional().meta({
      en: "Labels that tell the receivers of remoteWrite where series come from. Default: environment, with this file's name",
      es: "Etiquetas que dicen a los receptores de remoteWrite de dónde vienen las series. Por defecto: environment, con el nombre de este archivo",
    }),
    runbooks: z
      .string()
      .max(200)
      .regex(/^[\w./:~-]+[^/]$/, must("runbooks"))
      .default("docs/runbooks")
      .meta({
        en: "Where alerts say that their runbook is: your repository's address of docs/runbooks",
        es: "Dónde dicen las alertas que está su runbook: la dirección de docs/runbooks en su repositorio",
      }),
  })
  .prefault({})
  .meta({ en: "Prometheus, Alertmanager, Grafana and the exporters", es: "Prometheus, Alertmanager, Grafana y los exporters" });

const secrets = z
  .strictObject({
    database: subdomain.optional().meta({
      en: "Secret with root, webapp, migrator, exporter: MySQL's passwords",
      es: "Secret con root, webapp, migrator, exporter: las contraseñas de MySQL",
    }),
    webapp: subdomain
      .optional()
      .meta({ en: "Secret with secret-key, admin-password, fault-token", es: "Secret con secret-key, admin-password, fault-token" }),
    grafana: subdomain.optional().meta({ en: "Secret with admin-password", es: "Secret con admin-password" }),
    certificate: subdomain.optional().meta({
      en: "TLS Secret of the public Ingress, with tls.crt and tls.key. Clients without a known server name get it too if it names ingress.host literally, not by a wildcard",
      es: "Secret de TLS del Ingress público, con tls.crt y tls.key. Los clientes que no dan un nombre conocido también lo reciben si nombra ingress.host de forma literal, no con un comodín",
    }),
    alerting: subdomain.default("alerting").meta({
      en: "Secret with the keys that the receivers need, each named at its receiver; never made here",
      es: "Secret con las claves que los receptores necesitan, cada una nombrada en su receptor; nunca se crea aquí",
    }),
  })
  .prefault({})
  .meta({
    en: "Names of Secrets that you bring (Sealed Secrets, External Secrets, SOPS); those left out are made in the cluster",
    es: "Nombres de los Secrets que usted trae (Sealed Secrets, External Secrets, SOPS); los demás se crean en el clúster",
  });

/** The ranges that each cluster has by default, as text. */
const defaultRanges = (which: "pods" | "services", [on, and, none]: readonly [string, string, string]): string =>
  Object.entries(CLUSTERS)
    .map(([cluster, { ranges: own }]) => `${own[which].join(` ${and} `) || none} ${on} ${cluster}`)
    .join(", ");
const EN = ["on", "and", "none"] as const;
const ES = ["en", "y", "ninguno"] as const;

const network = z
  .strictObject({
    pods: ranges.optional().meta({
      en: `Ranges of pods' addresses. Default: ${defaultRanges("pods", EN)}`,
      es: `Rangos de las direcciones de los pods. Por defecto: ${defaultRanges("pods", ES)}`,
    }),
    services: ranges.optional().meta({
      en: `Ranges of Services' addresses. Default: ${defaultRanges("services", EN)}`,
      es: `Rangos de las direcciones de los Services. Por defecto: ${defaultRanges("services", ES)}`,
    }),
  })
  .prefault({})
  .meta({
    en: "The cluster's own addresses, for the NetworkPolicies. `doctor` compares them with the cluster's",
    es: "Las direcciones del propio clúster, para las NetworkPolicies. `doctor` las compara con las del clúster",
  });

/** One environment: every key, with meaning, unit and default. The one source of types, defaults and documentation. */
export const environmentSchema = z
  .strictObject({
    cluster: z.enum(["kind", "k3s", "kubernetes"]).meta({
      en: "What it runs on; kubernetes: a cluster that is there already, such as EKS, reached by a context of your kubeconfig",
      es: "En qué funciona; kubernetes: un clúster que ya existe, como EKS, al que se llega por un contexto de su kubeconfig",
    }),
    namespace: namespace.default("cloudnova").meta({
      en: "Namespace of everything; node-exporter lives in NAME-host. Cannot be changed later without moving the data",
      es: "Namespace de todo; node-exporter va en NOMBRE-host. No se puede cambiar después sin mover los datos",
    }),
    language: z.enum(["es", "en"]).default("es").meta({
      en: "Language of dashboards, alerts and the application's default",
      es: "Idioma de tableros y alertas, y el de la aplicación por defecto",
    }),
    machine,
    ec2: ec2.optional(),
    ingress,
    applications: applications.optional().meta({
      en: "The applications, by name. Default: the sample alone, as with applications: {webapp: {sample: {}}}; where the key is given, the sample runs only with that entry",
      es: "Las aplicaciones, por nombre. Por defecto: solo la de ejemplo, como con applications: {webapp: {sample: {}}}; si se da la clave, la de ejemplo solo funciona con esa entrada",
    }),
    webapp: sample.optional().meta({
      deprecated: true,
      en: "Deprecated, refused by a later release: write these keys under applications.webapp.sample",
      es: "Obsoleta, una versión posterior la rechazará: escriba estas claves en applications.webapp.sample",
    }),
    database,
    monitoring,
    alerting,
    backups: backups.meta({
      en: "Backups of the databases, of the applications' volumes and of the Secrets, each restored on trial (docs/backups.md); false: none",
      es: "Respaldos de las bases de datos, de los volúmenes de las aplicaciones y de los Secrets, cada uno restaurado como prueba (docs/backups.es.md); false: ninguno",
    }),
    storageClass: subdomain.optional().meta({
      en: "StorageClass of all volumes; decide it at the first apply. Default: the cluster's default",
      es: "StorageClass de todos los volúmenes; decídala en el primer apply. Por defecto: la predeterminada del clúster",
    }),
    network,
    secrets,
    registry: registry.optional().meta({
      en: "Registry that has copies of Docker Hub's images, as the prefix of their names: with mirror.example.com/hub, mysql becomes mirror.example.com/hub/library/mysql. Images named under images and our own, which up builds, keep their names. Default: Docker Hub",
      es: "Registro que tiene copias de las imágenes de Docker Hub, como prefijo de sus nombres: con mirror.example.com/hub, mysql pasa a ser mirror.example.com/hub/library/mysql. Las imágenes nombradas en images y las nuestras, que construye up, conservan su nombre. Por defecto: Docker Hub",
    }),
    images: z.partialRecord(z.enum(components), image).prefault({}).meta({
      en: "Images other than the pinned ones, which are listed below; with a tag, a digest or both, such as {helper: registry.example.com/helper:2, grafana: grafana/grafana@sha256:DIGEST}",
      es: "Imágenes distintas de las fijadas, que se listan más abajo; con un tag, un digest o ambos, como {helper: registry.example.com/helper:2, grafana: grafana/grafana@sha256:DIGEST}",
    }),
    resources: z.partialRecord(z.enum(workloads), resourcesOverride).prefault({}).meta({
      en: "Requests and limits other than the defaults, which are listed below, by component, such as {mysql: {memory: 240Mi, memoryLimit: 340Mi}}; what is left out keeps its default",
      es: "Solicitudes y límites distintos de los usuales, que se listan más abajo, por componente, como {mysql: {memory: 240Mi, memoryLimit: 340Mi}}; lo que se omite conserva su valor usual",
    }),
    open: z.partialRecord(z.enum(openable), port).prefault({}).meta({
      en: "Local ports at which `open` makes components reachable, on the loopback address only",
      es: "Puertos locales en los que `open` da acceso a los componentes, solo en la dirección de loopback",
    }),
  })
  .meta({ title: "A CloudNova environment" });

/** What an environment file says, with the schema's defaults. */
export type Parsed = z.output<typeof environmentSchema>;
