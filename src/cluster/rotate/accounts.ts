import { rotate as words } from "../../messages/rotate.ts";
import { applicationSecrets } from "../../secrets.ts";
import { ClusterError } from "../cluster-error.ts";
import type { KubeObject } from "../objects/kube-object.ts";

/** A key of a Secret that holds a password. */
export interface Kept {
  readonly namespace: string;
  readonly secret: string;
  readonly key: string;
}

/** An account of the MySQL server. */
export interface Account {
  /** By which a user names it: the key of its Secret. */
  readonly name: string;
  readonly user: string;
  readonly host: string;
  /**
   * Whether it may connect without TLS. Then it has no second password in practice: mysqld remembers one password of an account, and
   * without TLS accepts the other only by an RSA exchange, which many drivers do not know.
   */
  readonly plain: boolean;
  /** Where MySQL's pod reads its password. */
  readonly kept: Kept;
  /** Where an application reads a copy of it. */
  readonly copy?: Kept;
  /** The workloads whose pods have the password, without MySQL's own. */
  readonly readers: readonly KubeObject[];
}

/** MySQL's exporter reads its password at its start alone, and backups may be running: these two change with MySQL's pod. */
const OTHERS: ReadonlySet<string> = new Set(["exporter", "backup"]);

const ACCOUNT = /ALTER USER '([^']+)'@'([^']+)' IDENTIFIED BY '\$\{([^}]+)\}'(?: REQUIRE (\w+))?/g;

/** Whether a pod mounts a key of a Secret. */
function mounts({ spec }: KubeObject, { secret, key }: Kept): boolean {
  const volumes: { secret?: { secretName?: string; items?: { key: string }[] } }[] = spec.template.spec.volumes ?? [];
  return volumes.some(
    ({ secret: source }) => source?.secretName === secret && (!source.items || source.items.some((item) => item.key === key)),
  );
}

/** The accounts of an environment's manifests whose passwords are changed one by one. @throws ClusterError where there is no server */
export function accountsIn(objects: readonly KubeObject[]): Account[] {
  const server = objects.find(({ kind, metadata }) => kind === "StatefulSet" && metadata.name === "mysql");
  const files = objects.find(({ kind, metadata }) => kind === "ConfigMap" && metadata.name === "mysql")?.data;
  if (!server || !files) throw new ClusterError(words.noServer);
  const namespace = server.metadata.namespace ?? "";
  const volumes: { name: string; secret?: { secretName: string } }[] = server.spec.template.spec.volumes;
  const secretOf = (volume: string) => volumes.find(({ name }) => name === volume)?.secret?.secretName ?? "";
  const workloads = objects.filter(({ kind, metadata }) => ["Deployment", "StatefulSet"].includes(kind) && metadata.name !== "mysql");
  const readers = (kept: Kept) => workloads.filter((one) => one.metadata.namespace === kept.namespace && mounts(one, kept));
  const named = (file: string) =>
    [...String(files[file] ?? "").matchAll(ACCOUNT)].map(([, user = "", host = "", name = "", tls]) => ({
      user,
      host,
      name,
      plain: tls === "NONE",
    }));

  const own = named("accounts.sql").filter(({ name }) => !OTHERS.has(name));
  const served = named("applications.sql");
  return [
    ...own.map((one) => {
      const kept = { namespace, secret: secretOf("accounts"), key: one.name };
      return { ...one, kept, readers: readers(kept) };
    }),
    ...served.map((one) => {
      const copy = { namespace: `${namespace}-${one.name}`, secret: applicationSecrets(one.name).database, key: "password" };
      return { ...one, kept: { namespace, secret: secretOf("applications"), key: one.name }, copy, readers: readers(copy) };
    }),
  ];
}

/** The accounts of these names; all that can be changed where none is named. @throws ClusterError that says which can be */
export function accountsNamed(accounts: readonly Account[], names: readonly string[]): Account[] {
  const possible = accounts.filter(({ plain }) => !plain);
  for (const name of names.filter((one) => !possible.some((account) => account.name === one))) {
    const why = accounts.some((one) => one.name === name) ? words.plain(name) : words.noAccount(name);
    throw new ClusterError(why, words.accountsAre(possible.map((one) => one.name).join(", ")));
  }
  return possible.filter(({ name }) => names.length === 0 || names.includes(name));
}
