import type { Config } from "../../config/resolve.ts";
import type { Entrance, Reply } from "../entrance.ts";
import type { Verdict } from "../finding.ts";
import type { KubeObject } from "../objects.ts";
import type { Standing } from "../watch.ts";

/** What the checks may look at; effects behind functions, so that each check is tried without a cluster. */
export interface Subject {
  readonly config: Config;
  readonly entrance: Entrance;
  /** The workloads as they stand. */
  standings(): Promise<readonly Standing[]>;
  /** Our pods. */
  pods(): Promise<readonly KubeObject[]>;
  services(): Promise<readonly KubeObject[]>;
  /** A request to a component inside the cluster, to each of its ready pods. */
  inside(component: string, port: number, path: string, headers?: Record<string, string>): Promise<readonly Reply[]>;
  /** A value of a Secret of ours; undefined when there is none. */
  secret(name: string, key: string): Promise<string | undefined>;
}

/** A check of the running cluster. */
export interface Check {
  readonly name: string;
  /** Whether the environment has what is checked. @default always */
  readonly applies?: (config: Config) => boolean;
  readonly run: (subject: Subject) => Promise<Verdict>;
}

/** An image that only takes up a program's memory and answers its probes, where the program itself cannot be had. */
export const isBallast = (image: string): boolean => /(^|\/)ballast(:|@|$)/.test(image);
