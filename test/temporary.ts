import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const made: string[] = [];
afterAll(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A new folder for temporary files, removed after the test file's last test. @param name a part of its name */
export function temporaryFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `cloudnova-${name}-`));
  made.push(folder);
  return folder;
}
