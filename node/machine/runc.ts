import { spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { output, type Run, run } from "../../tools/common/run.ts";
import { HOST, NODE } from "./layout.ts";

const runc = (...args: readonly string[]) => ["--root", HOST.runc, ...args];

/** Whether the node runs, has ended without being removed, or is not there. */
export async function containerState(): Promise<"running" | "stopped" | "absent"> {
  const { status, stdout, missing, words } = await run("runc", runc("state", NODE));
  if (missing) throw new Error("runc is missing: install it (Debian, Ubuntu: apt-get install runc)");
  if (status !== 0) {
    if (/does not exist/.test(words)) return "absent";
    throw new Error(`runc cannot tell the node's state: ${words}`);
  }
  return JSON.parse(stdout).status === "running" ? "running" : "stopped";
}

/** A port of this machine's loopback address, and the node's port that it leads to. */
export interface ForwardedPort {
  readonly machine: number;
  readonly node: number;
}

/** The ports as `forward` reads them; their sockets are descriptors 3, 4, … in this order, as runc hands them on. */
export const portList = (ports: readonly ForwardedPort[]): string => ports.map(({ machine, node }) => `${machine}:${node}`).join(",");

/**
 * Starts the container that the bundle describes and leaves it running. Its loopback ports are opened first.
 *
 * @param forward path of the program that opens the ports
 * @throws Error when a port is taken, or with runc's own words
 */
export async function launch(forward: string, ports: readonly ForwardedPort[]): Promise<void> {
  await mkdir(HOST.log, { recursive: true });
  const path = join(HOST.log, "node.log");
  const file = openSync(path, "w");
  const detached = runc("run", "--detach", "--preserve-fds", String(ports.length), "--bundle", HOST.bundle, NODE);
  // Not by `run`: the container keeps its output open for as long as it lives.
  const child = spawn(forward, ["listen", portList(ports), "--", "runc", ...detached], { stdio: ["ignore", file, file] });
  closeSync(file);
  const status = await new Promise((resolve, reject) => child.once("exit", resolve).once("error", reject));
  if (status === 0) return;
  const words = readFileSync(path, "utf8").trim();
  const taken = /127\.0\.0\.1:(\d+): bind: address already in use/.exec(words)?.[1];
  if (taken) throw new Error(`port ${taken} of 127.0.0.1 is in use: end what listens there (ss -ltnp), or choose others with --ports`);
  throw new Error(`the node's container does not start: ${words}`);
}

/** Runs a command inside the node. */
export const inside = (...command: readonly string[]): Promise<Run> => run("runc", runc("exec", NODE, ...command));

/** Runs a command inside the node and returns its output. @throws Error with its own words */
export const insideOutput = (...command: readonly string[]): Promise<string> => output("runc", runc("exec", NODE, ...command));

/** Ends every process of the node at once and forgets the container. */
export async function removeContainer(): Promise<void> {
  await output("runc", runc("delete", "--force", NODE));
}
