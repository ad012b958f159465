import { cluster as words } from "../../messages/cluster.ts";
import { type KubeObject, keyOf, type Ref, refOf } from "../objects/kube-object.ts";
import type { Client } from "./client.ts";
import { concurrently } from "./concurrently.ts";
import { WIDTH } from "./connection.ts";
import { collection, type Discovery } from "./discovery.ts";

/** The label that everything of ours has, as a query. */
export const OURS = encodeURIComponent("app.kubernetes.io/managed-by=cloudnova,app.kubernetes.io/part-of=cloudnova");
/** Only what the server keeps about objects, without their content. */
const METADATA = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json";

/**
 * What is in the cluster of the kinds and in the namespaces of these objects, by key: one list for many objects
 * costs less than a request for each.
 *
 * @param content "metadata" for the server's book-keeping alone, "full" for all of it
 */
export async function readLive(
  client: Client,
  discovery: Discovery,
  refs: readonly Ref[],
  content: "metadata" | "full",
): Promise<Map<string, KubeObject>> {
  const paths = new Map<string, Ref>();
  const resources = await concurrently(refs, WIDTH, (ref) => discovery.find(ref));
  resources.forEach((resource, index) => {
    const ref = refs[index];
    if (resource && ref) paths.set(collection(ref, resource), ref);
  });
  const lists = await concurrently([...paths], WIDTH, async ([path, { apiVersion, kind }]) => {
    const answer = await client.send({ path: `${path}?labelSelector=${OURS}`, accept: content === "metadata" ? METADATA : undefined });
    if (answer.status === 404) return [];
    const items: KubeObject[] = client.expect(answer, words.list(kind)).body.items ?? [];
    return items.map((item) => ({ ...item, apiVersion, kind })); // items of a list do not repeat their kind
  });
  return new Map(lists.flat().map((object) => [keyOf(refOf(object)), object]));
}
