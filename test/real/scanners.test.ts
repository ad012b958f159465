import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { scanWithActionlint } from "../../tools/scan/actionlint.ts";
import { scanBadFiles } from "../../tools/scan/canary.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "cloudnova-scanners-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

test("hadolint and actionlint object to bad files, actionlint to a pull request's title in a shell too", async () => {
  const scans = await scanBadFiles(folder);
  const found = Object.fromEntries(scans.map(({ scanner, findings }) => [scanner, findings.map(({ check }) => check)]));
  expect(found.hadolint).toContain("DL3006");
  expect(found.actionlint).toEqual(expect.arrayContaining(["syntax-check", "expression"]));
});

test("and actionlint to nothing in our own workflows", async () => {
  const { judged, findings } = await scanWithActionlint(process.cwd());
  expect({ findings, some: judged > 0 }).toEqual({ findings: [], some: true });
});
