import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { ClusterError } from "../cluster/errors.ts";
import { K3S_INSTALLER } from "./plan.ts";
import { must, run, type Surroundings } from "./run.ts";

const PATIENCE_MS = 120_000;
const POLL_MS = 2000;

/**
 * Installs k3s where it is missing (that was agreed to before) and waits until its API server answers.
 *
 * @throws ClusterError in words, Interrupted
 */
export async function prepareK3s(around: Surroundings, kubeconfig: string): Promise<void> {
  if ((await run(around, "k3s", ["--version"])).missing && !existsSync(kubeconfig)) {
    // Not through a pipe: half a script must not run.
    const script = await must(around, "the installer comes from the internet", "curl", ["-sfL", K3S_INSTALLER], { shown: false });
    if (!script.startsWith("#!")) throw new ClusterError(`${K3S_INSTALLER} gave no script`, "is a proxy or a log-in page in between?");
    await must(around, "see the installer's own words above", "sh", ["-s", "-"], { input: script });
  }
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const { status, words } = await run(around, "k3s", ["kubectl", "get", "--raw", "/readyz"]);
    if (status === 0) return;
    if (/permission denied/.test(words)) throw new ClusterError(`k3s: ${words}`, "its kubeconfig is root's: use sudo");
    if (Date.now() > deadline)
      throw new ClusterError(`k3s does not answer: ${words}`, "see 'systemctl status k3s' and 'journalctl -u k3s'");
    await sleep(POLL_MS, undefined, { signal: around.signal }).catch(() => undefined); // the next run() tells of Ctrl-C
  }
}
