import { writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { connectDocker } from "../../tools/cluster/docker.ts";
import { nodeImage } from "../../tools/cluster/node-image.ts";
import { withLock } from "../../tools/common/lock.ts";
import { withProgress } from "../../tools/common/progress.ts";
import { heavyLock } from "../../tools/toolchain/cache.ts";
import { bringImages } from "./compose/images.ts";
import { during, type Load, rates, setRows } from "./compose/measure-stack.ts";
import { Ours } from "./compose/ours.ts";
import { type Comparison, goals, page } from "./compose/page.ts";
import { type Application, composeProgram, Theirs } from "./compose/theirs.ts";
import { kills } from "./suite/memory.ts";

// `npm run bench:compose`: CloudNova on kind beside a plain stack of docker compose, one after the other in the same memory.

const PAGE = "docs/bench-compose.md";
const WORK = "build/bench-compose";
/** After a start, until the servers' own work is done. */
const SETTLE_MS = 30_000;
/** wrk's connections; one answer of the naive application with 100,000 rows takes seconds, so two are enough there. */
const MANY = 16;
const FEW = 2;

type Start = Pick<Load, "image" | "env">;

async function measureOurs({ image, env }: Start) {
  const before = kills();
  const ours = await withProgress("CloudNova: up", "a minute and a half", () => Ours.up(WORK));
  try {
    await sleep(SETTLE_MS);
    const load = { image, env, connections: MANY };
    const size = await ours.size();
    await setRows(ours, 1000);
    const few = await withProgress("CloudNova: 1,000 rows", "33 s", () => rates(ours, load));
    await setRows(ours, 100_000);
    const many = await withProgress("CloudNova: 100,000 rows", "33 s", () => rates(ours, load));
    const weight = await ours.weight();
    await ours.prepareReplacement();
    const replaced = await withProgress("CloudNova: the application is replaced", "", () => during(ours, () => ours.replace()));
    const killed = await withProgress("CloudNova: MySQL is killed", "", () => during(ours, () => ours.killMysql()));
    return { size, result: { rates: { few, many }, weight, replaced, killed, outOfMemory: kills() - before } };
  } finally {
    await ours.down();
  }
}

async function measureTheirs({ image, env }: Start, servers: string, size: Awaited<ReturnType<Ours["size"]>>) {
  const before = kills();
  const theirs = await withProgress("Compose: up", "", () => Theirs.up(WORK, env, { tools: image, servers }, size));
  const rated = async (application: Application, rows: number, connections = MANY) => {
    await theirs.serve(application);
    return withProgress(`Compose, ${application}: ${rows} rows`, "33 s", () => rates(theirs, { image, env, connections }));
  };
  const faults = async (application: Application) => {
    await theirs.prepareReplacement();
    const replaced = await withProgress(`Compose, ${application}: replaced`, "", () => during(theirs, () => theirs.replace()));
    await theirs.serve(application);
    const killed = await withProgress(`Compose, ${application}: MySQL is killed`, "", () => during(theirs, () => theirs.killMysql()));
    return { replaced, killed };
  };
  try {
    await theirs.serve("same");
    await sleep(SETTLE_MS);
    await setRows(theirs, 1000);
    const few = await rated("same", 1000);
    await setRows(theirs, 100_000);
    const same = { rates: { few, many: await rated("same", 100_000) }, weight: await theirs.weight(), ...(await faults("same")) };
    const gunicornMany = await rated("naive, gunicorn", 100_000, FEW);
    const serverMany = await rated("naive, development server", 100_000, FEW);
    const weight = await theirs.weight();
    await setRows(theirs, 1000);
    const gunicorn = { rates: { few: await rated("naive, gunicorn", 1000), many: gunicornMany } };
    const serverFew = await rated("naive, development server", 1000);
    const server = { rates: { few: serverFew, many: serverMany }, weight, ...(await faults("naive, development server")) };
    return { same, gunicorn, server, outOfMemory: kills() - before };
  } finally {
    await theirs.down();
  }
}

async function main(): Promise<void> {
  const wait = () => void process.stderr.write("… waiting for a build or another benchmark\n");
  const env = await connectDocker();
  const compose = await composeProgram(env);
  Object.assign(process.env, env); // what builds images asks the Docker of this process
  const { standIns } = await nodeImage(); // builds what is missing, which takes the lock itself
  const images = await bringImages();
  await withLock(heavyLock(), wait, async () => {
    const [load = 0] = loadavg();
    const start = { image: images.tools, env };
    const { size, result } = await measureOurs(start);
    const comparison: Comparison = { size, ours: result, theirs: await measureTheirs(start, images.servers, size) };
    writeFileSync(PAGE, await page(comparison, { standIns, images, compose, env, load }));
    for (const { name, measured, met } of goals(comparison)) console.log(`${met ? "met   " : "MISSED"} ${name}: ${measured}`);
  });
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
