import { constants } from "node:os";

type Cleanup = () => void | Promise<void>;
const pending = new Set<Cleanup>();
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Has `cleanup` run when this process is told to end (Ctrl-C, SIGTERM, a closed terminal), before it ends
 * with the usual status 128 + signal. Returns a function that takes the registration back.
 */
export function onInterrupt(cleanup: Cleanup): () => void {
  if (pending.size === 0) for (const signal of SIGNALS) process.on(signal, interrupted);
  pending.add(cleanup);
  return () => {
    pending.delete(cleanup);
    if (pending.size === 0) for (const signal of SIGNALS) process.off(signal, interrupted);
  };
}

async function interrupted(signal: (typeof SIGNALS)[number]): Promise<void> {
  // Last registered first: what was started on top of something else ends before it.
  for (const cleanup of [...pending].reverse()) await cleanup();
  process.exit(128 + constants.signals[signal]);
}
