import { createWriteStream, readFileSync } from "node:fs";
import { basename } from "node:path";
import { execa } from "execa";
import { onInterrupt } from "./cleanup.ts";

/** A program that runs beside this one and ends with it at the latest. */
export interface Daemon {
  readonly pid: number;
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
  const child = execa(command, args, { all: true, buffer: false, reject: false, cleanup: true, stdin: "ignore" });
  child.all.pipe(createWriteStream(log));
  let stopping = false;
  const ended = child.then((result) => result.exitCode ?? result.signal ?? result.code);
  const died = ended.then((status) => {
    if (stopping) return new Promise<never>(() => undefined);
    const tail = readFileSync(log, "utf8").trimEnd().split("\n").slice(-15).join("\n");
    throw new Error(`${basename(command)} ended by itself (${status}). The end of its log:\n${tail}`);
  });
  died.catch(() => undefined); // whoever waits for the program races this; nobody may be waiting at that moment
  const stop = async () => {
    stopping = true;
    child.kill("SIGKILL");
    await ended;
    settled();
  };
  const settled = onInterrupt(stop);
  return { pid: child.pid ?? 0, died, stop };
}
