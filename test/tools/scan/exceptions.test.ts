import { dockerfileManifest, readExceptions } from "../../../tools/scan/exceptions.ts";
import { exceptionsPage } from "../../../tools/scan/exceptions-page.ts";
import { manifest } from "../fixtures.ts";

const REASON = "images are side-loaded";
const complete = {
  "kube-score/ignore": "container-image-pull-policy, service-type",
  "why.cloudnova.dev/container-image-pull-policy": REASON,
  "why.cloudnova.dev/service-type": "the only way in",
  "checkov.io/skip1": `CKV_K8S_15=${REASON}`,
  "why.cloudnova.dev/pod-security": "it reads the host's files",
};

describe("readExceptions", () => {
  test("reads all three kinds, each with its reason", () => {
    const { exceptions, problems } = readExceptions([manifest("web", complete)]);
    expect(problems).toEqual([]);
    expect(exceptions.map(({ scanner, check, reason }) => [scanner, check, reason])).toEqual([
      ["kube-score", "container-image-pull-policy", REASON],
      ["kube-score", "service-type", "the only way in"],
      ["checkov", "CKV_K8S_15", REASON],
      ["pod-security", "pod-security", "it reads the host's files"],
    ]);
  });

  test("an object without annotations has none", () => {
    expect(readExceptions([manifest("web")])).toEqual({ exceptions: [], problems: [] });
  });

  test.each([
    ["an ignore without its why", { "kube-score/ignore": "service-type" }, "service-type is excepted without a reason"],
    ["a skip without a reason", { "checkov.io/skip1": "CKV_K8S_15" }, 'CKV_K8S_15 is excepted without a reason (found "")'],
    ["an empty reason", { "checkov.io/skip1": "CKV_K8S_15=" }, "CKV_K8S_15 is excepted without a reason"],
    ["a reason that is none", { "why.cloudnova.dev/pod-security": "n/a" }, 'pod-security is excepted without a reason (found "n/a")'],
    ["a why without an ignore", { "why.cloudnova.dev/service-type": REASON }, "kube-score/ignore does not name service-type"],
    [
      "an equals sign, on which checkov crashes",
      { "checkov.io/skip1": "CKV_K8S_15=policy=IfNotPresent" },
      "has a reason with an equals sign",
    ],
    ["a line break", { "checkov.io/skip1": `CKV_K8S_15=${REASON}\nand more` }, "would break the table"],
  ])("%s is a problem", (_, annotations: Record<string, string>, message) => {
    const { problems } = readExceptions([manifest("web", annotations)]);
    expect(problems).toHaveLength(1);
    expect(problems[0]?.message).toContain(message);
  });
});

describe("exceptionsPage", () => {
  const objects = ["web", "db"].map((name) => manifest(name, { "checkov.io/skip1": `CKV_K8S_15=${REASON}` }).object);

  test("groups the objects of one check and reason", () => {
    expect(exceptionsPage(objects)).toContain(`| checkov | \`CKV_K8S_15\` | ${REASON} | Deployment/shop/db<br>Deployment/shop/web |\n`);
  });

  test("is the same for another order and for an object that comes twice", () => {
    expect(exceptionsPage([...objects].reverse().concat(objects))).toBe(exceptionsPage(objects));
  });

  test("says so when there is none", () => {
    expect(exceptionsPage([manifest("web").object])).toMatch(/\nNone\.\n$/);
  });
});

test("a Dockerfile's silenced checks are exceptions, and need a reason", () => {
  const text = "# Why DL3008: the archive drops old versions\n# hadolint ignore=DL3008,DL3009\nRUN apt-get update\n";
  const { exceptions, problems } = readExceptions([dockerfileManifest("webapp/Dockerfile", text)]);
  expect(exceptions.map(({ scanner, check, reason }) => [scanner, check, reason])).toEqual([
    ["hadolint", "DL3008", "the archive drops old versions"],
    ["hadolint", "DL3009", ""],
  ]);
  expect(problems.map(({ message }) => message)).toEqual([expect.stringMatching(/DL3009 is excepted without a reason/)]);
});
