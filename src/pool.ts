/**
 * Connections that one worker of the application holds for requests: three, and always fewer than its threads, so that a slow
 * database cannot take them all (webapp/README.md, DATABASE_POOL_SIZE).
 */
export function poolSize(threads: number): number {
  return Math.min(3, threads - 1);
}

/** Connections besides those of pools: migrations of pods that start at once, the exporter's three, and root's reserve. */
export const OTHER_CONNECTIONS = 8;

/**
 * Connections that MySQL must accept while an update runs: every worker's and its probe's, of the new replicas and of as many old ones,
 * which hold theirs until they have drained, and the migrations'.
 */
export function connectionsNeeded(replicas: number, { workers, threads }: { readonly workers: number; readonly threads: number }): number {
  return 2 * replicas * workers * (poolSize(threads) + 1) + OTHER_CONNECTIONS;
}
