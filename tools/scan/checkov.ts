import { mkdir, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import type { KubeObject, Manifest } from "../common/manifests.ts";
import { ensure } from "../toolchain/ensure.ts";
import { CHECKOV_SKIP } from "./exceptions.ts";
import { runScanner } from "./run-scanner.ts";
import type { Scan } from "./scan-findings.ts";

interface CheckovReport {
  readonly results?: {
    readonly failed_checks: readonly { readonly check_id: string; readonly check_name: string; readonly file_path: string }[];
  };
  readonly summary?: { readonly resource_count: number; readonly parsing_errors: number };
}

/**
 * Judges an environment's objects, each written as a JSON file of its own: the file's name then says which object a
 * finding is about (checkov calls the pods inside workloads by names of its own making), and JSON is read four times faster.
 * Its skip annotations are taken out: exceptions are set against the findings by us, which also shows the idle ones.
 */
export async function scanWithCheckov(manifests: readonly Manifest[], folder: string): Promise<Scan> {
  const program = join(await ensure("checkov"), "checkov");
  await mkdir(folder, { recursive: true });
  await Promise.all(
    manifests.map(({ object }, index) => writeFile(join(folder, fileOf(index)), JSON.stringify(withoutSkips(object), null, 1))),
  );
  // --skip-download: nothing is asked of the vendor's platform (seen with strace: no connection is tried).
  const args = ["--framework", "kubernetes", "--skip-download", "--compact", "--quiet", "--output", "json", "--directory", folder];
  return readCheckov(JSON.parse(await runScanner(program, args, { LOG_LEVEL: "ERROR" })), manifests);
}

const fileOf = (index: number) => `${String(index).padStart(5, "0")}.json`;

function withoutSkips(object: KubeObject): KubeObject {
  const annotations = Object.entries(object.metadata.annotations ?? {}).filter(([name]) => !name.startsWith(CHECKOV_SKIP));
  return { ...object, metadata: { ...object.metadata, annotations: Object.fromEntries(annotations) } };
}

/**
 * Failed checks in checkov's JSON.
 *
 * @throws Error when it could not read one of the files
 */
export function readCheckov({ results, summary }: CheckovReport, manifests: readonly Manifest[]): Scan {
  if (!results || !summary) return { scanner: "checkov", judged: 0, findings: [] };
  if (summary.parsing_errors > 0) throw new Error(`checkov could not read ${summary.parsing_errors} of ${manifests.length} objects`);
  const findings = results.failed_checks.map(({ check_id, check_name, file_path }) => ({
    scanner: "checkov" as const,
    check: check_id,
    manifest: manifests[Number.parseInt(basename(file_path), 10)],
    message: check_name,
  }));
  return { scanner: "checkov", judged: summary.resource_count, findings };
}
