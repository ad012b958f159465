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
}

/** A container that passes Pod Security *restricted*; what is not asked for is off. */
export interface ContainerProps {
  readonly name: string;
  readonly image: string;
  readonly resources: ContainerResources;
  /** Numeric user and group id. Above 10000, so that it never meets a user of the machine. */
  readonly user: number;
  /** @default the image's entry point */
  readonly command?: string[];
  /** @default the image's arguments */
  readonly args?: string[];
  /** @default none; never a secret: those are files */
  readonly env?: Readonly<Record<string, string>>;
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
}

function environment({ env = {}, fields = {} }: ContainerProps): Record<string, kplus.EnvValue> {
  return {
    ...Object.fromEntries(Object.entries(env).map(([key, value]) => [key, kplus.EnvValue.fromValue(value)])),
    ...Object.fromEntries(Object.entries(fields).map(([key, field]) => [key, kplus.EnvValue.fromFieldRef(field)])),
  };
}

/** Node storage for logs and emptyDirs. */
const EPHEMERAL_STORAGE = { request: "16Mi", limit: "256Mi" };

/**
 * The requests and limits of a hardened container, as L1: cdk8s-plus-27 takes node storage in whole GiB only. They replace
 * cdk8s-plus' own defaults (1 CPU and 512 MiB), with which two containers would fill a machine of 2 GiB.
 */
export function resourceRequirements({ memory, memoryLimit, cpu, cpuLimit }: ContainerResources): kplus.k8s.ResourceRequirements {
  const quantities = (entries: Record<string, string>) =>
    Object.fromEntries(Object.entries(entries).map(([key, text]) => [key, kplus.k8s.Quantity.fromString(text)]));
  return {
    requests: quantities({ cpu, memory, "ephemeral-storage": EPHEMERAL_STORAGE.request }),
    limits: quantities({ cpu: cpuLimit, memory: memoryLimit, "ephemeral-storage": EPHEMERAL_STORAGE.limit }),
  };
}

/** The properties of a hardened container without its resources. cdk8s-plus' pull policy Always and its TCP startup probe are replaced. */
export function container(props: ContainerProps): kplus.ContainerProps {
  const { name, image, user, command, args, ports = {}, mounts = [], readiness, liveness, startup } = props;
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
      ensureNonRoot: true,
      readOnlyRootFilesystem: true,
      allowPrivilegeEscalation: false,
      // cdk8s-plus-27's enum lacks ALL, which restricted demands; the API takes the plain word.
      capabilities: { drop: ["ALL" as kplus.Capability] },
    },
  };
}
