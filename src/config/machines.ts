/** What a machine offers to its pods. */
export interface Machine {
  /** All of its memory, MiB. */
  readonly memory: number;
  /** All of its CPU, millicores. */
  readonly cpu: number;
}

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
