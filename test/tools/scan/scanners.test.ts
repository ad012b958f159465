import { readCheckov } from "../../../tools/scan/checkov.ts";
import { readKubeScore } from "../../../tools/scan/kube-score.ts";
import { readKubeconform } from "../../../tools/scan/kubeconform.ts";
import { readPodSecurity } from "../../../tools/scan/pod-security.ts";
import { manifest } from "../fixtures.ts";

// Answers as the scanners give them (shortened), and what we make of them.
const manifests = [manifest("db"), manifest("web")];

describe("kube-score", () => {
  const check = (id: string, grade: number, skipped = false) => ({
    check: { id, name: `name of ${id}` },
    grade,
    skipped,
    comments: [{ path: "web", summary: "Memory limit is not set" }],
  });
  const scored = (...checks: ReturnType<typeof check>[]) => [
    { type_meta: { kind: "Deployment" }, object_meta: { name: "web", namespace: "shop" }, checks },
  ];

  test("criticals and warnings count, all else does not", () => {
    const { judged, findings } = readKubeScore(
      scored(check("bad", 1), check("poor", 5), check("fair", 7), check("good", 10), check("off", 0, true)),
      manifests,
    );
    expect(judged).toBe(1);
    expect(findings.map(({ check, message }) => `${check} ${message}`)).toEqual([
      "bad critical: web: Memory limit is not set",
      "poor warning: web: Memory limit is not set",
    ]);
    expect(findings[0]?.manifest).toBe(manifests[1]);
  });

  test("null means that it judged nothing", () => {
    expect(readKubeScore(null, manifests)).toMatchObject({ judged: 0, findings: [] });
  });
});

describe("checkov", () => {
  const failed = { check_id: "CKV_K8S_15", check_name: "Image Pull Policy should be Always", file_path: "/kind/00001.json" };

  test("finds the object by the file's name", () => {
    const { judged, findings } = readCheckov(
      { results: { failed_checks: [failed] }, summary: { resource_count: 2, parsing_errors: 0 } },
      manifests,
    );
    expect(judged).toBe(2);
    expect(findings).toEqual([{ scanner: "checkov", check: "CKV_K8S_15", manifest: manifests[1], message: failed.check_name }]);
  });

  test("an object that it could not read is an error", () => {
    expect(() => readCheckov({ results: { failed_checks: [] }, summary: { resource_count: 1, parsing_errors: 1 } }, manifests)).toThrow(
      "could not read 1 of 2",
    );
  });

  test("an empty answer means that it judged nothing", () => {
    expect(readCheckov({}, manifests).judged).toBe(0);
  });
});

test("Pod Security: everything below restricted is a finding", () => {
  const verdict = (name: string, level: string, ...reasons: string[]) =>
    JSON.stringify({ kind: "Deployment", namespace: "shop", name, level, reasons });
  const { judged, findings } = readPodSecurity(
    `${verdict("db", "restricted")}\n${verdict("web", "baseline", "restricted: runs as root")}\n`,
    manifests,
  );
  expect(judged).toBe(2);
  expect(findings).toEqual([
    { scanner: "pod-security", check: "pod-security", manifest: manifests[1], message: "only baseline: restricted: runs as root" },
  ]);
});

describe("kubeconform", () => {
  const resource = (name: string, status: string, msg = "") => ({ filename: "/t/10-shop.k8s.yaml", kind: "Deployment", name, status, msg });

  test("what is not valid is a finding, one without a schema too", () => {
    const answer = {
      resources: [resource("db", "statusValid"), resource("web", "statusError", "could not find schema"), resource("", "statusEmpty")],
    };
    const { judged, findings } = readKubeconform(answer, manifests, "1.34.0");
    expect(judged).toBe(2);
    expect(findings).toEqual([
      { scanner: "kubeconform", check: "schema-1.34.0", manifest: manifests[1], message: "could not find schema" },
    ]);
  });

  test("tells the innermost fault alone", () => {
    const msg =
      "problem validating schema. Check JSON formatting: failed with 'x#' - at '/spec': validation failed   - at '/spec/replicas': got string, want integer";
    const { findings } = readKubeconform({ resources: [resource("web", "statusInvalid", msg)] }, manifests, "1.34.0");
    expect(findings[0]?.message).toBe("at '/spec/replicas': got string, want integer");
  });
});
