import { sendObject } from "../cluster/apply/send.ts";
import { type KubeObject, keyOf, nameOf, type Ref, refOf } from "../cluster/objects/kube-object.ts";
import { DRILL_MANAGER, FLUX_RECONCILES } from "../cluster/objects/managers.ts";
import type { Source } from "../cluster/objects/manifests.ts";
import type { Client } from "../cluster/transport/client.ts";
import type { Discovery } from "../cluster/transport/discovery.ts";
import { readLive } from "../cluster/transport/live-objects.ts";
import { cluster as words } from "../messages/cluster.ts";
import { LABEL, SAVED } from "./drill-pods.ts";

/** The kinds of which a drill makes objects, and where they are listed. */
const KINDS = [
  ["v1", "Pod", "/api/v1/namespaces/NS/pods"],
  ["networking.k8s.io/v1", "NetworkPolicy", "/apis/networking.k8s.io/v1/namespaces/NS/networkpolicies"],
  ["v1", "Secret", "/api/v1/namespaces/NS/secrets"],
  ["v1", "ConfigMap", "/api/v1/namespaces/NS/configmaps"],
] as const;

/** What a drill changes in a cluster, and how that is taken back. Every method may be repeated. */
export class Changes {
  constructor(
    private readonly client: Client,
    private readonly discovery: Discovery,
    private readonly source: Source,
  ) {}

  /** The environment's object of that kind and name, as its manifests have it; undefined when they do not. */
  wanted(kind: string, name: string): KubeObject | undefined {
    return this.source.objects().find((object) => object.kind === kind && object.metadata.name === name);
  }

  /** Applies an object, or some fields of one, as the drill's own. Until it is restored, Flux leaves it alone. */
  put(object: KubeObject): Promise<KubeObject> {
    const annotations = { ...object.metadata.annotations, [FLUX_RECONCILES]: "disabled" };
    return this.own({ ...object, metadata: { ...object.metadata, annotations } });
  }

  /** Makes the drill the owner of these fields, and of no others. */
  private async own(object: KubeObject): Promise<KubeObject> {
    const path = `${await this.discovery.path(refOf(object))}?fieldManager=${DRILL_MANAGER}&force=true`;
    const answer = await this.client.send({ method: "PATCH", path, body: object, contentType: "application/apply-patch+yaml" });
    return this.client.expect(answer, nameOf(refOf(object))).body;
  }

  /** Sets fields of an object that the drill does not want to own. */
  async merge(path: string, body: object): Promise<void> {
    const answer = await this.client.send({ method: "PATCH", path, body, contentType: "application/merge-patch+json" });
    this.client.expect(answer, path);
  }

  /** The environment's objects that are not as its manifests say because of a drill. */
  async touched(): Promise<KubeObject[]> {
    const objects = this.source.objects();
    const live = await readLive(this.client, this.discovery, objects.map(refOf), "metadata");
    return objects.filter((object) =>
      live
        .get(keyOf(refOf(object)))
        ?.metadata.managedFields?.some(({ manager, operation }) => manager === DRILL_MANAGER && operation === "Apply"),
    );
  }

  /** Makes an object what its manifest says: takes the fields back that are ours, then lets go of those that are not. */
  async restore(object: KubeObject): Promise<void> {
    const { answer } = await sendObject(this.client, this.discovery, object, undefined, { force: true });
    this.client.expect(answer, nameOf(refOf(object)));
    const { apiVersion, kind, name, namespace } = refOf(object);
    await this.own({ apiVersion, kind, metadata: { name, ...(namespace && { namespace }) } });
  }

  /** Puts the certificate back that a drill has replaced. */
  async restoreCertificate(): Promise<void> {
    const secrets = `/api/v1/namespaces/${this.source.namespace}/secrets`;
    const saved: KubeObject | undefined = await this.client.find(`${secrets}/${SAVED}`, `Secret ${SAVED}`);
    const name = saved?.metadata.annotations?.["cloudnova.dev/copy-of"];
    if (saved && name) await this.merge(`${secrets}/${name}`, { data: saved.data });
    await this.remove("saved");
  }

  /** What a drill has made and not yet deleted. @param part only these; all when it is left out */
  async made(part?: string): Promise<Ref[]> {
    const { namespace } = this.source;
    const query = encodeURIComponent(part ? `${LABEL}=${part}` : LABEL);
    const lists = await Promise.all(
      KINDS.map(async ([apiVersion, kind, path]) => {
        const answer = await this.client.send({ path: `${path.replace("NS", namespace)}?labelSelector=${query}` });
        const items: KubeObject[] = this.client.expect(answer, words.everyIn(kind, namespace ?? "")).body.items;
        return items.map(({ metadata: { name } }): Ref => ({ apiVersion, kind, namespace, name }));
      }),
    );
    return lists.flat();
  }

  /** Deletes what a drill has made. @param part only these; all when it is left out */
  async remove(part?: string): Promise<void> {
    for (const ref of await this.made(part)) {
      await this.client.remove(await this.discovery.path(ref), nameOf(ref));
    }
  }
}
