import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseManifests } from "../common/manifests.ts";
import { scanEnvironment } from "./environment.ts";

// Runs as root, without limits, without probes, with a field that does not exist: each scanner has something to say.
const BAD = JSON.stringify({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "canary", namespace: "canary" },
  spec: {
    replica: 1,
    selector: { matchLabels: { app: "canary" } },
    template: { metadata: { labels: { app: "canary" } }, spec: { hostNetwork: true, containers: [{ name: "main", image: "main" }] } },
  },
});

/**
 * Gives every scanner an object that it must object to. One that stays silent (another version's output, an option
 * that switches its checks off) would be silent about everything else too.
 *
 * @param schemas folder that `writeSchemas` filled, with the schema of a Deployment among them
 * @throws Error that names the scanners that stayed silent
 */
export async function scannersObject(schemas: string, scratch: string): Promise<void> {
  const folder = join(scratch, "canary-manifests");
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "canary.json"), BAD);
  const environment = { name: "canary", folder, manifests: parseManifests("canary.json", BAD) };
  const { scans } = await scanEnvironment(environment, schemas, scratch);
  const silent = scans.filter(({ findings }) => findings.length === 0).map(({ scanner }) => scanner);
  if (silent.length > 0)
    throw new Error(`${[...new Set(silent)].join(", ")} found nothing wrong with an object full of faults: the silence proves nothing`);
}
