import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { withLock } from "../../../tools/common/lock.ts";

describe("withLock", () => {
  const folder = mkdtempSync(join(tmpdir(), "lock-"));
  const file = join(folder, "deeper", "a.lock");
  afterAll(() => rmSync(folder, { recursive: true }));

  test("lets one in at a time, and tells who waits", async () => {
    const events: string[] = [];
    const enter = (name: string) =>
      withLock(
        file,
        () => events.push(`${name} waits`),
        async () => {
          events.push(`${name} in`);
          await sleep(600);
          events.push(`${name} out`);
        },
      );
    const first = enter("a");
    await sleep(150);
    await Promise.all([first, enter("b")]);
    expect(events).toEqual(["a in", "b waits", "a out", "b in", "b out"]);
  });

  test("is free again after a failure", async () => {
    const failing = withLock(
      file,
      () => undefined,
      async () => {
        throw new Error("broken");
      },
    );
    await expect(failing).rejects.toThrow("broken");
    await expect(
      withLock(
        file,
        () => undefined,
        async () => "free",
      ),
    ).resolves.toBe("free");
  });
});
