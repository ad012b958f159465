import { randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { rotate as words } from "../../messages/rotate.ts";
import { PORTS } from "../../ports.ts";
import { restart, runningPods } from "../apply/restart.ts";
import { ClusterError } from "../cluster-error.ts";
import type { KubeObject } from "../objects/kube-object.ts";
import { readiness } from "../observe/readiness.ts";
import type { Client } from "../transport/client.ts";
import type { Run } from "../transport/exec.ts";
import { pause, until } from "../transport/until.ts";
import { type Account, type Kept, mounts } from "./accounts.ts";
import script from "./server.sh";

/** On a Secret: its keys whose new passwords are set, and whose passwords before may still be valid. */
const UNDER_WAY = "cloudnova.dev/rotating";
/** The label of the Secrets that the bootstrap Job made (helper/secrets). */
const [MADE, BY] = ["app.kubernetes.io/managed-by", "cloudnova-bootstrap"] as const;
const POLL_MS = 1000;

/** How a rotation works. */
export interface Rotation {
  readonly client: Client;
  /** Runs a command in MySQL's container. */
  readonly run: Run;
  readonly note: (text: string) => void;
  /** How long a workload may take until its pods are replaced, ms. */
  readonly timeoutMs: number;
  /** How long the kubelet may take to see a Secret that was changed, ms: it watches those that its pods have. @default 2000 */
  readonly seenMs?: number;
}

const pathOf = ({ namespace, secret }: Kept) => `/api/v1/namespaces/${namespace}/secrets/${secret}`;
const underWay = ({ metadata }: KubeObject): string[] => metadata.annotations?.[UNDER_WAY]?.split(",") ?? [];
const valueIn = ({ data }: KubeObject, key: string) => Buffer.from(data?.[key] ?? "", "base64").toString();

/** A Secret that CloudNova made. @param others names of accounts that are not in it, for the advice @throws ClusterError */
async function madeSecret(client: Client, kept: Kept, others = ""): Promise<KubeObject> {
  const found: KubeObject | undefined = await client.find(pathOf(kept), `Secret ${kept.secret}`);
  if (!found?.data?.[kept.key]) throw new ClusterError(words.noSecret(kept.secret, kept.key), words.applyFirst());
  if (found.metadata.labels?.[MADE] !== BY) throw new ClusterError(words.yours(kept.secret), words.yoursAdvice(others));
  return found;
}

/** Refuses accounts whose Secret is the user's own, before anything is changed. @throws ClusterError */
export async function refuseOwn(client: Client, accounts: readonly Account[], all: readonly Account[]): Promise<void> {
  for (const { kept, copy } of accounts) {
    const others = all.filter((one) => one.kept.secret !== kept.secret).map(({ name }) => name);
    await madeSecret(client, kept, others.join(", "));
    if (copy) await madeSecret(client, copy);
  }
}

/** Changes a Secret that was read; refused when another writer was faster. @param rotating its keys that are under way from now on */
async function change(client: Client, kept: Kept, found: KubeObject, value: string, rotating: readonly string[]): Promise<void> {
  const { resourceVersion, annotations } = found.metadata;
  const body = {
    metadata: { resourceVersion, annotations: { ...annotations, [UNDER_WAY]: rotating.length > 0 ? rotating.join(",") : null } },
    data: { ...found.data, [kept.key]: Buffer.from(value).toString("base64") },
  };
  const call = { method: "PATCH", path: pathOf(kept), body, contentType: "application/merge-patch+json" } as const;
  client.expect(await client.send(call), `Secret ${kept.secret}`);
}

/** Runs a step on the server. @throws ClusterError with what MySQL said */
async function onServer({ run }: Rotation, what: "begin" | "resume" | "end", account: Account, old: string, fresh: string): Promise<void> {
  const { name, user, host, copy } = account;
  const parameters = [`'${user}'@'${host}'`, String(PORTS["mysqld-exporter"]), copy ? name : ""];
  const command = ["bash", "-c", script, "server.sh", what, ...parameters];
  const { status, stderr } = await run(command, Readable.from([Buffer.from(`${old}\n${fresh}\n`)]));
  if (status !== 0) throw new ClusterError(words.serverFailed(name, stderr.trim()), words.again());
}

/** Both passwords are valid after this, and the Secrets have the new one. An account that is under way goes on with the one that it has. */
async function begin(rotation: Rotation, account: Account): Promise<void> {
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
    await change(client, kept, found, fresh, [...underWay(found), kept.key]);
    note(words.both(name));
  }
  if (copy) await change(client, copy, await madeSecret(client, copy), fresh, []);
}

/** Replaces a workload's pods, and waits until none is left that has the password before. @throws ClusterError when it takes too long */
async function replacePods({ client, note, timeoutMs }: Rotation, workload: KubeObject): Promise<void> {
  const { kind, metadata } = workload;
  const path = `/apis/apps/v1/namespaces/${metadata.namespace}/${kind.toLowerCase()}s/${metadata.name}`;
  const what = `${kind} ${metadata.name}`;
  if (!(await client.find(path, what))) return;
  note(words.restarting(metadata.name));
  const before = new Set((await runningPods(client, workload)).map((pod) => pod.metadata.uid));
  await restart(client, path, what);
  let why = "";
  const ready = async () => {
    const now = readiness(await client.find(path, what));
    why = now.words;
    if (now.state !== "ready") return undefined;
    return (await runningPods(client, workload, true)).some(({ metadata: { uid } }) => before.has(uid)) ? undefined : true;
  };
  const late = () => {
    throw new ClusterError(words.notReady(metadata.name, why), words.again());
  };
  await until(ready, { limitMs: timeoutMs, everyMs: POLL_MS, ...(client.signal && { signal: client.signal }), late });
  note(words.ready(metadata.name));
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
async function jobsEnd({ client, note, timeoutMs }: Rotation, accounts: readonly Account[], pods: readonly KubeObject[]): Promise<void> {
  const before = new Set(pods.map(({ metadata }) => metadata.uid));
  let left: string[] = [];
  const ended = async () => {
    const now = (await jobsWith(client, accounts)).filter(({ metadata }) => before.has(metadata.uid)).map(({ metadata }) => metadata.name);
    if (now.length > 0 && now.join() !== left.join()) note(words.jobsRun(now.join(", ")));
    left = now;
    return now.length === 0 ? true : undefined;
  };
  const late = () => {
    throw new ClusterError(words.jobsRun(left.join(", ")), words.again());
  };
  await until(ended, { limitMs: timeoutMs, everyMs: POLL_MS, ...(client.signal && { signal: client.signal }), late });
}

/** The workloads that read the passwords of accounts, each once. */
export const readersOf = (accounts: readonly Account[]): KubeObject[] => [...new Set(accounts.flatMap(({ readers }) => readers))];

/**
 * Gives accounts new passwords. The previous one stays valid until all pods have the new one. A run that was cut off
 * anywhere is finished by the next one.
 *
 * @throws ClusterError, Interrupted
 */
export async function rotateAccounts(rotation: Rotation, accounts: readonly Account[]): Promise<void> {
  const { client, note, seenMs = 2000 } = rotation;
  for (const account of accounts) await begin(rotation, account);
  const readers = readersOf(accounts);
  await pause(seenMs, client.signal);
  const jobs = await jobsWith(client, accounts);
  for (const workload of readers) await replacePods(rotation, workload);
  await jobsEnd(rotation, accounts, jobs);
  for (const account of accounts) {
    const { kept, name } = account;
    const found = await madeSecret(client, kept);
    const value = valueIn(found, kept.key);
    await onServer(rotation, "end", account, value, value);
    const left = underWay(found).filter((key) => key !== kept.key);
    await change(client, kept, found, value, left);
    note(words.done(name));
  }
}
