import { setMaxListeners } from "node:events";
import { EXIT } from "./io.ts";

/** Runs `work` with a signal that Ctrl-C aborts: the first ends it in order, a second one at once. */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const interrupt = new AbortController();
  setMaxListeners(0, interrupt.signal); // each request under way listens
  const onSignal = () => {
    if (interrupt.signal.aborted) process.exit(EXIT.interrupted);
    interrupt.abort();
  };
  process.on("SIGINT", onSignal).on("SIGTERM", onSignal);
  try {
    return await work(interrupt.signal);
  } finally {
    process.off("SIGINT", onSignal).off("SIGTERM", onSignal);
  }
}
