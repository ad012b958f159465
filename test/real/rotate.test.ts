import { execFile } from "node:child_process";
import type { Readable } from "node:stream";
import { type Account, accountsIn, accountsNamed } from "../../src/cluster/rotate/accounts.ts";
import { refuseOwn, rotateAccounts } from "../../src/cluster/rotate/database.ts";
import type { Client } from "../../src/cluster/transport/client.ts";
import type { Ended, Run } from "../../src/cluster/transport/exec.ts";
import { FakeApi } from "../cluster/transport/api.ts";
import type { Manifest } from "../manifests.ts";
import { ACCOUNTS, BACKUP_PASSWORD, EXPORTER_USER, startApplicationsPod } from "./applications-pod.ts";
import type { MysqlPod } from "./mysql-pod.ts";

/** New passwords with the real server and the pod's own files; Secrets and Deployments are those of an API server in memory. */
jest.setTimeout(15 * 60_000);

const ENVIRONMENT = `cluster: kind
machine: { memory: 8Gi, cpu: '4' }
applications:
  webapp: { sample: {} }
  mi-tienda: { image: "a:1", ingress: { path: /tienda } }
  caja: { image: "b:1", database: { requireTls: true }, ingress: { path: /caja } }
`;
const PASSWORDS = { "mi-tienda": "tienda_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA-", caja: "caja-BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB_" };
const ROTATED = ["root", "webapp", "exporter", "backup", "mi-tienda", "caja"];
/** The one that may connect without TLS, and here does, with a driver that knows no RSA exchange. */
const PLAIN = "mi-tienda";
/** Those of the runs that are killed: one of each kind. */
const KILLED = ["root", "exporter", PLAIN];
/** Each account on the server and in its Secret, a copy, and a workload. */
const BEFORE_THE_END = 2 * KILLED.length + 2;
/** And for each account the end with its Secret. */
const CHANGES = BEFORE_THE_END + 2 * KILLED.length;

let pod: MysqlPod;
let port: number;
let manifests: Manifest[];
let accounts: Account[];
let api: FakeApi;

const base64 = (text: string) => Buffer.from(text).toString("base64");
const secretPath = (namespace: string, name: string) => `/api/v1/namespaces/${namespace}/secrets/${name}`;
/** The value of a Secret's key now. */
const value = (namespace: string, name: string, key: string) =>
  Buffer.from(api.objects.get(secretPath(namespace, name))?.data[key], "base64").toString();
const kept = ({ kept: { namespace, secret, key } }: Account) => value(namespace, secret, key);

function putSecret(namespace: string, name: string, values: Record<string, string>, labels: Record<string, string>): void {
  const data = Object.fromEntries(Object.entries(values).map(([key, text]) => [key, base64(text)]));
  api.put(`/api/v1/namespaces/${namespace}/secrets`, { kind: "Secret", metadata: { name, namespace, labels }, data });
}

/** Whether an account gets in with a password: as its clients do. */
async function logsIn({ name, user, host }: Account, password: string): Promise<boolean> {
  const network = ["-h127.0.0.1", `-P${port}`, `--ssl-mode=${name === PLAIN ? "DISABLED" : "REQUIRED"}`];
  const way = host === "localhost" ? ["-S/run/mysql/mysqld.sock"] : network;
  const sql = ["env", `MYSQL_PWD=${password}`, "mysql", "--no-defaults", ...way, `-u${user}`, "-Ne", "SELECT 'in'"];
  return pod.inside(sql).then(
    (said) => said === "in",
    (error: Error) => {
      // The second without TLS, of a password that mysqld does not know.
      if (!/Access denied|requires secure connection/.test(error.message)) throw error;
      return false;
    },
  );
}

/** A command in MySQL's container, with what it reads. */
const inContainer: Run = async (command, input?: Readable) => {
  const [file = "", ...args] = await pod.enter(command);
  return new Promise<Ended>((resolve) => {
    const child = execFile(file, args, (error, stdout, stderr) => resolve({ status: error ? Number(error.code) : 0, stdout, stderr }));
    if (child.stdin) input?.pipe(child.stdin);
  });
};

/** What the exporters read, as they do: MySQL's own, and that of the backups' results. */
const exporterPasswords = (): Promise<string[]> => {
  const script = `cd /run/mysql && sed -n 's/^password = "\\(.*\\)"$/\\1/p' exporter.cnf && cat exporter.password`;
  return pod.inside(["bash", "-c", script], EXPORTER_USER).then((text) => text.split("\n"));
};

/** What happens when mysqld's container starts again: it runs its init-file, and the startup probe logs in. */
const restartContainer = () =>
  pod.inside(["bash", "-c", "mysql --defaults-file=/run/mysql/client.cnf < /run/mysql/accounts.sql && bash /etc/mysql/log-in.sh"]);

let names = ROTATED;
const chosen = () => accountsNamed(accounts, names);

class Killed extends Error {}

/**
 * Rotates, and ends before or after a change of the server, a Secret or a workload as if the process was killed there.
 *
 * @param at its number, from 1 @returns whether it came so far
 */
async function rotate(at = 0, after = false, atEnd = async () => {}): Promise<boolean> {
  let changes = 0;
  const counted = async <T>(work: () => Promise<T>): Promise<T> => {
    changes += 1;
    if (changes === at && !after) throw new Killed();
    const done = await work();
    if (changes === at) throw new Killed();
    return done;
  };
  const real = api.client();
  const client: Client = Object.create(real);
  client.send = (call) => (call.method === "PATCH" ? counted(() => real.send(call)) : real.send(call));
  const counting: Run = (command, input) =>
    counted(async () => {
      if (command[4] === "end") await atEnd();
      return inContainer(command, input);
    });
  const work = rotateAccounts({ client, run: counting, note: () => {}, timeoutMs: 10_000, seenMs: 0 }, chosen());
  return work.then(
    () => false,
    (error) => {
      if (error instanceof Killed) return true;
      throw error;
    },
  );
}

beforeAll(async () => {
  ({ pod, port, manifests } = await startApplicationsPod(ENVIRONMENT, PASSWORDS, {}));
  accounts = accountsIn(manifests);
  api = await FakeApi.start();
  const made = { "app.kubernetes.io/managed-by": "cloudnova-bootstrap" };
  putSecret("cloudnova", "mysql-accounts", ACCOUNTS, made);
  putSecret("cloudnova", "mysql-applications", PASSWORDS, made);
  putSecret("cloudnova", "backup-database", { password: BACKUP_PASSWORD }, made);
  for (const [name, password] of Object.entries(PASSWORDS)) putSecret(`cloudnova-${name}`, `${name}-database`, { password }, made);
  const status = { observedGeneration: 1, updatedReplicas: 2, replicas: 2, availableReplicas: 2 };
  for (const deployment of manifests.filter(({ kind }) => kind === "Deployment")) {
    api.put(`/apis/apps/v1/namespaces/${deployment.metadata.namespace}/deployments`, { ...deployment, status });
  }
});
afterAll(async () => {
  api?.stop();
  await pod?.server.stop();
});

test("the accounts of the manifests, where their passwords are, and whose pods have them", () => {
  const short = accounts.map(({ name, user, host, copy, readers }) => [
    name,
    `${user}@${host}`,
    copy?.secret,
    ...readers.map(({ metadata }) => metadata.name),
  ]);
  expect(short).toEqual([
    ["root", "root@localhost", undefined],
    ["webapp", "webapp@%", undefined, "webapp"],
    ["migrator", "migrator@%", undefined, "webapp"],
    ["exporter", "exporter@localhost", undefined],
    ["backup", "backup@%", undefined],
    ["mi-tienda", "mi_tienda@%", "mi-tienda-database", "mi-tienda"],
    ["caja", "caja@%", "caja-database", "caja"],
  ]);
  expect(() => accountsNamed(accounts, ["exporters"])).toThrow("'exporters'");
  expect(accountsNamed(accounts, []).map(({ name }) => name)).toEqual([
    "root",
    "webapp",
    "migrator",
    "exporter",
    "backup",
    "mi-tienda",
    "caja",
  ]);
});

test("both passwords are valid until the end, then the one before is refused", async () => {
  const before = chosen().map(kept);
  let looked = false;
  const atEnd = async () => {
    if (looked) return;
    looked = true;
    for (const [index, account] of chosen().entries()) {
      expect(kept(account)).not.toBe(before[index]);
      expect(await logsIn(account, before[index] ?? "")).toBe(true);
      expect(await logsIn(account, kept(account))).toBe(true);
    }
  };
  api.writes.length = 0;
  expect(await rotate(0, false, atEnd)).toBe(false);
  expect(looked).toBe(true);
  for (const [index, account] of chosen().entries()) {
    expect(await logsIn(account, before[index] ?? "")).toBe(false);
    expect(await logsIn(account, kept(account))).toBe(true);
  }
  expect(value("cloudnova-caja", "caja-database", "password")).toBe(value("cloudnova", "mysql-applications", "caja"));
  expect(api.writes.filter((write) => write.includes("/deployments/"))).toEqual([
    "PATCH /apis/apps/v1/namespaces/cloudnova/deployments/webapp",
    "PATCH /apis/apps/v1/namespaces/cloudnova-mi-tienda/deployments/mi-tienda",
    "PATCH /apis/apps/v1/namespaces/cloudnova-caja/deployments/caja",
  ]);
  // The probes log in, and mysqld sets the same passwords when its container starts again.
  await pod.inside(["bash", "/etc/mysql/log-in.sh"]);
  await restartContainer();
  expect(await exporterPasswords()).toEqual(Array(2).fill(value("cloudnova", "mysql-accounts", "exporter")));
  for (const account of accounts) expect(await logsIn(account, kept(account))).toBe(true);
});

/** What must hold after a kill, of pods that have a password of before and of new ones; also once mysqld's container has started again. */
async function nobodyIsLockedOut(before: readonly string[], where: object): Promise<void> {
  const look = async () => {
    for (const [index, account] of chosen().entries()) {
      const [old, now] = [await logsIn(account, before[index] ?? ""), await logsIn(account, kept(account))];
      // The one before ends when all pods have the new one.
      expect({ ...where, name: account.name, old: old || restarted, now }).toMatchObject({ old: true, now: true });
    }
  };
  const restarted = (where as { at: number }).at > BEFORE_THE_END;
  const exporter = accountsNamed(accounts, ["exporter"])[0] as Account;
  for (const password of await exporterPasswords())
    expect({ ...where, in: await logsIn(exporter, password) }).toEqual({ ...where, in: true });
  await look();
  await restartContainer();
  await look();
}

/** The next run finishes it. @param held passwords that pods may have until it replaces them, by account */
async function isFinished(before: readonly string[], held: readonly (readonly string[])[]): Promise<void> {
  let looked = false;
  const atEnd = async () => {
    if (looked) return;
    looked = true;
    for (const [index, account] of chosen().entries()) {
      for (const password of held[index] ?? []) {
        expect({ name: account.name, valid: await logsIn(account, password) }).toEqual({ name: account.name, valid: true });
      }
    }
  };
  expect(await rotate(0, false, atEnd)).toBe(false);
  expect(looked).toBe(true);
  for (const [index, account] of chosen().entries()) {
    expect(kept(account)).not.toBe(before[index]);
    expect(await logsIn(account, before[index] ?? "")).toBe(false);
    expect(await logsIn(account, kept(account))).toBe(true);
  }
  for (const name of ["mysql-accounts", "mysql-applications"]) {
    expect(api.objects.get(secretPath("cloudnova", name))?.metadata.annotations?.["cloudnova.dev/rotating"]).toBeNull();
  }
  expect(value(`cloudnova-${PLAIN}`, `${PLAIN}-database`, "password")).toBe(value("cloudnova", "mysql-applications", PLAIN));
}

test.each([
  ["before", false],
  ["after", true],
] as const)("a run that is killed %s any change locks nobody out, and the next run finishes it", async (_, after) => {
  names = KILLED;
  for (let at = 1; at <= CHANGES; at++) {
    const before = chosen().map(kept);
    expect(await rotate(at, after)).toBe(true);
    await nobodyIsLockedOut(before, { at, after });
    // Before all workloads were restarted, some pods have the password of before.
    const held = chosen().map((account, index) => [kept(account), ...(at <= BEFORE_THE_END ? [before[index] ?? ""] : [])]);
    await isFinished(before, held);
  }
  expect(await rotate(CHANGES + 1, after)).toBe(false);
});

test("a server that refuses is named with what it said, and no Secret has changed", async () => {
  const webapp = accountsNamed(accounts, ["webapp"]);
  const before = webapp.map(kept);
  await pod.inside([
    "bash",
    "-c",
    "cp -p /run/mysql/client.cnf /run/mysql/kept && sed -i 's/password.*/password = x/' /run/mysql/client.cnf",
  ]);
  const work = rotateAccounts({ client: api.client(), run: inContainer, note: () => {}, timeoutMs: 10_000, seenMs: 0 }, webapp);
  await expect(work).rejects.toThrow(/^MySQL did not change the password of webapp: .*Access denied for user 'root'/);
  await pod.inside(["mv", "/run/mysql/kept", "/run/mysql/client.cnf"]);
  expect(webapp.map(kept)).toEqual(before);
});

test("a Secret that the user brought is refused before anything changes", async () => {
  putSecret("cloudnova", "mysql-accounts", ACCOUNTS, {});
  api.writes.length = 0;
  await expect(refuseOwn(api.client(), accounts, accounts)).rejects.toMatchObject({
    message: expect.stringContaining("Secret mysql-accounts"),
    advice: expect.stringContaining("mi-tienda, caja"),
  });
  expect(api.writes).toEqual([]);
});
