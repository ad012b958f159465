import { homedir } from "node:os";
import { join } from "node:path";

/** CloudNova's cache folder. It survives clones, so that a second clone on the same machine builds nothing. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  return join(env.XDG_CACHE_HOME || join(homedir(), ".cache"), "cloudnova");
}

/**
 * Lock that whoever keeps both cores busy for long takes: builds here, benchmarks elsewhere, so that neither
 * spoils the other's figures. Take it around one program, never around a whole list.
 */
export const heavyLock = (): string => join(cacheFolder(), "heavy.lock");
