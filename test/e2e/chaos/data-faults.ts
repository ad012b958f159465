import { setTimeout as sleep } from "node:timers/promises";
import type { Stage } from "../suite/stage.ts";
import { folderAgain, mysqlVolume, ownFileSystem, volumeOf, withoutMysql } from "../suite/volume.ts";
import { expect } from "../suite/wait.ts";
import type { Fault, Scene, Struck } from "./fault.ts";

/** A backup as `backup now` told of it, and when that was asked for, in ms since 1970. */
interface Backup {
  readonly name: string;
  readonly asked: number;
}

async function backUp(stage: Stage): Promise<Backup> {
  const asked = Date.now();
  const { backups }: { backups: { name: string; checked: boolean }[] } = JSON.parse(await stage.must("backup now", "--output", "json"));
  const [one] = backups;
  if (!one?.checked) throw new Error(`backup now made ${JSON.stringify(backups)}`);
  return { name: one.name, asked };
}

/** How long nothing is written to a full volume, ms. */
const FULL_MS = 10_000;

/** What counts as no room, in KiB: mysqld gives and takes some while the volume is filled. */
const ROOM_KIB = 256;

/** The volume filled to its last byte, and free again. */
async function fillVolume({ stage }: Scene): Promise<undefined> {
  await ownFileSystem(stage);
  const folder = await mysqlVolume(stage);
  try {
    await stage.kubectl("rollout", "status", "statefulset/mysql", "--namespace=cloudnova", "--timeout=120s");
    const fill = (size: string) => `dd if=/dev/zero of=${folder}/filler bs=${size} oflag=append conv=notrunc 2>/dev/null || true`;
    const left = `df --output=avail ${folder} | tail -1`;
    const free = Number(await stage.inNode(`${fill("1M")}; ${fill("4K")}; sync; ${fill("4K")}; ${left}`));
    if (free > ROOM_KIB) throw new Error(`the volume is not full: ${free} KiB are left`);
    await sleep(FULL_MS);
  } finally {
    await stage.inNode(`rm -f ${folder}/filler`);
    await folderAgain(stage);
  }
}

/** The newest backup damaged in its middle: its check has to say so, and the one before has to be whole. */
async function damageBackup({ stage }: Scene): Promise<Struck> {
  const older = await backUp(stage);
  const newest = await backUp(stage);
  const file = `${await volumeOf(stage, "backup-data")}/${newest.name}.cnb`;
  await stage.inNode(`dd if=/dev/urandom of=${file} bs=1 count=64 seek=$(($(stat --format %s ${file}) / 2)) conv=notrunc 2>/dev/null`);
  const { status, words } = await stage.cloudnova("backup verify");
  expect(`the exit code of 'backup verify' on a damaged backup (${words})`, status, 1);
  const refused = await stage.cloudnova("backup restore", newest.name, "--yes");
  expect(`the exit code of 'backup restore' of a damaged backup (${refused.words})`, refused.status, 1);
  await stage.must("backup verify", older.name);
  await stage.inNode(`rm ${file}*`);
  return { saw: "refused by verify and by restore, the older one is whole" };
}

/** Between a backup and the loss of the volume, ms: writes that only the backup's interval loses. */
const SINCE_BACKUP_MS = 5000;

/** Every file of the database's volume deleted, and the newest backup restored, as the guide for a lost machine has it. */
async function loseVolume({ stage }: Scene): Promise<Struck> {
  const { name, asked } = await backUp(stage);
  await sleep(SINCE_BACKUP_MS);
  const folder = await mysqlVolume(stage);
  await withoutMysql(stage, () => stage.inNode(`find ${folder} -mindepth 1 -delete`));
  const rolled = (what: string) => stage.kubectl("rollout", "status", what, "--namespace=cloudnova", "--timeout=180s");
  await rolled("statefulset/mysql");
  await stage.kubectl("delete", "pods", "--selector=app.kubernetes.io/name=webapp", "--namespace=cloudnova", "--timeout=90s");
  await rolled("deployment/webapp"); // its migrations make the tables
  await stage.must("backup restore", name, "--yes");
  return { excused: { from: asked, to: Date.now() } };
}

/** A script that waits for a process of the backup program, lets it work for a moment, and kills it. */
const killHelper = (words: string, seconds: number): string =>
  `for try in $(seq 1500); do pid=$(pgrep --full '[c]loudnova-helper backup ${words}') && break; sleep 0.04; done
   [ -n "$pid" ]; sleep ${seconds.toFixed(2)}; kill -KILL $pid 2>/dev/null && echo killed || echo too late`;

/** How long the program works at most before it is killed, in seconds: about as long as it needs. */
const WORKS_S = 0.8;

/** A backup killed while it works, then a whole one. */
async function killBackup({ stage, random }: Scene): Promise<Struck> {
  const [{ status, words }, killed] = await Promise.all([
    stage.cloudnova("backup now"),
    stage.inNode(killHelper("run", random() * WORKS_S)),
  ]);
  const saw = killed.trim();
  if (saw === "killed") expect(`the exit code of 'backup now' that was killed (${words})`, status, 1);
  await backUp(stage);
  return { saw };
}

/** What of a restore is killed: the check beside what is there, the exchange, and the undo of an exchange that was killed. */
const PARTS = [["prepare"], ["swap"], ["swap", "undo"]] as const;

/** A restore killed in one of its parts; where it leaves the application stopped the same command has to finish it. */
async function killRestore({ stage, random }: Scene): Promise<Struck> {
  const { name, asked } = await backUp(stage);
  const parts = PARTS[Math.floor(random() * PARTS.length)] ?? PARTS[0];
  const command = stage.cloudnova("backup restore", name, "--yes");
  const kills: string[] = [];
  for (const part of parts) {
    const script = stage.inNode(killHelper(`restore .*--stage ${part}`, random() * WORKS_S));
    // What was too late to kill leaves nothing to undo.
    const killed = await Promise.race([script, command.then(() => "too late")]);
    kills.push(`${part} ${killed.trim()}`);
    if (killed.trim() !== "killed") break;
  }
  const { status, words } = await command;
  const told = kills.join(", ");
  if (status === 0) return { saw: `${told}, restored`, excused: { from: asked, to: Date.now() } };
  if (!words.includes("finishes it")) return { saw: `${told}, nothing was replaced` };
  await stage.must("backup restore", name, "--yes");
  return { saw: `${told}, finished by the same command`, excused: { from: asked, to: Date.now() } };
}

/** Two restores of one backup at the same time. */
async function restoreTwice({ stage }: Scene): Promise<Struck> {
  const { name, asked } = await backUp(stage);
  const both = await Promise.all([1, 2].map(() => stage.cloudnova("backup restore", name, "--yes")));
  const done = both.filter(({ status }) => status === 0).length;
  const refusals = both.filter(({ status }) => status !== 0).map(({ words }) => words);
  const unclear = refusals.filter((words) => !words.includes("is under way: nothing was changed"));
  if (done === 0 || unclear.length > 0) throw new Error(`${done} of two restores succeeded: ${refusals.join("; ")}`);
  return { saw: `${done} of 2 succeeded${done === 1 ? ", the other was refused" : ""}`, excused: { from: asked, to: Date.now() } };
}

/** Faults of the data and of the backups. */
export const DATA_FAULTS: readonly Fault[] = [
  { name: "the database's volume full", does: "filled to 0 bytes for 10 s, in a file system of its own", weight: 2, strike: fillVolume },
  {
    name: "the newest backup damaged",
    does: "64 bytes in its middle overwritten; `verify` and `restore` must refuse it, and the one before must pass its check",
    weight: 2,
    strike: damageBackup,
  },
  {
    name: "the database's volume lost",
    does: "every file deleted, 5 s after a backup, which is restored into the empty database",
    weight: 2,
    strike: loseVolume,
  },
  {
    name: "a backup killed",
    short: 1,
    does: "`kill -9` of the backup program while it works; the next one must succeed",
    weight: 4,
    strike: killBackup,
  },
  {
    name: "a restore killed",
    does: "`kill -9` of the backup program while it prepares or exchanges data; the command must put all back, or finish when run again",
    weight: 4,
    strike: killRestore,
  },
  {
    name: "two restores at once",
    does: "the same backup by two commands at the same moment; one must succeed",
    weight: 2,
    strike: restoreTwice,
  },
];
