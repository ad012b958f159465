import { groupLines, type Occurrence } from "../common/group.ts";
import { type Manifest, nameOf } from "../common/manifests.ts";
import type { ExceptionProblem } from "./exceptions.ts";
import { type Finding, SCANNERS, type Scan, type Verdict } from "./scan-findings.ts";

/** What came out for one environment; `environment` is empty for what belongs to none. */
export interface ScanReport {
  readonly environment: string;
  readonly scans: readonly Scan[];
  readonly verdict: Verdict;
  /** Faults in the exceptions themselves. */
  readonly problems: readonly ExceptionProblem[];
}

/** The table's rows, header first: one row for each scanner, over all environments. */
export function rowsOf(reports: readonly ScanReport[]): string[][] {
  const count = (findings: readonly Finding[], scanner: string) => findings.filter((finding) => finding.scanner === scanner).length;
  return [
    ["scanner", "objects judged", "findings", "exceptions"],
    ...SCANNERS.map((scanner) => {
      const judged = reports
        .flatMap(({ scans }) => scans)
        .filter((scan) => scan.scanner === scanner)
        .map((scan) => scan.judged);
      const sum = (pick: (verdict: Verdict) => readonly Finding[]) =>
        reports.reduce((total, { verdict }) => total + count(pick(verdict), scanner), 0);
      const total = judged.reduce((all, one) => all + one, 0);
      return [
        scanner,
        judged.length === 0 ? "did not run" : `${total}`,
        `${sum(({ open }) => open)}`,
        `${sum(({ excepted }) => excepted)}`,
      ];
    }),
  ];
}

/** One line for everything that fails the scan, with the environments in which it came up. None means that it passed. */
export function faultLines(reports: readonly ScanReport[]): string[] {
  const ran = new Set(reports.flatMap(({ scans }) => scans.map(({ scanner }) => scanner)));
  const occurrences = reports.flatMap(({ environment, scans, verdict, problems }) => {
    const at = (manifest: Manifest | undefined, text: string): Occurrence => ({
      text: [manifest?.file, manifest && nameOf(manifest.object), text].filter(Boolean).join(": "),
      where: manifest ? `${environment}:${manifest.line}` : environment,
    });
    return [
      ...scans
        .filter(({ judged, findings }) => judged === 0 && findings.length === 0)
        .map(({ scanner }) => at(undefined, `${scanner} judged nothing, which proves nothing`)),
      ...verdict.open.map(({ scanner, check, manifest, message }) => at(manifest, `${scanner} ${check}: ${message}`)),
      ...verdict.stale.map(({ scanner, check, manifest }) =>
        at(manifest, `the exception for ${scanner} ${check} explains nothing any more: remove it`),
      ),
      ...problems.map(({ manifest, message }) => at(manifest, message)),
    ];
  });
  return [...groupLines(occurrences), ...SCANNERS.filter((scanner) => !ran.has(scanner)).map((scanner) => `${scanner} did not run`)];
}
