import { ClusterError } from "../cluster/errors.ts";
import type { Config } from "../config/resolve.ts";
import { target as say } from "../messages/target.ts";
import { nodeProgram } from "./facts.ts";
import { run, type Surroundings } from "./run.ts";

/** Memory that kernel and operating system of a small machine take, in MiB: 2,048 less the 1,700 that a t3.small leaves. */
const SYSTEM_MIB = 348;

/**
 * Starts the single node of node/ with what the environment says of its machine, and waits until it is Ready.
 * Its own program does it, in a process of its own: it knows how to go on after any interruption.
 *
 * @throws ClusterError with its words, Interrupted
 */
export async function prepareNode(around: Surroundings, { machine, ingress }: Pick<Config, "machine" | "ingress">): Promise<void> {
  const { http, https } = ingress.nodePorts;
  const args = ["start", "--memory", `${machine.memory - SYSTEM_MIB}`, "--ports", `${http},${https}`];
  const { status, stdout, words } = await run(around, process.execPath, [nodeProgram(), "--output", "json", ...args], { shown: true });
  if (status !== 0) throw new ClusterError(say.nodeFails(words.split("\n").at(-1) ?? ""), say.sameCommand);
  const { ports }: { ports: readonly number[] } = JSON.parse(stdout);
  if (ports.includes(http) && ports.includes(https)) return;
  throw new ClusterError(say.nodePorts(ports.join(", "), `${http}, ${https}`), say.stopNode);
}
