import { Chart, Duration, Size } from "cdk8s";
import * as kplus from "cdk8s-plus-27";
import type { Construct } from "constructs";
import { BACKUP_SECRETS, type BackupUnit, exporterPlanOf } from "../src/backups.ts";
import type { Resources } from "../src/config/resources.ts";
import { configMount, HardenedDeployment, HardenedJob } from "../src/constructs/index.ts";
import type { DatabaseAccess } from "../src/database.ts";
import { podExceptions } from "../src/exceptions.ts";
import { type Identity, labels } from "../src/labels.ts";
import { ACCOUNTS_JOB, DATABASE_EXPORTER } from "../src/network.ts";
import { PORTS } from "../src/ports.ts";
import { APPLICATION_PASSWORDS } from "../src/secrets.ts";
import { imageVersion } from "../src/versions.ts";
import makeAccounts from "./files/mysql/external-accounts.sh";
import { authorityConfigMap, authorityMount } from "./parts/authority.ts";
import { type BackedUpServer, backupExporter, EXPORTER_USER } from "./parts/backup-exporter.ts";
import { applicationNames, applicationsSql, externalAccountsSql, type ServedDatabase } from "./parts/mysql-sql.ts";

export interface ExternalMysqlProps {
  readonly namespace: string;
  readonly access: DatabaseAccess;
  /** The certificates of its authority, where the environment names them as a file; each namespace that connects gets them. */
  readonly certificates?: { readonly text: string; readonly namespaces: readonly string[] } | undefined;
  /** MySQL's image: its client makes the accounts. */
  readonly image: string;
  readonly exporterImage: string;
  readonly exporterResources: Resources;
  /** Secret with the administrator's username and password; always the user's own. */
  readonly credentialsSecret: string;
  /** Secret with a password for each of webapp, migrator, exporter. */
  readonly accountsSecret: string;
  readonly sample: boolean;
  readonly databases: readonly ServedDatabase[];
  /** @default no backups */
  readonly backups?: BackedUpServer | undefined;
}

const USER = 10_999;
const CA = "/etc/mysql-ca";
/** The client alone runs, for some statements. */
const CLIENT: Resources = { memory: "32Mi", memoryLimit: "96Mi", cpu: "10m", cpuLimit: "500m" };

/** A MySQL server that others run: the Job that makes databases and accounts on it, and its exporters. */
export class ExternalMysqlChart extends Chart {
  constructor(scope: Construct, id: string, props: ExternalMysqlProps) {
    super(scope, id, { namespace: props.namespace, disableResourceNameHashes: true });
    const { certificates } = props;
    for (const namespace of certificates?.namespaces ?? []) authorityConfigMap(this, namespace, certificates?.text ?? "");
    this.accounts(props, props.backups?.units ?? []);
    this.exporters(props);
  }

  private secret(id: string, name: string, path: string, keys?: Readonly<Record<string, string>>): kplus.VolumeMount {
    const items = keys && Object.fromEntries(Object.entries(keys).map(([key, file]) => [key, { path: file }]));
    const secret = kplus.Secret.fromSecretName(this, `${id}-secret`, name);
    return { path, readOnly: true, volume: kplus.Volume.fromSecret(this, id, secret, { name: id, defaultMode: 0o440, items }) };
  }

  /** Runs when the statements change; the kubelet waits for passwords that the bootstrap Job has not made yet. */
  private accounts(props: ExternalMysqlProps, units: readonly BackupUnit[]): void {
    const { access, sample, databases, image } = props;
    const identity: Identity = { name: ACCOUNTS_JOB, component: "database", version: imageVersion(image) };
    const ofApplications = units.filter(({ application }) => application);
    const applications = applicationNames(databases, ofApplications);
    const files = {
      "accounts.sql": externalAccountsSql(sample, units),
      "applications.sql": applications.length > 0 ? applicationsSql(databases, ofApplications) : "-- none\n",
      "accounts.sh": makeAccounts,
    };
    const config = new kplus.ConfigMap(this, "statements", { metadata: { name: ACCOUNTS_JOB, labels: labels(identity) }, data: files });
    const keys = [...(sample ? ["webapp", "migrator"] : []), "exporter"];
    new HardenedJob(this, "make-accounts", {
      name: ACCOUNTS_JOB,
      labels: labels(identity),
      annotations: podExceptions(),
      // A failed try is repeated: the server may be away. Its pause grows to five minutes.
      backoffLimit: 1000,
      files,
      containers: [
        {
          name: "accounts",
          image,
          user: USER,
          resources: CLIENT,
          command: ["bash", "/sql/accounts.sh"],
          env: { MYSQL_HOST: access.host, MYSQL_TCP_PORT: String(access.port) },
          mounts: [
            configMount(config, "/sql"),
            this.secret("administrator", props.credentialsSecret, "/run/secrets/administrator"),
            this.secret("accounts", props.accountsSecret, "/run/secrets/accounts", Object.fromEntries(keys.map((key) => [key, key]))),
            ...(units.length > 0 ? [this.secret("backup", BACKUP_SECRETS.account, "/run/secrets/backup", { password: "backup" })] : []),
            ...(applications.length > 0
              ? [
                  this.secret(
                    "applications",
                    APPLICATION_PASSWORDS,
                    "/run/secrets/applications",
                    Object.fromEntries(applications.map((one) => [one, one])),
                  ),
                ]
              : []),
            authorityMount(this, "accounts-ca", access.authority, CA, "ca"),
            { path: "/tmp", volume: kplus.Volume.fromEmptyDir(this, "tmp", "tmp", { sizeLimit: Size.mebibytes(8) }) },
          ],
        },
      ],
    });
  }

  private exporters(props: ExternalMysqlProps): void {
    const { access, backups, exporterImage, exporterResources, accountsSecret } = props;
    const identity: Identity = { name: DATABASE_EXPORTER, component: "monitoring", version: imageVersion(exporterImage) };
    const settings = `[client]\nuser = exporter\nhost = ${access.host}\nport = ${access.port}\nssl-ca = ${CA}/ca.crt\n`;
    const config = new kplus.ConfigMap(this, "exporter", {
      metadata: { name: DATABASE_EXPORTER, labels: labels(identity) },
      data: { "my.cnf": settings },
    });
    const ca = authorityMount(this, "exporter-ca", access.authority, CA, "ca");
    const port = PORTS["mysqld-exporter"];
    const password = "/run/secrets/exporter";
    const server = {
      host: access.host,
      port: access.port,
      user: "exporter",
      passwordFile: `${password}/password`,
      ca: `${CA}/ca.crt`,
      tls: true,
    };
    const plan = backups && exporterPlanOf(backups.units, backups.settings, server);
    const own = (): kplus.VolumeMount[] => [this.secret("exporter-password", accountsSecret, password, { exporter: "password" }), ca];
    new HardenedDeployment(this, "pods", {
      name: DATABASE_EXPORTER,
      labels: labels(identity),
      annotations: podExceptions({
        CKV_K8S_35: "the exporter reads a password from a variable or its own settings, and from no file of a Secret",
      }),
      replicas: 1,
      restartOn: [settings, ...(plan ? [plan] : [])],
      containers: [
        {
          name: DATABASE_EXPORTER,
          image: exporterImage,
          user: EXPORTER_USER,
          resources: exporterResources,
          // The exporter takes it where its file names no password.
          secretEnv: { MYSQLD_EXPORTER_PASSWORD: { secret: accountsSecret, key: "exporter" } },
          args: ["--config.my-cnf=/etc/mysqld-exporter/my.cnf", `--web.listen-address=:${port}`],
          ports: { metrics: port },
          mounts: [configMount(config, "/etc/mysqld-exporter"), ca],
          readiness: kplus.Probe.fromTcpSocket({ port, periodSeconds: Duration.seconds(10) }),
          liveness: kplus.Probe.fromHttpGet("/", { port, periodSeconds: Duration.seconds(30) }),
        },
        ...(backups && plan ? [backupExporter(this, backups, { component: "monitoring" }, plan, own())] : []),
      ],
    });
  }
}
