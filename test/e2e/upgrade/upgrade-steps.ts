import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { synthesise } from "../../../tools/common/environments.ts";
import { readManifests } from "../../../tools/common/manifests.ts";
import { bringImages } from "../suite/bare-cluster.ts";
import { NAME } from "../suite/environment-file.ts";
import { allGreen, comesBack, kinds, noUserMissing } from "../suite/health.ts";
import type { Failure } from "../suite/load.ts";
import { changes } from "../suite/rolled-pods.ts";
import type { Stage } from "../suite/stage.ts";
import type { Step } from "../suite/step.ts";
import { CLUSTER } from "../suite/suite-cluster.ts";
import { expect } from "../suite/wait.ts";
import { keptNow, leftOver, lostOf } from "./kept.ts";
import type { OldVersion } from "./old-version.ts";
import { TimerClone } from "./timer-clone.ts";

/** For how long requests may fail while MySQL's pod is replaced, in seconds: docs/guides/upgrade.md promises it. */
export const INTERRUPTED_S = 60;
/** Users that are added before the first upgrade, beside those of the load. */
const ROWS = 20;
const CONTEXT = `kind-${CLUSTER}`;

/** From the first failure to the last, in seconds. */
export function interruption(failed: readonly Failure[]): number {
  const times = failed.map(({ at }) => at.getTime());
  return failed.length === 0 ? 0 : (Math.max(...times) - Math.min(...times)) / 1000;
}

/** @throws Error when more was lost than an upgrade may lose: nothing, or for a while where MySQL's pod is replaced */
export function judge(sent: number, failed: readonly Failure[], mysqlReplaced: boolean): string {
  if (sent === 0) throw new Error("no request was sent meanwhile: the load does not run");
  const seconds = interruption(failed);
  const answers = [...new Set(failed.map(({ what }) => /answered \d+/.exec(what)?.[0] ?? "no answer"))].join(", ");
  const told = `${failed.length} of ${sent} requests failed${failed.length > 0 ? `, within ${seconds.toFixed(0)} s (${answers})` : ""}`;
  if (failed.length > 0 && !mysqlReplaced) throw new Error(`${told}, and MySQL's pod was not replaced: ${kinds(failed)}`);
  if (seconds > INTERRUPTED_S) throw new Error(`${told}, more than ${INTERRUPTED_S} s: ${kinds(failed)}`);
  return told;
}

/**
 * Goes from one version to another under load.
 *
 * @param from folder of the manifests before  @param to folder of those after
 * @param work ends when the other version is up  @param back what then must be so
 * @returns what was seen  @throws Error with what was lost
 */
async function goes(stage: Stage, from: string, to: string, work: () => Promise<unknown>, back = comesBack): Promise<string> {
  const [pods, kept, tally] = [await stage.pods(), await keptNow(stage), stage.load.tally()];
  const begun = Date.now();
  await work();
  const seconds = ((Date.now() - begun) / 1000).toFixed(0);
  const users = await back(stage);
  await stage.load.settled();
  const { sent, failed } = stage.load.since(tally);
  const now = await stage.pods();
  const rolled = changes(pods, now);
  const lost = judge(
    sent,
    failed,
    rolled.some((text) => text.startsWith("mysql:")),
  );
  expect("Secrets and volumes that were lost", lostOf(kept, await keptNow(stage)), []);
  expect("objects that the version does not have", await leftOver(stage, from, to), []);
  return `${seconds} s; ${lost}; ${users}; pods: ${rolled.join("; ") || "none"}; every Secret and volume is kept, no object is left over`;
}

/** Makes a copy of the data by the old version's own means, as step 2 of the guide. @returns the backup's name, where that version makes any */
async function backedUp(stage: Stage, old: OldVersion): Promise<string | undefined> {
  const manifests = readManifests(join(old.written.dist, NAME));
  if (manifests.some(({ object: { kind, metadata } }) => kind === "CronJob" && metadata.name === "backup")) {
    const said = await old.must(stage.cluster.env, "backup now", "--context", CONTEXT, "--output", "json");
    return JSON.parse(said).backups[0].name;
  }
  const where = ["exec", "mysql-0", "--namespace", "cloudnova", "--container", "mysql", "--"];
  const dump = [
    "mysqldump",
    "--defaults-file=/run/mysql/client.cnf",
    "--single-transaction",
    "--set-gtid-purged=OFF",
    "--databases",
    "app",
  ];
  const text = await stage.kubectl(...where, ...dump);
  if (!text.includes("-- Dump completed")) throw new Error(`the dump has no end: ${text.slice(-120)}`);
  return undefined;
}

/** Whether the current version can use the old backup, and makes its own. */
async function backups(stage: Stage, name: string | undefined): Promise<string> {
  if (name !== undefined) await stage.must("backup verify", name);
  const { backups }: { backups: { checked: boolean }[] } = JSON.parse(await stage.must("backup now", "--output", "json"));
  expect("whether the new backup was restored on trial", backups[0]?.checked, true);
  return `${name === undefined ? "" : "the old version's backup was restored on trial, and "}a new one is made and restored on trial`;
}

/** From nothing to an old version with data, to the current one in three ways, and back between them. @param folder for the fork */
export function upgradesFrom(old: OldVersion, folder: string): Step[] {
  const { release, written } = old;
  const { name } = release;
  let backup: string | undefined;
  const upgrade = (way: string, work: (stage: Stage) => Promise<unknown>, then: (stage: Stage) => Promise<string> = allGreen): Step => ({
    name: `${name} to the current version by ${way}`,
    expects: "no acknowledged user, Secret or volume is lost, nothing is left over; `verify` is green, `diff` finds nothing",
    restarts: "all",
    run: async (stage) => {
      const saw = await goes(stage, join(written.dist, NAME), join(stage.environment.dist, NAME), () => work(stage));
      const after = await then(stage);
      await stage.must("diff");
      return `${saw}; ${after}`;
    },
  });
  const back: Step = {
    name: `the way back: \`up\` of ${name} over the current version`,
    expects: "no acknowledged user, Secret or volume is lost, nothing is left over; its own `verify` is green",
    restarts: "all",
    run: (stage) =>
      goes(
        stage,
        join(stage.environment.dist, NAME),
        join(written.dist, NAME),
        () => old.must(stage.cluster.env, "up", "--target", "kind", "--yes", "--no-synth"),
        noUserMissing, // the current version's `status` would compare with manifests of its own
      ),
  };
  return [
    {
      name: `${name} from nothing`,
      expects: "its own `up` brings it up and verifies it; users are added, and its data is backed up",
      restarts: "all",
      run: async (stage) => {
        // The user's file stays as it was: the current version reads it, and writes the manifests anew.
        copyFileSync(written.file, stage.environment.file);
        await synthesise([stage.environment.file], stage.environment.dist);
        await bringImages(stage);
        await old.must(stage.cluster.env, "up", "--target", "kind", "--yes", "--no-synth");
        for (let count = 0; count < ROWS; count++) await stage.load.add();
        await stage.begin();
        backup = await backedUp(stage, old);
        return `${release.why}; ${ROWS} users, then ${stage.intensity.rate} requests a second; ${backup === undefined ? "a dump by mysqldump" : "a backup by its own command"}`;
      },
    },
    upgrade(
      "`apply`",
      async (stage) => {
        await bringImages(stage);
        await stage.must("apply", "--wait");
      },
      async (stage) => `${await allGreen(stage)}; ${await backups(stage, backup)}`,
    ),
    back,
    upgrade("`up`", (stage) => stage.must("up", "--target", "kind", "--yes", "--no-synth")),
    back,
    upgrade("git and the timer", async (stage) => {
      const clone = await TimerClone.create(folder, release.commit, written);
      await bringImages(stage);
      await clone.upgrade(stage, { file: stage.environment.file, dist: stage.environment.dist });
    }),
    {
      name: `${name} is removed with its data`,
      expects: "the next release finds an empty cluster",
      restarts: "all",
      run: async (stage) => {
        stage.load.stop();
        await stage.load.settled();
        await stage.must("down", "--delete-data", "--yes");
        stage.load.acknowledged.clear();
        return "namespaces and volumes are gone";
      },
    },
  ];
}
