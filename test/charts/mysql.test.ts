import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { find, manifestsOf, synthesiseText } from "../manifests.ts";

/** MySQL's init container without MySQL: prepare.sh in a folder of its own, where the data folder is there already. */
const manifests = manifestsOf(synthesiseText("cluster: kind\nmachine: { memory: 4Gi, cpu: '2' }\nsecrets: { database: my-accounts }\n"));
const { spec } = find(manifests, "StatefulSet", "mysql").spec.template;
const GOOD = { root: "r", webapp: "w", migrator: "m", exporter: "e" };

function prepare(values: Readonly<Record<string, string | Buffer>>) {
  const folder = mkdtempSync(join(tmpdir(), "cloudnova-prepare-"));
  for (const path of ["etc/mysql", "etc/mysql-accounts", "run/mysql", "var/lib/mysql/data"])
    mkdirSync(join(folder, path), { recursive: true });
  const { data } = find(manifests, "ConfigMap", "mysql");
  writeFileSync(join(folder, "etc/mysql/accounts.sql"), data["accounts.sql"]);
  for (const [name, value] of Object.entries(values)) writeFileSync(join(folder, "etc/mysql-accounts", name), value);
  const script = (data["prepare.sh"] as string).replaceAll(/(?<=[ =])\/(?=etc\/|run\/|var\/)/g, `${folder}/`);
  const env = Object.fromEntries(spec.initContainers[0].env.map(({ name, value }: Record<string, string>) => [name, value]));
  const { status, stdout, stderr } = spawnSync("bash", ["--norc", "-c", script], {
    env: { PATH: process.env.PATH, ...env },
    encoding: "utf8",
  });
  const read = (file: string) => readFileSync(join(folder, "run/mysql", file), "utf8");
  return { status, stdout, stderr, read };
}

test.each(["\n", "\r\n", "\r", "\n\r\n"])("%j at the end of a password does not count", (end) => {
  const plain = prepare({ ...GOOD, webapp: "S3cret-of-webapp" });
  const ended = prepare(
    Object.fromEntries(Object.entries({ ...GOOD, webapp: "S3cret-of-webapp" }).map(([name, value]) => [name, value + end])),
  );
  expect(plain.read("accounts.sql")).toContain("'webapp'@'%' IDENTIFIED BY 'S3cret-of-webapp'");
  for (const file of ["accounts.sql", "client.cnf", "exporter.cnf"])
    expect(ended.read(file).replaceAll(/socket = .*/g, "")).toBe(plain.read(file).replaceAll(/socket = .*/g, ""));
});

test.each<[string, string | Buffer, RegExp]>([
  ["two lines", "one\r\ntwo", /there is a control character/],
  ["a tab", "one\ttwo", /there is a control character/],
  ["a control character of two bytes", "one\u0085two", /there is a control character/],
  ["nothing but a line end", "\r\n", /it is empty/],
  [
    "UTF-16, as PowerShell's > writes it",
    Buffer.from("\ufeffsecret", "utf16le"),
    /there is a zero byte in it \(a file in UTF-16 has them\)/,
  ],
  ["a byte order mark", "\ufeffsecret", /it begins with a byte order mark/],
  ["Windows-1252", Buffer.from("contraseña", "latin1"), /a byte in it that is no UTF-8/],
  ["half a character", Buffer.from("密").subarray(0, 2), /a byte in it that is no UTF-8/],
  ["more than MySQL hashes", "x".repeat(256), /it has 256 bytes/],
])("%s is refused in a sentence that names Secret and key, and not the password", (_, value, why) => {
  const { status, stdout, stderr } = prepare({ ...GOOD, exporter: value });
  expect(status).toBe(1);
  expect(stderr).toMatch(/^Secret my-accounts, key exporter: .*; the pod starts when .*\n$/);
  expect(stderr).toMatch(why);
  expect(stdout + stderr).not.toMatch(/one|two|secret\b|contrase|xxx/);
});

test("a key that is absent is named", () => {
  const { migrator: _, ...others } = GOOD;
  expect(prepare(others)).toMatchObject({
    status: 1,
    stderr: expect.stringContaining("Secret my-accounts, key migrator: the key is absent"),
  });
});
