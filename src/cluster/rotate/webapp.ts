import { randomBytes } from "node:crypto";
import { rotate as words } from "../../messages/rotate.ts";
import { OTHER_SECRET_KEY } from "../../secrets.ts";
import { ClusterError } from "../cluster-error.ts";
import type { KubeObject } from "../objects/kube-object.ts";
import {
  change,
  chosenOf,
  type Kept,
  madeSecret,
  type Rotation,
  type RotationPlan,
  replacePods,
  secretOfVolume,
  seen,
  underWay,
  valueIn,
  type Wanted,
} from "./rotation.ts";

/** The key that signs sessions and forms. */
const SIGNING = "secret-key";
const KEYS = [SIGNING, "admin-password", "fault-token"] as const;
/** How long a session lasts at most, s: SESSION_SECONDS in webapp/src/cloudnova_webapp/security.py. */
export const SESSION_SECONDS = 8 * 3600;
/** How far a rotation is, first of what is under way: every pod learns to accept the new key, or the values are changed. */
const [ACCEPT, CHANGE] = ["accept", "change"] as const;

const random = () => randomBytes(32).toString("base64url");

/**
 * Gives keys of the sample application's Secret new values. Of the key that signs, first every pod accepts the new one, then all sign with it
 * and accept the one before as long as a session lasts: a visitor's next request may meet any pod. A run that was cut off anywhere is
 * finished by the next one.
 *
 * @throws ClusterError, Interrupted
 */
export async function rotateWebapp(rotation: Rotation, workload: KubeObject, kept: Kept, keys: readonly string[]): Promise<void> {
  const { client, note, timeoutMs } = rotation;
  const restarted = async () => {
    await seen(rotation);
    await replacePods(rotation, workload);
  };
  const found = await madeSecret(client, kept);
  const [step, ...begun] = underWay(found);
  if (step) note(words.resumed(begun.join(", ")));
  const chosen = step ? begun : keys;
  if (step !== CHANGE) {
    if (chosen.includes(SIGNING)) {
      if (!step) await change(client, kept, found, { [OTHER_SECRET_KEY]: random() }, [ACCEPT, ...chosen]);
      note(words.accepted(SIGNING));
      await restarted();
    }
    const now = await madeSecret(client, kept);
    const values = Object.fromEntries(chosen.map((key) => [key, random()]));
    if (chosen.includes(SIGNING)) {
      const until = Math.ceil((Date.now() + timeoutMs) / 1000) + SESSION_SECONDS;
      values[SIGNING] = valueIn(now, OTHER_SECRET_KEY);
      values[OTHER_SECRET_KEY] = `${valueIn(now, SIGNING)} ${until}`;
    }
    await change(client, kept, now, values, [CHANGE, ...chosen]);
  }
  await restarted();
  await change(client, kept, await madeSecret(client, kept), {}, []);
  for (const key of chosen) note(key === SIGNING ? words.keyDone(key, SESSION_SECONDS / 3600) : words.done(key));
  const rest = keys.filter((key) => !chosen.includes(key));
  if (rest.length > 0) await rotateWebapp(rotation, workload, kept, rest);
}

/** The plan of `cloudnova rotate webapp`. @throws ClusterError */
export async function planWebapp({ client, objects, namespace, names }: Wanted): Promise<RotationPlan> {
  const workload = objects.find(
    ({ kind, metadata }) => kind === "Deployment" && metadata.name === "webapp" && metadata.namespace === namespace,
  );
  const secret = workload && secretOfVolume(workload, "app");
  if (!workload || !secret) throw new ClusterError(words.noSample);
  const keys = chosenOf(KEYS, names);
  const kept = { namespace, secret, key: SIGNING };
  await madeSecret(client, kept);
  return { changed: keys, restarted: ["webapp"], work: (rotation) => rotateWebapp(rotation, workload, kept, keys) };
}
