import { setTimeout as sleep } from "node:timers/promises";
import { ClusterError } from "../cluster/errors.ts";
import { KIND_CLUSTER } from "./names.ts";
import { must, run, type Surroundings } from "./run.ts";

const CONFIGURATION = "kind.yaml";
const CONTAINER = `${KIND_CLUSTER}-control-plane`;
/** Another run's creation takes a minute, or some when it fetches the node's image first. */
const PATIENCE_MS = 300_000;
const POLL_MS = 2000;

/** What keeps kind from making a cluster, and what to do about it. */
const ADVICE: readonly (readonly [RegExp, string])[] = [
  [/port is already allocated|address already in use/, "ports 8080 and 8443 of 127.0.0.1 must be free: see who listens with 'ss -ltnp'"],
  [/failed to pull image|pull access denied|no such host/, "the node's image comes from the internet the first time"],
  [/permission denied/, "may you use Docker? Add yourself to its group, or use sudo"],
  [
    /could not find a log line that matches|failed to init node/,
    "see 'kind export logs': mostly too little memory, or too many inotify watches",
  ],
];

const adviceFor = (words: string): string => ADVICE.find(([pattern]) => pattern.test(words))?.[1] ?? "see kind's own words above";

const exists = async (around: Surroundings): Promise<boolean> =>
  (await must(around, "is Docker well?", "kind", ["get", "clusters"], { shown: false })).split(/\s+/).includes(KIND_CLUSTER);

/**
 * Has kind make the cluster unless it is there, starts it after the machine was switched off, and sees to it that the
 * kubeconfig holds its context.
 *
 * @throws ClusterError with kind's own words, Interrupted
 */
export async function prepareKind(around: Surroundings): Promise<void> {
  if (!(await exists(around))) {
    const args = ["create", "cluster", "--name", KIND_CLUSTER, "--config", CONFIGURATION, "--wait", "120s"];
    const { status, words } = await run(around, "kind", args, { shown: true });
    if (status === 0) return;
    // Two at once: the other one's cluster is as good as ours.
    if (!/already exist/.test(words))
      throw new ClusterError(`kind create cluster: ${words.split("\n").slice(-8).join("\n  ")}`, adviceFor(words));
  }
  await restart(around);
  await exportContext(around);
}

/** kind's containers do not start with the machine. */
async function restart(around: Surroundings): Promise<void> {
  const { status, stdout } = await run(around, "docker", ["container", "inspect", "--format", "{{.State.Status}}", CONTAINER]);
  if (status === 0 && stdout.trim() === "exited") await must(around, "is Docker well?", "docker", ["start", CONTAINER]);
}

/** Fails while another run's cluster has no control plane yet. */
async function exportContext(around: Surroundings): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const { status, words } = await run(around, "kind", ["export", "kubeconfig", "--name", KIND_CLUSTER]);
    if (status === 0) return;
    if (Date.now() > deadline) {
      throw new ClusterError(
        `the cluster '${KIND_CLUSTER}' is there, but kind gives no kubeconfig of it: ${words}`,
        `half a cluster? Remove it with 'kind delete cluster --name ${KIND_CLUSTER}'; its data goes with it`,
      );
    }
    await sleep(POLL_MS, undefined, { signal: around.signal }).catch(() => undefined); // the next run() tells of Ctrl-C
  }
}
