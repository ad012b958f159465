/** Working set of each part in MiB, by the names of PARTS, and of everything. */
export interface Weight {
  readonly parts: Readonly<Record<Part, number>>;
  /** Everything that the limit of 1,700 MiB holds. */
  readonly whole: number;
}

/** What both stacks run. */
export const PARTS = ["reverse proxy", "application", "MySQL", "Prometheus", "node-exporter"] as const;
export type Part = (typeof PARTS)[number];

/** How many processes and threads the application has, and connections to MySQL for each process. */
export interface Size {
  readonly workers: number;
  readonly threads: number;
  readonly pool: number;
}

/** A running stack, as the measurements see it. */
export interface Stack {
  /** Docker's network of its ingress, and the ingress's name and port in it. */
  readonly network: string;
  readonly ingress: string;
  /** Port of HTTPS on 127.0.0.1. */
  readonly port: number;
  /** Runs a Python script with the application's modules and settings. @returns what it printed */
  python(script: string): Promise<string>;
  weight(): Promise<Weight>;
  /** Replaces the application by the same image under a new tag, as a user does. Ends when the command does. */
  replace(): Promise<void>;
  killMysql(): Promise<void>;
}
