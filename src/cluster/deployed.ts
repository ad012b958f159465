import { cluster as words } from "../messages/cluster.ts";
import type { Client } from "./client.ts";
import { INVENTORY } from "./inventory.ts";
import type { KubeObject } from "./objects.ts";

/** Names of the environments that a cluster runs, by the records that `apply` keeps in it; sorted. @throws ClusterError, Interrupted */
export async function deployedEnvironments(client: Client): Promise<string[]> {
  const answer = await client.send({ path: `/api/v1/configmaps?fieldSelector=metadata.name=${INVENTORY}` });
  if (answer.status === 403) return []; // an account of one namespace alone
  const records: KubeObject[] = client.expect(answer, words.list("configmaps")).body.items ?? [];
  const names = records.flatMap(({ data }) => (typeof data?.environment === "string" ? [data.environment as string] : []));
  return [...new Set(names)].sort();
}
