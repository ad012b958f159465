import { Size } from "cdk8s";
import * as kplus from "cdk8s-plus-27";
import type { Resources } from "../config/resources.ts";
import { mebibytes, millicores } from "../config/units.ts";

/** A container that passes Pod Security *restricted*; what is not asked for is off. */
export interface ContainerProps {
  readonly name: string;
  readonly image: string;
  readonly resources: Resources;
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
  readonly readiness?: kplus.Probe;
  readonly liveness?: kplus.Probe;
  /** @default none: the other probes count from the start */
  readonly startup?: kplus.Probe;
}

const cpuOf = (text: string) => kplus.Cpu.millis(millicores(text));
const memoryOf = (text: string) => Size.mebibytes(mebibytes(text));

function environment({ env = {}, fields = {} }: ContainerProps): Record<string, kplus.EnvValue> {
  return {
    ...Object.fromEntries(Object.entries(env).map(([key, value]) => [key, kplus.EnvValue.fromValue(value)])),
    ...Object.fromEntries(Object.entries(fields).map(([key, field]) => [key, kplus.EnvValue.fromFieldRef(field)])),
  };
}

/**
 * The properties of a hardened container. cdk8s-plus' own defaults (1 CPU, 512 MiB, pull policy Always, a TCP
 * startup probe) are all replaced: two such containers would fill a 2 GiB machine.
 */
export function container(props: ContainerProps): kplus.ContainerProps {
  const { name, image, resources, user, command, args, ports = {}, mounts = [], readiness, liveness, startup } = props;
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
    resources: {
      memory: { request: memoryOf(resources.memory), limit: memoryOf(resources.memoryLimit) },
      cpu: { request: cpuOf(resources.cpu), limit: cpuOf(resources.cpuLimit) },
    },
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
