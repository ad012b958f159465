import { Chart, Duration, Size } from "cdk8s";
import * as kplus from "cdk8s-plus-27";
import type { Construct } from "constructs";
import { BACKUP_SECRETS, type BackupUnit, besideServer, exporterPlanOf, RESULTS } from "../src/backups.ts";
import { logSeconds } from "../src/config/backups.ts";
import type { Resources } from "../src/config/resources.ts";
import { mebibytes } from "../src/config/units.ts";
import { DataVolume, HardenedStatefulSet, WorkloadService } from "../src/constructs/index.ts";
import { podExceptions } from "../src/exceptions.ts";
import { type Identity, labels } from "../src/labels.ts";
import { WORKING_DATABASES } from "../src/mysql-names.ts";
import { PORTS } from "../src/ports.ts";
import { APPLICATION_PASSWORDS } from "../src/secrets.ts";
import { imageVersion, seriesOf } from "../src/versions.ts";
import logIn from "./files/mysql/log-in.sh";
import configuration from "./files/mysql/my.cnf";
import prepare from "./files/mysql/prepare.sh";
import prepareApplications from "./files/mysql/prepare-applications.sh";
import ready from "./files/mysql/ready.sh";
import { type BackedUpServer, backupExporter, EXPORTER_USER } from "./parts/backup-exporter.ts";
import { accountsSql, applicationNames, applicationsSql, type ServedDatabase } from "./parts/mysql-sql.ts";

export interface MysqlProps {
  readonly namespace: string;
  readonly image: string;
  readonly exporterImage: string;
  readonly resources: Resources;
  readonly exporterResources: Resources;
  /** Size of the data volume, such as `4Gi`. */
  readonly volume: string;
  /** InnoDB's buffer pool, such as `48Mi`. */
  readonly bufferPool: string;
  readonly maxConnections: number;
  /** Percent of the node's disk: with less room the kubelet evicts pods. MySQL refuses writes before that. */
  readonly evictsBelow: number;
  /** Secret with a password for each of root, webapp, migrator, exporter. */
  readonly accountsSecret: string;
  /** Secret with the server's tls.crt, tls.key and ca.crt. */
  readonly tlsSecret: string;
  /**
   * Series of MySQL, such as 9.7, to which data of an older series may be upgraded: the one that the environment names.
   * @default none: MySQL does not start on data of an older series
   */
  readonly upgradeTo?: string | undefined;
  /** Whether the sample application runs. */
  readonly sample: boolean;
  /** The databases of the user's applications. */
  readonly databases: readonly ServedDatabase[];
  /** @default no backups */
  readonly backups?: BackedUpServer | undefined;
}

/** mysqld's user. Any id does: the volume belongs to its group, and mysqld needs no name for it. */
const USER = 10_999;
const RUN = "/run/mysql";

/** The files that MySQL's pod needs for applications; undefined where none has an account. @param units those of applications */
const servedFiles = (
  databases: readonly ServedDatabase[],
  units: readonly BackupUnit[],
  isLogged?: boolean,
): Record<string, string> | undefined =>
  databases.length + units.length > 0
    ? {
        "applications.sql": applicationsSql(databases, units, isLogged),
        "applications.txt": databases
          .filter(({ requireTls }) => !requireTls)
          .map(({ application, user }) => `${application} ${user}\n`)
          .join(""),
        "prepare-applications.sh": prepareApplications,
        "log-in.sh": logIn,
      }
    : undefined;

/** mysqld's options for a binary log where one is kept. What backups and restores write beside the applications' databases is not logged. */
function binaryLog(backups: BackedUpServer | undefined): string[] {
  if (!backups?.settings.pointInTime) return [];
  const { settings, units } = backups;
  return [
    "--log-bin=binlog",
    `--binlog-expire-logs-seconds=${logSeconds(settings)}`,
    // A file is deleted as a whole, and read as a whole for a restore.
    "--max-binlog-size=32M",
    // Else an application could make no trigger and no function. Rows are logged, so what a function does is no matter.
    "--log-bin-trust-function-creators=ON",
    ...[
      RESULTS,
      ...units.flatMap(({ databases }) => databases.flatMap((name) => WORKING_DATABASES.map((ending) => `${name}${ending}`))),
    ].map((name) => `--binlog-ignore-db=${name}`),
  ];
}

/**
 * MySQL: one pod, its volume, its accounts from accounts.sql, and TLS on every connection. Its exporter sits beside it and
 * uses the socket: it needs no password on the network, and still answers (`mysql_up 0`) while mysqld is down.
 */
export class MysqlChart extends Chart {
  /** The Service that clients connect to; the server's certificate names it. */
  readonly service: WorkloadService;

  constructor(scope: Construct, id: string, props: MysqlProps) {
    super(scope, id, { namespace: props.namespace, disableResourceNameHashes: true });
    const identity: Identity = { name: "mysql", component: "database", version: imageVersion(props.image) };
    this.service = new WorkloadService(this, "service", {
      name: identity.name,
      labels: labels(identity),
      ports: [{ name: "mysql", port: PORTS.mysql, targetPort: PORTS.mysql }],
      headless: true,
    });

    const { backups } = props;
    const units = backups?.units ?? [];
    const isLogged = backups?.settings.pointInTime ?? false;
    const own = accountsSql(props.sample, units, isLogged);
    const ofApplications = units.filter(({ application }) => application);
    const served = servedFiles(props.databases, ofApplications, isLogged);
    const config = new kplus.ConfigMap(this, "configuration", {
      metadata: { name: "mysql", labels: labels(identity) },
      data: { "accounts.sql": own, "my.cnf": configuration, "prepare.sh": prepare, "ready.sh": ready, ...served },
    });

    const storage = new DataVolume(this, "data", { name: identity.name, labels: labels(identity), size: props.volume });
    const data = { path: "/var/lib/mysql", volume: storage.volume };
    const files = {
      path: "/etc/mysql",
      readOnly: true,
      volume: kplus.Volume.fromConfigMap(this, "files", config, { name: "files", defaultMode: 0o444 }),
    };
    const passwords = {
      path: "/etc/mysql-accounts",
      readOnly: true,
      volume: kplus.Volume.fromSecret(this, "accounts", kplus.Secret.fromSecretName(this, "accounts-secret", props.accountsSecret), {
        name: "accounts",
        defaultMode: 0o440,
      }),
    };
    const tls = {
      path: "/etc/mysql-tls",
      readOnly: true,
      volume: kplus.Volume.fromSecret(this, "tls", kplus.Secret.fromSecretName(this, "tls-secret", props.tlsSecret), {
        name: "tls",
        defaultMode: 0o440,
      }),
    };
    // In memory: the socket, and the accounts with their passwords.
    const run = {
      path: RUN,
      volume: kplus.Volume.fromEmptyDir(this, "run", "run", { medium: kplus.EmptyDirMedium.MEMORY, sizeLimit: Size.mebibytes(1) }),
    };
    const tmp = { path: "/tmp", volume: kplus.Volume.fromEmptyDir(this, "tmp", "tmp", { sizeLimit: Size.mebibytes(192) }) };

    const plan = backups && exporterPlanOf(units, backups.settings, besideServer(RUN));
    const admin = (command: string) => ["mysqladmin", `--defaults-file=${RUN}/client.cnf`, command];
    const ping = admin("ping");
    const common = { image: props.image, user: USER, resources: props.resources };
    new HardenedStatefulSet(this, "pods", {
      name: identity.name,
      labels: labels(identity),
      annotations: podExceptions(),
      service: this.service,
      restartOn: [own, configuration, prepare, ...(served ? [served] : []), ...(plan ? [plan] : [])],
      // InnoDB writes its dirty pages at the end; killed, it would recover at the next start instead.
      grace: Duration.seconds(60),
      initContainers: [
        {
          ...common,
          name: "prepare",
          // SECRET: what it names when it refuses a password.
          env: {
            SECRET: props.accountsSecret,
            ...(props.upgradeTo ? { UPGRADE_TO: props.upgradeTo } : {}),
            ...(backups ? { BACKUP_SECRET: BACKUP_SECRETS.account } : {}),
            ...(isLogged ? { BINARY_LOG: "kept" } : {}),
          },
          command: ["bash", "/etc/mysql/prepare.sh"],
          mounts: [data, files, passwords, ...(backups ? [this.backupPassword()] : []), run, tmp],
        },
        ...(served
          ? [
              {
                ...common,
                name: "prepare-applications",
                env: { SECRET: APPLICATION_PASSWORDS },
                command: ["bash", "/etc/mysql/prepare-applications.sh"],
                mounts: [files, this.applicationPasswords(applicationNames(props.databases, ofApplications)), run],
              },
            ]
          : []),
      ],
      containers: [
        {
          ...common,
          name: "mysql",
          // Two arenas of glibc's allocator instead of one for each thread, which keep what they once held: 126 MiB of anonymous
          // memory under a light load instead of 131 (mysqld 9.7 with glibc's malloc, 6 connections). Both thresholds at their first
          // value of 128 KiB (mallopt(3)): by itself glibc raises them with each large block that is freed, takes later ones from the
          // heap, and does not return it: 206 MiB instead of 226 after twelve clients, two dumps and two restores.
          env: { MALLOC_ARENA_MAX: "2", MALLOC_MMAP_THRESHOLD_: "131072", MALLOC_TRIM_THRESHOLD_: "131072" },
          command: [
            "mysqld",
            "--defaults-file=/etc/mysql/my.cnf",
            `--innodb-buffer-pool-size=${mebibytes(props.bufferPool)}M`,
            `--max-connections=${props.maxConnections}`,
            ...binaryLog(backups),
            // Each account says itself whether it needs TLS: all of accounts.sql that connect over the network do.
            ...(props.databases.some(({ requireTls }) => !requireTls) ? ["--require-secure-transport=OFF"] : []),
            // 8.4 has this plugin and loads it only when asked; 9.x does not know the option, and would not start with it.
            ...(seriesOf(props.image) === "8.4" ? ["--mysql-native-password=ON"] : []),
          ],
          ports: { mysql: PORTS.mysql },
          mounts: [data, files, tls, run, tmp],
          // A crash recovery replays up to 32 MiB of redo log; ten minutes is far above what that takes.
          startup: kplus.Probe.fromCommand(served ? ["bash", "/etc/mysql/log-in.sh"] : ping, {
            periodSeconds: Duration.seconds(1),
            failureThreshold: 600,
            timeoutSeconds: Duration.seconds(3),
          }),
          readiness: kplus.Probe.fromCommand(["bash", "/etc/mysql/ready.sh", `${props.evictsBelow}`], {
            periodSeconds: Duration.seconds(10),
            timeoutSeconds: Duration.seconds(5),
          }),
          // Generous: a server that is slow under load must not be killed for it.
          liveness: kplus.Probe.fromCommand(admin("status"), {
            periodSeconds: Duration.seconds(20),
            timeoutSeconds: Duration.seconds(10),
            failureThreshold: 6,
          }),
        },
        {
          name: "mysqld-exporter",
          image: props.exporterImage,
          user: EXPORTER_USER,
          resources: props.exporterResources,
          // Its configuration expands $NAME from the environment, and knows no escape: prepare.sh writes a dollar sign as ${DOLLAR}.
          env: { DOLLAR: "$" },
          args: [`--config.my-cnf=${RUN}/exporter.cnf`, `--web.listen-address=:${PORTS["mysqld-exporter"]}`],
          ports: { metrics: PORTS["mysqld-exporter"] },
          mounts: [{ ...run, readOnly: true }],
          readiness: kplus.Probe.fromTcpSocket({ port: PORTS["mysqld-exporter"], periodSeconds: Duration.seconds(10) }),
          liveness: kplus.Probe.fromHttpGet("/", { port: PORTS["mysqld-exporter"], periodSeconds: Duration.seconds(30) }),
        },
        // It sits here for the reason that MySQL's exporter does.
        ...(backups && plan ? [backupExporter(this, backups, identity, plan, [{ ...run, readOnly: true }])] : []),
      ],
    });
  }

  /** The passwords of the applications' accounts. The kubelet waits for keys that the bootstrap Job has not made yet. */
  private applicationPasswords(applications: readonly string[]): kplus.VolumeMount {
    const items = Object.fromEntries(applications.map((application) => [application, { path: application }]));
    const secret = kplus.Secret.fromSecretName(this, "applications-secret", APPLICATION_PASSWORDS);
    return {
      path: "/etc/mysql-applications",
      readOnly: true,
      volume: kplus.Volume.fromSecret(this, "applications", secret, { name: "applications", defaultMode: 0o440, items }),
    };
  }

  private backupPassword(): kplus.VolumeMount {
    const secret = kplus.Secret.fromSecretName(this, "backup-secret", BACKUP_SECRETS.account);
    const volume = kplus.Volume.fromSecret(this, "backup", secret, { name: "backup", defaultMode: 0o440 });
    return { path: "/etc/mysql-backup", readOnly: true, volume };
  }
}
