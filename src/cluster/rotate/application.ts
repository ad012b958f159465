import { randomBytes } from "node:crypto";
import { rotate as words } from "../../messages/rotate.ts";
import { ClusterError } from "../cluster-error.ts";
import type { KubeObject } from "../objects/kube-object.ts";
import { change, madeSecret, type Rotation, type RotationPlan, replacePods, seen, underWay, type Wanted } from "./rotation.ts";

/** What was generated for an application. */
interface Generated {
  readonly name: string;
  readonly namespace: string;
  readonly secret: string;
  readonly keys: readonly string[];
}

/** An entry of the bootstrap Job's plan (charts/secrets.ts). */
interface Entry {
  readonly name: string;
  readonly namespace: string;
  readonly generated: { readonly secret: string; readonly keys: readonly string[] };
}

/** What is generated for the applications of an environment's manifests. */
function generatedIn(objects: readonly KubeObject[]): Generated[] {
  const plan = objects.find(({ kind, metadata }) => kind === "ConfigMap" && metadata.name === "bootstrap")?.data?.["plan.json"];
  const { applications }: { applications?: { entries: readonly Entry[] } } = JSON.parse(plan ?? "{}");
  return (applications?.entries ?? [])
    .map(({ name, namespace, generated }) => ({ name, namespace, ...generated }))
    .filter(({ keys }) => keys.length > 0);
}

const named = ({ name, keys }: Generated): string[] => keys.map((key) => `${name}/${key}`);

/**
 * What of them is named, as NAME for all of an application or as NAME/KEY. Nothing is chosen by leaving names out: what an application
 * encrypted with a key is lost with it.
 *
 * @throws ClusterError that says which there are
 */
function chosenIn(all: readonly Generated[], names: readonly string[]): Generated[] {
  const are = all.flatMap((one) => [one.name, ...named(one)]);
  if (are.length === 0) throw new ClusterError(words.nothingGenerated);
  if (names.length === 0) throw new ClusterError(words.nameOne, words.namesAre(are.join(", ")));
  for (const name of names) if (!are.includes(name)) throw new ClusterError(words.noName(name), words.namesAre(are.join(", ")));
  return all
    .map((one) => ({ ...one, keys: one.keys.filter((key) => names.includes(one.name) || names.includes(`${one.name}/${key}`)) }))
    .filter(({ keys }) => keys.length > 0);
}

/**
 * Gives generated values of an application's another one, and replaces its pods one by one. Nothing is known of the application: while that
 * lasts, some pods have the value before and some the new one. A run that was cut off is finished by the next one.
 *
 * @throws ClusterError, Interrupted
 */
async function rotateApplication(rotation: Rotation, { namespace, secret, keys, name }: Generated, workload: KubeObject): Promise<void> {
  const { client, note } = rotation;
  const kept = { namespace, secret, key: keys[0] ?? "" };
  const found = await madeSecret(client, kept);
  // What an earlier run changed has its new value already, and its pods may lack it.
  const begun = underWay(found);
  if (begun.length > 0) note(words.resumed(`${name}/${begun.join(", ")}`));
  const fresh = keys.filter((key) => !begun.includes(key));
  const values = Object.fromEntries(fresh.map((key) => [key, randomBytes(32).toString("base64url")]));
  if (fresh.length > 0) await change(client, kept, found, values, [...begun, ...fresh]);
  await seen(rotation);
  await replacePods(rotation, workload);
  await change(client, kept, await madeSecret(client, kept), {}, []);
  for (const key of [...begun, ...fresh]) note(words.replaced(`${name}/${key}`));
}

/** The plan of `cloudnova rotate application`. @throws ClusterError */
export async function planApplication({ client, objects, names }: Wanted): Promise<RotationPlan> {
  const chosen = chosenIn(generatedIn(objects), names);
  const work = await Promise.all(
    chosen.map(async (one) => {
      const { name, namespace, secret, keys } = one;
      for (const key of keys) await madeSecret(client, { namespace, secret, key });
      const workload = objects.find(
        ({ kind, metadata }) => kind === "Deployment" && metadata.name === name && metadata.namespace === namespace,
      );
      if (!workload) throw new ClusterError(words.noWorkload(name), words.applyFirst());
      return (rotation: Rotation) => rotateApplication(rotation, one, workload);
    }),
  );
  return {
    changed: chosen.flatMap(named),
    restarted: chosen.map(({ name }) => name),
    lost: words.applicationLoses,
    work: async (rotation) => {
      for (const one of work) await one(rotation);
    },
  };
}
