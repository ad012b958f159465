import { cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openManifests } from "../../../src/cluster/objects/manifests.ts";
import { temporaryFolder } from "../../temporary.ts";

test("files that editors and systems leave beside the manifests are passed over", () => {
  const folder = temporaryFolder("manifests");
  cpSync("dist/kind", folder, { recursive: true });
  const { digest, objects } = openManifests(folder);
  writeFileSync(join(folder, "._20-mysql.k8s.yaml"), Buffer.from("AAUWBwACAABNYWMgT1MgWCAgICAgICAgAAL/", "base64"));
  for (const name of [".#20-mysql.k8s.yaml", "20-mysql.k8s.yaml~"]) writeFileSync(join(folder, name), "kind: Pod\n");
  expect(openManifests(folder).digest).toBe(digest);
  expect(openManifests(folder).objects()).toEqual(objects());
});
