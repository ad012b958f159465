import { existsSync } from "node:fs";
import { ClusterError } from "../cluster/cluster-error.ts";
import { until } from "../cluster/transport/until.ts";
import { target as say } from "../messages/target.ts";
import { K3S_VERSION } from "../versions.ts";
import { type Ended, must, run, type Surroundings } from "./process.ts";
import { K3S_INSTALLER } from "./up-plan.ts";

/** Variables of k3s' installer. Only an autoscaler needs metrics-server (docs/decisions/0010-what-2-gib-hold.md). */
export function k3sSettings(autoscaled: boolean): Record<string, string> {
  return { INSTALL_K3S_VERSION: K3S_VERSION, ...(!autoscaled && { INSTALL_K3S_EXEC: "--disable=metrics-server" }) };
}

const PATIENCE_MS = 120_000;
const POLL_MS = 2000;

/**
 * Installs k3s where it is missing (that was agreed to before) and waits until its API server answers.
 *
 * @param autoscaled whether an autoscaler needs metrics-server; otherwise k3s is installed without it, which saves 70 MiB
 * @throws ClusterError in words, Interrupted
 */
export async function prepareK3s(around: Surroundings, kubeconfig: string, autoscaled: boolean): Promise<void> {
  if ((await run(around, "k3s", ["--version"])).missing && !existsSync(kubeconfig)) {
    // Not through a pipe: half a script must not run.
    const script = await must(around, say.installerFromInternet, "curl", ["-sfL", K3S_INSTALLER], { shown: false });
    if (!script.startsWith("#!")) throw new ClusterError(say.noScript(K3S_INSTALLER), say.proxyBetween);
    await must(around, say.installerWords, "sh", ["-s", "-"], { input: script, env: k3sSettings(autoscaled) });
  }
  await k3sAnswers(around, (args) => run(around, "k3s", args));
}

/**
 * Waits until k3s' API server answers.
 *
 * @param k3s runs k3s, here or on a server
 * @throws ClusterError with its own words, Interrupted
 */
export async function k3sAnswers(
  { signal }: Pick<Surroundings, "signal">,
  k3s: (args: readonly string[]) => Promise<Ended>,
): Promise<void> {
  let answer = "";
  const ready = async () => {
    const { status, words } = await k3s(["kubectl", "get", "--raw", "/readyz"]);
    if (/permission denied/.test(words) && status !== 0) throw new ClusterError(`k3s: ${words}`, say.rootKubeconfig);
    answer = words;
    return status === 0 || undefined;
  };
  await until<boolean>(ready, {
    limitMs: PATIENCE_MS,
    everyMs: POLL_MS,
    signal,
    late: () => {
      throw new ClusterError(say.noAnswer(answer), say.k3sLogs);
    },
  });
}
