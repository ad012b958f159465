import { mkdir } from "node:fs/promises";
import { freePorts } from "../../tools/common/ports.ts";
import {
  applyAddons,
  clearHalfCluster,
  clusterVersion,
  initialise,
  prepareContainerd,
  waitUntilReady,
  writeKubeconfig,
} from "../cluster/bring-up.ts";
import { makeParts, type Parts } from "../images/build.ts";
import { removeCgroups } from "./cgroups.ts";
import { type Choices, readChoices, writeChoices } from "./choices.ts";
import { mountDisk, unmountDisk } from "./disk.ts";
import { HOME, HOST } from "./layout.ts";
import { exclusively } from "./lock.ts";
import { prepareRoot, writeConfiguration } from "./prepare.ts";
import { requireMachine } from "./require.ts";
import { containerState, launch, removeContainer } from "./runc.ts";

/** Memory of the whole node, in MiB: a 2 GiB machine less its kernel and Ubuntu. */
export const DEFAULT_MEMORY_MIB = 1700;
/** NodePorts that become reachable on 127.0.0.1: the defaults of `ingress.nodePorts`. */
export const DEFAULT_PORTS: readonly number[] = [30080, 30443];

/** What may be chosen at a start. */
export interface StartOptions {
  /** Memory of the whole node in MiB, control plane included. @default 1700 */
  readonly memoryMiB?: number;
  /** NodePorts to make reachable on 127.0.0.1. @default 30080 and 30443 */
  readonly ports?: readonly number[];
}

/** A node that runs. */
export interface RunningNode {
  /** Path of the administrator's kubeconfig. */
  readonly kubeconfig: string;
  readonly memoryMiB: number;
  readonly ports: readonly number[];
  /** False when it ran already: then its own memory and ports are the ones told, not those asked for. */
  readonly started: boolean;
}

/**
 * Starts the node and waits until it is Ready and CoreDNS runs. Builds what is missing first. A node that runs keeps
 * running, and gets the images that are new. One whose start was cut off at any step goes on or is made anew. One that was
 * stopped comes back with its cluster and its volumes.
 *
 * @throws Error when the machine lacks something, a port is taken, or the cluster does not come up
 */
export async function startNode({ memoryMiB = DEFAULT_MEMORY_MIB, ports = DEFAULT_PORTS }: StartOptions = {}): Promise<RunningNode> {
  await requireMachine();
  const parts = await makeParts();
  return exclusively(async () => {
    const running = (await containerState()) === "running" && (await clusterVersion()) ? await readChoices() : undefined;
    if (running) {
      await finish(parts, running);
      return { kubeconfig: HOST.kubeconfig, memoryMiB: running.memoryMiB, ports: running.ports, started: false };
    }
    if ((await containerState()) !== "absent") await removeContainer();
    await removeCgroups();
    await mkdir(HOME, { recursive: true });
    await mountDisk();

    const version = `kubernetes ${parts.versions.kubernetes}, etcd ${parts.versions.etcd}`;
    const before = await clusterVersion();
    if (before === undefined) await clearHalfCluster();
    else if (before !== version)
      throw new Error(
        `the stopped node was made of ${before}, this checkout has ${version}: remove it with "npm run node -- stop --delete-data"`,
      );

    const [api = 0] = await freePorts(1);
    const forwarded = [{ machine: api, node: 6443 }, ...ports.map((port) => ({ machine: port, node: port }))];
    await prepareRoot(parts.root);
    await writeConfiguration(parts, memoryMiB, forwarded);
    const choices: Choices = { memoryMiB, ports, api, version, since: Date.now() };
    await writeChoices(choices);
    try {
      await launch(parts.programs.forward ?? "", forwarded);
    } catch (error) {
      await unmountDisk(); // nothing runs: so nothing stays either
      throw error;
    }
    await finish(parts, choices);
    return { kubeconfig: HOST.kubeconfig, memoryMiB, ports, started: true };
  });
}

/** What a container that runs needs to be a cluster. Each step does nothing when it is done, so that a cut-off start goes on. */
async function finish(parts: Parts, { version, api, since }: Choices): Promise<void> {
  await prepareContainerd(parts);
  await initialise(version);
  await writeKubeconfig(api);
  await applyAddons();
  await waitUntilReady(since);
}
