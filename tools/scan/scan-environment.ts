import { join } from "node:path";
import { SCHEMA_VERSIONS } from "../../src/versions.ts";
import type { Environment } from "../common/environments.ts";
import type { Manifest } from "../common/manifests.ts";
import { scanWithCheckov } from "./checkov.ts";
import { readExceptions } from "./exceptions.ts";
import { scanWithKubeScore } from "./kube-score.ts";
import { scanWithKubeconform } from "./kubeconform.ts";
import { scanWithPodSecurity } from "./pod-security.ts";
import { judge } from "./scan-findings.ts";
import type { ScanReport } from "./scan-report.ts";

/** Has every scanner judge one environment, on its own: a NetworkPolicy of another environment must not count for this one's pods. */
export async function scanEnvironment(
  environment: Environment & { readonly manifests: readonly Manifest[] },
  schemas: string,
  scratch: string,
): Promise<ScanReport> {
  const { name, folder, manifests } = environment;
  const running = [
    scanWithCheckov(manifests, join(scratch, name)),
    scanWithKubeScore(folder, manifests, SCHEMA_VERSIONS[1]),
    scanWithPodSecurity(folder, manifests),
    ...SCHEMA_VERSIONS.map((version) => scanWithKubeconform(folder, manifests, version, schemas)),
  ];
  await Promise.allSettled(running); // when one fails, the others must not go on in a folder that is being removed
  const scans = await Promise.all(running);
  const { exceptions, problems } = readExceptions(manifests);
  return {
    environment: name,
    scans,
    verdict: judge(
      scans.flatMap(({ findings }) => findings),
      exceptions,
    ),
    problems,
  };
}
