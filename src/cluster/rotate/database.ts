import { randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { rotate as words } from "../../messages/rotate.ts";
import { PORTS } from "../../ports.ts";
import { ClusterError } from "../cluster-error.ts";
import type { KubeObject } from "../objects/kube-object.ts";
import type { Client } from "../transport/client.ts";
import type { Run } from "../transport/exec.ts";
import { type Account, accountsIn, accountsNamed, mounts } from "./accounts.ts";
import {
  change,
  madeSecret,
  type Rotation,
  type RotationPlan,
  replacePods,
  runIn,
  seen,
  underWay,
  valueIn,
  type Wanted,
  within,
} from "./rotation.ts";
import script from "./server.sh";

/** Runs a command in MySQL's container. */
type OnMysql = Rotation & { readonly run: Run };

/** Refuses accounts whose Secret is the user's own, before anything is changed. @throws ClusterError */
export async function refuseOwn(client: Client, accounts: readonly Account[], all: readonly Account[]): Promise<void> {
  for (const { kept, copy } of accounts) {
    const others = all.filter((one) => one.kept.secret !== kept.secret).map(({ name }) => name);
    await madeSecret(client, kept, others.join(", "));
    if (copy) await madeSecret(client, copy);
  }
}

/** Runs a step on the server. @throws ClusterError with what MySQL said */
async function onServer({ run }: OnMysql, what: "begin" | "resume" | "end", account: Account, old: string, fresh: string): Promise<void> {
  const { name, user, host, copy } = account;
  const parameters = [`'${user}'@'${host}'`, String(PORTS["mysqld-exporter"]), copy ? name : ""];
  const command = ["bash", "-c", script, "server.sh", what, ...parameters];
  const { status, stderr } = await run(command, Readable.from([Buffer.from(`${old}\n${fresh}\n`)]));
  if (status !== 0) throw new ClusterError(words.serverFailed(name, stderr.trim()), words.again());
}

/** Both passwords are valid after this, and the Secrets have the new one. An account that is under way goes on with the one that it has. */
async function begin(rotation: OnMysql, account: Account): Promise<void> {
  const { client, note } = rotation;
  const { kept, copy, name } = account;
  const found = await madeSecret(client, kept);
  const value = valueIn(found, kept.key);
  let fresh = value;
  if (underWay(found).includes(kept.key)) {
    await onServer(rotation, "resume", account, value, value);
    note(words.resumed(name));
  } else {
    fresh = randomBytes(32).toString("base64url");
    await onServer(rotation, "begin", account, value, fresh);
    // The mark comes with the value, in one step: a run that was cut off before it begins again, one that was cut off after it goes on.
    await change(client, kept, found, { [kept.key]: fresh }, [...underWay(found), kept.key]);
    note(words.both(name));
  }
  if (copy) await change(client, copy, await madeSecret(client, copy), { [copy.key]: fresh }, []);
}

/** The pods of Jobs that run and have the password of one of these accounts, such as a backup. */
async function jobsWith(client: Client, accounts: readonly Account[]): Promise<KubeObject[]> {
  const places = accounts.flatMap(({ kept, copy }) => copy ?? kept);
  const pods = [...new Set(places.map(({ namespace }) => namespace))].map(async (namespace) => {
    const path = `/api/v1/namespaces/${namespace}/pods`;
    return client.expect(await client.send({ path }), words.podsOf(namespace)).body.items as KubeObject[];
  });
  return (await Promise.all(pods)).flat().filter(({ metadata, spec, status }) => {
    const ofJob = metadata.ownerReferences?.some(({ kind }) => kind === "Job");
    return ofJob && status?.phase === "Running" && places.some((one) => one.namespace === metadata.namespace && mounts(spec, one));
  });
}

/** Waits until pods of Jobs have ended. @throws ClusterError when it takes too long */
async function jobsEnd(rotation: Rotation, accounts: readonly Account[], pods: readonly KubeObject[]): Promise<void> {
  const { client, note } = rotation;
  const before = new Set(pods.map(({ metadata }) => metadata.uid));
  let left: string[] = [];
  const ended = async () => {
    const now = (await jobsWith(client, accounts)).filter(({ metadata }) => before.has(metadata.uid)).map(({ metadata }) => metadata.name);
    if (now.length > 0 && now.join() !== left.join()) note(words.jobsRun(now.join(", ")));
    left = now;
    return now.length === 0 ? true : undefined;
  };
  await within(rotation, ended, () => words.jobsRun(left.join(", ")));
}

/** The workloads that read the passwords of accounts, each once. */
export const readersOf = (accounts: readonly Account[]): KubeObject[] => [...new Set(accounts.flatMap(({ readers }) => readers))];

/**
 * Gives accounts new passwords. The previous one stays valid until all pods have the new one. A run that was cut off
 * anywhere is finished by the next one.
 *
 * @throws ClusterError, Interrupted
 */
export async function rotateAccounts(rotation: OnMysql, accounts: readonly Account[]): Promise<void> {
  const { client, note } = rotation;
  for (const account of accounts) await begin(rotation, account);
  const readers = readersOf(accounts);
  await seen(rotation);
  const jobs = await jobsWith(client, accounts);
  for (const workload of readers) await replacePods(rotation, workload);
  await jobsEnd(rotation, accounts, jobs);
  for (const account of accounts) {
    const { kept, name } = account;
    const found = await madeSecret(client, kept);
    const value = valueIn(found, kept.key);
    await onServer(rotation, "end", account, value, value);
    const left = underWay(found).filter((key) => key !== kept.key);
    await change(client, kept, found, {}, left);
    note(words.done(name));
  }
}

/** The plan of `cloudnova rotate database`. @throws ClusterError */
export async function planDatabase({ client, objects, namespace, names }: Wanted): Promise<RotationPlan> {
  const all = accountsIn(objects);
  const accounts = accountsNamed(all, names);
  await refuseOwn(client, accounts, all);
  const run = await runIn(client, namespace, "mysql");
  return {
    changed: accounts.map(({ name }) => name),
    restarted: readersOf(accounts).map(({ metadata }) => metadata.name),
    work: (rotation) => rotateAccounts({ ...rotation, run }, accounts),
  };
}
