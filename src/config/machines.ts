/** What a machine offers to its pods. */
export interface Machine {
  /** All of its memory, MiB. */
  readonly memory: number;
  /** All of its CPU, millicores. */
  readonly cpu: number;
}

/** A machine with the disk that its volumes lie on, less what its system takes. */
export interface Room extends Machine {
  readonly system: Machine;
  /** Root disk, MiB. */
  readonly disk: number;
  /** How many such machines the cluster has. @default 1 */
  readonly nodes?: number;
}

/**
 * Disk for the operating system, Kubernetes, images and logs, MiB: about 2.5 GiB of Ubuntu server, 0.5 of k3s, and 2.5 of
 * our images unpacked (Grafana and MySQL are two thirds of them), as their publishers state the sizes; not measured by us.
 */
export const SYSTEM_DISK = 6 * 1024;

/**
 * EC2 instance types that fit a student's budget: memory and virtual CPUs as EC2's instance type pages list them.
 * t4g runs on arm64: every image in versions.ts is published for it, and the web app's is built from its Dockerfile.
 */
export const INSTANCES = {
  "t2.micro": { memory: 1024, cpu: 1000 },
  "t3.micro": { memory: 1024, cpu: 2000 },
  "t2.small": { memory: 2048, cpu: 1000 },
  "t3.small": { memory: 2048, cpu: 2000 },
  "t3a.small": { memory: 2048, cpu: 2000 },
  "t4g.small": { memory: 2048, cpu: 2000 },
  "t2.medium": { memory: 4096, cpu: 2000 },
  "t3.medium": { memory: 4096, cpu: 2000 },
  "t4g.medium": { memory: 4096, cpu: 2000 },
} as const satisfies Record<string, Machine>;

/** The name of an instance type that the budget check knows. */
export type Instance = keyof typeof INSTANCES;
