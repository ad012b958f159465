import { readActionlint } from "../../../tools/scan/actionlint.ts";
import { reportSilent } from "../../../tools/scan/canary.ts";
import type { Finding } from "../../../tools/scan/scan-findings.ts";

test("actionlint: every fault is a finding, with file and line", () => {
  const fault = { message: 'key "timeout" is unknown', filepath: ".github/workflows/a.yml", line: 4, column: 5, kind: "syntax-check" };
  expect(readActionlint([fault], 3)).toEqual({
    scanner: "actionlint",
    judged: 3,
    findings: [{ scanner: "actionlint", check: "syntax-check", message: '.github/workflows/a.yml: line 4: key "timeout" is unknown' }],
  });
});

test("a scanner that finds nothing in bad input is named", () => {
  const finding: Finding = { scanner: "hadolint", check: "DL3006", message: "tag" };
  const loud = { scanner: "hadolint" as const, judged: 1, findings: [finding] };
  expect(() => reportSilent([loud])).not.toThrow();
  expect(() => reportSilent([loud, { scanner: "actionlint", judged: 1, findings: [] }])).toThrow("actionlint found nothing wrong");
});
