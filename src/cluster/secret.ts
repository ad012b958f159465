import type { Client } from "./client.ts";

/** The value of a Secret's key; undefined when there is none. @throws ClusterError when this account may not read it */
export async function readSecret(client: Client, namespace: string, name: string, key: string): Promise<string | undefined> {
  const found = await client.find(`/api/v1/namespaces/${namespace}/secrets/${name}`, `Secret ${name}`);
  return found?.data?.[key] && Buffer.from(found.data[key], "base64").toString();
}
