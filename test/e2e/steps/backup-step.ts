import { fullName } from "../../../src/target/image.ts";
import { IMAGES } from "../../../src/versions.ts";
import { allGreen, comesBack, noUserMissing } from "../suite/health.ts";
import type { Stage } from "../suite/stage.ts";
import type { Step } from "../suite/step.ts";
import { expect, until } from "../suite/wait.ts";
import { grafanaDump, isGrafana, putGrafana } from "./grafana-database.ts";
import { endSilence, isSilenced, setSilence } from "./silences.ts";

/** Users that are added after the backup. */
const LATER = 3;
/** Users in the database that is put in the place of Grafana's, before the backup and after it. */
const [SAVED_USERS, LATER_USERS] = [300, 5] as const;

interface Made {
  readonly name: string;
  readonly checked: boolean;
  readonly seconds: number;
}

/** Makes a backup, and finds it in the list. @returns what the command said of it */
async function made(stage: Stage): Promise<Made> {
  const { backups }: { backups: (Made & { unit: string })[] } = JSON.parse(await stage.must("backup now", "--output", "json"));
  const [one] = backups;
  if (!one) throw new Error("backup now made none");
  expect("what was backed up and restored on trial", [one.unit, one.checked], ["cloudnova", true]);
  const listed: { backups: { name: string; here: boolean; ok: boolean }[] } = JSON.parse(
    await stage.must("backup list", "--output", "json"),
  );
  const found = listed.backups.find(({ name }) => name === one.name);
  expect("the backup in the list", [found?.here, found?.ok], [true, true]);
  return one;
}

/** Checks that the helper's image, which no pod runs between two backups, is pinned: else a node that needs room removes it. */
async function helperPinned(stage: Stage): Promise<string> {
  const { status } = JSON.parse(await stage.inNode(`crictl inspecti ${fullName(IMAGES.helper)}`));
  expect("whether the helper's image is pinned", status.pinned, true);
  return "the helper's image is pinned";
}

/** Traefik takes up the pods that are ready at most once in 2 s (providersThrottleDuration, its default); twice that, and a request, in seconds. */
const ROUTED_S = 5;

/** Restores a backup, and waits until Traefik asks the new pods. @returns for how long the application was stopped, in seconds, and the backup of what was there before */
async function restored(stage: Stage, name: string): Promise<{ seconds: number; safety: string }> {
  const answer = JSON.parse(await stage.must("backup restore", name, "--yes", "--output", "json"));
  await until("the application answers after the restore", ROUTED_S, () => stage.load.listed());
  return answer;
}

/** Users of a list that the application lists, and those that it does not. */
async function split({ load }: Stage, users: readonly string[]): Promise<{ there: number; gone: number }> {
  const listed = await load.listed();
  const there = users.filter((email) => listed.has(email)).length;
  return { there, gone: users.length - there };
}

/**
 * A backup, users after it, and a restore to before them; then a restore of the safety backup, with which they are back. No load runs
 * meanwhile: the application is stopped on purpose.
 */
export const BACKUP: Step = {
  name: "a backup is restored",
  expects:
    "users that were acknowledged before the backup are there and later ones are not; the safety backup brings those back; a silence that was ended since is active again, and Grafana's database is each time what it was; `verify` is green",
  run: async (stage) => {
    const { load } = stage;
    load.stop();
    await load.settled();
    const before = [...load.acknowledged];
    const pinned = await helperPinned(stage);
    const silence = await setSilence(stage);
    await putGrafana(stage, SAVED_USERS);
    const grafana = await grafanaDump(stage);
    const { name, seconds } = await made(stage);
    await endSilence(stage, silence);
    await putGrafana(stage, LATER_USERS);
    const laterGrafana = await grafanaDump(stage);
    for (let count = 0; count < LATER; count++) await load.add();
    const later = [...load.acknowledged].filter((email) => !before.includes(email));

    const first = await restored(stage, name);
    expect("users from before the backup", await split(stage, before), { there: before.length, gone: 0 });
    expect("users from after the backup", await split(stage, later), { there: 0, gone: LATER });
    const silenced = await isSilenced(stage);
    const same = await isGrafana(stage, grafana);

    const second = await restored(stage, first.safety);
    await isGrafana(stage, laterGrafana);
    const everybody = await noUserMissing(stage);
    const back = await comesBack(stage);
    await stage.must("backup verify");
    const green = await allGreen(stage);
    load.start(stage.intensity.rate);
    const stops = [first, second].map((one) => `${one.seconds.toFixed(0)} s`).join(" and ");
    return `${pinned}; backup with its check in ${seconds.toFixed(0)} s; stopped for ${stops}; ${everybody}; ${silenced}; ${same}; ${back}; ${green}`;
  },
};
