import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { ClusterError, Interrupted } from "../cluster/cluster-error.ts";
import { listener, portOwner } from "../cluster/transport/listener.ts";
import { until } from "../cluster/transport/until.ts";
import type { Config } from "../config/resolve.ts";
import { machine as say } from "../messages/machine.ts";
import { target as words } from "../messages/target.ts";
import { forwardPorts, OWN_DOCKER } from "./docker.ts";
import { completed, type Ingress, portMappings, readKindConfiguration } from "./kind-config.ts";
import { kindName } from "./names.ts";
import { bringNodeImage, type Engine, STAND_INS, usesStandIns } from "./node-image.ts";
import { knownAdvice, must, run, type Surroundings } from "./process.ts";

/** What of an environment decides how its cluster is made. */
export type Wanted = Ingress & Pick<Config, "images" | "registry">;

/** Longest wait for an API server that starts, and for another program that makes the cluster, ms. */
const PATIENCE_MS = 300_000;
const POLL_MS = 1000;

/** A container that is a node of the cluster. */
export interface KindNode {
  readonly name: string;
  readonly controlPlane: boolean;
  readonly image: string;
  /** Docker's word: created, running, paused, restarting, removing, exited or dead. */
  readonly status: string;
  /** Ms since 1970. */
  readonly started: number;
  readonly created: number;
  readonly ports: Bindings;
}
type Bindings = Readonly<Record<string, readonly { readonly HostPort: string }[] | null>>;

/** The fields of `container inspect` that are read, the same for Docker and podman. */
interface Inspected {
  readonly Name: string;
  readonly Created: string;
  readonly State: { readonly Status: string; readonly StartedAt: string };
  readonly Config: { readonly Image: string; readonly Labels: Readonly<Record<string, string>> | null };
  readonly HostConfig: { readonly PortBindings: Bindings | null };
}

/** The labels that kind puts on its containers (pkg/cluster/internal/providers/common/constants.go). */
const CLUSTER_LABEL = "io.x-k8s.kind.cluster";
const ROLE_LABEL = "io.x-k8s.kind.role";

/**
 * The nodes of the cluster, whether they run or not; none where there is no such cluster.
 *
 * @throws ClusterError when the engine does not answer, Interrupted
 */
export async function kindNodes(around: Surroundings, engine: Engine): Promise<KindNode[]> {
  const hidden = { shown: false };
  const filter = `label=${CLUSTER_LABEL}=${kindName(around.env)}`;
  const ids = (await must(around, words.dockerWell, engine, ["ps", "--all", "--quiet", "--filter", filter], hidden))
    .split(/\s+/)
    .filter(Boolean);
  if (ids.length === 0) return [];
  const found: readonly Inspected[] = JSON.parse(await must(around, words.dockerWell, engine, ["container", "inspect", ...ids], hidden));
  return found.map(({ Name, Created, State, Config: { Image, Labels }, HostConfig }) => ({
    name: Name.replace(/^\//, ""),
    controlPlane: Labels?.[ROLE_LABEL] === "control-plane",
    image: Image,
    status: State.Status,
    started: Date.parse(State.StartedAt),
    created: Date.parse(Created),
    ports: HostConfig.PortBindings ?? {},
  }));
}

/** Whether the cluster's nodes are of the image that is made here, which holds the images that stand in. */
export const holdsStandIns = (nodes: readonly Pick<KindNode, "image">[]): boolean => nodes.some(({ image }) => image.startsWith(STAND_INS));

/**
 * Has kind make the cluster unless a whole one is there, starts one that is stopped or paused, makes a half one anew, and sees to
 * it that the kubeconfig holds its context.
 *
 * @returns whether it was made, and since when all its nodes run, ms since 1970: what the API server holds from before says nothing
 * @throws ClusterError with what to do; Interrupted
 */
export async function prepareKind(
  around: Surroundings,
  engine: Engine,
  wanted: Wanted,
): Promise<{ readonly made: boolean; readonly since: number }> {
  const name = kindName(around.env);
  const before = await kindNodes(around, engine);
  const whole = before.length > 0 && (await resume(around, engine, before, wanted));
  if (!whole) await create(around, engine, wanted);
  await forwardPorts(around);
  // Hidden: it fails while another program writes the kubeconfig, and there is nothing to see when it does not.
  await must(around, words.kindWords, "kind", ["export", "kubeconfig", "--name", name], { shown: false });
  // Of several nodes one may have been started alone: pods of the others are as old as these.
  return { made: !whole, since: Math.min(...(await kindNodes(around, engine)).map(({ started }) => started)) };
}

/** Starts a cluster that is there. Returns false when it was half made, and is gone now. */
async function resume(around: Surroundings, engine: Engine, nodes: readonly KindNode[], wanted: Wanted): Promise<boolean> {
  const name = kindName(around.env);
  await start(around, engine, nodes, wanted);
  const [first] = nodes.filter(({ controlPlane }) => controlPlane);
  if (!first || (await isIncomplete(around, engine, first))) {
    around.stderr.write(`${say.halfAnew(name)}\n`);
    await must(around, words.kindWords, "kind", ["delete", "cluster", "--name", name]);
    return false;
  }
  const missing = missingPorts(nodes, wanted);
  if (missing.length > 0) throw new ClusterError(words.kindWithoutPorts(name, missing.join(", ")), words.kindAnew(name));
  if (usesStandIns(wanted) && !holdsStandIns(nodes))
    throw new ClusterError(say.holdsNoStandIns(name, first.image), say.anotherCluster(name));
  return true;
}

/** The command that makes a node of this status run. */
const STARTS: Readonly<Record<string, string>> = { exited: "start", created: "start", paused: "unpause" };

async function start(around: Surroundings, engine: Engine, nodes: readonly KindNode[], wanted: Wanted): Promise<void> {
  for (const { name, status } of nodes) {
    const command = STARTS[status];
    if (!command) continue;
    around.stderr.write(`${say.startsNode(name)}\n`);
    const { status: code, words: said } = await run(around, engine, [command, name]);
    if (code !== 0) throw new ClusterError(`${engine} ${command} ${name}: ${said}`, adviceFor(said, wanted) ?? words.dockerWell);
  }
}

/** The file that kubeadm writes for the administrator, in a control plane's container. */
const ADMIN = "/etc/kubernetes/admin.conf";
/** Namespaces of a cluster that is new: Kubernetes' own and kind's. */
const OWN_NAMESPACES = ["default", "kube-node-lease", "kube-public", "kube-system", "local-path-storage"];

/**
 * Whether a cluster was left half made. Of what kind brings, the storage class comes last, after the API server and the network
 * (pkg/cluster/internal/create/create.go): a cluster that has one is whole. One with any other namespace counts as whole, too.
 *
 * @throws ClusterError when its API server does not answer: it may hold data
 */
async function isIncomplete(around: Surroundings, engine: Engine, node: KindNode): Promise<boolean> {
  const said = new Set<string>();
  const notify = (text: string) => {
    if (!said.has(text)) around.stderr.write(`${text}\n`);
    said.add(text);
  };
  let half = false;
  const decided = async () => {
    const found = await creationState(around, engine, node.name);
    if (found === "whole") return false;
    half = found === "half";
    if (half && !isBeingCreated(node, kindName(around.env))) return true;
    notify(half ? say.beingMade(kindName(around.env)) : say.apiStarts(node.name));
    return undefined;
  };
  return until<boolean>(decided, {
    limitMs: PATIENCE_MS,
    everyMs: POLL_MS,
    signal: around.signal,
    late: () => {
      if (half) return true;
      throw new ClusterError(say.apiSilent(node.name), say.kindLogs(kindName(around.env)));
    },
  });
}

async function creationState(around: Surroundings, engine: Engine, node: string): Promise<"whole" | "half" | "silent"> {
  const kubectl = ["kubectl", "--kubeconfig", ADMIN, "--request-timeout", "10s"];
  const {
    status,
    stdout,
    words: said,
  } = await run(around, engine, ["exec", node, ...kubectl, "get", "storageclasses,namespaces", "-o", "name"]);
  if (status !== 0) return new RegExp(`${ADMIN}.*no such file`).test(said) ? "half" : "silent";
  const names = stdout.split(/\s+/).filter(Boolean);
  const isUsed = names.some((one) => one.startsWith("namespace/") && !OWN_NAMESPACES.includes(one.slice("namespace/".length)));
  return isUsed || names.some((one) => one.startsWith("storageclass")) ? "whole" : "half";
}

/** Whether a `kind` process may still be creating it: on Linux by the processes, elsewhere by its age. */
function isBeingCreated({ created }: KindNode, name: string): boolean {
  try {
    return readdirSync("/proc").some((pid) => /^\d+$/.test(pid) && createsCluster(commandOf(pid), name));
  } catch {
    return Date.now() - created < PATIENCE_MS;
  }
}

/** Whether a command line, its words ended by NUL, has kind make this cluster; one without a name may mean it. */
function createsCluster(command: string, name: string): boolean {
  if (!/(^|\/)kind\0create\0cluster\0/.test(command)) return false;
  const [, named = name] = /\0--name[\0=]([^\0]*)\0/.exec(command) ?? [];
  return named === name;
}

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return ""; // it has ended
  }
}

/** The ports of this machine that the cluster was not made with, each with the NodePort that it must lead to. */
function missingPorts(nodes: readonly KindNode[], ingress: Ingress): string[] {
  return portMappings(ingress)
    .filter(
      ({ containerPort, hostPort }) =>
        !nodes.some(({ ports }) => ports[`${containerPort}/tcp`]?.some(({ HostPort }) => HostPort === String(hostPort))),
    )
    .map(({ containerPort, hostPort }) => `${hostPort} → ${containerPort}`);
}

/** What keeps kind from making a cluster, and what to do about it. */
const ADVICE: readonly (readonly [RegExp, (name: string, ports: string) => string])[] = [
  [/port is already allocated|address already in use|ports are not available/, (_, ports) => say.otherPorts(ports)],
  [/is already in use by container/, (name) => say.nameTaken(name)],
  [/failed to pull image|pull access denied|no such host/, () => words.nodeImage],
  [/could not find a log line that matches|failed to init node|timed out waiting for the condition/, () => words.kindLogs],
];

function adviceFor(said: string, ingress: Ingress, name = ""): string | undefined {
  const ports = portMappings(ingress).map(({ hostPort }) => hostPort);
  return ADVICE.find(([pattern]) => pattern.test(said))?.[1](name, ports.join(", ")) ?? knownAdvice(said);
}

async function create(around: Surroundings, engine: Engine, wanted: Wanted): Promise<void> {
  const name = kindName(around.env);
  const base = readKindConfiguration(around);
  await refuseTakenPorts(around, engine, wanted);
  const named = base.nodes?.length ? base.nodes.every(({ image }) => image) : false;
  const image = named ? "" : await bringNodeImage(around, engine, wanted);
  const input = JSON.stringify(completed(base, name, wanted, image)); // JSON is YAML
  const ended = run(around, "kind", ["create", "cluster", "--name", name, "--config", "-", "--wait", "120s"], { shown: true, input });
  const { status, words: said } = await ended.catch((error) => removeIncomplete(around, name, error));
  if (status === 0) return;
  // Another program made it meanwhile: that one is as good.
  if (!/already exist/.test(said)) throw new ClusterError(say.kindFailed, adviceFor(said, wanted, name) ?? words.kindWords);
  await resume(around, engine, await kindNodes(around, engine), wanted);
}

/** Ctrl-C ends kind at once, and what it leaves is of no use: it is removed before this ends. */
async function removeIncomplete(around: Surroundings, name: string, error: unknown): Promise<never> {
  if (error instanceof Interrupted) {
    around.stderr.write(`${say.removesHalf(name)}\n`);
    await run({ ...around, signal: new AbortController().signal }, "kind", ["delete", "cluster", "--name", name]);
  }
  throw error;
}

/** Refuses ports that something else has, before anything is made. @throws ClusterError that names the port and who has it */
export async function refuseTakenPorts(around: Surroundings, engine: Engine, ingress: Ingress): Promise<void> {
  const ports = portMappings(ingress).map(({ hostPort }) => hostPort);
  for (const port of ports) {
    const who = await ownerOf(around, engine, port);
    if (who) throw new ClusterError(say.portTaken(port, who), say.otherPorts(ports.join(", ")));
  }
}

/** What listens on a port of 127.0.0.1: a container that publishes it, or a program. */
async function ownerOf(around: Surroundings, engine: Engine, port: number): Promise<string | undefined> {
  if (await isFree(port)) return undefined;
  const { status, stdout } = await run(around, engine, ["ps", "--filter", `publish=${port}`, "--format", "{{.Names}}"]);
  const [container] = status === 0 ? stdout.trim().split("\n").filter(Boolean) : [];
  if (container) return say.container(container);
  // What `tools/cluster` forwards for a container that is gone, it forwards for the next one.
  if (around.env.DOCKER_HOST === OWN_DOCKER && listener(port)?.name.startsWith("slirp4netns")) return undefined;
  return portOwner(port);
}

function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once("error", ({ code }: NodeJS.ErrnoException) => resolve(code !== "EADDRINUSE"));
    server.listen({ port, host: "127.0.0.1" }, () => server.close(() => resolve(true)));
  });
}
