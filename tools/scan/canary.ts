import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseManifests } from "../common/manifests.ts";
import { scanWithActionlint } from "./actionlint.ts";
import { scanWithHadolint } from "./hadolint.ts";
import { scanEnvironment } from "./scan-environment.ts";
import type { Scan } from "./scan-findings.ts";

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

// No tag, no version, a shell that changes its folder.
const BAD_DOCKERFILE = "FROM debian\nRUN cd /tmp && apt-get install curl\n";

// A pull request's title in a shell, a job that nothing runs on, a key that does not exist.
const BAD_WORKFLOW = `on: pull_request
jobs:
  canary:
    timeout: 5
    steps:
      - run: echo "\${{ github.event.pull_request.title }}"
`;

/**
 * Gives every scanner something that it must object to: an object, a Dockerfile or a workflow. One that stays silent (another version's output, an option
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
  reportSilent([...scans, ...(await scanBadFiles(join(scratch, "canary-files")))]);
}

/** Has the scanners of files judge a Dockerfile and a workflow that are full of faults. */
export async function scanBadFiles(folder: string): Promise<Scan[]> {
  await mkdir(join(folder, ".github/workflows"), { recursive: true });
  await writeFile(join(folder, "Dockerfile"), BAD_DOCKERFILE);
  await writeFile(join(folder, ".github/workflows/canary.yml"), BAD_WORKFLOW);
  return Promise.all([scanWithHadolint(folder, "Dockerfile"), scanWithActionlint(folder)]);
}

/** @throws Error that names the scanners without a finding */
export function reportSilent(scans: readonly Scan[]): void {
  const silent = scans.filter(({ findings }) => findings.length === 0).map(({ scanner }) => scanner);
  if (silent.length > 0)
    throw new Error(`${[...new Set(silent)].join(", ")} found nothing wrong with input full of faults: the silence proves nothing`);
}
