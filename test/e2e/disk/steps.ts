import { setTimeout as sleep } from "node:timers/promises";
import ready from "../../../charts/files/mysql/ready.sh";
import { bringUp } from "../steps/start-step.ts";
import { comesBack, refusesWrites } from "../suite/health.ts";
import { changes, type Pod } from "../suite/rolled-pods.ts";
import type { Stage } from "../suite/stage.ts";
import type { Step } from "../suite/step.ts";
import { expect, until } from "../suite/wait.ts";
import { FLOOD } from "./flood-step.ts";
import { DISK_GIB, type NodeDisk } from "./node-disk.ts";
import { evictionLevel, freeRoom, giveBack, leave, take, takeAll } from "./room.ts";
import { bringUnused, evicted, firing, imagesOf, UNUSED, underPressure } from "./watch.ts";

/** Room above the eviction level below which MySQL's guard refuses writes, MiB (`margin` of its script). */
const MARGIN = Number(/^margin=\$\(\((\d+) << 20\)\)$/m.exec(ready)?.[1] ?? Number.NaN);
/** How fast others fill the disk, MiB a second: half of what the margin is made for (docs/decisions/0021-mysql-guards-its-disk.md). */
const FILLS = 20;
/** How long reads are looked at while writes are refused, ms. */
const READS_MS = 30_000;
/** Two periods of the probe that is the guard, and a moment for the answer, s. */
const GUARD_S = 25;
/** The kubelet says that there is room a minute after there is (evictionPressureTransitionPeriod), once etcd has started again, s. */
const PRESSURE_S = 240;

/** What the kubelet may not evict: MySQL, and what notices and reports a full disk. */
const KEPT = ["mysql", "prometheus", "alertmanager", "node-exporter"];
const keptOf = (pods: readonly Pod[]): Pod[] => pods.filter(({ component }) => KEPT.includes(component));

/** Fills the disk bit by bit until writes are refused. @returns the room that was left then, MiB */
async function fillUntilRefused(stage: Stage, level: number): Promise<number> {
  for (let next = Date.now(); ; ) {
    if (await refusesWrites(stage)) return freeRoom(stage);
    const free = await freeRoom(stage);
    if (free <= level) throw new Error(`${free} MiB were left, the kubelet evicts pods below ${level} MiB, and MySQL took a write`);
    await take(stage, FILLS);
    next += 1000;
    await sleep(Math.max(0, next - Date.now()));
  }
}

const REFUSED: Step = {
  name: "the node's disk nearly full",
  expects: `at ${FILLS} MiB a second writes are refused before the kubelet evicts pods; reads go on, MysqlWritesRefused fires; with room writes go on by themselves`,
  run: async (stage) => {
    const before = await stage.pods();
    const level = await evictionLevel(stage);
    try {
      await leave(stage, level + MARGIN + 10 * FILLS);
      const tally = stage.load.tally();
      const left = await fillUntilRefused(stage, level);
      await sleep(READS_MS);
      const { sent, failed } = stage.load.since(tally);
      const reads = failed.filter(({ what }) => what.startsWith("GET"));
      if (reads.length > 0) throw new Error(`${reads.length} reads failed: ${reads[0]?.what}`);
      expect("DiskPressure", await underPressure(stage), false);
      await until("MysqlWritesRefused fires", 60, async () => (await firing(stage)).includes("MysqlWritesRefused") || undefined);
      await giveBack(stage);
      const start = Date.now();
      await until("writes are taken again", GUARD_S, async () => !(await refusesWrites(stage)) || undefined);
      const seconds = ((Date.now() - start) / 1000).toFixed(0);
      const back = await comesBack(stage);
      expect("pods", changes(before, await stage.pods()), []);
      return `refused with ${left} MiB left, evictions begin at ${level}; of ${sent} requests ${failed.length} were refused, none of them a read; taken again after ${seconds} s; ${back}`;
    } finally {
      await giveBack(stage);
    }
  },
};

/** That mysqld itself answers a read. Not through the API server: with no byte left etcd ends. */
const mysqlReads = (stage: Stage): Promise<string> =>
  stage.inNode(
    `crictl exec $(crictl ps --quiet --name '^mysql$') mysql --defaults-file=/run/mysql/client.cnf --execute "SELECT COUNT(*) FROM app.users"`,
  );

const EVICTED: Step = {
  name: "the node's disk fuller than the kubelet allows",
  expects:
    "neither MySQL nor what reports it is evicted, and MySQL answers reads, with no byte left too; pinned images stay, an unused one goes; DiskAlmostFull fires; with room all comes back by itself, and no acknowledged user is missing",
  restarts: ["webapp", "grafana"], // an evicted container whose end the kubelet missed counts as one that was restarted
  run: async (stage) => {
    await bringUnused(stage);
    const before = await stage.pods();
    const { pinned, others } = await imagesOf(stage);
    if (!others.includes(UNUSED)) throw new Error(`the node has no image ${UNUSED}, or it is pinned`);
    try {
      await leave(stage, Math.floor((await evictionLevel(stage)) * 0.8));
      await until("the kubelet notices", 60, async () => (await underPressure(stage)) || undefined);
      await until("DiskAlmostFull fires", 240, async () => (await firing(stage)).includes("DiskAlmostFull") || undefined);
      expect("pods that stay", changes(keptOf(before), keptOf(await stage.everyPod())), []);
      const gone = await evicted(stage);
      await takeAll(stage);
      await sleep(READS_MS);
      expect("MiB left", await freeRoom(stage), 0);
      await mysqlReads(stage);
      const images = await imagesOf(stage);
      expect("pinned images", images.pinned, pinned);
      expect("the unused image", images.others.includes(UNUSED), false);
      await giveBack(stage);
      const start = Date.now();
      await until("the kubelet notices the room", PRESSURE_S, async () => !(await underPressure(stage)) || undefined);
      const noticed = ((Date.now() - start) / 1000).toFixed(0);
      const back = await comesBack(stage);
      expect("pods that stay", changes(keptOf(before), keptOf(await stage.pods())), []);
      return `evicted in this order: ${gone.join(", ")}; ${pinned.length} pinned images stayed; the kubelet noticed the room after ${noticed} s; then ${back}`;
    } finally {
      await giveBack(stage);
    }
  },
};

/** The trial's steps. @param disk of the node */
export const diskSteps = (disk: NodeDisk): readonly Step[] => [
  {
    name: `up on a disk of ${DISK_GIB} GiB`,
    expects: "every workload is up and verify is green",
    run: async (stage) => {
      await stage.cluster.delete(); // what an earlier run left
      await disk.make();
      return bringUp(stage);
    },
  },
  FLOOD,
  REFUSED,
  EVICTED,
];
