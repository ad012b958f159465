import { ApiObject, App, type Chart, JsonPatch } from "cdk8s";
import { PersistentVolumeClaim } from "cdk8s-plus-27";
import { RESOLVER } from "../src/acme.ts";
import { addressesOf } from "../src/addresses.ts";
import { backupUnits, hasData } from "../src/backups.ts";
import type { Environment } from "../src/config/load.ts";
import type { Config } from "../src/config/resolve.ts";
import { hostsOf, letsEncryptOf } from "../src/config/tls.ts";
import { type DatabaseAccess, databaseAccess } from "../src/database.ts";
import { monitored } from "../src/monitoring/application.ts";
import { dashboardAddresses, dashboards } from "../src/monitoring/dashboards/index.ts";
import { partsOf } from "../src/monitoring/parts.ts";
import { alertNames, ruleGroups } from "../src/monitoring/rules/index.ts";
import { REMOTE_WRITE_METRICS } from "../src/monitoring/rules/remote-write-rules.ts";
import { ruleSettings } from "../src/monitoring/rules/rule-settings.ts";
import { ACCOUNTS_JOB, applicationPods, backupPods, CHALLENGE_SOLVER, DATABASE_EXPORTER, flows, networkSettings } from "../src/network.ts";
import { notGenerated, secretNames } from "../src/secrets.ts";
import { asStored } from "../src/stored.ts";
import { seriesOf } from "../src/versions.ts";
import { toYaml } from "../src/yaml.ts";
import { AlertmanagerChart } from "./alertmanager.ts";
import { ApplicationChart } from "./application.ts";
import { BackupChart } from "./backup.ts";
import { ExternalMysqlChart } from "./external-mysql.ts";
import { GrafanaChart } from "./grafana.ts";
import { type IngressCertificate, IngressChart, type IngressProps } from "./ingress.ts";
import { K3sTraefikChart } from "./k3s-traefik.ts";
import { MysqlChart } from "./mysql.ts";
import { NamespacesChart } from "./namespaces.ts";
import { NetworkChart } from "./network.ts";
import { NodeExporterChart } from "./node-exporter.ts";
import type { BackedUpServer } from "./parts/backup-exporter.ts";
import { keepFromEviction } from "./parts/eviction.ts";
import { PrometheusChart } from "./prometheus.ts";
import { SecretsChart } from "./secrets.ts";
import { TraefikChart } from "./traefik.ts";
import { WebappChart } from "./webapp.ts";

/** Names of metrics by scrape job. */
export type Metrics = Readonly<Record<string, readonly string[]>>;

/**
 * The composition root: every chart of an environment, each with its slice of the configuration.
 * A chart's id is its file's name in dist/; the numbers are the order of `kubectl apply -f`, with gaps for charts to come.
 *
 * @param asked what must be stored for rules of the user's. @default nothing
 */
export function createApp(
  { name: environment, config, imported, rules: ownRules, sql, databaseCa }: Environment,
  asked: Metrics = {},
): App {
  const app = new App();
  const { namespace, images, resources, monitoring, ingress, language, facts, sample, applications } = config;
  const hostNamespace = `${namespace}-host`;
  const own = facts.ingressController === "own";
  const { external } = config.database;
  const severalNodes = config.machine.nodes > 1;
  const traefikNamespace = own ? namespace : "kube-system";
  const secrets = secretNames(config);
  const named = (component: keyof typeof images & keyof typeof resources) => ({
    namespace,
    image: images[component],
    resources: resources[component],
  });
  const parts = partsOf(config);
  const rules = ruleGroups({
    ...ruleSettings(config),
    dashboards: monitoring.grafana ? dashboardAddresses(monitoring.dashboards, config.alerting.grafana, parts) : {},
  });
  const letsEncrypt = letsEncryptOf(config);
  const traefikSettings = {
    host: ingress.host,
    httpsPort: ingress.ports.https,
    rateLimit: ingress.rateLimit,
    applications,
    sample: sample ? { namespace, onlyHost: ingress.onlyHost } : undefined,
    letsEncrypt,
  };
  const applicationNamespaces = applications.map((application) => application.namespace);

  new NamespacesChart(app, "00-namespaces", { namespace, hostNamespace, applications });
  new NetworkChart(app, "05-network", {
    namespace,
    hostNamespace,
    components: componentsOf(config),
    applicationNamespaces,
    flows: flows(networkSettings(config)),
    traefikNamespace,
    addresses: addressesOf(config),
  });
  new SecretsChart(app, "10-secrets", {
    namespace,
    image: images.helper,
    resources: resources.bootstrap,
    names: secrets,
    brought: notGenerated(config),
    publicNames: [...new Set([ingress.host, "localhost", "127.0.0.1", ...hostsOf(config)])],
    sample,
    applications,
    units: backupUnits(config),
    ownDatabase: external === undefined,
  });
  const access = databaseAccess(config);
  addDatabase(app, config, databaseCa);
  addBackups(app, environment, config, access);
  const webapp = sample
    ? new WebappChart(app, "30-webapp", {
        ...named("webapp"),
        settings: config.webapp,
        severalNodes,
        language,
        // In our own server's namespace its short name is enough.
        database: external ? access : { ...access, host: "mysql" },
        accountsSecret: secrets.database,
        secret: secrets.webapp,
      })
    : undefined;
  for (const application of applications) {
    new ApplicationChart(app, `35-application-${application.name}`, {
      application,
      ingress,
      certificateResolver: letsEncrypt && RESOLVER,
      severalNodes,
      access,
      mysqlImage: images.mysql,
      sql: sql[application.name] ?? [],
    });
  }
  if (own)
    new TraefikChart(app, "40-traefik", {
      ...named("traefik"),
      ingress: traefikSettings,
      applicationNamespaces,
      nodePorts: ingress.nodePorts,
      severalNodes,
      loadBalancer: ingress.loadBalancer,
    });
  else new K3sTraefikChart(app, "40-traefik", { ingress: traefikSettings, resources: resources.traefik });
  publicIngress(app, config, secrets.certificate, webapp?.service);
  new NodeExporterChart(app, "50-node-exporter", { ...named("node-exporter"), namespace: hostNamespace, severalNodes });
  new AlertmanagerChart(app, "60-alertmanager", {
    ...named("alertmanager"),
    alerting: config.alerting,
    alerts: alertNames(rules),
    secret: secrets.alerting,
    language,
    host: ingress.host,
  });
  const prometheus = new PrometheusChart(app, "65-prometheus", {
    ...named("prometheus"),
    blackboxImage: images["blackbox-exporter"],
    blackboxResources: resources["blackbox-exporter"],
    volume: monitoring.volume,
    retention: monitoring.retention,
    scrape: {
      namespace,
      interval: monitoring.scrapeInterval,
      traefik: { namespace: traefikNamespace },
      imported: [...imported.map(({ metrics }) => metrics), asked, monitoring.remoteWrite.length > 0 ? REMOTE_WRITE_METRICS : {}],
      targets: monitoring.scrape,
      remoteWrite: monitoring.remoteWrite,
      externalLabels: monitoring.externalLabels ?? { environment },
      grafana: monitoring.grafana === true,
      sample: config.sample,
      backups: config.backups !== false,
      mysqlPods: external ? DATABASE_EXPORTER : "mysql",
      applications: monitored(config),
      probe: { url: `https://traefik.${traefikNamespace}.svc`, host: ingress.host },
    },
    rules: [
      ...rules.map((group) => ({ name: group.name, groups: [group] })),
      ...ownRules.map(({ name, groups }) => ({ name: `own-${name}`, groups })),
    ],
  });
  if (monitoring.grafana) {
    new GrafanaChart(app, "70-grafana", {
      ...named("grafana"),
      onDemand: monitoring.grafana === "on-demand",
      secret: secrets.grafana,
      keySecret: secrets.grafanaKey,
      scrapeInterval: monitoring.scrapeInterval,
      language,
      prometheus: prometheus.service,
      dashboards: [
        ...dashboards(monitoring.dashboards, language, parts),
        ...imported.map(({ name, dashboard }) => ({ name, json: JSON.stringify(dashboard) })),
      ],
    });
  }
  chooseStorage(app, config.storageClass);
  keepFromEviction(app, facts);
  return app;
}

/** Gives every volume claim its StorageClass. */
function chooseStorage(app: App, storageClass: string | undefined): void {
  if (storageClass === undefined) return;
  const claims = app.node.findAll().filter((one) => one instanceof PersistentVolumeClaim);
  for (const claim of claims) ApiObject.of(claim).addJsonPatch(JsonPatch.add("/spec/storageClassName", storageClass));
}

/** What MySQL's pod does for the backups. */
function backedUpServer(config: Environment["config"]): BackedUpServer | undefined {
  const { backups, images, resources } = config;
  if (!backups) return undefined;
  const exporterResources = resources["backup-exporter"];
  return { settings: backups, units: backupUnits(config), helperImage: images.helper, exporterResources };
}

/** The components that have a policy of their own. */
function componentsOf(config: Config): string[] {
  const { sample, applications, monitoring, facts, ingress, database } = config;
  return [
    ...(database.external ? [DATABASE_EXPORTER, ACCOUNTS_JOB] : ["mysql"]),
    ...(sample ? ["webapp"] : []),
    "bootstrap",
    "prometheus",
    "alertmanager",
    ...(facts.ingressController === "own" ? ["traefik"] : []),
    ...(monitoring.grafana ? ["grafana"] : []),
    ...(ingress.tls.certManager ? [CHALLENGE_SOLVER] : []),
    ...applicationPods(applications),
    ...backupPods(config),
  ];
}

/** Our own MySQL server, or what an external one needs here. @param certificates of an external one's authority */
function addDatabase(app: App, config: Config, certificates: string | undefined): void {
  const { namespace, images, resources, database, applications, sample } = config;
  const secrets = secretNames(config);
  const common = {
    namespace,
    image: images.mysql,
    exporterImage: images["mysqld-exporter"],
    exporterResources: resources["mysqld-exporter"],
    accountsSecret: secrets.database,
    sample,
    databases: applications.flatMap((one) => (one.database ? [{ application: one.name, ...one.database }] : [])),
    backups: backedUpServer(config),
  };
  const { external } = database;
  if (external) {
    const clients = applications.filter((one) => one.database || (config.backups && hasData(one)));
    new ExternalMysqlChart(app, "20-mysql", {
      ...common,
      access: databaseAccess(config),
      credentialsSecret: external.credentialsSecret,
      certificates:
        certificates === undefined ? undefined : { text: certificates, namespaces: [namespace, ...clients.map((one) => one.namespace)] },
    });
    return;
  }
  new MysqlChart(app, "20-mysql", {
    ...common,
    ...database,
    resources: resources.mysql,
    tlsSecret: secrets.databaseTls,
    evictsBelow: config.facts.evictsBelow,
    upgradeTo: seriesOf(config.namedImages.mysql ?? ""),
  });
}

/** One chart for each namespace that is backed up. */
function addBackups(app: App, environment: string, config: Environment["config"], access: DatabaseAccess): void {
  const { backups, images, resources } = config;
  if (!backups) return;
  for (const unit of backupUnits(config)) {
    new BackupChart(app, unit.application ? `37-backup-${unit.application.name}` : "25-backup", {
      unit,
      environment,
      backups,
      access,
      mysqlVolume: config.database.volume,
      helperImage: images.helper,
      mysqlImage: images.mysql,
      resources: resources.backup,
      timeZone: config.alerting.timeZone,
    });
  }
}

/** Where the certificate of the public Ingress is. cert-manager's also has the applications' own hosts, as CloudNova's own has. */
function certificateOf(config: Config, secret: string): IngressCertificate {
  const { host, tls } = config.ingress;
  if (tls.letsEncrypt) return { names: [] };
  if (!tls.certManager) return { secret, names: [host] };
  const { issuer, kind } = tls.certManager;
  const annotations = { [`cert-manager.io/${kind === "Issuer" ? "issuer" : "cluster-issuer"}`]: issuer };
  return { secret, names: hostsOf(config), annotations };
}

/** The Ingress. Without the sample and with Let's Encrypt there is nothing for it: Traefik serves its own certificate for every name. */
function publicIngress(app: App, config: Config, secret: string, backend: IngressProps["backend"]): void {
  if (!backend && config.ingress.tls.letsEncrypt) return;
  const { namespace, ingress } = config;
  new IngressChart(app, "45-ingress", { namespace, ...ingress, certificate: certificateOf(config, secret), backend });
}

/** Manifests by file name: what lies in dist/<environment>/. */
export type Manifests = ReadonlyMap<string, string>;

/** The objects of each chart as the API server stores them, in the order in which they are applied. */
export function objects(app: App): Map<string, Record<string, unknown>[]> {
  const charts = app.charts as Chart[];
  return new Map(charts.map((chart) => [chart.node.id, (chart.toJson() as Record<string, unknown>[]).map(asStored)]));
}

/** The manifests of an app, and the kustomization that lists them (without an ending, so that `kubectl apply -f` passes it over). */
export function manifests(byChart: ReadonlyMap<string, readonly Record<string, unknown>[]>): Manifests {
  const files = new Map([...byChart].map(([id, list]) => [`${id}.k8s.yaml`, toYaml(...list)]));
  const kustomization = { apiVersion: "kustomize.config.k8s.io/v1beta1", kind: "Kustomization", resources: [...files.keys()] };
  return files.set("Kustomization", toYaml(kustomization));
}
