import { ClusterError } from "../cluster/cluster-error.ts";
import { machine } from "../messages/machine.ts";
import { target as say } from "../messages/target.ts";
import { type SshAddress, sshAddress } from "./ssh-address.ts";

/** Clusters that live on this machine, and that `up` makes when they are not there. */
export const OWN_TARGETS = ["kind", "k3s"] as const;
export type OwnTarget = (typeof OWN_TARGETS)[number];

/** Where an environment is deployed: a cluster of this machine, k3s on a server that ssh reaches, or one of a kubeconfig. */
export type TargetName = OwnTarget | "ssh" | "context";

/** The environment that is meant when only the target was named. */
export const ENVIRONMENT_OF: Readonly<Record<OwnTarget, string>> = { kind: "kind", k3s: "k3s-ec2" };

/** The environment of kind where no registry answers: its images are part of the node image that is made here. */
export const STAND_IN_ENVIRONMENT = "stand-ins";

/**
 * Name of the cluster that kind makes for us; its context is this with `kind-` before it: kind's own variable
 * `$KIND_CLUSTER_NAME`. @default cloudnova
 *
 * @throws ClusterError for a name that kind would refuse
 */
export function kindName(env: Readonly<Record<string, string | undefined>>): string {
  const name = env.KIND_CLUSTER_NAME || "cloudnova";
  if (/^[a-z0-9.-]+$/.test(name)) return name; // kind's own rule (pkg/internal/apis/config/validate.go)
  throw new ClusterError(machine.badKindName(name));
}

/** What the user said about the cluster. */
export interface Named {
  /** `kind`, `k3s`, `ssh:USER@HOST` or `context:NAME`. */
  readonly target?: string;
  /** kubectl's own word for `context:NAME`. */
  readonly context?: string;
  readonly kubeconfig?: string;
}

/** A cluster as it was named. */
export interface Target {
  readonly name: TargetName;
  /** Context and file, for a cluster of a kubeconfig. */
  readonly context?: string;
  readonly kubeconfig?: string;
  /** The server that ssh reaches. */
  readonly ssh?: SshAddress;
  /** Whether that is the environment's machine on EC2, whose address has to be looked up: `ssh` is not there before. */
  readonly ec2?: true;
  /** Whether the environment itself names the cluster, so that a printed command need not. */
  readonly implied?: boolean;
}

export const isOwn = (text: string): text is OwnTarget => (OWN_TARGETS as readonly string[]).includes(text);

/**
 * The cluster that the options name; undefined when they name none.
 *
 * @throws ClusterError when they name none that there could be, or two
 */
export function namedTarget({ target, context, kubeconfig }: Named): Target | undefined {
  if (target === undefined) return context || kubeconfig ? { name: "context", context, kubeconfig } : undefined;
  const [, byTarget] = /^context:(.+)$/.exec(target) ?? [];
  const [, server] = /^ssh:(.+)$/.exec(target) ?? [];
  if (!byTarget && !server && !isOwn(target)) {
    throw new ClusterError(say.noTarget(target), say.targetsAre(OWN_TARGETS.join(", ")));
  }
  if (context && context !== byTarget) {
    throw new ClusterError(say.twoClusters(`--target ${target}`, `--context ${context}`), say.leaveOne);
  }
  if (byTarget) return { name: "context", context: byTarget, kubeconfig };
  if (kubeconfig) throw new ClusterError(say.twoClusters(`--target ${target}`, "--kubeconfig"), say.leaveOne);
  return server ? { name: "ssh", ssh: sshAddress(server) } : { name: target as OwnTarget };
}
