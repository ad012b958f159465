import { cluster as words } from "../../messages/cluster.ts";
import type { KubeObject } from "../objects/kube-object.ts";
import { MANAGER } from "../objects/managers.ts";
import type { Client } from "../transport/client.ts";
import { INVENTORY, type Inventory, inventoryObject, parseInventory } from "./inventory.ts";

/** Names of the environments that a cluster runs, by the records that `apply` keeps in it; sorted. @throws ClusterError, Interrupted */
export async function deployedEnvironments(client: Client): Promise<string[]> {
  const answer = await client.send({ path: `/api/v1/configmaps?fieldSelector=metadata.name=${INVENTORY}` });
  if (answer.status === 403) return []; // an account of one namespace alone
  const records: KubeObject[] = client.expect(answer, words.list("configmaps")).body.items ?? [];
  const names = records.flatMap(({ data }) => (typeof data?.environment === "string" ? [data.environment as string] : []));
  return [...new Set(names)].sort();
}

const pathOf = (namespace: string) => `/api/v1/namespaces/${namespace}/configmaps/${INVENTORY}`;

/** The inventory of a namespace; undefined when nothing was ever applied there. */
export async function readInventory(client: Client, namespace: string): Promise<Inventory | undefined> {
  const object = await client.find(pathOf(namespace), words.inventory(namespace));
  return object === undefined ? undefined : parseInventory(object);
}

/** Writes the inventory. Only by whoever holds the lease. */
export async function writeInventory(client: Client, namespace: string, inventory: Inventory): Promise<void> {
  const answer = await client.send({
    method: "PATCH",
    path: `${pathOf(namespace)}?fieldManager=${MANAGER}&force=true`,
    body: inventoryObject(namespace, inventory),
    contentType: "application/apply-patch+yaml",
  });
  client.expect(answer, words.inventory(namespace));
}

/** Removes the inventory, once nothing is left of what it lists. */
export async function deleteInventory(client: Client, namespace: string): Promise<void> {
  await client.remove(pathOf(namespace), words.inventory(namespace));
}

/** The other environment that a namespace runs; undefined when it is this one, or `down` has left only its volumes. */
export const otherEnvironment = (found: Inventory | undefined, environment: string): string | undefined =>
  found && found.environment !== environment && found.objects.some(({ kept }) => !kept) ? found.environment : undefined;
