import type { Language } from "../../monitoring/rules/rule.ts";

/** A text as [Spanish, English]. */
type Pair = readonly [es: string, en: string];

/** What the page says by itself. */
const WORDS = {
  title: ["Evidencia del despliegue", "Evidence of the deployment"],
  lead: [
    "Tomada del sistema en marcha por «cloudnova evidence». Lo que falló o no se pudo ver aparece como tal.",
    "Taken from the running system by 'cloudnova evidence'. What failed or could not be seen is shown as such.",
  ],
  contents: ["Contenido", "Contents"],
  skip: ["Saltar al contenido", "Skip to the content"],
  taken: ["Fecha", "Date"],
  environment: ["Entorno", "Environment"],
  failed: ["Falló", "Failed"],
  absent: ["No se ejecuta aquí", "Not run here"],
  application: ["La aplicación en HTTPS", "The application on HTTPS"],
  certificate: ["Certificado", "Certificate"],
  targets: ["Objetivos y exportadores", "Targets and exporters"],
  targetsLead: [
    "Lo que Prometheus consulta. De cada objetivo guarda solo las métricas que usa un panel o una regla.",
    "What Prometheus scrapes. Of each target it stores only the metrics that a panel or a rule uses.",
  ],
  dashboards: ["Tableros", "Dashboards"],
  dashboardsLead: [
    "Las mismas consultas que hace Grafana, con los datos de Prometheus, hasta la fecha de esta página: ",
    "The queries that Grafana makes, with the data of Prometheus, up to the date of this page: ",
  ],
  grafana: ["En Grafana", "In Grafana"],
  alerts: ["Alertas", "Alerts"],
  alertmanager: ["En Alertmanager", "In Alertmanager"],
  noAlerts: ["Alertmanager no tiene ninguna alerta.", "Alertmanager holds no alert."],
  rules: ["Reglas de alerta", "Alert rules"],
  pods: ["Contenedores en marcha", "Running containers"],
  verify: ["Comprobaciones", "Checks"],
  verifyLead: [
    "La tabla de «cloudnova verify»: cada comprobación con lo que vio.",
    "The table of 'cloudnova verify': each check with what it saw.",
  ],
  layout: ["Estructura del repositorio", "Layout of the repository"],
  versions: ["Versiones", "Versions"],
  commit: ["Commit de CloudNova", "CloudNova's commit"],
  changed: ["con cambios sin registrar", "with uncommitted changes"],
  job: ["Trabajo", "Job"],
  watches: ["Qué observa", "What it watches"],
  instance: ["Instancia", "Instance"],
  state: ["Estado", "State"],
  duration: ["Duración", "Duration"],
  samples: ["Muestras: exportadas → guardadas", "Samples: exported → stored"],
  up: ["activo", "up"],
  down: ["caído", "down"],
  noData: ["Sin datos en este intervalo", "No data in this time"],
  moreLines: ["más, sin dibujar", "more, not drawn"],
  table: ["Tabla", "Table"],
  group: ["Grupo", "Group"],
  alert: ["Alerta", "Alert"],
  severity: ["Gravedad", "Severity"],
  summary: ["Resumen", "Summary"],
  since: ["Desde", "Since"],
  receivers: ["Receptores", "Receivers"],
  firing: ["disparada", "firing"],
  pending: ["pendiente", "pending"],
  inactive: ["inactiva", "inactive"],
  unknown: ["sin evaluar", "not evaluated"],
  namespace: ["Namespace", "Namespace"],
  pod: ["Pod", "Pod"],
  node: ["Nodo", "Node"],
  ready: ["Listos", "Ready"],
  restarts: ["Reinicios", "Restarts"],
  memory: ["Memoria / solicitada", "Memory / requested"],
  check: ["Comprobación", "Check"],
  saw: ["Qué vio", "What it saw"],
  path: ["Ruta", "Path"],
  files: ["Archivos", "Files"],
  purpose: ["Para qué", "What for"],
  what: ["Qué", "What"],
  version: ["Versión", "Version"],
  tileVerify: ["comprobaciones correctas", "checks are ok"],
  tileTargets: ["objetivos activos", "targets are up"],
  tileAlerts: ["alertas disparadas, sin contar Watchdog", "alerts are firing, Watchdog not counted"],
  tilePods: ["pods en orden", "pods are well"],
} satisfies Record<string, Pair>;

export type Word = keyof typeof WORDS;
/** Gives the page's words in one language. */
export type Translate = (word: Word) => string;

const pick = ([es, en]: Pair, language: Language): string => (language === "es" ? es : en);

export const translator =
  (language: Language): Translate =>
  (word) =>
    pick(WORDS[word], language);

/** What each scrape job watches. */
const JOBS: Readonly<Record<string, Pair>> = {
  prometheus: ["Prometheus mismo", "Prometheus itself"],
  node: ["la máquina: CPU, memoria, disco, red (node-exporter)", "the machine: CPU, memory, disk, network (node-exporter)"],
  webapp: ["cada réplica de la aplicación", "each replica of the application"],
  mysql: ["la base de datos (mysqld-exporter)", "the database (mysqld-exporter)"],
  traefik: ["la entrada: peticiones, TLS", "the ingress: requests, TLS"],
  alertmanager: ["el envío de las alertas", "the delivery of alerts"],
  grafana: ["Grafana", "Grafana"],
  cadvisor: ["cada contenedor (cAdvisor)", "each container (cAdvisor)"],
  kubelet: ["el kubelet del nodo", "the node's kubelet"],
  "kubelet-probes": ["las sondas de los pods", "the pods' probes"],
  "blackbox-exporter": ["el exportador de sondas", "the exporter of probes"],
  probe: [
    "el nombre público en HTTPS a través de Traefik, desde dentro del clúster",
    "the public name on HTTPS through Traefik, from inside the cluster",
  ],
};

export const jobPurpose = (job: string, language: Language): string => pick(JOBS[job] ?? ["", ""], language);

/** What the folders and files at the top of the repository are for. */
const PATHS: Readonly<Record<string, Pair>> = {
  ".ci/": ["lo que pasa cada cambio", "what every change passes"],
  "charts/": ["qué se ejecuta: un chart de cdk8s por archivo", "what runs: one cdk8s chart a file"],
  "crds/": ["definiciones de recursos de k3s", "resource definitions of k3s"],
  "dist/": ["los manifiestos de cada entorno", "the manifests of every environment"],
  "docs/": ["decisiones, guías, runbooks", "decisions, guides, runbooks"],
  "environments/": ["los entornos", "the environments"],
  "imports/": ["tipos generados por cdk8s import", "types made by cdk8s import"],
  "node/": ["un nodo de Kubernetes hecho desde las fuentes", "a Kubernetes node built from source"],
  "src/": ["configuración, monitoreo, clúster, línea de comandos", "configuration, monitoring, cluster, command line"],
  "test/": ["pruebas", "tests"],
  "tools/": ["comprobaciones con programas ajenos", "checks by other people's programs"],
  "webapp/": ["la aplicación Flask", "the Flask application"],
  "cdk8s.yaml": ["configuración de cdk8s", "configuration of cdk8s"],
  "package.json": ["órdenes y dependencias", "commands and dependencies"],
  LICENSE: ["licencia: Apache 2.0", "licence: Apache 2.0"],
  "CHANGELOG.md": ["cambios de cada versión", "changes of each version"],
  "CONTRIBUTING.md": ["cómo contribuir", "how to contribute"],
  "SECURITY.md": ["cómo informar de una vulnerabilidad", "how to report a vulnerability"],
  "README.md": ["introducción en inglés", "introduction in English"],
  "README.es.md": ["introducción en español", "introduction in Spanish"],
};

export const pathPurpose = (path: string, language: Language): string => pick(PATHS[path] ?? ["", ""], language);
