import { type Manifest, nameOf } from "../common/manifests.ts";
import type { Exception } from "./exceptions.ts";

export const SCANNERS = ["kube-score", "checkov", "pod-security", "kubeconform", "hadolint", "actionlint"] as const;
type ScannerName = (typeof SCANNERS)[number];

/** Something that a scanner objects to. */
export interface Finding {
  readonly scanner: ScannerName;
  /** The check's id, as the scanner writes it. */
  readonly check: string;
  /** The object concerned; undefined for what is no object, for instance a line of a Dockerfile. */
  readonly manifest?: Manifest;
  /** The scanner's own words; they name the place where there is no object. */
  readonly message: string;
}

/** What one scanner saw in one environment. */
export interface Scan {
  readonly scanner: ScannerName;
  /** How many things it judged. A scanner that judged nothing proves nothing. */
  readonly judged: number;
  readonly findings: readonly Finding[];
}

/** The findings, sorted out. */
export interface Verdict {
  /** Findings without an exception: each fails the scan. */
  readonly open: readonly Finding[];
  /** Findings that an annotation explains. */
  readonly excepted: readonly Finding[];
  /** Exceptions that explain nothing any more: each fails the scan, since it would hide tomorrow's fault. */
  readonly stale: readonly Exception[];
}

const key = (scanner: string, check: string, manifest?: Manifest) => `${scanner} ${check} ${manifest ? nameOf(manifest.object) : ""}`;

/** Sets findings against exceptions. An exception holds for one check of one scanner on one object. */
export function judge(findings: readonly Finding[], exceptions: readonly Exception[]): Verdict {
  const explained = new Set(exceptions.map(({ scanner, check, manifest }) => key(scanner, check, manifest)));
  const found = new Set(findings.map(({ scanner, check, manifest }) => key(scanner, check, manifest)));
  const isExplained = ({ scanner, check, manifest }: Finding) => explained.has(key(scanner, check, manifest));
  return {
    open: findings.filter((finding) => !isExplained(finding)),
    excepted: findings.filter(isExplained),
    stale: exceptions.filter(({ scanner, check, manifest }) => !found.has(key(scanner, check, manifest))),
  };
}
