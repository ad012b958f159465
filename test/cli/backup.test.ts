import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { sizeText } from "../../src/cli/commands/backup.ts";
import { identitiesIn } from "../../src/cli/commands/backup-key.ts";
import { encryptedAnew, recipientOf } from "../../src/cli/commands/backup-transfer.ts";
import { run } from "../../src/cli/run.ts";
import { printFor } from "../../src/printed.ts";
import { BackupCluster } from "../cluster/backup/backup-cluster.ts";
import { manifestsOf, synthesiseText } from "../manifests.ts";
import { temporaryFolder } from "../temporary.ts";

// The commands as users type them, against an API server in memory; what the program in the pod answers is said here.
const folder = temporaryFolder("backup");
const ENVIRONMENT = `cluster: kind
machine: { memory: 8Gi, cpu: '4', disk: 60Gi }
applications:
  webapp: { sample: { replicas: 2 } }
  shop: { image: s:1, ingress: { path: /s }, volumes: { uploads: { path: /uploads } } }
`;
const synthesis = synthesiseText(ENVIRONMENT, "trial");
const dist = join(folder, "dist");
const NAME = "cloudnova-20261127T021700Z";
let cluster: BackupCluster;
let kubeconfig: string;

beforeAll(() => {
  mkdirSync(join(dist, "trial"), { recursive: true });
  for (const [file, text] of synthesis.files) writeFileSync(join(dist, "trial", file), text);
});
beforeEach(async () => {
  cluster = await BackupCluster.start();
  cluster.deploy(manifestsOf(synthesis));
  kubeconfig = join(folder, "kubeconfig");
  writeFileSync(kubeconfig, cluster.api.kubeconfig("mine"));
});
afterEach(() => {
  cluster.api.stop();
  printFor("", []);
});

async function cloudnova(...args: readonly string[]) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const where = args[1] === "key" ? [] : ["--dist", dist, "--context", "mine", "--kubeconfig", kubeconfig];
  const code = await run([...args, ...where], { stdin: new PassThrough(), stdout, stderr, env: {} });
  return { code, stdout: String(stdout.read() ?? ""), stderr: String(stderr.read() ?? "") };
}

const made = { name: NAME, bytes: 1_468_006, seconds: 2.34, checked: true, offsite: null };

describe("now", () => {
  test("backs up each namespace that has data, and says what became of each", async () => {
    cluster.answers = () => ({ log: `dumping\n${JSON.stringify(made)}\n` });
    const { code, stdout, stderr } = await cloudnova("backup", "now", "trial");
    expect(code).toBe(0);
    expect(stdout.split("\n")).toEqual([
      `cloudnova: ${NAME}, 1.4 MiB, in 2.3 s; restored on trial: everything is equal`,
      `cloudnova-shop: ${NAME}, 1.4 MiB, in 2.3 s; restored on trial: everything is equal`,
      "",
    ]);
    expect(stderr).toContain("cloudnova-shop: dumping\n");
  });

  test("of one application, as JSON", async () => {
    cluster.answers = () => ({ log: `${JSON.stringify({ ...made, offsite: true })}\n` });
    const { stdout } = await cloudnova("backup", "now", "trial", "--unit", "shop", "--output", "json");
    expect(JSON.parse(stdout)).toEqual({ environment: "trial", backups: [{ unit: "cloudnova-shop", ...made, offsite: true, ok: true }] });
    expect(cluster.done).toEqual(["run run", "delete backup-run"]);
  });

  test("says how long it took where the program does not", async () => {
    const { seconds: _, ...without } = made;
    cluster.answers = () => ({ log: `${JSON.stringify(without)}\n` });
    expect((await cloudnova("backup", "now", "trial", "--unit", "shop")).stdout).toMatch(/, in [\d.]+ s; restored on trial/);
  });

  test("says when something of the monitoring is left out, which is no failure", async () => {
    const leftOut = ["left out of this backup: Alertmanager's silences: Alertmanager does not answer"];
    cluster.answers = () => ({ log: `${JSON.stringify({ ...made, leftOut })}\n` });
    const { code, stdout } = await cloudnova("backup", "now", "trial", "--unit", "cloudnova");
    expect(code).toBe(0);
    expect(stdout).toMatch(/; something of the monitoring is left out, see above\n$/);
  });

  test("goes on with the others when one fails, and fails itself", async () => {
    cluster.answers = (_, { metadata }) =>
      metadata.namespace === "cloudnova" ? { log: "the volume is full\n", code: 1 } : { log: `${JSON.stringify(made)}\n` };
    const { code, stdout } = await cloudnova("backup", "now", "trial");
    expect(code).toBe(1);
    expect(stdout).toMatch(/^cloudnova: the volume is full\ncloudnova-shop: /);
  });
});

test("list shows where each is, and whether it was restored on trial", async () => {
  const one = {
    name: NAME,
    time: "2026-11-27T02:17:00Z",
    bytes: 900,
    here: true,
    offsite: false,
    checked: "2026-11-27T02:18:01Z",
    ok: true,
  };
  const old = {
    ...one,
    name: "cloudnova-20261126T021700Z",
    time: "2026-11-26T02:17:00Z",
    bytes: 2048,
    here: false,
    offsite: true,
    ok: false,
  };
  cluster.answers = (_, { metadata }) => ({
    log: `${JSON.stringify({ backups: metadata.namespace === "cloudnova" ? [one, old] : [] })}\n`,
  });
  const { stdout } = await cloudnova("backup", "list", "trial");
  expect(stdout).toBe(`name                        time (UTC)        size     on the volume  on the store  restored on trial
cloudnova-20261127T021700Z  2026-11-27 02:17  900 B    yes            no            2026-11-27 02:18
cloudnova-20261126T021700Z  2026-11-26 02:17  2.0 KiB  no             yes           FAILED
cloudnova-shop: no backup yet
`);
  // The guides print its first lines.
  const shown = (text: string) => text.split("\n").slice(0, 2).join("\n");
  expect(readFileSync("docs/backups.md", "utf8")).toContain(shown(stdout));
  const spanish = await cloudnova("backup", "list", "trial", "--language", "es");
  expect(readFileSync("docs/backups.es.md", "utf8")).toContain(shown(spanish.stdout));
});

test("verify restores on trial, the one that is named or the newest of each", async () => {
  cluster.answers = () => ({ log: `${JSON.stringify({ name: NAME, seconds: 12.6 })}\n` });
  expect((await cloudnova("backup", "verify", "trial", NAME)).stdout).toBe(
    `cloudnova: ${NAME} was restored on trial in 13 s; everything is equal\n`,
  );
  expect(cluster.done).toEqual([`run check ${NAME}`, "delete backup-check"]);
  await cloudnova("backup", "verify", "trial");
  expect(cluster.done.filter((deed) => deed.startsWith("run"))).toEqual([`run check ${NAME}`, "run check", "run check"]);
});

describe("restore", () => {
  const prepared = {
    name: NAME,
    time: "2026-11-27T02:17:00Z",
    databases: [
      {
        name: "app",
        tables: [
          { name: "users", rowsNow: 7, rowsThen: 5 },
          { name: "extra", rowsNow: 1, rowsThen: null },
        ],
      },
    ],
    volumes: [],
    secrets: ["webapp"],
  };
  const answering = (swap: { log: string; code?: number }, undo = { log: "{}\n", code: 0 }) => {
    cluster.answers = (words) =>
      words.includes("prepare") ? { log: `${JSON.stringify(prepared)}\n` } : words.includes("swap") ? swap : undo;
  };
  const swapped = { log: `${JSON.stringify({ name: NAME, safety: "cloudnova-20261127T101112Z" })}\n` };
  const restore = (...more: readonly string[]) => cloudnova("backup", "restore", "trial", NAME, ...more);

  test("says what becomes of silences, and fails where they could not be set again though the data is restored", async () => {
    const silences = { silencesNow: null, silencesThen: 2 };
    const notRestored = ["Alertmanager's silences: Alertmanager does not answer"];
    const done = { name: NAME, safety: null, notRestored };
    cluster.answers = (words) => ({ log: `${JSON.stringify(words.includes("prepare") ? { ...prepared, silences } : done)}\n` });
    const { code, stdout, stderr } = await restore("--yes");
    expect(stderr).toContain("  silences: ? now, which stay; 2 in the backup have not ended and are set again\n");
    expect([code, stdout]).toEqual([1, expect.stringContaining(" is restored.")]);
  });

  test("stops Grafana too where its database is replaced, and starts it after the application", async () => {
    const grafana = { bytesNow: 1_200_000, bytesThen: 900_000 };
    cluster.answers = (words) => ({ log: words.includes("prepare") ? `${JSON.stringify({ ...prepared, grafana })}\n` : swapped.log });
    const { code, stderr } = await restore("--yes");
    expect(code).toBe(0);
    expect(stderr).toContain(
      "  Grafana's own database: 1.1 MiB now, 878.9 KiB in the backup\n  Grafana's users will have the passwords of the backup; ",
    );
    expect(stderr).toContain("\nwebapp, grafana will be stopped meanwhile");
    expect(cluster.done.filter((deed) => !deed.startsWith("delete"))).toEqual([
      `run restore ${NAME} --stage prepare`,
      "scale webapp 0 as cloudnova-backup",
      "scale grafana 0 as cloudnova-backup",
      `run restore ${NAME} --stage swap`,
      "scale webapp 2 as cloudnova-replicas",
      "scale grafana 1 as cloudnova-replicas",
    ]);
    // The Secret with the administrator's password comes from the same backup.
    expect((await restore("--yes", "--secrets")).stderr).not.toContain("passwords of the backup");
  });

  test("does not restart Grafana for its Secrets while it is stopped: it starts with them", async () => {
    const grafana = { bytesNow: 0, bytesThen: 900_000 };
    const done = { name: NAME, safety: null, secrets: ["grafana-key"] };
    cluster.answers = (words) => ({ log: `${JSON.stringify(words.includes("prepare") ? { ...prepared, grafana } : done)}\n` });
    expect((await restore("--yes", "--secrets")).stderr).not.toContain("grafana: restarting");
    expect(cluster.done.at(-1)).toBe("scale grafana 1 as cloudnova-replicas");
  });

  test("names the Secrets that it puts back where that was asked for", async () => {
    answering(swapped);
    expect((await restore("--yes", "--secrets")).stderr).toContain("Secrets that are put back: webapp\n");
  });

  test("what reads the Secrets at its start alone is restarted before the application starts: MySQL has its passwords from them", async () => {
    answering({ log: `${JSON.stringify({ name: NAME, safety: null, secrets: ["mysql-accounts"] })}\n` });
    const mysql = manifestsOf(synthesis).find(({ kind, metadata }) => kind === "StatefulSet" && metadata.name === "mysql");
    const path = "/apis/apps/v1/namespaces/cloudnova/statefulsets";
    const status = { observedGeneration: 1, updatedReplicas: 1, replicas: 1, availableReplicas: 1, readyReplicas: 1 };
    for (const name of ["mysql", "prometheus"]) cluster.api.put(path, { ...mysql, metadata: { name, generation: 1 }, status });
    let atStart: readonly string[] = [];
    cluster.before = (deed) => {
      if (deed.startsWith("scale webapp 2")) atStart = [...cluster.api.writes];
    };
    const { code, stderr } = await restore("--yes", "--secrets");
    expect(code).toBe(0);
    expect(stderr).toContain("mysql: restarting");
    expect(atStart).toContain(`PATCH ${path}/mysql`);
    expect(cluster.api.writes).not.toContain(`PATCH ${path}/prometheus`);
  });

  test("shows what it replaces, stops the application only meanwhile, and says for how long", async () => {
    answering(swapped);
    const { code, stdout, stderr } = await restore("--yes");
    expect(code).toBe(0);
    expect(stderr).toContain("  users: 7 rows now, 5 in the backup\n  extra: 1 rows now, absent in the backup\n");
    expect(stderr).not.toContain("Secrets that are put back");
    expect(stdout).toMatch(
      /^cloudnova-20261127T021700Z is restored; what was there before is cloudnova-20261127T101112Z\. The application was stopped for [\d.]+ s\.\n$/,
    );
    expect(cluster.done).toEqual([
      `run restore ${NAME} --stage prepare`,
      "delete backup-restore",
      "scale webapp 0 as cloudnova-backup",
      `run restore ${NAME} --stage swap`,
      "delete backup-restore",
      "scale webapp 2 as cloudnova-replicas",
    ]);
  });

  test("writes to the application's volumes in each of its steps, and no other command does", async () => {
    const ofShop = "cloudnova-shop-20261127T021700Z";
    const jobs: string[] = [];
    cluster.answers = (words, { spec }) => {
      const mounts: { mountPath: string; readOnly?: boolean }[] = spec.template.spec.containers[0].volumeMounts;
      const [volume] = mounts.filter(({ mountPath }) => mountPath === "/volumes/uploads");
      jobs.push(`${words.includes("--stage") ? words.at(-1) : words[0]}: ${volume?.readOnly ? "read-only" : "writable"}`);
      if (words.includes("prepare")) return { log: `${JSON.stringify({ ...prepared, name: ofShop })}\n` };
      if (words.includes("swap")) return { log: "cut off\n", code: 1 };
      return { log: `${JSON.stringify({ ...made, name: ofShop })}\n` };
    };
    await cloudnova("backup", "restore", "trial", ofShop, "--yes");
    await cloudnova("backup", "now", "trial", "--unit", "shop");
    expect(jobs).toEqual(["prepare: writable", "swap: writable", "undo: writable", "run: read-only"]);
  });

  test("asks before anything is stopped", async () => {
    answering(swapped);
    const { code, stderr } = await restore();
    expect(code).toBe(1);
    expect(stderr).toContain("add --yes to confirm");
    expect(cluster.done.filter((deed) => deed.startsWith("scale"))).toEqual([]);
  });

  test("what fails is put back, and the application starts again", async () => {
    answering({ log: "the server has gone away\n", code: 1 });
    const { code, stderr } = await restore("--yes");
    expect(code).toBe(1);
    expect(stderr).toMatch(/The restore failed, and the data is as it was before\. The application was stopped for/);
    expect(stderr).toContain("cloudnova: the server has gone away");
    expect(cluster.done.slice(-5)).toEqual([
      `run restore ${NAME} --stage swap`,
      "delete backup-restore",
      `run restore ${NAME} --stage undo`,
      "delete backup-restore",
      "scale webapp 2 as cloudnova-replicas",
    ]);
  });

  test("what cannot be put back leaves the application stopped, and says how it is finished", async () => {
    answering({ log: "cut off\n", code: 1 }, { log: "still cut off\n", code: 1 });
    const { code, stderr } = await restore("--yes");
    expect(code).toBe(1);
    expect(stderr).toContain("webapp stays stopped");
    expect(stderr).toContain(`npx cloudnova backup restore trial --context mine`);
    expect(cluster.done.at(-1)).toBe("delete backup-restore");
    cluster.done.length = 0;
    answering(swapped);
    expect((await restore("--yes")).code).toBe(0);
    // As many as the manifests have: it had none when this restore began.
    expect(cluster.done.at(-1)).toBe("scale webapp 2 as cloudnova-replicas");
  });

  test("Ctrl-C before the data is touched starts the application again", async () => {
    answering(swapped);
    cluster.before = (deed) => {
      if (deed === "scale webapp 0 as cloudnova-backup") process.emit("SIGINT");
    };
    const { code, stderr } = await restore("--yes");
    expect(code).toBe(130);
    expect(stderr).toMatch(/Nothing was replaced\. The application runs again; it was stopped for/);
    expect(cluster.done.slice(-2)).toEqual(["scale webapp 0 as cloudnova-backup", "scale webapp 2 as cloudnova-replicas"]);
  });

  test("Ctrl-C while the data is replaced waits until that is done", async () => {
    answering(swapped);
    cluster.before = (deed) => {
      if (deed.endsWith("--stage swap")) process.emit("SIGINT");
    };
    const { stdout } = await restore("--yes");
    expect(stdout).toMatch(/is restored/);
    expect(cluster.done.slice(-3)).toEqual([
      `run restore ${NAME} --stage swap`,
      "delete backup-restore",
      "scale webapp 2 as cloudnova-replicas",
    ]);
  });

  test("tables of another definition are named, and the program is told that they were", async () => {
    answering(swapped);
    const { answers } = cluster;
    cluster.answers = (words, job) =>
      words.includes("prepare")
        ? { log: `${JSON.stringify({ ...prepared, otherSchema: [{ database: "app", table: "users" }] })}\n` }
        : answers(words, job);
    const { stderr } = await restore("--yes", "--secrets");
    expect(stderr).toContain("these tables have another definition now than in the backup");
    expect(cluster.done).toContain(`run restore ${NAME} --stage swap --secrets --other-schema`);
  });

  test("a time without its zone is refused before anything is done", async () => {
    const { code, stderr } = await restore("--until", "2026-11-27 10:15:00", "--yes");
    expect(code).toBe(1);
    expect(stderr).toContain("--until: '2026-11-27 10:15:00' is not a time with its zone");
    expect(stderr).toContain("write it as 2026-11-28T10:15:00-05:00, or 2026-11-28T15:15:00Z");
    expect(cluster.done).toEqual([]);
  });

  test("wants the environment's name and the backup's", async () => {
    expect((await cloudnova("backup", "restore", NAME, "--yes")).stderr).toContain("give the environment's name");
    expect((await cloudnova("backup", "restore", "trial")).stderr).toContain("give the name of a backup");
    expect((await cloudnova("backup", "restore", "trial", "yesterday", "--yes")).stderr).toContain(
      "'yesterday' is not the name of a backup",
    );
  });
});

describe("key", () => {
  test("makes a pair whose private half only its owner can read, and prints the line for the environment file", async () => {
    const file = join(folder, "mine.key");
    const { code, stdout, stderr } = await cloudnova("backup", "key", "--out", file);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^backups: \{ recipients: \[age1[a-z0-9]{58}\] \}\n$/);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(stdout + stderr).not.toContain("AGE-SECRET-KEY");
    expect(identitiesIn(file)).toHaveLength(1);
    expect(() => synthesiseText(`cluster: kind\nmachine: { memory: 4Gi, cpu: '2' }\n${stdout}`)).not.toThrow();
  });

  test("never overwrites a file", async () => {
    const file = join(folder, "there.key");
    writeFileSync(file, "mine");
    expect((await cloudnova("backup", "key", "--out", file)).stderr).toContain("is there already; a key is never overwritten");
    expect(readFileSync(file, "utf8")).toBe("mine");
  });

  test("a key file with line ends of Windows and a byte order mark is read, and one without a key is named", () => {
    const file = join(folder, "windows.key");
    writeFileSync(file, "\ufeff# created\r\nAGE-SECRET-KEY-1ABC\r\n");
    expect(identitiesIn(file)).toEqual(["AGE-SECRET-KEY-1ABC"]);
    writeFileSync(file, "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p\n");
    expect(() => identitiesIn(file)).toThrow("holds no private key of age");
    chmodSync(file, 0o600);
  });
});

test("upload encrypts anew to the key that the bootstrap Job made", async () => {
  const { generateX25519Identity, identityToRecipient } = await import("age-encryption");
  const identity = await generateX25519Identity();
  const data = { identity: Buffer.from(`${identity}\n`).toString("base64") };
  cluster.api.put("/api/v1/namespaces/cloudnova/secrets", { kind: "Secret", metadata: { name: "backup-key" }, data });
  expect(await recipientOf(cluster.api.client(), "cloudnova")).toBe(await identityToRecipient(identity));
  await expect(recipientOf(cluster.api.client(), "cloudnova-shop")).rejects.toThrow("no Secret backup-key with a key identity");
});

test("download never overwrites, and upload wants the file of a backup", async () => {
  const file = join(folder, `${NAME}.cnb`);
  writeFileSync(file, "mine");
  expect((await cloudnova("backup", "download", "trial", NAME, file)).stderr).toContain("is there already");
  expect((await cloudnova("backup", "upload", "trial", "backup.tar.cnb")).stderr).toContain("its name must be NAME.cnb");
  expect((await cloudnova("backup", "upload", "trial", "cloudnova-20991127T021700Z.cnb")).stderr).toContain("cannot be read (ENOENT)");
  expect((await cloudnova("backup", "upload", "trial", "elsewhere-20261127T021700Z.cnb")).code).toBe(1);
  expect(existsSync(`${file}.partial`)).toBe(false);
});

describe("a backup of a cluster that is gone", () => {
  const file = join(folder, "gone.cnb");
  const content = Buffer.alloc(200_000, "acknowledged ");

  test("is encrypted anew to other keys, as long as it says", async () => {
    const { Decrypter, Encrypter, generateX25519Identity, identityToRecipient } = await import("age-encryption");
    const [owner, cluster] = [await generateX25519Identity(), await generateX25519Identity()];
    const before = new Encrypter();
    before.addRecipient(await identityToRecipient(owner));
    writeFileSync(file, await before.encrypt(content));
    const { stream, bytes } = await encryptedAnew(file, [owner], [await identityToRecipient(cluster)]);
    const sealed = Buffer.concat(await stream.toArray());
    expect(sealed.length).toBe(bytes);
    const after = new Decrypter();
    after.addIdentity(cluster);
    expect(Buffer.from(await after.decrypt(sealed)).equals(content)).toBe(true);
    await expect(encryptedAnew(file, [cluster], [await identityToRecipient(owner)])).rejects.toThrow("the key does not open");
    writeFileSync(file, "no file of age");
    await expect(encryptedAnew(file, [owner], [])).rejects.toThrow("is damaged, or is not a file of age");
  });
});

test.each([
  [0, "0 B"],
  [1023, "1023 B"],
  [1024, "1.0 KiB"],
  [5 * 2 ** 30, "5.0 GiB"],
])("%d bytes are %s", (bytes, text) => expect(sizeText(bytes)).toBe(text));
