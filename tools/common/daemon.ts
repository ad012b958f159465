import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { onInterrupt } from "./cleanup.ts";

/** A program that runs beside this one and ends with it at the latest. */
export interface Daemon {
  /** Undefined when it could not be started. */
  readonly pid: number | undefined;
  /** Rejects, with the end of the log, when the program ends before `stop`. Never resolves. */
  readonly died: Promise<never>;
  /** Ends it at once and waits until it is gone. Only for programs whose state is thrown away. */
  stop(): Promise<void>;
}

/**
 * Starts a program in the background, its output in `log`.
 *
 * @throws (by `died`) Error with the last 15 lines of the log
 */
export function startDaemon(command: string, args: readonly string[], log: string): Daemon {
  const file = openSync(log, "w");
  const child = spawn(command, args, { stdio: ["ignore", file, file] });
  closeSync(file);
  const kill = () => void child.kill("SIGKILL");
  process.once("exit", kill); // an error that nobody caught must not leave it running either

  let stopping = false;
  const ended = once(child, "exit").then(([status, signal]) => status ?? signal);
  const died = ended.then((status) => {
    if (stopping) return new Promise<never>(() => undefined);
    const tail = readFileSync(log, "utf8").trimEnd().split("\n").slice(-15).join("\n");
    throw new Error(`${basename(command)} ended by itself (${status}). The end of its log:\n${tail}`);
  });
  died.catch(() => undefined); // whoever waits for the program races this; nobody may be waiting at that moment

  const stop = async () => {
    stopping = true;
    kill();
    await ended.catch(() => undefined); // it could not even be started
    process.off("exit", kill);
    settled();
  };
  const settled = onInterrupt(stop);
  return { pid: child.pid, died, stop };
}
