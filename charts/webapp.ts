import { Chart, Duration, Size } from "cdk8s";
import * as kplus from "cdk8s-plus-27";
import type { Construct } from "constructs";
import type { Config } from "../src/config/resolve.ts";
import type { Resources } from "../src/config/resources.ts";
import { type ContainerProps, DisruptionBudget, HardenedDeployment, spread, WorkloadService } from "../src/constructs/index.ts";
import type { DatabaseAccess } from "../src/database.ts";
import { podExceptions } from "../src/exceptions.ts";
import { type Identity, labels } from "../src/labels.ts";
import { poolSize } from "../src/pool.ts";
import { PORTS } from "../src/ports.ts";
import { OTHER_SECRET_KEY } from "../src/secrets.ts";
import { KEEP_ALIVE_SECONDS } from "../src/traefik.ts";
import { imageVersion } from "../src/versions.ts";
import { authorityMount } from "./parts/authority.ts";
import { autoscaler } from "./parts/autoscaler.ts";

export interface WebappProps {
  readonly namespace: string;
  readonly image: string;
  readonly resources: Resources;
  readonly settings: Config["webapp"];
  /** Whether the cluster has several nodes. */
  readonly severalNodes: boolean;
  /** Language of visitors whose browser names neither Spanish nor English. */
  readonly language: string;
  /** How it reaches the database; `host` is a name that its certificate has. */
  readonly database: DatabaseAccess;
  /** Secret with the passwords `webapp` and `migrator`. */
  readonly accountsSecret: string;
  /** Secret with secret-key, admin-password and fault-token. */
  readonly secret: string;
}

const USER = 10_001;
const SECRETS = "/run/secrets";
/**
 * After SIGTERM it still takes requests for 5 s, while the load balancers learn that it leaves; then 20 s for those that run
 * (webapp/README.md, DRAIN_SECONDS), and 15 s of room.
 */
const GRACE = Duration.seconds(40);

/** The Flask application: its replicas, their migrations, and what keeps them serving while they change. */
export class WebappChart extends Chart {
  /** The Service that the Ingress sends requests to. */
  readonly service: WorkloadService;

  constructor(scope: Construct, id: string, props: WebappProps) {
    super(scope, id, { namespace: props.namespace, disableResourceNameHashes: true });
    const { settings } = props;
    const identity: Identity = { name: "webapp", component: "application", version: imageVersion(props.image) };
    this.service = new WorkloadService(this, "service", {
      name: identity.name,
      labels: labels(identity),
      ports: [{ name: "http", port: 80, targetPort: PORTS.webapp }],
    });

    // kube-score wants two replicas of a Deployment; an environment may choose one.
    const alone = !settings.autoscaling && settings.replicas < 2;
    const { workload } = new HardenedDeployment(this, "pods", {
      name: identity.name,
      labels: labels(identity),
      annotations: podExceptions(alone ? { "deployment-replicas": "the environment asks for one instance" } : {}),
      replicas: settings.autoscaling ? undefined : settings.replicas,
      grace: GRACE,
      containers: [this.server(props)],
      initContainers: [this.migrations(props)],
    });
    spread(workload, identity.name, props.severalNodes);

    new DisruptionBudget(this, "disruption-budget", { name: identity.name, labels: labels(identity) });
    if (settings.autoscaling) autoscaler(this, workload, identity, settings.replicas, settings.autoscaling);
  }

  private common(
    props: WebappProps,
    account: "webapp" | "migrator",
  ): Pick<ContainerProps, "image" | "user" | "resources" | "env" | "mounts"> {
    const mount = (folder: string, name: string, items?: Record<string, kplus.PathMapping>) => ({
      path: `${SECRETS}/${folder}`,
      readOnly: true,
      volume: kplus.Volume.fromSecret(this, `${account}-${folder}`, kplus.Secret.fromSecretName(this, `${folder}-secret`, name), {
        name: folder,
        defaultMode: 0o440,
        items,
      }),
    });
    return {
      image: props.image,
      user: USER,
      resources: props.resources,
      env: {
        DATABASE_HOST: props.database.host,
        ...(props.database.port !== PORTS.mysql && { DATABASE_PORT: String(props.database.port) }),
        DATABASE_NAME: "app",
        DATABASE_USER: account,
        DATABASE_PASSWORD_FILE: `${SECRETS}/${account}/password`,
        DATABASE_CA_FILE: `${SECRETS}/${account}-ca/ca.crt`,
      },
      mounts: [
        mount(account, props.accountsSecret, { [account]: { path: "password" } }),
        authorityMount(this, `${account}-ca`, props.database.authority, `${SECRETS}/${account}-ca`),
      ],
    };
  }

  /** Alembic brings the tables up to date under a lock, as an account that the serving process does not have. */
  private migrations(props: WebappProps): ContainerProps {
    const common = this.common(props, "migrator");
    const tmp = { path: "/tmp", volume: kplus.Volume.fromEmptyDir(this, "migrator-tmp", "migrator-tmp", { sizeLimit: Size.mebibytes(8) }) };
    return {
      ...common,
      name: "migrate",
      command: ["python", "-m", "cloudnova_webapp", "migrate"],
      mounts: [...(common.mounts ?? []), tmp],
    };
  }

  private server(props: WebappProps): ContainerProps {
    const { settings } = props;
    const common = this.common(props, "webapp");
    const own = {
      path: `${SECRETS}/app`,
      readOnly: true,
      volume: kplus.Volume.fromSecret(this, "own-secret", kplus.Secret.fromSecretName(this, "own", props.secret), {
        name: "app",
        defaultMode: 0o440,
      }),
    };
    // In memory: gunicorn's heartbeat files and the metrics of its workers, both small and always written.
    const tmp = {
      path: "/tmp",
      volume: kplus.Volume.fromEmptyDir(this, "tmp", "tmp", { medium: kplus.EmptyDirMedium.MEMORY, sizeLimit: Size.mebibytes(32) }),
    };
    return {
      ...common,
      name: "webapp",
      env: {
        ...common.env,
        SECRET_KEY_FILE: `${SECRETS}/app/secret-key`,
        // Only there while the key is being changed (cloudnova rotate webapp).
        OTHER_SECRET_KEY_FILE: `${SECRETS}/app/${OTHER_SECRET_KEY}`,
        DEFAULT_LANGUAGE: props.language,
        TRUSTED_PROXY_HOPS: "1",
        KEEP_ALIVE_SECONDS: String(KEEP_ALIVE_SECONDS),
        WEB_WORKERS: String(settings.workers),
        WEB_THREADS: String(settings.threads),
        DATABASE_POOL_SIZE: String(poolSize(settings.threads)),
        WRITE_ACCESS: settings.writeAccess,
        ...(settings.writeAccess === "login" && { ADMIN_PASSWORD_FILE: `${SECRETS}/app/admin-password` }),
        FAULT_INJECTION: settings.faultInjection ? "on" : "off",
        ...(settings.faultInjection && { FAULT_TOKEN_FILE: `${SECRETS}/app/fault-token` }),
      },
      fields: { INSTANCE_NAME: kplus.EnvFieldPaths.POD_NAME },
      ports: { http: PORTS.webapp, metrics: PORTS["webapp-metrics"] },
      mounts: [...(common.mounts ?? []), own, tmp],
      startup: kplus.Probe.fromHttpGet("/healthz", { port: PORTS.webapp, periodSeconds: Duration.seconds(1), failureThreshold: 60 }),
      readiness: kplus.Probe.fromHttpGet("/readyz", {
        port: PORTS.webapp,
        periodSeconds: Duration.seconds(5),
        timeoutSeconds: Duration.seconds(3),
        failureThreshold: 2,
      }),
      liveness: kplus.Probe.fromHttpGet("/healthz", {
        port: PORTS.webapp,
        periodSeconds: Duration.seconds(10),
        timeoutSeconds: Duration.seconds(5),
      }),
    };
  }
}
