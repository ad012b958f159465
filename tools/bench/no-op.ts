import { join } from "node:path";
import { repositoryRoot } from "../common/root.ts";
import { type Contestant, median, type Samples } from "./measure.ts";

/** Ours over kubectl's, and what the project wants of it. */
const GOALS = [
  { name: "apply", ours: "cloudnova apply", theirs: "kubectl apply --server-side", most: 0.25 },
  { name: "diff", ours: "cloudnova diff", theirs: "kubectl diff --server-side", most: 0.7 },
] as const;

/** A cluster that has an environment already, so that both have nothing to do. */
export interface AppliedEnvironment {
  /** Path of kubectl. */
  readonly kubectl: string;
  /** Options that name the cluster, which both programs know, such as `--kubeconfig FILE`. */
  readonly cluster: readonly string[];
  /** The environment: its file or name. */
  readonly environment: string;
  /** The folder with the manifests of all environments, and that of this one in it. */
  readonly dist: string;
  readonly folder: string;
}

/** `apply` and `diff` of both, and ours without its shortcut (`--full`). */
export function noOpContestants({ kubectl, cluster, environment, dist, folder }: AppliedEnvironment): Contestant[] {
  const theirs = (verb: string): Contestant => ({
    name: `kubectl ${verb} --server-side`,
    command: kubectl,
    // The same field manager, so that there is nothing to take over from each other.
    args: [...cluster, verb, "--server-side", "--field-manager=cloudnova", "-f", folder],
  });
  const ours = (verb: string, ...more: readonly string[]): Contestant => ({
    name: ["cloudnova", verb, ...more].join(" "),
    command: process.execPath,
    args: [join(repositoryRoot(), "build", "cloudnova.cjs"), verb, environment, ...cluster, "--dist", dist, ...more],
  });
  return [ours("apply"), theirs("apply"), ours("diff"), theirs("diff"), ours("apply", "--full"), ours("diff", "--full")];
}

/** Ours as a part of kubectl's time. */
export interface NoOpRatio {
  readonly name: "apply" | "diff";
  readonly ratio: number;
  /** The goal: at most this. */
  readonly most: number;
}

/** How the medians compare. */
export const noOpRatios = (samples: ReadonlyMap<string, Samples>): NoOpRatio[] =>
  GOALS.map(({ name, ours, theirs, most }) => ({
    name,
    ratio: median(samples.get(ours) ?? []) / median(samples.get(theirs) ?? []),
    most,
  }));
