import { spawnSync } from "node:child_process";
import { doctor as words } from "../../messages/doctor.ts";

/** The program that listens on a TCP port, as far as `ss` shows it to this user; undefined where there is no `ss`, as on macOS. */
export function listener(port: number): { name: string; pid: number } | undefined {
  const { stdout } = spawnSync("ss", ["-Hltnp", `sport = :${port}`], { encoding: "utf8" });
  const [, name, pid] = /\(\("([^"]*)",pid=(\d+)/.exec(stdout ?? "") ?? [];
  return name === undefined ? undefined : { name, pid: Number(pid) };
}

/** The program that listens on a TCP port of this machine, for a message. */
export function portOwner(port: number): string {
  const whom = listener(port);
  return whom ? words.program(whom.name, whom.pid) : words.unknownProgram;
}
