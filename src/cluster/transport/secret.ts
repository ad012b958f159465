import type { Client } from "./client.ts";

/** Line ends (CR, LF) that an editor or a shell put at a value's end. No reader takes them for a part of it (docs/secrets.md). */
const LINE_ENDS = /[\r\n]+$/;

/** The value of a Secret's key, without line ends at its end; undefined when there is none. @throws ClusterError when this account may not read it */
export async function readSecret(client: Client, namespace: string, name: string, key: string): Promise<string | undefined> {
  const found = await client.find(`/api/v1/namespaces/${namespace}/secrets/${name}`, `Secret ${name}`);
  return found?.data?.[key] && Buffer.from(found.data[key], "base64").toString().replace(LINE_ENDS, "");
}
