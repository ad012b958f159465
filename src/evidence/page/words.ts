import { type Language, pick, type Text } from "../../language.ts";

/** What the page says by itself. */
const WORDS = {
  title: { es: "Evidencia del despliegue", en: "Evidence of the deployment" },
  lead: {
    es: "Tomada del sistema en marcha por «cloudnova evidence». Lo que falló o no se pudo ver aparece como tal.",
    en: "Taken from the running system by 'cloudnova evidence'. What failed or could not be seen is shown as such.",
  },
  contents: { es: "Contenido", en: "Contents" },
  skip: { es: "Saltar al contenido", en: "Skip to the content" },
  taken: { es: "Fecha", en: "Date" },
  environment: { es: "Entorno", en: "Environment" },
  failed: { es: "Falló", en: "Failed" },
  absent: { es: "No se ejecuta aquí", en: "Not run here" },
  application: { es: "La aplicación en HTTPS", en: "The application on HTTPS" },
  certificate: { es: "Certificado", en: "Certificate" },
  targets: { es: "Objetivos y exporters", en: "Targets and exporters" },
  targetsLead: {
    es: "Lo que Prometheus consulta. De cada objetivo guarda solo las métricas que usa un panel o una regla.",
    en: "What Prometheus scrapes. Of each target it stores only the metrics that a panel or a rule uses.",
  },
  dashboards: { es: "Tableros", en: "Dashboards" },
  dashboardsLead: {
    es: "Las mismas consultas que hace Grafana, con los datos de Prometheus, hasta la fecha de esta página: ",
    en: "The queries that Grafana makes, with the data of Prometheus, up to the date of this page: ",
  },
  grafana: { es: "En Grafana", en: "In Grafana" },
  alerts: { es: "Alertas", en: "Alerts" },
  alertmanager: { es: "En Alertmanager", en: "In Alertmanager" },
  noAlerts: { es: "Alertmanager no tiene ninguna alerta.", en: "Alertmanager holds no alert." },
  rules: { es: "Reglas de alerta", en: "Alert rules" },
  pods: { es: "Contenedores en marcha", en: "Running containers" },
  verify: { es: "Comprobaciones", en: "Checks" },
  verifyLead: {
    es: "La tabla de «cloudnova verify»: cada comprobación con lo que vio.",
    en: "The table of 'cloudnova verify': each check with what it saw.",
  },
  layout: { es: "Estructura del repositorio", en: "Layout of the repository" },
  versions: { es: "Versiones", en: "Versions" },
  commit: { es: "Commit de CloudNova", en: "CloudNova's commit" },
  changed: { es: "con cambios sin registrar", en: "with uncommitted changes" },
  job: { es: "Trabajo", en: "Job" },
  watches: { es: "Qué observa", en: "What it watches" },
  instance: { es: "Instancia", en: "Instance" },
  state: { es: "Estado", en: "State" },
  duration: { es: "Duración", en: "Duration" },
  samples: { es: "Muestras: exportadas → guardadas", en: "Samples: exported → stored" },
  up: { es: "activo", en: "up" },
  down: { es: "caído", en: "down" },
  noData: { es: "Sin datos en este intervalo", en: "No data in this time" },
  moreLines: { es: "más, sin dibujar", en: "more, not drawn" },
  table: { es: "Tabla", en: "Table" },
  group: { es: "Grupo", en: "Group" },
  alert: { es: "Alerta", en: "Alert" },
  severity: { es: "Gravedad", en: "Severity" },
  summary: { es: "Resumen", en: "Summary" },
  since: { es: "Desde", en: "Since" },
  receivers: { es: "Receptores", en: "Receivers" },
  firing: { es: "disparada", en: "firing" },
  pending: { es: "pendiente", en: "pending" },
  inactive: { es: "inactiva", en: "inactive" },
  unknown: { es: "sin evaluar", en: "not evaluated" },
  namespace: { es: "Namespace", en: "Namespace" },
  pod: { es: "Pod", en: "Pod" },
  node: { es: "Nodo", en: "Node" },
  ready: { es: "Listos", en: "Ready" },
  restarts: { es: "Reinicios", en: "Restarts" },
  memory: { es: "Memoria / solicitada", en: "Memory / requested" },
  check: { es: "Comprobación", en: "Check" },
  saw: { es: "Qué vio", en: "What it saw" },
  path: { es: "Ruta", en: "Path" },
  files: { es: "Archivos", en: "Files" },
  purpose: { es: "Para qué", en: "What for" },
  what: { es: "Qué", en: "What" },
  version: { es: "Versión", en: "Version" },
  tileVerify: { es: "comprobaciones correctas", en: "checks are ok" },
  tileTargets: { es: "objetivos activos", en: "targets are up" },
  tileAlerts: { es: "alertas disparadas, sin contar Watchdog", en: "alerts are firing, Watchdog not counted" },
  tilePods: { es: "pods en orden", en: "pods are well" },
} satisfies Record<string, Text>;

export type Word = keyof typeof WORDS;
/** Gives the page's words in one language. */
export type Translate = (word: Word) => string;

export const translator =
  (language: Language): Translate =>
  (word) =>
    pick(WORDS[word], language);

/** What each scrape job watches. */
const JOBS: Readonly<Record<string, Text>> = {
  prometheus: { es: "Prometheus mismo", en: "Prometheus itself" },
  node: { es: "la máquina: CPU, memoria, disco, red (node-exporter)", en: "the machine: CPU, memory, disk, network (node-exporter)" },
  webapp: { es: "cada réplica de la aplicación", en: "each replica of the application" },
  mysql: { es: "la base de datos (mysqld-exporter)", en: "the database (mysqld-exporter)" },
  traefik: { es: "la entrada: peticiones, TLS", en: "the ingress: requests, TLS" },
  alertmanager: { es: "el envío de las alertas", en: "the delivery of alerts" },
  grafana: { es: "Grafana", en: "Grafana" },
  cadvisor: { es: "cada contenedor (cAdvisor)", en: "each container (cAdvisor)" },
  kubelet: { es: "el kubelet del nodo", en: "the node's kubelet" },
  "kubelet-probes": { es: "las sondas de los pods", en: "the pods' probes" },
  "blackbox-exporter": { es: "el exporter de sondas", en: "the exporter of probes" },
  probe: {
    es: "el nombre público en HTTPS a través de Traefik, desde dentro del clúster",
    en: "the public name on HTTPS through Traefik, from inside the cluster",
  },
};

export const jobPurpose = (job: string, language: Language): string => pick(JOBS[job] ?? { es: "", en: "" }, language);

/** What the folders and files at the top of the repository are for. */
const PATHS: Readonly<Record<string, Text>> = {
  ".ci/": { es: "lo que pasa cada cambio", en: "what every change passes" },
  "charts/": { es: "qué se ejecuta: un chart de cdk8s por archivo", en: "what runs: one cdk8s chart a file" },
  "crds/": { es: "definiciones de recursos de k3s, Argo CD y Flux", en: "resource definitions of k3s, Argo CD and Flux" },
  "dist/": { es: "los manifiestos de cada entorno", en: "the manifests of every environment" },
  "docs/": { es: "decisiones, guías, runbooks", en: "decisions, guides, runbooks" },
  "environments/": { es: "los entornos", en: "the environments" },
  "gitops/": { es: "lo que leen Argo CD y Flux", en: "what Argo CD and Flux read" },
  "imports/": { es: "tipos generados por cdk8s import", en: "types made by cdk8s import" },
  "node/": { es: "un nodo de Kubernetes hecho desde las fuentes", en: "a Kubernetes node built from source" },
  "src/": { es: "configuración, monitoreo, clúster, línea de comandos", en: "configuration, monitoring, cluster, command line" },
  "test/": { es: "pruebas", en: "tests" },
  "tools/": { es: "comprobaciones con programas ajenos", en: "checks by other people's programs" },
  "webapp/": { es: "la aplicación Flask", en: "the Flask application" },
  "cdk8s.yaml": { es: "configuración de cdk8s", en: "configuration of cdk8s" },
  "package.json": { es: "órdenes y dependencias", en: "commands and dependencies" },
  LICENSE: { es: "licencia: Apache 2.0", en: "licence: Apache 2.0" },
  "CHANGELOG.md": { es: "cambios de cada versión", en: "changes of each version" },
  "CONTRIBUTING.md": { es: "cómo contribuir", en: "how to contribute" },
  "SECURITY.md": { es: "cómo informar de una vulnerabilidad", en: "how to report a vulnerability" },
  "README.md": { es: "introducción en inglés", en: "introduction in English" },
  "README.es.md": { es: "introducción en español", en: "introduction in Spanish" },
};

export const pathPurpose = (path: string, language: Language): string => pick(PATHS[path] ?? { es: "", en: "" }, language);
