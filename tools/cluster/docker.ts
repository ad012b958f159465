import { spawn } from "node:child_process";
import { existsSync, openSync, readdirSync, readFileSync } from "node:fs";
import { copyFile, mkdir, rm, writeFile } from "node:fs/promises";
import { createConnection } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { dockerPackages, OWN_DOCKER } from "../../src/target/docker.ts";
import { withLock } from "../common/lock.ts";
import { repositoryRoot } from "../common/root.ts";
import { output, run } from "../common/run.ts";
import { cacheFolder } from "../toolchain/cache.ts";
import { mountDisk, unmountDisk, unmountIn } from "./disk.ts";

/**
 * Docker's daemon in a network namespace of its own, for machines without an init system that would run it. Its bridges and packet
 * filter stay in there, so the machine's own rules and ports are not touched. slirp4netns, a user-mode network, is the way out, and
 * hands ports of 127.0.0.1 in. The daemon runs until `stopDocker`; its images stay in the cache folder.
 */

const SOCKET = OWN_DOCKER.slice("unix://".length);
/** Sockets, pids and logs: gone with a restart of the machine, as what they name is. */
const HOME = join(SOCKET, "..");
/** Its network namespace. */
export const NAMESPACE = "cloudnova-docker";
const at = (name: string) => join(HOME, name);
/** slirp4netns' address in the namespace. */
const GUEST = "10.0.2.100";
const PATIENCE_MS = 30_000;

const dataRoot = (): string => join(cacheFolder(), "docker");
/** The file with the disk that is mounted there. */
const diskImage = (): string => `${dataRoot()}.img`;
const within = (...command: string[]): string[] => [`--net=/run/netns/${NAMESPACE}`, ...command];

/** Where the programs of a system lie, also where PATH leaves out the administrator's. */
const systemPath = (): string => `${process.env.PATH}:/usr/sbin:/sbin`;

/** Whether a process runs whose pid and name a file and its command line tell. */
function pidIn(file: string, name: string): number | undefined {
  if (!existsSync(at(file))) return undefined;
  const pid = Number(readFileSync(at(file), "utf8"));
  const line = `/proc/${pid}/cmdline`;
  return existsSync(line) && readFileSync(line, "utf8").includes(name) ? pid : undefined;
}

const answers = async (): Promise<boolean> => (await run("docker", ["--host", OWN_DOCKER, "version"])).status === 0;

const exclusively = <T>(work: () => Promise<T>): Promise<T> =>
  withLock(at("lock"), () => void process.stderr.write("… Docker's daemon: waiting for another run that starts or stops it\n"), work);

/**
 * Starts the daemon unless it answers, and returns its address for DOCKER_HOST.
 *
 * @throws Error that names missing packages, or with the end of the daemon's log
 */
export async function startDocker(): Promise<string> {
  if (process.platform !== "linux" || process.getuid?.() !== 0) throw new Error("a Docker daemon of our own needs Linux and root");
  if (await answers()) return OWN_DOCKER;
  const missing = dockerPackages({ env: { PATH: systemPath() } }, false);
  if (missing.length > 0) throw new Error(`Docker's daemon needs packages that are missing: apt-get install -y ${missing.join(" ")}`);
  await mkdir(HOME, { recursive: true, mode: 0o700 });
  return exclusively(async () => {
    if (await answers()) return OWN_DOCKER;
    await end(); // what a run that was cut off left
    await startNetwork();
    await startDaemon();
    return OWN_DOCKER;
  });
}

/**
 * How programs reach Docker here: the usual way where that answers, else our own daemon, which is started.
 *
 * @returns variables for their environment
 */
export async function connectDocker(): Promise<Record<string, string>> {
  if ((await run("docker", ["version"])).status === 0) return {};
  return { DOCKER_HOST: await startDocker() };
}

function background(log: string, command: string, args: readonly string[]): number {
  const file = openSync(at(log), "w");
  const env = { ...process.env, PATH: systemPath() };
  const child = spawn(command, [...args], { detached: true, stdio: ["ignore", file, file], env });
  child.on("error", () => undefined); // its silence is noticed below
  child.unref();
  return child.pid ?? 0;
}

async function startNetwork(): Promise<void> {
  await output("ip", ["netns", "add", NAMESPACE]);
  await output("nsenter", within("ip", "link", "set", "lo", "up"));
  // Ports are published on 127.0.0.1 in there; slirp4netns brings their traffic to its own address.
  const settings = ["net.ipv4.ip_forward=1", "net.ipv4.conf.all.route_localnet=1"];
  await output("nsenter", within("sysctl", "-qw", ...settings));
  const args = ["--configure", "--mtu=1500", "--disable-host-loopback", "--api-socket", at("slirp.sock")];
  const pid = background("slirp.log", "slirp4netns", [...args, "--netns-type=path", `/run/netns/${NAMESPACE}`, "tap0"]);
  await writeFile(at("slirp.pid"), String(pid));
  await until("slirp4netns", "slirp.log", () => existsSync(at("slirp.sock")));
  const toLoopback = ["-i", "tap0", "-p", "tcp", "-d", GUEST, "-j", "DNAT", "--to-destination", "127.0.0.1"];
  await output("nsenter", within("iptables", "-w", "-t", "nat", "-A", "PREROUTING", ...toLoopback));
}

async function startDaemon(): Promise<void> {
  await mountDisk(diskImage(), dataRoot());
  // No daemon runs here. A zombie keeps its pid, and the daemon would take it for a daemon that runs.
  for (const file of ["dockerd.pid", join("exec", "containerd", "containerd.pid")]) await rm(at(file), { force: true });
  const folders = ["--data-root", dataRoot(), "--exec-root", at("exec"), "--pidfile", at("dockerd.pid")];
  // nsenter, not `ip netns exec`: that would mount /sys anew, without the cgroups.
  // A copy: the daemon serves every checkout of this machine, also after the one that started it is gone.
  await copyFile(join(repositoryRoot(), "tools", "cluster", "runc.sh"), at("runc.sh"));
  const runtime = ["--add-runtime", `bounded=${at("runc.sh")}`, "--default-runtime", "bounded"];
  const flags = ["--host", OWN_DOCKER, "--dns", "10.0.2.3", ...folders, ...(lacksCapabilities() ? runtime : [])];
  background("dockerd.log", "nsenter", within("dockerd", ...flags));
  await until("Docker's daemon", "dockerd.log", answers);
}

/** Whether this machine's root has fewer capabilities than its kernel knows: then Docker 20.10 cannot start a privileged container. */
function lacksCapabilities(): boolean {
  const bounding = BigInt(`0x${/^CapBnd:\s*([0-9a-f]+)$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? "0"}`);
  const last = BigInt(readFileSync("/proc/sys/kernel/cap_last_cap", "utf8").trim());
  return bounding !== (1n << (last + 1n)) - 1n;
}

async function until(what: string, log: string, there: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!(await there())) {
    if (Date.now() > deadline) {
      const tail = readFileSync(at(log), "utf8").trim().split("\n").slice(-10).join("\n");
      throw new Error(`${what} does not answer after ${PATIENCE_MS / 1000} s. The end of ${at(log)}:\n${tail}`);
    }
    await sleep(200);
  }
}

/**
 * Ends the daemon, its containers and its network. Containers, images and volumes stay on the disk.
 *
 * @param purge remove those too
 * @returns whether a daemon ran
 */
export async function stopDocker({ purge = false } = {}): Promise<boolean> {
  if (!existsSync(HOME)) return false;
  return exclusively(async () => {
    const ran = await end();
    if (purge) await rm(diskImage(), { force: true });
    return ran;
  });
}

async function end(): Promise<boolean> {
  const ran = pidIn("dockerd.pid", dataRoot()) !== undefined;
  // A daemon that was killed leaves containers: one that starts finds them, and ends them when it is told to end.
  if (!ran && processes().length > 0) {
    if (!existsSync(`/run/netns/${NAMESPACE}`)) await startNetwork();
    await startDaemon();
  }
  for (const pid of [pidIn("dockerd.pid", dataRoot()), pidIn("slirp.pid", NAMESPACE)]) if (pid) await ended(pid);
  for (const pid of processes()) await ended(pid);
  for (const pid of containerProcesses()) await ended(pid, "SIGKILL");
  await unmountIn(at("exec"));
  if (existsSync(`/run/netns/${NAMESPACE}`)) await output("ip", ["netns", "del", NAMESPACE]);
  await rm(at("slirp.sock"), { force: true });
  await unmountDisk(diskImage(), dataRoot());
  return ran;
}

/** Processes of the daemon and of its containers' runtime: their command lines name its folders. */
const processes = (): number[] => processesWith("cmdline", [at("exec")]);

/** Processes in containers, by their cgroup. They outlive a runtime that was killed, and keep the disk busy. */
function containerProcesses(): number[] {
  const folder = join(dataRoot(), "containers");
  return existsSync(folder) ? processesWith("cgroup", readdirSync(folder)) : [];
}

/** Processes of whose files in /proc this one contains one of the texts. */
function processesWith(file: "cmdline" | "cgroup", texts: readonly string[]): number[] {
  const contains = (pid: string) => {
    try {
      const content = readFileSync(`/proc/${pid}/${file}`, "utf8");
      return texts.some((text) => content.includes(text));
    } catch {
      return false; // it has ended
    }
  };
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && contains(name))
    .map(Number);
}

/** Whether a process runs; one that has ended stays listed, as a zombie, until its parent reads its exit code. */
function runs(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

/** Ends a process, by force after a minute. */
async function ended(pid: number, first: NodeJS.Signals = "SIGTERM"): Promise<void> {
  const signal = (name: NodeJS.Signals) => {
    try {
      process.kill(pid, name);
    } catch {
      // it has ended
    }
  };
  signal(first);
  for (const deadline = Date.now() + 60_000; runs(pid); await sleep(100)) if (Date.now() > deadline) signal("SIGKILL");
}

/** A call of slirp4netns' API: one JSON object each way. */
function slirp(execute: string, args: object): Promise<{ readonly entries?: readonly Forwarded[] }> {
  return new Promise((resolve, reject) => {
    let text = "";
    const socket = createConnection(at("slirp.sock"));
    socket.on("error", reject).on("data", (chunk) => (text += chunk));
    socket.on("end", () => {
      const { error, ...result } = JSON.parse(text || "{}");
      if (error) reject(new Error(`slirp4netns: ${error.desc ?? JSON.stringify(error)}`));
      else resolve(result);
    });
    socket.end(JSON.stringify({ execute, arguments: args }));
  });
}

interface Forwarded {
  readonly id: number;
  readonly host_port: number;
}

/**
 * Makes the ports that our own daemon's containers publish on 127.0.0.1 reachable on this machine's 127.0.0.1. Ports of containers
 * that are gone are given back.
 *
 * @returns the ports; empty where the daemon is not our own
 * @throws Error when a port is taken on this machine
 */
export async function forwardPorts(): Promise<number[]> {
  if (!(await answers())) return [];
  const published = await output("docker", ["--host", OWN_DOCKER, "ps", "--format", "{{.Ports}}"]);
  const wanted = [...new Set([...published.matchAll(/127\.0\.0\.1:(\d+)->/g)].map(([, port]) => Number(port)))];
  const { entries = [] } = await slirp("list_hostfwd", {});
  for (const { id, host_port } of entries) if (!wanted.includes(host_port)) await slirp("remove_hostfwd", { id });
  const there = entries.map(({ host_port }) => host_port);
  for (const port of wanted.filter((one) => !there.includes(one))) {
    await slirp("add_hostfwd", { proto: "tcp", host_addr: "127.0.0.1", host_port: port, guest_addr: GUEST, guest_port: port }).catch(
      (error: Error) => {
        throw new Error(`port ${port} of 127.0.0.1 is in use on this machine (ss -ltnp tells by whom): ${error.message}`);
      },
    );
  }
  return wanted;
}
