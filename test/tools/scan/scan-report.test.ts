import { type Finding, SCANNERS } from "../../../tools/scan/scan-findings.ts";
import { faultLines, rowsOf, type ScanReport } from "../../../tools/scan/scan-report.ts";
import { manifest } from "../fixtures.ts";

const web = manifest("web");
const finding: Finding = { scanner: "checkov", check: "CKV_K8S_15", manifest: web, message: "pull policy" };
const none = { open: [], excepted: [], stale: [] };
const report = (over: Partial<ScanReport> = {}): ScanReport => ({
  environment: "kind",
  scans: SCANNERS.map((scanner) => ({ scanner, judged: 3, findings: [] })),
  verdict: none,
  problems: [],
  ...over,
});

test("a clean scan has no faults", () => {
  expect(faultLines([report()])).toEqual([]);
});

test("the table adds up the environments, and says what did not run", () => {
  const scans = [{ scanner: "checkov" as const, judged: 5, findings: [finding] }];
  const rows = rowsOf([
    report({ scans, verdict: { ...none, excepted: [finding] } }),
    report({ scans, verdict: { ...none, open: [finding] } }),
  ]);
  expect(rows.find(([scanner]) => scanner === "checkov")).toEqual(["checkov", "10", "1", "1"]);
  expect(rows.find(([scanner]) => scanner === "hadolint")).toEqual(["hadolint", "did not run", "0", "0"]);
});

test("a finding in two environments is one line", () => {
  const verdict = { ...none, open: [finding] };
  expect(faultLines([report({ verdict }), report({ environment: "s0", verdict })])).toEqual([
    "10-shop.k8s.yaml: Deployment/shop/web: checkov CKV_K8S_15: pull policy (kind:7; s0:7)",
  ]);
});

test.each([
  [
    "a stale exception",
    report({ verdict: { ...none, stale: [{ scanner: "checkov", check: "CKV_K8S_15", reason: "r", manifest: web }] } }),
    "explains nothing any more",
  ],
  ["a fault in an exception", report({ problems: [{ manifest: web, message: "no reason" }] }), "Deployment/shop/web: no reason"],
  [
    "a scanner that judged nothing",
    report({ scans: SCANNERS.map((scanner) => ({ scanner, judged: scanner === "checkov" ? 0 : 1, findings: [] })) }),
    "checkov judged nothing",
  ],
  ["a scanner that did not run", report({ scans: report().scans.slice(1) }), "kube-score did not run"],
])("%s fails the scan", (_, one, text) => {
  const lines = faultLines([one]);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain(text);
});
