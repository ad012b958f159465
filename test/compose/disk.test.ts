import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { disk } from "../../src/compose/disk.ts";

const folder = mkdtempSync(join(tmpdir(), "cloudnova-disk-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each([
  ["UTF-8", Buffer.from("Flask-MySQL==1.5.2\n")],
  ["UTF-8 with a byte order mark", Buffer.from("\uFEFFFlask-MySQL==1.5.2\n")],
  ["UTF-16, as PowerShell's pip freeze > requirements.txt writes it", Buffer.from("\uFEFFFlask-MySQL==1.5.2\n", "utf16le")],
  ["UTF-16 of the other byte order", Buffer.from("\uFEFFFlask-MySQL==1.5.2\n", "utf16le").swap16()],
])("a file in %s is read", (_, bytes) => {
  const file = join(folder, "requirements.txt");
  writeFileSync(file, bytes);
  expect(disk.read(file)).toBe("Flask-MySQL==1.5.2\n");
});
