import * as kplus from "cdk8s-plus-27";

/** Requests and limits of one container, as Kubernetes writes quantities: `64Mi`, `50m`. All four are required. */
export interface ContainerResources {
  /** Memory that the scheduler sets aside. */
  readonly memory: string;
  /** Memory at which the kernel kills the container. */
  readonly memoryLimit: string;
  /** CPU that the scheduler sets aside. */
  readonly cpu: string;
  /** CPU at which the container is throttled. */
  readonly cpuLimit: string;
  /** Node storage for logs and emptyDirs at which the pod is evicted. @default 256Mi */
  readonly storageLimit?: string;
}

/** A key of a Secret. */
export interface SecretKey {
  readonly secret: string;
  readonly key: string;
}

/** A container that passes Pod Security *restricted*, unless it asks for *baseline*; what is not asked for is off. */
export interface ContainerProps {
  readonly name: string;
  readonly image: string;
  readonly resources: ContainerResources;
  /** Numeric user and group id. Best above 10000, so that it never meets a user of the machine. */
  readonly user: number;
  /** @default the image's entry point */
  readonly command?: string[];
  /** @default the image's arguments */
  readonly args?: string[];
  /** @default none; never a secret */
  readonly env?: Readonly<Record<string, string>>;
  /**
   * Keys of Secrets as variables, for a program that reads no files. They come before `env`, so that its values may name them as `$(NAME)`.
   * @default none
   */
  readonly secretEnv?: Readonly<Record<string, SecretKey>>;
  /** Fields of the pod as variables, such as its name. @default none */
  readonly fields?: Readonly<Record<string, kplus.EnvFieldPaths>>;
  /** Ports by name. @default none */
  readonly ports?: Readonly<Record<string, number>>;
  /** @default none */
  readonly mounts?: readonly kplus.VolumeMount[];
  /** @default none; an init container takes no probe */
  readonly readiness?: kplus.Probe;
  /** @default none */
  readonly liveness?: kplus.Probe;
  /** @default none: the other probes count from the start */
  readonly startup?: kplus.Probe;
  /** Whether it may write to its image's file system. @default false */
  readonly writableRoot?: boolean;
  /** *baseline* leaves it the runtime's capabilities but NET_RAW, which an image that starts as root needs. @default restricted */
  readonly podSecurity?: "restricted" | "baseline";
}

/** A variable from a key of a Secret, as L1: cdk8s-plus' own wants a construct of the Secret. */
const secretValue = ({ secret, key }: SecretKey) => ({ valueFrom: { secretKeyRef: { name: secret, key } } }) as kplus.EnvValue;

function environment({ env = {}, secretEnv = {}, fields = {} }: ContainerProps): Record<string, kplus.EnvValue> {
  return {
    ...Object.fromEntries(Object.entries(secretEnv).map(([name, key]) => [name, secretValue(key)])),
    ...Object.fromEntries(Object.entries(env).map(([key, value]) => [key, kplus.EnvValue.fromValue(value)])),
    ...Object.fromEntries(Object.entries(fields).map(([key, field]) => [key, kplus.EnvValue.fromFieldRef(field)])),
  };
}

/** Node storage for logs and emptyDirs. */
const EPHEMERAL_STORAGE = { request: "16Mi", limit: "256Mi" } as const;

/**
 * The requests and limits of a hardened container, as L1: cdk8s-plus-27 takes node storage in whole GiB only. They replace
 * cdk8s-plus' own defaults (1 CPU and 512 MiB), with which two containers would fill a machine of 2 GiB.
 */
export function resourceRequirements(resources: ContainerResources): kplus.k8s.ResourceRequirements {
  const { memory, memoryLimit, cpu, cpuLimit, storageLimit = EPHEMERAL_STORAGE.limit } = resources;
  const quantities = (entries: Record<string, string>) =>
    Object.fromEntries(Object.entries(entries).map(([key, text]) => [key, kplus.k8s.Quantity.fromString(text)]));
  return {
    requests: quantities({ cpu, memory, "ephemeral-storage": EPHEMERAL_STORAGE.request }),
    limits: quantities({ cpu: cpuLimit, memory: memoryLimit, "ephemeral-storage": storageLimit }),
  };
}

/** The properties of a hardened container without its resources. cdk8s-plus' pull policy Always and its TCP startup probe are replaced. */
export function container(props: ContainerProps): kplus.ContainerProps {
  const { name, image, user, command, args, ports = {}, mounts = [], readiness, liveness, startup, podSecurity = "restricted" } = props;
  return {
    name,
    image,
    // Images are side-loaded into kind, where nothing may be pulled.
    imagePullPolicy: kplus.ImagePullPolicy.IF_NOT_PRESENT,
    command,
    args,
    envVariables: environment(props),
    ports: Object.entries(ports).map(([portName, number]) => ({ name: portName, number })),
    volumeMounts: [...mounts],
    readiness,
    liveness,
    startup,
    securityContext: {
      user,
      group: user,
      ensureNonRoot: user !== 0,
      readOnlyRootFilesystem: !props.writableRoot,
      allowPrivilegeEscalation: false,
      // cdk8s-plus-27's enum lacks ALL, which restricted demands, and writes CAP_ before the others; the API takes the plain words.
      capabilities: { drop: [(podSecurity === "restricted" ? "ALL" : "NET_RAW") as kplus.Capability] },
    },
  };
}
