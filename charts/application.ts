import { ApiObject, Chart, Duration, JsonPatch } from "cdk8s";
import * as kplus from "cdk8s-plus-27";
import type { Construct } from "constructs";
import { type DatabaseFact, PASSWORD_VARIABLE } from "../src/config/applications.ts";
import type { SqlFile } from "../src/config/initial-sql.ts";
import { fillPlaceholders } from "../src/config/placeholders.ts";
import type { Application, ApplicationDatabase } from "../src/config/resolve-applications.ts";
import type { Resources } from "../src/config/resources.ts";
import {
  type ContainerProps,
  DataVolume,
  DisruptionBudget,
  HardenedDeployment,
  HardenedJob,
  type SecretKey,
  spread,
  WorkloadService,
} from "../src/constructs/index.ts";
import type { DatabaseAccess } from "../src/database.ts";
import { podExceptions } from "../src/exceptions.ts";
import { type Identity, labels } from "../src/labels.ts";
import { initialiserOf, POLICY_SECONDS } from "../src/network.ts";
import { applicationSecrets } from "../src/secrets.ts";
import { MIDDLEWARES, middlewareNames, transportOf } from "../src/traefik.ts";
import { imageVersion } from "../src/versions.ts";
import initialise from "./files/mysql/initialise.sh";
import wait from "./files/mysql/wait.sh";
import { authorityMount } from "./parts/authority.ts";
import { autoscaler } from "./parts/autoscaler.ts";
import { marksOf } from "./parts/mysql-sql.ts";

export interface ApplicationProps {
  readonly application: Application;
  /** What the environment's Ingress answers: the name for health checks and, where it answers that one alone, for the application. */
  readonly ingress: { readonly host: string; readonly onlyHost: boolean };
  /** Traefik's certificate resolver, which orders a certificate for the application's own host. @default none: the Ingress' certificate */
  readonly certificateResolver?: string;
  /** Whether the cluster has several nodes. */
  readonly severalNodes: boolean;
  /** How it reaches MySQL. */
  readonly access: DatabaseAccess;
  /** MySQL's image, whose client waits for the database and fills it. */
  readonly mysqlImage: string;
  /** The files of database.initialise, in the order in which they run. */
  readonly sql: readonly SqlFile[];
}

/**
 * Memory of mysql's client beside its server: 20 MiB with a dump of 900 KiB, the largest that a ConfigMap takes. Of the CPU that a query
 * a second needs.
 */
const CLIENT: Resources = { memory: "32Mi", memoryLimit: "96Mi", cpu: "10m", cpuLimit: "500m" };
/** mysqld's group, in whose name no file of the client's is written. */
const CLIENT_USER = 10_999;
const PASSWORD = "/run/secrets/database";
const CA = "/etc/mysql-ca";
/**
 * Seconds between the end of a pod's endpoint and SIGTERM, for Traefik to learn of it: unlike the sample, an application mostly stops to
 * listen at once.
 */
const DRAIN_SECONDS = 5;
/** Node storage of an application's logs and emptyDirs: uploads pass through them. */
const STORAGE = "1Gi";
/** The first port that a user other than root may listen on without the pod's leave (Linux' net.ipv4.ip_unprivileged_port_start). */
const UNPRIVILEGED = 1024;

/** Above the length of every rule without a host: a path has up to 255 characters. */
const OWN_HOST_PRIORITY = 1000;

/** Kubernetes replaces `$(NAME)` in variables and commands, and takes `$$` for `$`. */
const literal = (text: string): string => text.replaceAll("$", "$$$$");

/** A text with the database's facts in the place of `{database.…}`. @param database false: it has none, so no placeholder is there */
function filled(text: string, { host, port }: DatabaseAccess, database: ApplicationDatabase | false): string {
  if (!database) return fillPlaceholders(literal(text), (placeholder) => placeholder);
  const { name, user } = database;
  const password = `$(${PASSWORD_VARIABLE})`;
  const facts: Readonly<Record<DatabaseFact, string>> = {
    host,
    port: String(port),
    name,
    user,
    password,
    url: `mysql://${user}:${password}@${host}:${port}/${name}`,
  };
  const values = new Map(Object.entries(facts).map(([fact, value]) => [`{database.${fact}}`, value]));
  return fillPlaceholders(literal(text), (placeholder) => values.get(placeholder) ?? placeholder);
}

/** An application of the user's in its namespace: pods, Service, Ingress, volumes, and the Job that fills its database. */
export class ApplicationChart extends Chart {
  constructor(scope: Construct, id: string, props: ApplicationProps) {
    const { application } = props;
    super(scope, id, { namespace: application.namespace, disableResourceNameHashes: true });
    const { name, replicas, autoscaling, graceSeconds } = application;
    const identity: Identity = { name, component: "application", version: imageVersion(application.image) };
    const service = new WorkloadService(this, "service", {
      name,
      labels: labels(identity),
      ports: [{ name: "http", port: 80, targetPort: application.port }],
    });
    for (const [key, value] of Object.entries(this.serviceAnnotations(application))) service.metadata.addAnnotation(key, value);

    const database = application.database ? this.databaseClient(props, application.database) : undefined;
    const common = this.common(props);
    const { workload } = new HardenedDeployment(this, "pods", {
      name,
      labels: labels(identity),
      annotations: podExceptions(this.reasons(application)),
      replicas: autoscaling ? undefined : replicas,
      grace: Duration.seconds(graceSeconds + DRAIN_SECONDS),
      drain: Duration.seconds(DRAIN_SECONDS),
      containers: [{ ...common, ...this.server(props) }],
      initContainers: [
        ...(database ? [database] : []),
        ...(application.before ? [{ ...common, name: "before", command: this.words(props, application.before) }] : []),
      ],
      sysctls: this.ports(application).some((port) => port < UNPRIVILEGED) ? { "net.ipv4.ip_unprivileged_port_start": "0" } : undefined,
    });
    ApiObject.of(workload).addJsonPatch(...this.probeHeaders(props));
    spread(workload, name, props.severalNodes);
    if (autoscaling) autoscaler(this, workload, identity, replicas, autoscaling);
    new DisruptionBudget(this, "disruption-budget", { name: identity.name, labels: labels(identity) });
    this.ingresses(props, identity, service);
    if (application.database && props.sql.length > 0) this.initialiser(props, application.database);
  }

  private reasons({ replicas, autoscaling, podSecurity }: Application): Record<string, string> {
    return {
      ...(!autoscaling && replicas < 2 && { "deployment-replicas": "the environment asks for one instance" }),
      ...(podSecurity === "baseline" && { "pod-security": "the environment asks for baseline: its image must run as root" }),
    };
  }

  private ports({ port, metrics }: Application): number[] {
    return metrics?.port && metrics.port !== port ? [port, metrics.port] : [port];
  }

  /** What the serving container and the command before it share. */
  private common(props: ApplicationProps): Omit<ContainerProps, "name"> {
    const { application } = props;
    const { image, user, resources, podSecurity, writable } = application;
    const { env, secretEnv } = this.variables(props);
    return {
      image,
      user,
      podSecurity,
      resources: { ...resources, storageLimit: STORAGE },
      env,
      secretEnv,
      writableRoot: writable === true,
      mounts: this.mounts(application),
    };
  }

  /** The words of a command, filled in. */
  private words({ application, access }: ApplicationProps, command: readonly string[] = []): string[] {
    return command.map((word) => filled(word, access, application.database));
  }

  private variables(props: ApplicationProps): Pick<ContainerProps, "env" | "secretEnv"> {
    const { name, env, secrets, database, command, args, before } = props.application;
    const values = Object.fromEntries(Object.entries(env).map(([key, text]) => [key, filled(text, props.access, database)]));
    const commands = [command, args, before].flatMap((one) => this.words(props, one));
    const needsPassword = [...Object.values(values), ...commands].some((text) => text.includes(`$(${PASSWORD_VARIABLE})`));
    const variables = Object.keys(secrets).filter((key) => secrets[key]?.file === undefined);
    return {
      env: values,
      secretEnv: {
        ...(needsPassword && { [PASSWORD_VARIABLE]: { secret: applicationSecrets(name).database, key: "password" } }),
        ...Object.fromEntries(variables.map((key) => [key, this.secretKey(props.application, key)])),
      },
    };
  }

  private secretKey({ name, secrets }: Application, entry: string): SecretKey {
    const { from, key } = secrets[entry] ?? {};
    return { secret: from ?? applicationSecrets(name).generated, key: key ?? entry };
  }

  private mounts(application: Application): kplus.VolumeMount[] {
    const { name, volumes, writable, secrets } = application;
    const identity: Identity = { name, component: "application" };
    const lasting = Object.entries(volumes).map(([purpose, { path, size }], index) => ({
      path,
      volume: new DataVolume(this, `volume-${index}`, { name, purpose, labels: labels(identity), size }).volume,
    }));
    const taken = new Set(lasting.map(({ path }) => path));
    const folders = Array.isArray(writable) ? [...new Set(writable)].filter((path) => !taken.has(path)) : [];
    const scratch = folders.map((path, index) => ({
      path,
      volume: kplus.Volume.fromEmptyDir(this, `writable-${index}`, `writable-${index}`),
    }));
    const files = Object.entries(secrets).flatMap(([entry, { file }], index) => {
      if (file === undefined) return [];
      const { secret, key } = this.secretKey(application, entry);
      const volume = kplus.Volume.fromSecret(this, `secret-${index}`, kplus.Secret.fromSecretName(this, `secret-of-${index}`, secret), {
        name: `secret-${index}`,
        defaultMode: 0o440,
        items: { [key]: { path: key } },
      });
      return [{ path: file, subPath: key, readOnly: true, volume }];
    });
    return [...lasting, ...scratch, ...files];
  }

  private server(
    props: ApplicationProps,
  ): Pick<ContainerProps, "name" | "command" | "args" | "ports" | "startup" | "readiness" | "liveness"> {
    const { name, command, args, port, health, metrics } = props.application;
    const check = (options: kplus.ProbeOptions) => {
      // The kubelet replaces $(NAME) and $$ here, too (ExpandContainerCommandOnlyStatic in pkg/kubelet/prober).
      if (health.command) return kplus.Probe.fromCommand(health.command.map(literal), options);
      return health.path ? kplus.Probe.fromHttpGet(health.path, { port, ...options }) : kplus.Probe.fromTcpSocket({ port, ...options });
    };
    const timeoutSeconds = Duration.seconds(5);
    return {
      name,
      command: command && this.words(props, command),
      args: args && this.words(props, args),
      ports: { http: port, ...(metrics?.port && metrics.port !== port && { metrics: metrics.port }) },
      startup: check({ periodSeconds: Duration.seconds(1), timeoutSeconds, failureThreshold: health.startSeconds }),
      // Not before the policies of others admit this pod: requests that it answers may open connections.
      readiness: check({
        initialDelaySeconds: Duration.seconds(POLICY_SECONDS),
        periodSeconds: Duration.seconds(5),
        timeoutSeconds,
        failureThreshold: 2,
      }),
      // Whether it accepts connections, and no more: what the answer hangs on may fail without a restart being of use.
      liveness: kplus.Probe.fromTcpSocket({ port, periodSeconds: Duration.seconds(20), timeoutSeconds, failureThreshold: 3 }),
    };
  }

  /** Headers of probes, for which cdk8s-plus-27 has no property. */
  private probeHeaders({ application, ingress }: ApplicationProps): JsonPatch[] {
    const container = "/spec/template/spec/containers/0";
    // A framework that checks the name (Django's ALLOWED_HOSTS) refuses the pod's address, and one that insists on HTTPS redirects.
    const httpHeaders = [
      { name: "Host", value: application.ingress.host ?? ingress.host },
      { name: "X-Forwarded-Proto", value: "https" },
    ];
    const probes = application.health.path ? ["startupProbe", "readinessProbe"] : [];
    return probes.map((probe) => JsonPatch.add(`${container}/${probe}/httpGet/httpHeaders`, httpHeaders));
  }

  private serviceAnnotations(application: Application): Record<string, string> {
    const { name, ingress } = application;
    const annotation = (key: string, value: string) => [`traefik.ingress.kubernetes.io/service.${key}`, value];
    const cookie = [
      annotation("sticky.cookie", "true"),
      annotation("sticky.cookie.name", `cloudnova-${name}`),
      annotation("sticky.cookie.secure", "true"),
      annotation("sticky.cookie.httponly", "true"),
      annotation("sticky.cookie.samesite", "lax"),
    ];
    return Object.fromEntries([annotation("serverstransport", transportOf(application)), ...(ingress.sticky ? cookie : [])]);
  }

  /** The mysql client's connection as variables; the password is a file. */
  private client(
    { name }: Application,
    { user, name: database }: ApplicationDatabase,
    { host, port, authority, everywhere }: DatabaseAccess,
  ): Pick<ContainerProps, "env" | "mounts"> {
    const secret = kplus.Secret.fromSecretName(this, `database-secret-${this.node.children.length}`, applicationSecrets(name).database);
    // The client takes the port by this name itself.
    const external = everywhere && { MYSQL_TCP_PORT: String(port), MYSQL_CA: `${CA}/ca.crt` };
    return {
      env: { MYSQL_HOST: host, MYSQL_USER: user, MYSQL_DATABASE: database, ...external },
      mounts: [
        {
          path: PASSWORD,
          readOnly: true,
          volume: kplus.Volume.fromSecret(this, `database-${this.node.children.length}`, secret, {
            name: "database",
            defaultMode: 0o440,
          }),
        },
        ...(everywhere ? [authorityMount(this, `database-ca-${this.node.children.length}`, authority, CA, "database-ca")] : []),
      ],
    };
  }

  /** Waits for the database before anything of the application runs. */
  private databaseClient({ application, access, mysqlImage, sql }: ApplicationProps, database: ApplicationDatabase): ContainerProps {
    const client = this.client(application, database, access);
    const filledBy = sql.length > 0;
    return {
      ...client,
      name: "database",
      image: mysqlImage,
      user: CLIENT_USER,
      resources: CLIENT,
      command: ["bash", "-c", wait],
      env: {
        ...client.env,
        READY: filledBy ? `SELECT 1 FROM ${marksOf(application.name)} WHERE state = 'done'` : "SELECT 1",
        JOB: initialiserOf(application),
      },
    };
  }

  /** Runs the SQL files once, as the application's own account. */
  private initialiser({ application, access, mysqlImage, sql }: ApplicationProps, database: ApplicationDatabase): void {
    const name = initialiserOf(application);
    const identity: Identity = { name, component: "database", version: imageVersion(mysqlImage) };
    const files = Object.fromEntries(sql.map((file, index) => [`${String(index).padStart(2, "0")}-${file.name}`, file.text]));
    const config = new kplus.ConfigMap(this, "sql", {
      metadata: { name: `${application.name}-sql`, labels: labels(identity) },
      data: files,
    });
    const client = this.client(application, database, access);
    const tmp = kplus.Volume.fromEmptyDir(this, "initialise-tmp", "tmp");
    new HardenedJob(this, "initialise", {
      name,
      labels: labels(identity),
      annotations: podExceptions(),
      // A failed try is repeated: the server may have been away. Its pause grows to five minutes.
      backoffLimit: 1000,
      files,
      containers: [
        {
          ...client,
          name: "initialise",
          image: mysqlImage,
          user: CLIENT_USER,
          resources: CLIENT,
          command: ["bash", "-c", initialise],
          env: { ...client.env, MARKS: marksOf(application.name) },
          mounts: [
            ...(client.mounts ?? []),
            { path: "/sql", readOnly: true, volume: kplus.Volume.fromConfigMap(this, "sql-files", config, { name: "sql" }) },
            { path: "/tmp", volume: tmp },
          ],
        },
      ],
    });
  }

  private ingresses({ application, ingress, certificateResolver }: ApplicationProps, identity: Identity, service: kplus.Service): void {
    const { host = ingress.onlyHost ? ingress.host : undefined, path } = application.ingress;
    const add = (id: string, name: string, router: Record<string, string>) =>
      new kplus.Ingress(this, id, {
        metadata: {
          name,
          labels: labels({ ...identity, name }),
          annotations: Object.fromEntries(
            Object.entries(router).map(([key, value]) => [`traefik.ingress.kubernetes.io/router.${key}`, value]),
          ),
        },
        className: "traefik",
        rules: [{ host, path, backend: kplus.IngressBackend.fromService(service) }],
      });
    // Traefik's default is the length of the rule: a long path of every name would be stronger than an application's own name.
    const priority: Record<string, string> = host === undefined ? {} : { priority: String(OWN_HOST_PRIORITY + path.length) };
    const resolver: Record<string, string> =
      certificateResolver && host !== undefined && host !== ingress.host ? { "tls.certresolver": certificateResolver } : {};
    const router = { entrypoints: "websecure", tls: "true", middlewares: middlewareNames(application), ...resolver, ...priority };
    add("ingress", identity.name, router);
    add("redirect", `${identity.name}-redirect`, { entrypoints: "web", middlewares: MIDDLEWARES.redirect, ...priority });
  }
}
