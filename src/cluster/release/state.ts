import { randomBytes } from "node:crypto";
import { release as words } from "../../messages/release.ts";
import type { Released } from "../../release/objects.ts";
import { ClusterError } from "../cluster-error.ts";
import type { KubeObject } from "../objects/kube-object.ts";
import { RELEASE_MANAGER } from "../objects/managers.ts";
import type { Client } from "../transport/client.ts";

/** The ConfigMap that stands for a release under way: as long as it is there, the release's objects may be. */
const NAME = "cloudnova-release";

/** How far a release has come: the new version gets a share of the requests; or it was found good, and is being applied. */
export type Phase = "canary" | "promoting";

/** A release under way, as the cluster remembers it. */
export interface Underway {
  /** Tells this release from the one before, in Traefik's answers too. */
  readonly id: string;
  readonly application: string;
  readonly namespace: string;
  readonly phase: Phase;
  /** Share of the requests that the new version gets, in %. */
  readonly weight: number;
  /** The manifests that are released. */
  readonly digest: string;
  /** When it began, by this machine's clock. */
  readonly since: string;
}

const pathOf = (namespace: string) => `/api/v1/namespaces/${namespace}/configmaps/${NAME}`;

/** A release that begins now. @param digest of the manifests */
export const newUnderway = ({ name, namespace }: Pick<Released, "name" | "namespace">, weight: number, digest: string): Underway => ({
  id: randomBytes(4).toString("hex"),
  application: name,
  namespace,
  phase: "canary",
  weight,
  digest,
  since: `${new Date().toISOString().slice(0, 19).replace("T", " ")} UTC`,
});

/** The release under way in an environment; undefined when there is none. @param namespace the environment's own */
export async function readRelease(client: Client, namespace: string): Promise<Underway | undefined> {
  const found: KubeObject | undefined = await client.find(pathOf(namespace), `ConfigMap ${NAME}`);
  return found && { ...(found.data as Omit<Underway, "weight">), weight: Number(found.data.weight) };
}

/** Remembers how far a release has come. */
export async function writeRelease(client: Client, namespace: string, underway: Underway): Promise<void> {
  const body = {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: NAME, namespace, labels: { "app.kubernetes.io/managed-by": RELEASE_MANAGER } },
    data: { ...underway, weight: String(underway.weight) },
  };
  const path = `${pathOf(namespace)}?fieldManager=${RELEASE_MANAGER}&force=true`;
  client.expect(await client.send({ method: "PATCH", path, body, contentType: "application/apply-patch+yaml" }), `ConfigMap ${NAME}`);
}

/** Forgets a release of which nothing is left. */
export async function forgetRelease(client: Client, namespace: string): Promise<void> {
  await client.remove(pathOf(namespace), `ConfigMap ${NAME}`);
}

/** Refuses to change an environment during a release. @throws ClusterError that names it and what to do */
export async function refuseDuringRelease(client: Client, namespace: string): Promise<void> {
  const found = await readRelease(client, namespace);
  if (found) throw new ClusterError(words.inProgress(found.application, found.since), words.waitOrUndo());
}
