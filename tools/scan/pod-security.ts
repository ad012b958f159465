import { join } from "node:path";
import { type Manifest, manifestFiles } from "../common/manifests.ts";
import { ensure } from "../toolchain/ensure.ts";
import { POD_SECURITY } from "./exceptions.ts";
import { runScanner } from "./run-scanner.ts";
import type { Scan } from "./scan-findings.ts";

interface PodVerdict {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly level: "restricted" | "baseline" | "privileged";
  readonly reasons: readonly string[];
}

/** Judges every pod by the library of the API server's own Pod Security admission: each must be restricted. */
export async function scanWithPodSecurity(folder: string, manifests: readonly Manifest[]): Promise<Scan> {
  const program = join(await ensure("pod-security"), "pod-security");
  return readPodSecurity(
    await runScanner(
      program,
      manifestFiles(folder).map((file) => join(folder, file)),
    ),
    manifests,
  );
}

/** The pods that are not restricted, from the checker's JSON lines. */
export function readPodSecurity(lines: string, manifests: readonly Manifest[]): Scan {
  const verdicts = lines
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as PodVerdict);
  const findings = verdicts
    .filter(({ level }) => level !== "restricted")
    .map(({ kind, namespace, name, level, reasons }) => ({
      scanner: "pod-security" as const,
      check: POD_SECURITY,
      manifest: manifests.find(
        ({ object }) => object.kind === kind && object.metadata.name === name && (object.metadata.namespace ?? "") === namespace,
      ),
      message: `only ${level}: ${reasons.join("; ")}`,
    }));
  return { scanner: "pod-security", judged: verdicts.length, findings };
}
