import { readdirSync } from "node:fs";
import { join } from "node:path";
import { ensure } from "../toolchain/ensure.ts";
import { runScanner } from "./run-scanner.ts";
import type { Scan } from "./scan-findings.ts";

/** One line of actionlint's JSON. */
interface Fault {
  readonly message: string;
  readonly filepath: string;
  readonly line: number;
  /** The rule's name, for instance `syntax-check` or `expression`. */
  readonly kind: string;
}

const WORKFLOWS = ".github/workflows";

/**
 * Judges GitHub's workflow files. ShellCheck and pyflakes, which actionlint runs where it finds them, are off: the result must not
 * depend on what else is installed.
 *
 * @param root folder that contains .github/workflows
 */
export async function scanWithActionlint(root: string): Promise<Scan> {
  const files = readdirSync(join(root, WORKFLOWS)).filter((name) => /\.ya?ml$/.test(name));
  if (files.length === 0) return readActionlint([], 0);
  const program = join(await ensure("actionlint"), "actionlint");
  const paths = files.map((name) => join(root, WORKFLOWS, name));
  const args = ["-no-color", "-shellcheck=", "-pyflakes=", "-format", "{{json .}}", ...paths];
  return readActionlint(JSON.parse(await runScanner(program, args)) as Fault[], files.length);
}

/** What actionlint's JSON objects to in so many files. */
export function readActionlint(faults: readonly Fault[], judged: number): Scan {
  const scanner = "actionlint";
  const findings = faults.map(
    ({ kind, message, filepath, line }) => ({ scanner, check: kind, message: `${filepath}: line ${line}: ${message}` }) as const,
  );
  return { scanner, judged, findings };
}
