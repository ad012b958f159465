import { rmSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onInterrupt } from "./cleanup.ts";

/** Runs `work` in a new temporary folder, which is gone afterwards, also on Ctrl-C and on failure. */
export async function withTemporaryFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "cloudnova-"));
  const settled = onInterrupt(() => rmSync(folder, { recursive: true, force: true }));
  try {
    return await work(folder);
  } finally {
    settled();
    await rm(folder, { recursive: true, force: true });
  }
}
