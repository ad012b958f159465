import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { output } from "../../../tools/common/run.ts";
import { allGreen, noUserMissing } from "../suite/health.ts";
import type { Stage } from "../suite/stage.ts";
import type { Step } from "../suite/step.ts";
import { StoreContainer } from "../suite/store-container.ts";
import { expect, until } from "../suite/wait.ts";
import { apply } from "./changes-step.ts";

const IN = ["--namespace", "cloudnova"] as const;
/** The new cluster makes a first backup of its own, and meanwhile refuses an upload; it takes some seconds, more on a busy machine. */
const FIRST_BACKUP_S = 120;
/** MySQL and the application start anew. */
const RESTARTED_S = 150;

/** A file beside the environment's. */
const beside = (stage: Stage, name: string): string => join(dirname(stage.environment.file), name);

/** The owner's pair of keys. @returns the file with the private half, and the public half */
async function ownKey(stage: Stage): Promise<{ file: string; recipient: string }> {
  const out = beside(stage, "backup.key");
  return JSON.parse(await output(process.execPath, [join("build", "cloudnova.cjs"), "backup", "key", "--out", out, "--output", "json"]));
}

/** Brings the store's credentials as a Secret, from files, as docs/backups.md does. */
async function bringCredentials(stage: Stage, { credentials }: StoreContainer): Promise<void> {
  const files = Object.entries(credentials).map(([key, value]) => {
    writeFileSync(beside(stage, key), value);
    return `--from-file=${key}=${beside(stage, key)}`;
  });
  await stage.kubectl("create", "secret", "generic", "backup-store", ...IN, ...files);
}

/** A backup of everything. @throws Error when no checked copy of it is on the store */
async function backedUp(stage: Stage): Promise<string> {
  const { backups }: { backups: { name: string; checked: boolean; offsite: boolean }[] } = JSON.parse(
    await stage.must("backup now", "--output", "json"),
  );
  expect(
    "what was checked and copied",
    backups.map(({ checked, offsite }) => [checked, offsite]),
    [[true, true]],
  );
  return backups[0]?.name ?? "";
}

/** The newest backup that is on the store and not on this cluster's volume. */
async function newestOnStore(stage: Stage): Promise<string> {
  const { backups }: { backups: { name: string; here: boolean; offsite: boolean }[] } = JSON.parse(
    await stage.must("backup list", "--output", "json"),
  );
  const found = backups.find(({ here, offsite }) => offsite && !here);
  if (!found) throw new Error(`the store has no backup of the lost cluster: ${JSON.stringify(backups)}`);
  return found.name;
}

/** The guide's commands on the new cluster, from the store and the owner's key alone. @param key file with the private half */
async function restore(stage: Stage, store: StoreContainer, key: string): Promise<string> {
  await bringCredentials(stage, store);
  const name = await newestOnStore(stage);
  const file = beside(stage, `${name}.cnb`);
  await stage.must("backup download", name, file);
  const { status, words } = await until("the cluster's own first backup is made", FIRST_BACKUP_S, async () => {
    const ended = await stage.cloudnova("backup upload", file, "--key", key);
    if (ended.words.includes("is under way")) throw new Error(ended.words);
    return ended;
  });
  if (status !== 0) throw new Error(`backup upload ended with ${status}: ${words}`);
  await stage.must("backup restore", name, "--secrets", "--yes");
  await until("the application lists its users", RESTARTED_S, () => stage.load.listed());
  return name;
}

const since = (begun: number): string => `${Math.round((Date.now() - begun) / 1000)} s`;

/** The cluster is deleted with its volumes after a backup, and all data comes back in a new one by the commands of docs/guides/disaster.md. */
export const DISASTER: Step = {
  name: "disaster: a lost cluster is restored",
  expects: "in a new cluster, from the store and the owner's key alone, every user that was acknowledged before the backup is there",
  full: true,
  restarts: "all",
  run: async (stage) => {
    const { load, environment, cluster } = stage;
    load.stop();
    await load.settled();
    const store = await StoreContainer.start(cluster);
    try {
      const { file: key, recipient } = await ownKey(stage);
      await environment.set(["backups"], { recipients: [recipient], store: store.settings });
      await bringCredentials(stage, store);
      await apply(stage);
      const lost = await backedUp(stage);

      await cluster.delete();
      const begun = Date.now();
      await cluster.limited(() => stage.must("up", "--target", "kind", "--yes", "--no-synth"));
      const up = since(begun);
      const empty = await load.listed();
      expect("acknowledged users in the new cluster", [...load.acknowledged].filter((email) => empty.has(email)).length, 0);
      expect("the backup that came back", await restore(stage, store, key), lost);
      const users = await noUserMissing(stage);
      const all = since(begun);
      const green = await allGreen(stage);
      await backedUp(stage);

      await environment.unset(["backups"]);
      await apply(stage);
      await stage.kubectl("delete", "secret", "backup-store", ...IN);
      load.start(stage.intensity.rate);
      return `a new cluster after ${up}; ${users} after ${all}; ${green}; its own backup is checked and on the store`;
    } finally {
      await store.stop();
    }
  },
};
