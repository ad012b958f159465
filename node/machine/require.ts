import { existsSync } from "node:fs";
import { run } from "../../tools/common/run.ts";

/** @throws Error that says what this machine lacks for a node */
export async function requireMachine(): Promise<void> {
  if (process.platform !== "linux")
    throw new Error(`the node needs Linux, this is ${process.platform}: use kind, or a Linux virtual machine`);
  if (process.getuid?.() !== 0) throw new Error("the node needs root, for its cgroup and namespaces: run it with sudo");
  if (!existsSync("/sys/fs/cgroup/memory") && !existsSync("/sys/fs/cgroup/cgroup.controllers"))
    throw new Error("this machine offers no memory cgroup in /sys/fs/cgroup: the node's memory could not be limited");
  const { missing } = await run("runc", ["--version"]);
  if (missing) throw new Error("runc is missing: install it (Debian, Ubuntu: apt-get install runc)");
}
