import { join } from "node:path";
import { type Manifest, manifestFiles } from "../common/manifests.ts";
import { ensure } from "../toolchain/ensure.ts";
import { runScanner } from "./run-scanner.ts";
import type { Finding, Scan } from "./scan-findings.ts";

const WARNING = 5; // kube-score's grades: 1 critical, 5 warning, 7 almost well, 10 well, 0 not judged

interface ScoredObject {
  readonly type_meta: { readonly kind: string };
  readonly object_meta: { readonly name: string; readonly namespace?: string };
  readonly checks: readonly {
    readonly check: { readonly id: string; readonly name: string };
    readonly grade: number;
    readonly skipped: boolean;
    readonly comments: readonly { readonly path: string; readonly summary: string }[] | null;
  }[];
}

/** Judges an environment's objects together: kube-score looks for each pod's NetworkPolicy, Service and so on. */
export async function scanWithKubeScore(folder: string, manifests: readonly Manifest[], kubernetes: string): Promise<Scan> {
  const program = join(await ensure("kube-score"), "kube-score");
  const minor = kubernetes.split(".").slice(0, 2).join(".");
  const files = manifestFiles(folder).map((file) => join(folder, file));
  // Exceptions are set against the findings by us, which also shows those that are no longer needed.
  const args = ["score", "--disable-ignore-checks-annotations", "--kubernetes-version", `v${minor}`, "--output-format", "json", ...files];
  return readKubeScore(JSON.parse(await runScanner(program, args)), manifests);
}

/** Criticals and warnings in kube-score's JSON. */
export function readKubeScore(scored: readonly ScoredObject[] | null, manifests: readonly Manifest[]): Scan {
  const all = scored ?? []; // it prints null when it knows none of the kinds
  const findings = all.flatMap((object) =>
    object.checks
      .filter(({ grade, skipped }) => !skipped && grade <= WARNING)
      .map(({ check, grade, comments }): Finding => {
        const words = (comments ?? []).map(({ path, summary }) => (path ? `${path}: ${summary}` : summary));
        return {
          scanner: "kube-score",
          check: check.id,
          manifest: manifests.find(
            ({ object: { kind, metadata } }) =>
              kind === object.type_meta.kind &&
              metadata.name === object.object_meta.name &&
              metadata.namespace === object.object_meta.namespace,
          ),
          message: `${grade === WARNING ? "warning" : "critical"}: ${words.join("; ") || check.name}`,
        };
      }),
  );
  return { scanner: "kube-score", judged: all.length, findings };
}
