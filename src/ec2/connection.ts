import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { parse, stringify } from "yaml";
import { ClusterError } from "../cluster/cluster-error.ts";
import type { Ec2 } from "../config/ec2.ts";
import { ec2 as say } from "../messages/ec2.ts";
import { has, run, type Surroundings } from "../target/process.ts";
import type { SshAddress } from "../target/ssh-address.ts";
import type { Machine } from "./account.ts";

/** The user of Ubuntu's images on EC2, who may call sudo without a password. */
const USER = "ubuntu";

/**
 * How ssh reaches a machine: at its address, or through Session Manager by its id.
 *
 * @throws ClusterError when it does not run, has no public address, or the programs for Session Manager are missing
 */
export function routeTo(machine: Machine, stack: string, { ssh, region }: Ec2, around: Pick<Surroundings, "env">): SshAddress {
  if (machine.state !== "running") throw new ClusterError(say.notRunning(machine.state), say.startIt);
  // The address changes and is used again by others: the host key belongs to the machine's id.
  const common = ["-o", `HostKeyAlias=${stack}-${machine.id}`, "-o", "StrictHostKeyChecking=accept-new", "-o", "ConnectTimeout=15"];
  const firstBoot = { noK3sAdvice: say.noK3sYetAdvice }; // it installs k3s; a second run beside it would disturb it
  if (ssh === "own-address") {
    if (!machine.address) throw new ClusterError(say.noPublicAddress, say.noPublicAddressAdvice);
    return { options: common, destination: `${USER}@${machine.address}`, ...firstBoot };
  }
  for (const program of ["aws", "session-manager-plugin"]) {
    if (!has(around, program)) throw new ClusterError(say.noProgram(program), say.getSessionManager);
  }
  const proxy = `aws ssm start-session --region ${region} --target ${machine.id} --document-name AWS-StartSSHSession --parameters portNumber=%p`;
  const host = machine.address === undefined ? {} : { host: machine.address };
  return { options: [...common, "-o", `ProxyCommand=${proxy}`], destination: `${USER}@${machine.id}`, ...host, ...firstBoot };
}

/** Runs a command on the machine and returns what it writes. @throws ClusterError with ssh's own words; Interrupted */
export async function runOn(around: Surroundings, { options, destination }: SshAddress, command: string): Promise<string> {
  const { status, missing, stdout, words } = await run(around, "ssh", [...options, "-o", "BatchMode=yes", destination, command]);
  if (status === 0) return stdout;
  if (missing) throw new ClusterError(say.noProgram("ssh"), say.getSsh);
  // 255 is ssh's own failure; others are the command's.
  throw new ClusterError(say.sshFailed(destination, words), status === 255 ? say.sshAdvice : undefined);
}

type Named = { readonly name: string };
/** A kubeconfig, as far as it is changed here. */
interface Kubeconfig {
  readonly "current-context"?: string;
  readonly clusters?: readonly (Named & { readonly cluster: Readonly<Record<string, unknown>> })[];
  readonly users?: readonly (Named & { readonly user: Readonly<Record<string, unknown>> })[];
  readonly contexts?: readonly (Named & { readonly context: Readonly<Record<string, unknown>> })[];
}

const put = <T extends Named>(list: readonly T[] | undefined, one: T): T[] => [
  ...(list ?? []).filter(({ name }) => name !== one.name),
  one,
];

/**
 * A kubeconfig with one more context, or a new version of it.
 *
 * k3s' certificate holds the name `kubernetes`, whatever address the machine has: `tls-server-name` has clients check that name.
 *
 * @param text the kubeconfig so far; empty where there is none
 * @param k3s the machine's /etc/rancher/k3s/k3s.yaml
 * @throws ClusterError when k3s has not written its file completely
 */
export function withContext(text: string, k3s: string, name: string, address: string): string {
  const known = (parse(text) ?? {}) as Kubeconfig;
  const theirs = (parse(k3s) ?? {}) as Kubeconfig;
  const [cluster] = theirs.clusters ?? [];
  const [user] = theirs.users ?? [];
  if (!cluster?.cluster["certificate-authority-data"] || !user) throw new ClusterError(say.noK3sYet, say.noK3sYetAdvice);
  return stringify({
    apiVersion: "v1",
    kind: "Config",
    ...known,
    clusters: put(known.clusters, {
      name,
      cluster: { ...cluster.cluster, server: `https://${address}:6443`, "tls-server-name": "kubernetes" },
    }),
    users: put(known.users, { name, user: user.user }),
    contexts: put(known.contexts, { name, context: { cluster: name, user: name } }),
  });
}

/** The kubeconfig that kubectl would write to: the first of `$KUBECONFIG`, else ~/.kube/config. */
export const kubeconfigFile = (env: Readonly<Record<string, string | undefined>>): string =>
  env.KUBECONFIG?.split(process.platform === "win32" ? ";" : ":").find(Boolean) ?? join(env.HOME ?? homedir(), ".kube", "config");

/** Adds a context to a kubeconfig file, readable by its owner alone. */
export function writeContext(file: string, k3s: string, name: string, address: string): void {
  const before = existsSync(file) ? readFileSync(file, "utf8") : "";
  const text = withContext(before, k3s, name, address);
  mkdirSync(dirname(file), { recursive: true });
  const partial = `${file}.partial-${process.pid}`;
  writeFileSync(partial, text, { mode: 0o600 });
  chmodSync(partial, 0o600);
  renameSync(partial, file);
}

const KEYS = ["id_ed25519.pub", "id_rsa.pub"];

/** The public ssh key of this computer's user. @throws ClusterError when there is none, or none that EC2 takes */
export function publicKey(env: Readonly<Record<string, string | undefined>>): string {
  const folder = join(env.HOME ?? homedir(), ".ssh");
  const file = KEYS.map((name) => join(folder, name)).find((path) => existsSync(path));
  const text = file && readFileSync(file, "utf8").trim();
  // EC2 imports RSA and ED25519 keys (its documentation, "Create a key pair").
  if (!text || !/^ssh-(rsa|ed25519) [A-Za-z0-9+/=]+( .*)?$/.test(text))
    throw new ClusterError(say.noPublicKey(folder), say.noPublicKeyAdvice);
  return text;
}
