import { createServer } from "node:net";
import { extra, plannedBudget } from "../../budget.ts";
import type { Config } from "../../config/resolve.ts";
import { doctor as words } from "../../messages/doctor.ts";
import { type Finding, judge, ok, type Verdict, warning } from "../finding.ts";
import type { KubeObject } from "../objects/kube-object.ts";
import { portOwner } from "../transport/listener.ts";

/** A port that something of ours is to have on this machine's loopback address. */
export interface LocalPort {
  readonly port: number;
  /** What it is for. */
  readonly what: string;
  /** Whether our own cluster has it when it runs. */
  readonly cluster?: boolean;
}

const isFree = (port: number) =>
  new Promise<boolean>((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });

/**
 * Whether the ports of this machine are to be had, and who has them else.
 * @param running whether the cluster runs, so that it has its own ports itself
 */
export async function localPorts(wanted: readonly LocalPort[], running: boolean): Promise<Verdict> {
  if (wanted.length === 0) return ok(words.nonePorts);
  const taken: string[] = [];
  for (const { port, what, cluster = false } of wanted) {
    if ((cluster && running) || (await isFree(port))) continue;
    taken.push(words.inUse(port, what, portOwner(port)));
  }
  return taken.length > 0 ? warning(taken.join("; "), words.otherPorts) : ok(words.free(wanted.map(({ port }) => port).join(", ")));
}

/** The checks that need no cluster. */
export async function inspectMachine(
  config: Config,
  manifests: readonly KubeObject[],
  wanted: readonly LocalPort[],
  running: boolean,
): Promise<Finding[]> {
  const planned = plannedBudget(config, manifests);
  const { total, available, problems } = planned;
  const more = extra(planned);
  const saw = words.fits(total.memory + more.memory, total.cpu + more.cpu, available.memory, available.cpu);
  return [
    { check: "budget", ...judge(problems.length === 0, [saw, ...problems].join("; ")) },
    { check: "local ports", ...(await localPorts(wanted, running)) },
  ];
}
