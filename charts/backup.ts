import { basename } from "node:path";
import { Chart, Cron, Size } from "cdk8s";
import * as kplus from "cdk8s-plus-27";
import { Construct } from "constructs";
import {
  BACKUP,
  BACKUP_SECRETS,
  type BackupUnit,
  GRAFANA,
  GRAFANA_FOLDER,
  hasAuthority,
  PATHS,
  type PlanSettings,
  planOf,
} from "../src/backups.ts";
import type { Resources } from "../src/config/resources.ts";
import {
  BACKGROUND,
  type ContainerProps,
  DataVolume,
  HardenedCronJob,
  HardenedJob,
  type HardenedJobProps,
} from "../src/constructs/index.ts";
import { podExceptions } from "../src/exceptions.ts";
import { type Identity, labels } from "../src/labels.ts";
import { GRAFANA_USER } from "../src/monitoring/grafana-settings.ts";
import { imageVersion } from "../src/versions.ts";
import { authorityMount } from "./parts/authority.ts";

export interface BackupProps extends PlanSettings {
  readonly unit: BackupUnit;
  readonly helperImage: string;
  /** MySQL's image: it has mysqldump and the client. */
  readonly mysqlImage: string;
  readonly resources: Resources;
  /** Time zone of the schedule. */
  readonly timeZone: string;
}

/** The user of the environment's own unit; it reads Grafana's volume by its group. */
const USER = 10_997;

/** What backs up one namespace: the nightly run, the first run, the volume with the backups, and the rights on the Secrets. */
export class BackupChart extends Chart {
  constructor(scope: Construct, id: string, props: BackupProps) {
    super(scope, id, { namespace: props.unit.name, disableResourceNameHashes: true });
    const { unit } = props;
    const identity: Identity = { name: BACKUP, component: "backup", version: imageVersion(props.helperImage) };
    const plan = { "plan.json": `${JSON.stringify(planOf(unit, props), undefined, 2)}\n` };
    const config = new kplus.ConfigMap(this, "plan", { metadata: { name: BACKUP, labels: labels(identity) }, data: plan });
    const { account } = this.account(identity, BACKUP, ["get"], unit.secrets);
    // A restore that is asked to puts Secrets back, also into a new cluster that lacks them; the nightly run cannot change one.
    const restore = this.account(identity, `${BACKUP}-restore`, ["get", "patch"], unit.secrets);
    // The API cannot tie `create` to a name: the object is not there yet.
    if (unit.secrets.length > 0) restore.role.allowCreate(kplus.ApiResource.SECRETS);

    const pods: HardenedJobProps = {
      name: BACKUP,
      labels: labels(identity),
      annotations: podExceptions(this.reasons(unit)),
      serviceAccount: account,
      // A failed run is an alert; what is tried again at once is a run that the network or a restart of MySQL cut off.
      backoffLimit: 2,
      ...this.containers(props, this.mounts(props, identity, config)),
    };
    // Grafana's group may read its database. Another fsGroup would take the volume from Grafana, where storage heeds it.
    const group = unit.grafana && { fsGroup: GRAFANA_USER };
    new HardenedCronJob(this, "nightly", { ...pods, ...group, schedule: scheduleOf(unit.schedule), timeZone: props.timeZone });
    const [main, ...others] = pods.containers;
    // Without Grafana's volume: Grafana is new then, and to turn it on or off is no reason to run this Job again.
    const mounts = main.mounts?.filter(({ path }) => path !== GRAFANA_FOLDER);
    const first: HardenedJobProps["containers"] = [{ ...main, mounts, ...this.run(unit, "--first") }, ...others];
    new HardenedJob(this, "first", { ...pods, containers: first, annotations: { ...pods.annotations, ...BACKGROUND }, backoffLimit: 6 });
  }

  private reasons({ application }: BackupUnit): Record<string, string> {
    return application?.podSecurity === "baseline" ? { "pod-security": "it reads the volumes of an image that must run as root" } : {};
  }

  /** The program's command: from MySQL's image where there is a database to dump, else from the helper image itself. */
  private run({ databases }: BackupUnit, ...more: readonly string[]): Pick<ContainerProps, "command" | "args"> {
    const words = ["backup", "run", PATHS.plan, ...more];
    return databases.length > 0 ? { command: [`${PATHS.helper}/cloudnova-helper`, ...words] } : { args: words };
  }

  private containers(
    { unit, helperImage, mysqlImage, resources }: BackupProps,
    mounts: readonly kplus.VolumeMount[],
  ): Pick<HardenedJobProps, "containers" | "initContainers"> {
    const { application, databases } = unit;
    // As the application itself: its files may be readable for it alone, and a restore makes files that it owns.
    const common = { user: application?.user ?? USER, podSecurity: application?.podSecurity, resources };
    if (databases.length === 0) return { containers: [{ ...common, name: BACKUP, image: helperImage, ...this.run(unit), mounts }] };
    const helper = { path: PATHS.helper, volume: kplus.Volume.fromEmptyDir(this, "helper", "helper", { sizeLimit: Size.mebibytes(96) }) };
    return {
      initContainers: [{ ...common, name: "install", image: helperImage, args: ["install", PATHS.helper], mounts: [helper] }],
      containers: [{ ...common, name: BACKUP, image: mysqlImage, ...this.run(unit), mounts: [...mounts, { ...helper, readOnly: true }] }],
    };
  }

  private mounts({ unit, backups, access }: BackupProps, identity: Identity, config: kplus.ConfigMap): kplus.VolumeMount[] {
    const secret = (path: string, name: string, options: kplus.SecretVolumeOptions = {}): kplus.VolumeMount => {
      const id = path.replace(/^\/etc\//, "");
      const volume = kplus.Volume.fromSecret(this, id, kplus.Secret.fromSecretName(this, `${id}-secret`, name), {
        name: id,
        defaultMode: 0o440,
        ...options,
      });
      return { path, readOnly: true, volume };
    };
    const storage = new DataVolume(this, "data", { name: BACKUP, labels: labels(identity), size: backups.volume });
    const { application, volumes } = unit;
    return [
      { path: "/etc/backup", readOnly: true, volume: kplus.Volume.fromConfigMap(this, "files", config, { name: "plan" }) },
      { path: PATHS.folder, volume: storage.volume },
      { path: "/tmp", volume: kplus.Volume.fromEmptyDir(this, "tmp", "tmp", { sizeLimit: Size.mebibytes(64) }) },
      secret(PATHS.mysql, unit.account.secret, { items: { password: { path: "password" } } }),
      secret(PATHS.key, BACKUP_SECRETS.key),
      ...(hasAuthority(unit, access) ? [authorityMount(this, "backup-ca", access.authority, PATHS.ca)] : []),
      // Without the Secret the backup itself is still made, and the program says what is absent.
      ...(backups.store ? [secret(PATHS.store, backups.store.secret, { optional: true })] : []),
      ...volumes.map((purpose, id) => this.claimed(`${id}`, `${application?.name}-${purpose}`, `${PATHS.volumes}/${purpose}`)),
      ...(unit.grafana ? [this.claimed(GRAFANA.name, GRAFANA.claim, GRAFANA_FOLDER)] : []),
    ];
  }

  /** A volume of another workload, read-only: the CLI's Job of a restore makes it writable. */
  private claimed(id: string, name: string, path: string): kplus.VolumeMount {
    const claim = kplus.PersistentVolumeClaim.fromClaimName(this, `claim-${id}`, name);
    const volume = kplus.Volume.fromPersistentVolumeClaim(this, `volume-${id}`, claim, { name: `volume-${basename(path)}` });
    return { path, readOnly: true, volume };
  }

  /** An account with rights on the Secrets, each by its name. */
  private account(identity: Identity, name: string, verbs: string[], secrets: readonly string[]) {
    const scope = new Construct(this, name);
    const metadata = { name, labels: labels(identity) };
    const account = new kplus.ServiceAccount(scope, "account", { metadata, automountToken: false });
    const role = new kplus.Role(scope, "role", { metadata });
    role.allow(verbs, ...secrets.map((one, index) => kplus.Secret.fromSecretName(scope, `secret-${index}`, one)));
    new kplus.RoleBinding(scope, "binding", { metadata, role }).addSubjects(account);
    return { account, role };
  }
}

/** The five fields of a schedule. */
function scheduleOf(text: string): Cron {
  const [minute, hour, day, month, weekDay] = text.split(" ");
  return new Cron({ minute, hour, day, month, weekDay });
}
