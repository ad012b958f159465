import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Manifest } from "../common/manifests.ts";
import { ensure } from "../toolchain/ensure.ts";
import { dockerfileManifest } from "./exceptions.ts";
import { runScanner } from "./run-scanner.ts";
import type { Scan } from "./scan-findings.ts";

/**
 * Judges a Dockerfile. Comments that silence hadolint are not its to follow: they are exceptions, and need a reason.
 *
 * @param root repository folder
 * @param dockerfile path below it
 */
export async function scanWithHadolint(root: string, dockerfile: string): Promise<Scan & { readonly manifest?: Manifest }> {
  const scanner = "hadolint";
  if (!existsSync(join(root, dockerfile)))
    return { scanner, judged: 0, findings: [{ scanner, check: "missing", message: `${dockerfile} is missing` }] };
  const program = join(await ensure("hadolint"), "hadolint");
  const args = ["--no-color", "--disable-ignore-pragma", "--format", "json", join(root, dockerfile)];
  const faults = JSON.parse(await runScanner(program, args)) as { code: string; line: number; level: string; message: string }[];
  const manifest = dockerfileManifest(dockerfile, readFileSync(join(root, dockerfile), "utf8"));
  const findings = faults.map(
    ({ code, line, level, message }) => ({ scanner, check: code, manifest, message: `line ${line}: ${level}: ${message}` }) as const,
  );
  return { scanner, judged: 1, findings, manifest };
}
