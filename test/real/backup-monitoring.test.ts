import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ensure } from "../../tools/toolchain/ensure.ts";
import type { Manifest } from "../manifests.ts";
import { temporaryFolder } from "../temporary.ts";
import { Alertmanager } from "./alertmanager-files.ts";
import { run } from "./servers.ts";

/** What the backup engine holds of the monitoring: the silences of the real Alertmanager. A unit without a database needs no MySQL. */
jest.setTimeout(5 * 60_000);

const folder = temporaryFolder("backup-monitoring");
const helper = join(folder, "cloudnova-helper");
const plan = join(folder, "plan.json");
let alertmanager: Alertmanager;

/** Runs the engine. @returns its last line of JSON, and its log @throws Error with its message */
async function engine(...args: string[]) {
  const { stdout, stderr } = await run(helper, ["backup", ...args]);
  return { log: String(stderr), ...JSON.parse(String(stdout).trim().split("\n").at(-1) ?? "") };
}
const restore = (name: string, stage: string) => engine("restore", plan, name, "--stage", stage);

async function silences(): Promise<Manifest[]> {
  const all = (await (await fetch(`${alertmanager.url}/api/v2/silences`)).json()) as Manifest[];
  return all.filter(({ status }) => status.state !== "expired");
}
async function silence(comment: string, seconds: number): Promise<string> {
  const at = (later: number) => new Date(Date.now() + later * 1000).toISOString();
  const matchers = [
    { name: "alertname", value: "HighCPUUsage", isRegex: false, isEqual: true },
    { name: "instance", value: "node-[12]|ñ", isRegex: true, isEqual: false },
  ];
  const body = JSON.stringify({ matchers, startsAt: at(0), endsAt: at(seconds), createdBy: "ana", comment });
  const answer = await fetch(`${alertmanager.url}/api/v2/silences`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body,
  });
  if (!answer.ok) throw new Error(await answer.text());
  return ((await answer.json()) as Manifest).silenceID;
}
const end = (id: string) => fetch(`${alertmanager.url}/api/v2/silence/${id}`, { method: "DELETE" });
const what = (all: readonly Manifest[]) => all.map(({ comment, endsAt, matchers }) => ({ comment, endsAt, matchers }));
const write = (changes: object = {}) =>
  writeFileSync(
    plan,
    JSON.stringify({
      unit: "cloudnova",
      namespace: "cloudnova",
      environment: "mine",
      product: "0.1.0",
      databases: [],
      volumes: {},
      secrets: [],
      recipients: [],
      identity: join(folder, "identity"),
      folder: join(folder, "backups"),
      alertmanager: alertmanager.url,
      keep: { count: 14, days: 30 },
      ...changes,
    }),
  );

beforeAll(async () => {
  await run("go", ["build", "-trimpath", "-buildvcs=false", "-o", helper, "."], {
    cwd: "helper",
    env: { ...process.env, CGO_ENABLED: "0" },
  });
  await run(join(await ensure("age"), "age-keygen"), ["-o", join(folder, "identity")]);
  mkdirSync(join(folder, "backups"));
  alertmanager = await Alertmanager.start("{}", {});
  write();
});
afterAll(() => alertmanager?.stop());

test("silences that have not ended are set again, once; those that were set since stay", async () => {
  const id = await silence("maintenance of node-1", 3600);
  await silence("over by then", 2);
  await end(await silence("ended by hand", 3600));
  const before = what(await silences()).filter(({ comment }) => comment !== "over by then");
  const { name, leftOut } = await engine("run", plan);
  expect(leftOut).toBeUndefined();

  await end(id);
  await silence("set since", 3600);
  while ((await silences()).length > 1) await new Promise((resolve) => setTimeout(resolve, 200));
  expect((await restore(name, "prepare")).silences).toEqual({ silencesNow: 1, silencesThen: 1 });
  const { log } = await restore(name, "swap");
  expect(log).toContain("silences: 1 set again, 1 were there");
  const after = what(await silences());
  expect(after).toEqual(expect.arrayContaining(before));
  expect(after).toHaveLength(2);

  // The same backup again: nothing is set twice.
  await restore(name, "prepare");
  expect((await restore(name, "swap")).log).toContain("silences: 0 set again, 2 were there");
  expect(await silences()).toHaveLength(2);
});

test("without Alertmanager the backup is made and checked, and says what it lacks; a restore says what it could not bring back", async () => {
  const { name: whole } = await engine("run", plan);
  write({ alertmanager: "http://127.0.0.1:1" });
  const { name, checked, leftOut } = await engine("run", plan);
  expect(checked).toBe(true);
  expect(leftOut).toEqual([
    expect.stringMatching(/^left out of this backup: Alertmanager's silences: Alertmanager does not answer: .*refused/),
  ]);

  expect((await restore(name, "prepare")).silences).toBeUndefined();
  expect((await restore(name, "swap")).notRestored).toBeUndefined();
  expect((await restore(whole, "prepare")).silences).toEqual({ silencesNow: null, silencesThen: 2 });
  expect((await restore(whole, "swap")).notRestored).toEqual([expect.stringContaining("Alertmanager does not answer")]);

  // Prometheus' own port, say: it answers, and is not Alertmanager.
  write({ alertmanager: `${alertmanager.url}/-/healthy?` });
  expect((await engine("run", plan)).leftOut).toEqual([expect.stringContaining("is not Alertmanager")]);
  write();
});
