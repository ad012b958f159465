import type { Duplex } from "node:stream";
import type { Config } from "../../config/resolve.ts";
import { type VerifyCheck, verify as words } from "../../messages/verify.ts";
import { PORTS } from "../../ports.ts";
import type { Verdict } from "../finding.ts";
import type { KubeObject } from "../objects/kube-object.ts";
import type { Standing } from "../observe/watch.ts";
import type { IngressEndpoint, Reply } from "../transport/ingress-client.ts";

/** What the checks may look at; effects behind functions, so that each check is tried without a cluster. */
export interface Subject {
  readonly config: Config;
  readonly ingress: IngressEndpoint;
  /** What was applied, as it lies in dist/. */
  readonly manifests: readonly KubeObject[];
  /** Whether a pod of the application may be ended, to see what outlives it. */
  readonly thorough: boolean;
  /** The state of the workloads. */
  standings(): Promise<readonly Standing[]>;
  /** The pods in every namespace of ours. */
  pods(): Promise<readonly KubeObject[]>;
  nodes(): Promise<readonly KubeObject[]>;
  services(): Promise<readonly KubeObject[]>;
  /** What our containers take now, by `pod/container`, in bytes. */
  workingSets(): Promise<ReadonlyMap<string, number>>;
  /** How many of a component's pods may be ended now, by its PodDisruptionBudget. */
  mayEnd(component: string): Promise<number>;
  /** Ends a pod as a drain does. Returns why it was refused, if it was. */
  evict(pod: string): Promise<string | undefined>;
  /** The last lines of a pod's container. */
  log(pod: string, container: string): Promise<string>;
  /** A request to a component inside the cluster, to each of its ready pods. */
  inside(component: string, port: number, path: string, headers?: Record<string, string>): Promise<readonly Reply[]>;
  /** A value of a Secret of ours; undefined when there is none. @param namespace @default the environment's */
  secret(name: string, key: string, namespace?: string): Promise<string | undefined>;
  /** A connection to a component inside the cluster. @throws ClusterError when it has no ready pod */
  reach(component: string, port: number): Promise<Duplex>;
  /** Whether a TCP port of the ingress's machine can be connected to; undefined when that machine is this one. */
  connects(port: number): Promise<boolean | undefined>;
}

/** A check of the running cluster. */
export interface Check {
  readonly name: VerifyCheck;
  /** Whether the environment has what is checked. @default always */
  readonly applies?: (config: Config) => boolean;
  /** Tried only once: trying again would change something again. @default false */
  readonly once?: boolean;
  readonly run: (subject: Subject) => Promise<Verdict>;
}

/** An image that only takes up a program's memory and answers its probes, where the program itself cannot be had. */
export const isBallast = (image: string): boolean => /(^|\/)ballast(:|@|$)/.test(image);

/** The answer of Prometheus' API. @throws Error */
export async function prometheus<T>(subject: Subject, path: string): Promise<T> {
  const [reply] = await subject.inside("prometheus", PORTS.prometheus, path);
  if (reply?.status !== 200) throw new Error(words.answers("Prometheus", reply?.status ?? words.nothing, path));
  return (JSON.parse(reply.text) as { data: T }).data;
}
