import { execFileSync } from "node:child_process";
import { cpSync } from "node:fs";
import { join } from "node:path";
import { SECRET_KEYS } from "../../src/monitoring/alertmanager/secret-keys.ts";
import { find, type Manifest, manifestsOf, SHIPPED, synthesiseFile, synthesiseText } from "../manifests.ts";
import { temporaryFolder } from "../temporary.ts";

const planOf = (manifests: readonly Manifest[]) => JSON.parse(find(manifests, "ConfigMap", "bootstrap").data["plan.json"]);
const SIZES = "cluster: kind\nmachine: { memory: 4Gi, cpu: '2' }\n";

describe("Grafana's key", () => {
  test.each([
    ["a password made in the cluster", "", "grafana"],
    ["a password of the user's own", "secrets: { grafana: my-grafana }\n", "my-grafana"],
  ])("with %s it is made, and the pod waits for both", (_, more, password) => {
    const manifests = manifestsOf(synthesiseText(SIZES + more));
    expect(planOf(manifests).passwords["grafana-key"]).toEqual(["secret-key"]);
    const { spec } = find(manifests, "StatefulSet", "grafana").spec.template;
    const secrets = spec.volumes.filter(({ secret }: Manifest) => secret).map(({ secret }: Manifest) => secret);
    // Not optional, and key by key: the kubelet mounts nothing before they are there.
    expect(secrets).toEqual([
      { defaultMode: 0o440, items: [{ key: "admin-password", path: "admin-password" }], secretName: password },
      { defaultMode: 0o440, items: [{ key: "secret-key", path: "secret-key" }], secretName: "grafana-key" },
    ]);
  });

  test("its Secret's name is not the user's to take", () => {
    expect(() => synthesiseText(`${SIZES}secrets: { grafana: grafana-key }\n`)).toThrow(/secrets.grafana/);
  });
});

test("git ignores every file of a secret that the documentation has users make, wherever it lies in a clone", () => {
  const clone = temporaryFolder("ignored");
  execFileSync("git", ["init", "--quiet", clone]);
  cpSync(".gitignore", join(clone, ".gitignore"));
  const { webapp, grafana, "mysql-accounts": mysql } = planOf(manifestsOf(synthesiseFile(SHIPPED[0] ?? ""))).passwords;
  const keys = [...SECRET_KEYS, ...webapp, ...grafana, ...mysql, "tls.key", "access-key", "session-token"];
  const files = keys.flatMap((key) => [key, `receivers/${key}`]);
  const ignored = execFileSync("git", ["-C", clone, "check-ignore", "--no-index", ...files], { encoding: "utf8" });
  expect(ignored.trim().split("\n")).toEqual(files);
});
