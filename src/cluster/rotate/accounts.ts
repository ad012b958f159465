import { BACKUP_SECRETS, BACKUP_USER } from "../../backups.ts";
import { rotate as words } from "../../messages/rotate.ts";
import { applicationSecrets } from "../../secrets.ts";
import { ClusterError } from "../cluster-error.ts";
import type { KubeObject } from "../objects/kube-object.ts";
import { chosenOf, type Kept, secretOfVolume } from "./rotation.ts";

/** An account of the MySQL server. */
export interface Account {
  /** By which a user names it: the key of its Secret. */
  readonly name: string;
  readonly user: string;
  readonly host: string;
  /** Where MySQL's pod reads its password. */
  readonly kept: Kept;
  /** Where an application reads a copy of it. */
  readonly copy?: Kept;
  /** The workloads whose pods have the password, without MySQL's own. */
  readonly readers: readonly KubeObject[];
}

const ACCOUNT = /ALTER USER '([^']+)'@'([^']+)' IDENTIFIED BY '\$\{([^}]+)\}'/g;

/** What of a pod says which Secrets it mounts. */
interface PodSpec {
  readonly volumes?: readonly {
    readonly secret?: { readonly secretName?: string; readonly items?: readonly { readonly key: string }[] };
  }[];
}

/** Whether a pod mounts a key of a Secret. @param key @default any */
export function mounts({ volumes = [] }: PodSpec, { secret, key }: Pick<Kept, "secret"> & Partial<Kept>): boolean {
  return volumes.some(
    ({ secret: source }) =>
      source?.secretName === secret && (key === undefined || !source.items || source.items.some((item) => item.key === key)),
  );
}

/** The accounts of an environment's manifests whose passwords are changed one by one. @throws ClusterError where there is no server */
export function accountsIn(objects: readonly KubeObject[]): Account[] {
  const server = objects.find(({ kind, metadata }) => kind === "StatefulSet" && metadata.name === "mysql");
  const files = objects.find(({ kind, metadata }) => kind === "ConfigMap" && metadata.name === "mysql")?.data;
  if (!server || !files) throw new ClusterError(words.noServer);
  const namespace = server.metadata.namespace ?? "";
  const secretOf = (volume: string) => secretOfVolume(server, volume) ?? "";
  const workloads = objects.filter(({ kind, metadata }) => ["Deployment", "StatefulSet"].includes(kind) && metadata.name !== "mysql");
  const readers = (kept: Kept) =>
    workloads.filter((one) => one.metadata.namespace === kept.namespace && mounts(one.spec.template.spec, kept));
  const named = (file: string) =>
    [...String(files[file] ?? "").matchAll(ACCOUNT)].map(([, user = "", host = "", name = ""]) => ({ user, host, name }));

  const served = named("applications.sql");
  return [
    ...named("accounts.sql").map((one) => {
      const kept =
        one.name === BACKUP_USER
          ? { namespace, secret: BACKUP_SECRETS.account, key: "password" }
          : { namespace, secret: secretOf("accounts"), key: one.name };
      return { ...one, kept, readers: readers(kept) };
    }),
    ...served.map((one) => {
      const copy = { namespace: `${namespace}-${one.name}`, secret: applicationSecrets(one.name).database, key: "password" };
      return { ...one, kept: { namespace, secret: secretOf("applications"), key: one.name }, copy, readers: readers(copy) };
    }),
  ];
}

/** The accounts of these names; all where none is named. @throws ClusterError that says which there are */
export function accountsNamed(accounts: readonly Account[], names: readonly string[]): Account[] {
  const all = accounts.map(({ name }) => name);
  const chosen = chosenOf(all, names);
  return accounts.filter(({ name }) => chosen.includes(name));
}
