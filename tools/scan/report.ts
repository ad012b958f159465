import { nameOf } from '../common/manifests.ts';
import { type Finding, SCANNERS, type Scan, type Verdict } from './findings.ts';

/** What came out for one environment; `environment` is empty for what belongs to none. */
export interface ScanReport {
  readonly environment: string;
  readonly scans: readonly Scan[];
  readonly verdict: Verdict;
  /** Faults in the exceptions themselves. */
  readonly problems: readonly string[];
}

/** The table's rows, header first: one row for each scanner, over all environments. */
export function rowsOf(reports: readonly ScanReport[]): string[][] {
  const count = (findings: readonly Finding[], scanner: string) => findings.filter((finding) => finding.scanner === scanner).length;
  return [
    ['scanner', 'objects judged', 'findings', 'exceptions'],
    ...SCANNERS.map((scanner) => {
      const judged = reports.flatMap(({ scans }) => scans).filter((scan) => scan.scanner === scanner).map((scan) => scan.judged);
      const sum = (pick: (verdict: Verdict) => readonly Finding[]) => reports.reduce((total, { verdict }) => total + count(pick(verdict), scanner), 0);
      const total = judged.reduce((all, one) => all + one, 0);
      return [scanner, judged.length === 0 ? 'did not run' : `${total}`, `${sum(({ open }) => open)}`, `${sum(({ excepted }) => excepted)}`];
    }),
  ];
}

/** One line for everything that fails the scan. None means that it passed. */
export function faultLines(reports: readonly ScanReport[]): string[] {
  const ran = new Set(reports.flatMap(({ scans }) => scans.map(({ scanner }) => scanner)));
  return [
    ...reports.flatMap(({ environment, scans, verdict, problems }) => [
      ...scans.filter(({ judged, findings }) => judged === 0 && findings.length === 0).map(({ scanner }) => `${environment}: ${scanner} judged nothing, which proves nothing`),
      ...verdict.open.map((finding) => lineOf(environment, finding)),
      ...verdict.stale.map(({ scanner, check, manifest }) => `${environment}/${manifest.file}:${manifest.line}: ${nameOf(manifest.object)}: the exception for ${scanner} ${check} explains nothing any more: remove it`),
      ...problems.map((problem) => `${environment}/${problem}`),
    ]),
    ...SCANNERS.filter((scanner) => !ran.has(scanner)).map((scanner) => `${scanner} did not run`),
  ];
}

function lineOf(environment: string, { scanner, check, manifest, message }: Finding): string {
  const place = manifest ? `${environment}/${manifest.file}:${manifest.line}: ${nameOf(manifest.object)}: ` : environment && `${environment}: `;
  return `${place}${scanner} ${check}: ${message}`;
}
