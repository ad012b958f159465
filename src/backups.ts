import { type Backups, staggered } from "./config/backups.ts";
import type { Config } from "./config/resolve.ts";
import type { Application } from "./config/resolve-applications.ts";
import { mebibytes } from "./config/units.ts";
import type { DatabaseAccess } from "./database.ts";
import { GRAFANA_USER } from "./monitoring/grafana-settings.ts";
import { PORTS } from "./ports.ts";
import { APPLICATION_PASSWORDS, applicationSecrets, secretNames } from "./secrets.ts";
import { CLOUDNOVA_VERSION } from "./versions.ts";

/** The database on the MySQL server with one table of results for each unit. */
export const RESULTS = "cloudnova_backups";

/** The Secrets of a unit that the bootstrap Job makes. */
export const BACKUP_SECRETS = {
  /** The environment's MySQL account of the backups, in its own namespace: `password`. */
  account: "backup-database",
  /** The unit's own private key of age: `identity`; and `former-identities`, those before it, once there are some. */
  key: "backup-key",
} as const;

/** The MySQL account of the environment's own unit. */
export const BACKUP_USER = "backup";

/** The name of the pods, of the CronJob and of all else that backs up a namespace. */
export const BACKUP = "backup";

/** The Service of Alertmanager, whose silences are part of the backups of the environment's own namespace. */
const ALERTMANAGER = "alertmanager";

/** Grafana's workload and its claim, whose database is part of the same backups. */
export const GRAFANA = { name: "grafana", claim: "grafana-data" } as const;

/** Where a backup pod finds its files. */
export const PATHS = {
  plan: "/etc/backup/plan.json",
  mysql: "/etc/backup-mysql",
  ca: "/etc/backup-ca",
  key: "/etc/backup-key",
  store: "/etc/backup-store",
  folder: "/backups",
  volumes: "/volumes",
  helper: "/helper",
} as const;

/** Where the environment's own unit, which has no other volumes, finds Grafana's. */
export const GRAFANA_FOLDER = `${PATHS.volumes}/${GRAFANA.name}`;

/** What is backed up together: the databases, volumes and Secrets of one namespace, of which it has the name. */
export interface BackupUnit {
  /** The namespace, and the unit's name. */
  readonly name: string;
  /** The user's application in it; undefined for the environment's own namespace. */
  readonly application?: Application;
  readonly databases: readonly string[];
  /** The MySQL account, and the Secret with its `password`. */
  readonly account: { readonly user: string; readonly secret: string };
  /** Volumes by purpose. */
  readonly volumes: readonly string[];
  /** Whether Grafana's own database is backed up with it. */
  readonly grafana: boolean;
  /** Names of Secrets. */
  readonly secrets: readonly string[];
  /** When it is backed up. */
  readonly schedule: string;
}

/** What a list of an application's Secrets hangs on. */
type WithSecrets = Pick<Application, "name" | "secrets" | "database">;

/** Secrets of an application in its namespace: its account, what was made for it, and those of the user's that it names. */
function secretsOf({ name, secrets, database }: WithSecrets): string[] {
  const own = applicationSecrets(name);
  const entries = Object.values(secrets);
  return [
    ...new Set([
      ...(database ? [own.database] : []),
      ...(entries.some(({ generate }) => generate) ? [own.generated] : []),
      ...entries.flatMap(({ from }) => from ?? []),
    ]),
  ];
}

/** Whether an application has something that can be lost: a database or volumes. */
export const hasData = ({ database, volumes }: Pick<Application, "database" | "volumes">): boolean =>
  database !== false || Object.keys(volumes).length > 0;

/** The account of an application on the MySQL server: its database's, or one of its own for the results alone. No database account has `-`. */
const accountOf = ({ name, database }: Application) => ({
  user: database ? database.user : `${name}-b`,
  secret: applicationSecrets(name).database,
});

/** What an environment asks of its units. */
export type BackedUp = Pick<
  Config,
  "backups" | "namespace" | "sample" | "secrets" | "ingress" | "applications" | "monitoring" | "facts" | "machine" | "storageClass"
> & {
  /** @default our own MySQL server */
  readonly database?: Config["database"];
};

/**
 * Whether the backup can mount Grafana's volume beside Grafana: on one node, and where volumes are folders of it. Elsewhere a volume may be on
 * another node than the pod, or belong to one node alone, and a pod that waits for it would back up nothing at all.
 */
const mountsGrafana = ({ monitoring, facts, machine, storageClass }: BackedUp): boolean =>
  monitoring.grafana !== false && facts.localVolumes && machine.nodes === 1 && storageClass === undefined;

/** The units of an environment: its own namespace first, then the applications that have data; none where backups are off. */
export function backupUnits(config: BackedUp): BackupUnit[] {
  const { backups, namespace, sample, secrets, ingress, applications, database } = config;
  if (!backups) return [];
  const { webapp, databaseTls, ...names } = secretNames({ secrets, ingress });
  const ofServer = database?.external ? [] : [databaseTls];
  const withData = applications.filter(hasData);
  const own: BackupUnit = {
    name: namespace,
    databases: sample ? ["app"] : [],
    account: { user: BACKUP_USER, secret: BACKUP_SECRETS.account },
    volumes: [],
    grafana: mountsGrafana(config),
    secrets: [
      ...Object.values(names),
      ...ofServer,
      ...(sample ? [webapp] : []),
      ...(withData.length > 0 ? [APPLICATION_PASSWORDS] : []),
    ].sort(),
    schedule: backups.schedule,
  };
  const others = withData.map((application, index) => ({
    name: application.namespace,
    application,
    databases: application.database ? [application.database.name] : [],
    account: accountOf(application),
    volumes: Object.keys(application.volumes),
    grafana: false,
    secrets: secretsOf(application),
    schedule: staggered(backups.schedule, index + 1),
  }));
  return [own, ...others];
}

/** The port outside at which a store answers. */
export function storePort({ store }: Pick<Backups, "store">): number | undefined {
  if (!store) return undefined;
  const { port, protocol } = new URL(store.endpoint);
  return Number(port) || (protocol === "https:" ? 443 : 80);
}

/** Seconds for which a run waits until MySQL answers: the first one starts together with it. */
const WAIT_SECONDS = 600;

const bytes = (size: string): number => mebibytes(size) * 2 ** 20;

/** What a plan says beside its unit. */
export interface PlanSettings {
  /** The environment's name: its file's. */
  readonly environment: string;
  readonly backups: Backups;
  /** How clients reach MySQL. */
  readonly access: DatabaseAccess;
  /** Size of MySQL's volume, such as `4Gi`. */
  readonly mysqlVolume: string;
}

/** Whether a unit's namespace has the authority of MySQL's certificate. */
export const hasAuthority = ({ application }: BackupUnit, { everywhere }: DatabaseAccess): boolean =>
  application === undefined || everywhere;

/** plan.json, from which the backup program of the helper image works (helper/backup). */
export function planOf(unit: BackupUnit, settings: PlanSettings): Record<string, unknown> {
  const { environment, backups, access, mysqlVolume } = settings;
  const { name, databases, account, volumes, secrets } = unit;
  const { store } = backups;
  return {
    unit: name,
    namespace: name,
    environment,
    product: CLOUDNOVA_VERSION,
    mysql: {
      host: access.host,
      port: access.port,
      user: account.user,
      passwordFile: `${PATHS.mysql}/password`,
      ca: hasAuthority(unit, access) ? `${PATHS.ca}/ca.crt` : null,
      tls: true,
    },
    databases,
    volumes: Object.fromEntries(volumes.map((purpose) => [purpose, `${PATHS.volumes}/${purpose}`])),
    secrets,
    grafana: unit.grafana ? { folder: GRAFANA_FOLDER, group: GRAFANA_USER } : null,
    alertmanager: unit.application ? null : `http://${ALERTMANAGER}:${PORTS.alertmanager}`,
    recipients: backups.recipients,
    identity: `${PATHS.key}/identity`,
    folder: PATHS.folder,
    store: store
      ? {
          endpoint: store.endpoint,
          region: store.region,
          bucket: store.bucket,
          prefix: store.prefix,
          pathStyle: store.pathStyle,
          secret: store.secret,
          credentials: PATHS.store,
          ca: store.privateCa ? `${PATHS.store}/ca.crt` : null,
        }
      : null,
    keep: backups.keep,
    pointInTime: backups.pointInTime,
    folderBytes: bytes(backups.volume),
    mysqlVolumeBytes: bytes(mysqlVolume),
    waitSeconds: WAIT_SECONDS,
  };
}

/** How the exporter of the backups' results reaches MySQL (`MySQL` in helper/backup/plan.go). */
export type ExporterServer = Readonly<Record<string, string | number | boolean>>;

/** The same beside mysqld. @param run the folder with its socket and the exporter's password */
export const besideServer = (run: string): ExporterServer => ({
  socket: `${run}/mysqld.sock`,
  user: "exporter",
  passwordFile: `${run}/exporter.password`,
});

/** What an exporter's plan says, from which the exporter works. */
export const exporterPlanOf = (units: readonly BackupUnit[], { store }: Backups, mysql: ExporterServer): Record<string, unknown> => ({
  units: units.map(({ name }) => name),
  kinds: ["backup", "check", ...(store ? ["offsite"] : [])],
  listen: `:${PORTS["backup-exporter"]}`,
  mysql,
});
