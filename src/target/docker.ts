import { existsSync } from "node:fs";
import { ClusterError } from "../cluster/cluster-error.ts";
import { until } from "../cluster/transport/until.ts";
import { machine as say } from "../messages/machine.ts";
import { has, must, run, type Surroundings } from "./process.ts";
import { tool } from "./tool-programs.ts";

/** The daemon that `tools/cluster` starts where no init system does it. */
export const OWN_DOCKER = "unix:///run/cloudnova-docker/docker.sock";

/**
 * Docker on this machine. `denied`: this user may not talk to the daemon. `down`: no daemon answers. `absent`: there is no client.
 * Only the first has more fields.
 */
export type Docker = Answering | { readonly state: "denied" | "down" | "absent" };

interface Answering {
  readonly state: "answers";
  /** Whether it is the daemon of `tools/cluster`, found by its socket: every program then needs DOCKER_HOST. */
  readonly own: boolean;
  /** Memory that its containers share, MiB: with Docker Desktop a virtual machine's. */
  readonly memory: number;
  /** Processors that its containers share. */
  readonly cpus: number;
  readonly cgroup: 1 | 2;
}

/** Asks the daemon; when the usual one does not answer and the user has named none, the one of `tools/cluster`. */
export async function findDocker(around: Surroundings): Promise<Docker> {
  const usual = await ask(around);
  if (usual.state === "answers" || usual.state === "absent" || around.env.DOCKER_HOST) return usual;
  const own = await ask(around, OWN_DOCKER);
  return own.state === "answers" ? { ...own, own: true } : usual;
}

async function ask(around: Surroundings, host?: string): Promise<Docker> {
  const env = host === undefined ? undefined : { DOCKER_HOST: host };
  const { status, missing, stdout, words } = await run(around, "docker", ["info", "--format", "{{json .}}"], { env });
  if (missing) return { state: "absent" };
  const info = status === 0 ? read(stdout) : undefined;
  // The client alone ends with 0 in some versions, and reports in a field that no daemon answered.
  if (info?.ServerVersion) {
    const { MemTotal = 0, NCPU = 0, CgroupVersion = "2" } = info;
    const own = (host ?? around.env.DOCKER_HOST) === OWN_DOCKER;
    return { state: "answers", own, memory: Math.round(MemTotal / 2 ** 20), cpus: NCPU, cgroup: CgroupVersion === "1" ? 1 : 2 };
  }
  return { state: /permission denied/i.test(words) ? "denied" : "down" };
}

interface Info {
  readonly ServerVersion?: string;
  readonly MemTotal?: number;
  readonly NCPU?: number;
  readonly CgroupVersion?: string;
}

function read(text: string): Info | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The same machine, with every program led to the daemon that was found. */
export const withDocker = (around: Surroundings, docker: Docker): Surroundings =>
  docker.state === "answers" && docker.own ? { ...around, env: { ...around.env, DOCKER_HOST: OWN_DOCKER } } : around;

/** Whether systemd runs this machine, so that it starts and ends daemons. */
export const hasSystemd = (): boolean => existsSync("/run/systemd/system");

/** Debian's packages with Docker, and those without which our own daemon has no network, each with a program by which its presence is checked. */
const PACKAGES: readonly (readonly [program: string, name: string, own: boolean])[] = [
  ["dockerd", "docker.io", false],
  ["slirp4netns", "slirp4netns", true],
  ["iptables", "iptables", true],
  ["ip", "iproute2", true],
  ["nsenter", "util-linux", true],
  ["mke2fs", "e2fsprogs", true],
];

/** The packages that are missing for a daemon here. @param systemd whether systemd starts it */
export const dockerPackages = (around: Pick<Surroundings, "env">, systemd: boolean): string[] =>
  PACKAGES.filter(([program, , own]) => !(own && systemd) && !has(around, program)).map(([, name]) => name);

/** A daemon that starts with nothing to clean up answers within seconds. */
const PATIENCE_MS = 60_000;
const POLL_MS = 500;

/**
 * Starts Docker's daemon: systemd's service, or where there is no systemd our own daemon in a network namespace of its own.
 *
 * @throws ClusterError when it does not answer in the end, Interrupted
 */
export async function startDocker(around: Surroundings, systemd: boolean): Promise<Docker> {
  if (systemd && around.env.DOCKER_HOST !== OWN_DOCKER) await must(around, say.dockerService, "systemctl", ["start", "docker"]);
  else await tool(around, ["docker"]);
  const answering = async () => {
    const docker = await findDocker(around);
    return docker.state === "answers" ? docker : undefined;
  };
  return until<Docker>(answering, {
    limitMs: PATIENCE_MS,
    everyMs: POLL_MS,
    signal: around.signal,
    late: () => {
      throw new ClusterError(say.dockerSilent, say.dockerService);
    },
  });
}

/** Has the ports that containers of our own daemon publish lead there from this machine's 127.0.0.1. */
export async function forwardPorts(around: Surroundings): Promise<void> {
  if (around.env.DOCKER_HOST === OWN_DOCKER) await tool(around, ["forward"]);
}
