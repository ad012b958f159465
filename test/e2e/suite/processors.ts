import { cpus } from "node:os";
import type { KindCluster } from "./suite-cluster.ts";

/** Begins to measure; the function that is returned tells the node's share of the machine's processors since, in %. */
export async function processorShare(cluster: KindCluster): Promise<() => Promise<number>> {
  const [before, begun] = [await cluster.processorSeconds(), Date.now()];
  return async () => (100 * ((await cluster.processorSeconds()) - before)) / (((Date.now() - begun) / 1000) * cpus().length);
}
