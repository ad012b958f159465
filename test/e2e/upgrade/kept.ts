import { createHash } from "node:crypto";
import type { KubeObject } from "../../../src/cluster/objects/kube-object.ts";
import { nameOf, readManifests } from "../../../tools/common/manifests.ts";
import type { Stage } from "../suite/stage.ts";

/** What no upgrade may change, by name: a hash of each value of each Secret, and the volume of each claim. */
export type Kept = ReadonlyMap<string, string>;

const hash = (value: string) => createHash("sha256").update(value).digest("hex").slice(0, 12);

/** What no upgrade may change, of a list of objects. */
export function keptOf(secrets: readonly KubeObject[], claims: readonly KubeObject[]): Kept {
  const values = secrets.flatMap(({ metadata, data = {} }) =>
    Object.entries(data as Record<string, string>).map(([key, value]) => [`Secret ${metadata.name} ${key}`, hash(value)] as const),
  );
  const volumes = claims.map(({ metadata, spec }) => [`volume of ${metadata.name}`, `${metadata.uid} ${spec.volumeName}`] as const);
  return new Map([...values, ...volumes]);
}

/** The same, of the cluster. */
export const keptNow = async (stage: Stage): Promise<Kept> => keptOf(await stage.objects("secrets"), await stage.objects("pvc"));

/** What is gone or has another value, by name. */
export const lostOf = (before: Kept, after: Kept): string[] =>
  [...before]
    .filter(([name, value]) => after.get(name) !== value)
    .map(([name]) => `${name}${after.has(name) ? " has changed" : " is gone"}`);

/** Kinds that stay when they leave the manifests, because they hold data. */
const STAY = ["PersistentVolumeClaim", "Namespace"];

/** Objects that one folder of manifests has and another lacks, but for those that hold data. */
export function leaving(from: string, to: string): { readonly kind: string; readonly name: string; readonly namespace?: string }[] {
  const objects = (folder: string) => readManifests(folder).map(({ object }) => object);
  const wanted = new Set(objects(to).map(nameOf));
  return objects(from)
    .filter((object) => !wanted.has(nameOf(object)) && !STAY.includes(object.kind))
    .map(({ kind, metadata: { name, namespace } }) => ({ kind, name, namespace }));
}

/** Of the objects that leave the manifests, those that are still in the cluster. */
export async function leftOver(stage: Stage, from: string, to: string): Promise<string[]> {
  const asked = leaving(from, to).map(({ kind, name, namespace }) => {
    const where = namespace === undefined ? [] : ["--namespace", namespace];
    return stage.kubectl("get", kind, name, ...where, "--ignore-not-found", "--output", "name");
  });
  return (await Promise.all(asked)).map((text) => text.trim()).filter(Boolean);
}
