import { setTimeout as sleep } from "node:timers/promises";
import { ClusterError } from "../cluster/errors.ts";
import type { Config } from "../config/resolve.ts";
import { target as say } from "../messages/target.ts";
import { KIND_CLUSTER } from "./names.ts";
import { must, run, type Surroundings } from "./run.ts";

const CONTAINER = `${KIND_CLUSTER}-control-plane`;
/** Another run's creation takes a minute, or some when it fetches the node's image first. */
const PATIENCE_MS = 300_000;
const POLL_MS = 2000;

/** What of an environment decides which ports of this machine lead into the cluster. */
type Entrance = Pick<Config, "ingress">;

/** Ports of this machine, and the NodePorts that they lead to. */
export function portMappings({ ingress: { nodePorts, ports } }: Entrance) {
  const { http, https } = ports;
  return [
    { containerPort: nodePorts.http, hostPort: http, listenAddress: "127.0.0.1" },
    { containerPort: nodePorts.https, hostPort: https, listenAddress: "127.0.0.1" },
  ];
}

/** kind's configuration for an environment: kind.yaml, with the environment's own NodePorts. Ports cannot be added to a cluster later. */
export const kindConfiguration = (entrance: Entrance) => ({
  kind: "Cluster",
  name: KIND_CLUSTER,
  apiVersion: "kind.x-k8s.io/v1alpha4",
  nodes: [{ role: "control-plane", extraPortMappings: portMappings(entrance) }],
});

/** What keeps kind from making a cluster, and what to do about it. */
const ADVICE: readonly (readonly [RegExp, (ports: string) => string])[] = [
  [/port is already allocated|address already in use/, (ports) => say.kindPorts(ports)],
  [/failed to pull image|pull access denied|no such host/, () => say.nodeImage],
  [/permission denied/, () => say.dockerGroup],
  [/could not find a log line that matches|failed to init node/, () => say.kindLogs],
];

function adviceFor(words: string, entrance: Entrance): string {
  const ports = portMappings(entrance).map(({ hostPort }) => hostPort);
  return ADVICE.find(([pattern]) => pattern.test(words))?.[1](ports.join(", ")) ?? say.kindWords;
}

const exists = async (around: Surroundings): Promise<boolean> =>
  (await must(around, say.dockerWell, "kind", ["get", "clusters"], { shown: false })).split(/\s+/).includes(KIND_CLUSTER);

/**
 * Has kind make the cluster unless it is there, starts it after the machine was switched off, and sees to it that the
 * kubeconfig holds its context.
 *
 * @throws ClusterError with kind's own words, or when the cluster that is there was made for other ports; Interrupted
 */
export async function prepareKind(around: Surroundings, entrance: Entrance): Promise<void> {
  if (!(await exists(around))) {
    const args = ["create", "cluster", "--name", KIND_CLUSTER, "--config", "-", "--wait", "120s"];
    const input = JSON.stringify(kindConfiguration(entrance)); // JSON is YAML
    const { status, words } = await run(around, "kind", args, { shown: true, input });
    if (status === 0) return;
    // Two at once: the other one's cluster is as good as ours.
    if (!/already exist/.test(words))
      throw new ClusterError(`kind create cluster: ${words.split("\n").slice(-8).join("\n  ")}`, adviceFor(words, entrance));
  }
  await restart(around, entrance);
  await exportContext(around);
}

type Bindings = Readonly<Record<string, readonly { readonly HostPort: string }[] | null>>;

/** The ports of this machine that the cluster was not made with, each with the NodePort that it must lead to. */
function missingPorts(bindings: Bindings, entrance: Entrance): string[] {
  return portMappings(entrance)
    .filter(({ containerPort, hostPort }) => !bindings[`${containerPort}/tcp`]?.some(({ HostPort }) => HostPort === String(hostPort)))
    .map(({ containerPort, hostPort }) => `${hostPort} → ${containerPort}`);
}

/** kind's containers do not start with the machine. Only Docker is asked: podman runs them in ways of its own. */
async function restart(around: Surroundings, entrance: Entrance): Promise<void> {
  const what = "{{.State.Status}} {{json .HostConfig.PortBindings}}";
  const { status, stdout } = await run(around, "docker", ["container", "inspect", "--format", what, CONTAINER]);
  if (status !== 0) return;
  const [, state, bindings = "null"] = /^(\S+) ?(.*)/.exec(stdout.trim()) ?? [];
  const missing = missingPorts(JSON.parse(bindings || "null") ?? {}, entrance);
  if (missing.length > 0) throw new ClusterError(say.kindWithoutPorts(KIND_CLUSTER, missing.join(", ")), say.kindAnew(KIND_CLUSTER));
  if (state === "exited") await must(around, say.dockerWell, "docker", ["start", CONTAINER]);
}

/** Fails while another run's cluster has no control plane yet. */
async function exportContext(around: Surroundings): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const { status, words } = await run(around, "kind", ["export", "kubeconfig", "--name", KIND_CLUSTER]);
    if (status === 0) return;
    if (Date.now() > deadline) throw new ClusterError(say.noKindConfig(KIND_CLUSTER, words), say.halfKind(KIND_CLUSTER));
    await sleep(POLL_MS, undefined, { signal: around.signal }).catch(() => undefined); // the next run() tells of Ctrl-C
  }
}
