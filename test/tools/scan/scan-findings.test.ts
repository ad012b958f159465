import { readExceptions } from "../../../tools/scan/exceptions.ts";
import { type Finding, judge } from "../../../tools/scan/scan-findings.ts";
import { manifest } from "../fixtures.ts";

const skip = { "checkov.io/skip1": "CKV_K8S_15=images are side-loaded" };
const [web, db] = [manifest("web", skip), manifest("db")];
const finding = (over: Partial<Finding> = {}): Finding => ({
  scanner: "checkov",
  check: "CKV_K8S_15",
  manifest: web,
  message: "pull policy",
  ...over,
});
const { exceptions } = readExceptions([web, db]);

describe("judge", () => {
  test("a finding with an exception passes", () => {
    expect(judge([finding()], exceptions)).toEqual({ open: [], excepted: [finding()], stale: [] });
  });

  test.each([
    ["another object", finding({ manifest: db })],
    ["another check", finding({ check: "CKV_K8S_43" })],
    ["another scanner", finding({ scanner: "kube-score" })],
    ["no object at all", finding({ manifest: undefined })],
  ])("an exception does not hold for %s, and is stale", (_, other) => {
    expect(judge([other], exceptions)).toEqual({ open: [other], excepted: [], stale: exceptions });
  });

  test("one exception holds for several findings of its check", () => {
    expect(judge([finding(), finding({ message: "second container" })], exceptions).excepted).toHaveLength(2);
  });
});
