import { Chart, Cron } from "cdk8s";
import * as kplus from "cdk8s-plus-27";
import { Construct } from "constructs";
import { BACKUP_SECRETS, type BackupUnit } from "../src/backups.ts";
import type { Application } from "../src/config/resolve-applications.ts";
import type { Resources } from "../src/config/resources.ts";
import { HardenedCronJob, HardenedJob, type HardenedJobProps } from "../src/constructs/index.ts";
import { podExceptions } from "../src/exceptions.ts";
import { type Identity, labels } from "../src/labels.ts";
import { APPLICATION_PASSWORDS, applicationSecrets, type SecretNames } from "../src/secrets.ts";
import { imageVersion } from "../src/versions.ts";

export interface SecretsProps {
  readonly namespace: string;
  /** The helper's image. */
  readonly image: string;
  readonly resources: Resources;
  readonly names: SecretNames;
  /** Which of the names the user brings; those are never touched. */
  readonly brought: readonly string[];
  /** Names in the public certificate; the first is its subject. */
  readonly publicNames: readonly string[];
  /** Whether the sample application runs. */
  readonly sample: boolean;
  /** The user's applications. */
  readonly applications: readonly Pick<Application, "name" | "namespace" | "database" | "secrets">[];
  /** What is backed up. */
  readonly units: readonly BackupUnit[];
  /** Whether the MySQL server is our own, with a certificate of ours. */
  readonly ownDatabase: boolean;
}

const USER = 10_001;
/** At most 366 days (Mozilla, wiki.mozilla.org/Security/Server_Side_TLS, intermediate profile); browsers refuse more than 398. */
const PUBLIC_CERTIFICATE = { days: 365, renew: 30 };
/** MySQL reads its certificate at its start only, so it is made to last. */
const DATABASE_CERTIFICATE = { days: 3600, renew: 365 };

/**
 * Where secrets come from: a Job makes what is absent, in the cluster, and a daily CronJob renews what expires.
 * Nothing secret is ever in git, in dist or in an environment file (docs/decisions/0002-secrets-generated-in-the-cluster.md).
 */
export class SecretsChart extends Chart {
  constructor(scope: Construct, id: string, props: SecretsProps) {
    super(scope, id, { namespace: props.namespace, disableResourceNameHashes: true });
    const identity: Identity = { name: "bootstrap", component: "secrets", version: imageVersion(props.image) };
    const plan = this.plan(props, identity);
    const entries = this.entries(props);
    const ageIdentities = props.units.map(({ name }) => ({ namespace: name, secret: BACKUP_SECRETS.key }));
    const whole = {
      ...plan,
      ...(ageIdentities.length > 0 && { ageIdentities }),
      ...(entries.length > 0 && { applications: { passwords: APPLICATION_PASSWORDS, entries } }),
    };
    const data = { "plan.json": `${JSON.stringify(whole, undefined, 2)}\n` };
    const config = new kplus.ConfigMap(this, "plan", { metadata: { name: "bootstrap", labels: labels(identity) }, data });
    const account = new kplus.ServiceAccount(this, "account", {
      metadata: { name: "bootstrap", labels: labels(identity) },
      automountToken: false,
    });
    const keys = props.units.length > 0 ? [BACKUP_SECRETS.key] : [];
    const own = [...Object.keys(plan.passwords), plan.authority, ...Object.keys(plan.certificates), ...keys];
    this.rights(this, identity, account, props.namespace, [
      ...own,
      ...(entries.some(({ database }) => database) ? [APPLICATION_PASSWORDS] : []),
    ]);
    for (const [index, { namespace, database, generated }] of entries.entries()) {
      this.rights(new Construct(this, `in-${index}`), identity, account, namespace, [
        ...(database ? [database] : []),
        ...(generated.keys.length > 0 ? [generated.secret] : []),
        ...(props.units.some(({ name }) => name === namespace) ? keys : []),
      ]);
    }

    const pods: HardenedJobProps = {
      name: identity.name,
      labels: labels(identity),
      annotations: podExceptions(),
      // No deadline: an image that is side-loaded an hour later still finds its Job. Each request has a time-out of its own.
      backoffLimit: 1000,
      serviceAccount: account,
      containers: [
        {
          name: "bootstrap",
          image: props.image,
          user: USER,
          resources: props.resources,
          command: ["/cloudnova-helper", "secrets", "/plan/plan.json"],
          mounts: [{ path: "/plan", readOnly: true, volume: kplus.Volume.fromConfigMap(this, "files", config, { name: "plan" }) }],
        },
      ],
    };
    new HardenedJob(this, "once", { ...pods, files: data });
    new HardenedCronJob(this, "daily", { ...pods, schedule: new Cron({ minute: "17", hour: "3" }) });
  }

  /** What is made in other namespaces; applications that need nothing are left out. */
  private entries({ applications, units }: SecretsProps) {
    return applications
      .map(({ name, namespace, database, secrets }) => ({
        name,
        namespace,
        // Where only volumes are backed up, the account is for the results of the backups.
        database: database || units.some((unit) => unit.name === namespace) ? applicationSecrets(name).database : null,
        generated: {
          secret: applicationSecrets(name).generated,
          keys: Object.keys(secrets).filter((key) => secrets[key]?.generate),
        },
      }))
      .filter(({ database, generated }) => database !== null || generated.keys.length > 0);
  }

  private plan({ names, brought, publicNames, namespace, sample, units, ownDatabase }: SecretsProps, identity: Identity) {
    const own = <T>(entries: Record<string, T>) => Object.fromEntries(Object.entries(entries).filter(([name]) => !brought.includes(name)));
    return {
      labels: { ...labels(identity), "app.kubernetes.io/managed-by": "cloudnova-bootstrap" },
      passwords: own({
        [names.database]: ["root", "webapp", "migrator", "exporter"],
        ...(sample && { [names.webapp]: ["secret-key", "admin-password", "fault-token"] }),
        [names.grafana]: ["admin-password"],
        [names.grafanaKey]: ["secret-key"],
        ...(units.length > 0 && { [BACKUP_SECRETS.account]: ["password"] }),
      }),
      authority: names.authority,
      certificates: own({
        [names.certificate]: { names: publicNames, ...PUBLIC_CERTIFICATE },
        ...(ownDatabase && {
          [names.databaseTls]: { names: ["mysql", `mysql.${namespace}.svc`, "localhost"], ...DATABASE_CERTIFICATE },
        }),
      }),
    };
  }

  /** Creates Secrets in a namespace, and reads and changes those that it makes: by name, each in a rule of its own. */
  private rights(scope: Construct, identity: Identity, account: kplus.ServiceAccount, namespace: string, secrets: readonly string[]): void {
    const metadata = { name: identity.name, labels: labels(identity), namespace };
    const role = new kplus.Role(scope, "role", { metadata });
    // The API cannot tie `create` to a name: the object is not there yet.
    role.allowCreate(kplus.ApiResource.SECRETS);
    const named = secrets.map((name, index) => kplus.Secret.fromSecretName(scope, `secret-${index}`, name));
    role.allow(["get", "patch"], ...named);
    new kplus.RoleBinding(scope, "binding", { metadata, role }).addSubjects(account);
  }
}
