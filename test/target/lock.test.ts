import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Interrupted } from "../../src/cluster/cluster-error.ts";
import { exclusively } from "../../src/target/lock.ts";
import { Machine } from "./fake-machine.ts";

let machine: Machine;
let folder: string;
beforeEach(() => {
  machine = new Machine();
  folder = mkdtempSync(join(tmpdir(), "cloudnova-lock-"));
});
afterEach(() => {
  machine.remove();
  rmSync(folder, { recursive: true });
});

test("the second run waits for the first, and says so once", async () => {
  const order: string[] = [];
  const [one, other] = [machine.around(), machine.around()];
  const first = exclusively(
    one,
    async () => {
      order.push("first begins");
      await sleep(1300);
      order.push("first ends");
    },
    folder,
  );
  await sleep(50);
  await Promise.all([first, exclusively(other, async () => void order.push("second"), folder)]);
  expect(order).toEqual(["first begins", "first ends", "second"]);
  expect(other.shown()).toBe(`… waiting: another 'up' is preparing a cluster on this machine (process ${process.pid})\n`);
  expect(one.shown()).toBe("");
  expect(readdirSync(folder)).toEqual([]);
});

test.each([
  ["of a process that has ended", JSON.stringify({ pid: 2 ** 22 + 1 })],
  ["of another process that has the number now", JSON.stringify({ pid: process.pid, started: "1" })],
  ["that was cut off", '{"pi'],
])("a lock %s holds nothing", async (_, text) => {
  writeFileSync(join(folder, "cloudnova-up.lock"), text);
  const around = machine.around();
  expect(await exclusively(around, async () => "done", folder)).toBe("done");
  expect(around.shown()).toBe("");
});

test("a failure frees it, and Ctrl-C ends the waiting", async () => {
  await expect(exclusively(machine.around(), () => Promise.reject(new Error("no")), folder)).rejects.toThrow("no");
  const around = machine.around();
  await exclusively(
    machine.around(),
    async () => {
      const waits = expect(exclusively(around, async () => "never", folder)).rejects.toThrow(Interrupted);
      await sleep(100);
      around.interrupt.abort();
      await waits;
    },
    folder,
  );
  expect(readdirSync(folder)).toEqual([]);
});
