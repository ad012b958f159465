import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { createServer } from "node:net";
import { budget } from "../../budget.ts";
import type { Config } from "../../config/resolve.ts";
import type { Resources } from "../../config/resources.ts";
import { doctor as words } from "../../messages/doctor.ts";
import { type Finding, judge, ok, type Verdict, warning } from "../finding.ts";
import type { KubeObject } from "../objects.ts";

/** What an environment will take, against the machine that it names: known before there is any cluster. */
export function plannedBudget({ facts, resources, machine }: Config, manifests: readonly KubeObject[]) {
  const bundled: Record<string, Resources> = facts.ingressController === "bundled" ? { traefik: resources.traefik } : {};
  return budget(manifests, machine, bundled);
}

/** A port that something of ours is to have on this machine's loopback address. */
export interface LocalPort {
  readonly port: number;
  /** What it is for. */
  readonly what: string;
  /** Whether our own cluster has it when it runs. */
  readonly cluster?: boolean;
}

const LISTENING = "0A";

/** The program that listens on a TCP port, as far as Linux tells it to this user. */
function listener(port: number): { name: string; pid: number } | undefined {
  try {
    const rows = ["tcp", "tcp6"].flatMap((table) => readFileSync(`/proc/net/${table}`, "utf8").trim().split("\n").slice(1));
    const inodes = rows
      .map((row) => row.trim().split(/\s+/))
      .filter(([, address = "", , state]) => state === LISTENING && Number.parseInt(address.split(":")[1] ?? "", 16) === port)
      .map((cells) => `socket:[${cells[9]}]`);
    for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
      if (holds(pid, inodes)) return { name: readFileSync(`/proc/${pid}/comm`, "utf8").trim(), pid: Number(pid) };
    }
  } catch {
    // no /proc here, or the program ended meanwhile
  }
  return undefined;
}

function holds(pid: string, sockets: readonly string[]): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => sockets.includes(readlinkSync(`/proc/${pid}/fd/${fd}`)));
  } catch {
    return false; // another user's, or gone
  }
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
    const whom = listener(port);
    taken.push(words.inUse(port, what, whom ? words.program(whom.name, whom.pid) : words.somebody));
  }
  return taken.length > 0 ? warning(taken.join("; "), words.otherPorts) : ok(words.free(wanted.map(({ port }) => port).join(", ")));
}

/** The checks that need no cluster. */
export async function examineHere(
  config: Config,
  manifests: readonly KubeObject[],
  wanted: readonly LocalPort[],
  running: boolean,
): Promise<Finding[]> {
  const { total, transient, available, problems } = plannedBudget(config, manifests);
  const saw = words.fits(total.memory + transient.memory, total.cpu + transient.cpu, available.memory, available.cpu);
  return [
    { check: "budget", ...judge(problems.length === 0, [saw, ...problems].join("; "), words.smaller) },
    { check: "local ports", ...(await localPorts(wanted, running)) },
  ];
}
