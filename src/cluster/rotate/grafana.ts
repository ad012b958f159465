import { randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { rotate as words } from "../../messages/rotate.ts";
import { runningPods } from "../apply/restart.ts";
import { ClusterError } from "../cluster-error.ts";
import type { KubeObject } from "../objects/kube-object.ts";
import {
  change,
  chosenOf,
  madeSecret,
  type RotationPlan,
  replacePods,
  runIn,
  secretOfVolume,
  seen,
  underWay,
  type Wanted,
} from "./rotation.ts";

const KEY = "admin-password";
/** The key of `grafana-key`, with which Grafana encrypts what is secret in its database. */
const SECRET_KEY = "secret-key";
/** Grafana's own program: it writes to the database, where Grafana has its copy, and needs no password before. */
const RESET = ["grafana", "cli", "admin", "reset-admin-password", "--password-from-stdin"];

/** Grafana, and the Secret that is a volume of its pod. @throws ClusterError */
function grafanaIn(objects: readonly KubeObject[], volume: string): { readonly workload: KubeObject; readonly secret: string } {
  const workload = objects.find(({ kind, metadata }) => kind === "StatefulSet" && metadata.name === "grafana");
  const secret = workload && secretOfVolume(workload, volume);
  if (!workload || !secret) throw new ClusterError(words.noGrafana);
  return { workload, secret };
}

/**
 * The plan of `cloudnova rotate grafana`. Grafana reads the Secret at its first start alone, and knows one password; who is logged in stays
 * so. A run that was cut off is repeated: the next one sets both.
 *
 * @throws ClusterError
 */
export async function planGrafana({ client, objects, namespace, names }: Wanted): Promise<RotationPlan> {
  const { secret } = grafanaIn(objects, "secret");
  chosenOf([KEY], names);
  const kept = { namespace, secret, key: KEY };
  await madeSecret(client, kept);
  const run = await runIn(client, namespace, "grafana").catch((error: Error) => {
    throw new ClusterError(error.message, words.startGrafana());
  });
  return {
    changed: [KEY],
    restarted: [],
    work: async ({ client, note }) => {
      const password = randomBytes(32).toString("base64url");
      const { status, stdout, stderr } = await run(RESET, Readable.from([Buffer.from(`${password}\n`)]));
      if (status !== 0) throw new ClusterError(words.grafanaFailed((stderr || stdout).trim()), words.again());
      await change(client, kept, await madeSecret(client, kept), { [KEY]: password }, []);
      note(words.done(KEY));
    },
  };
}

/**
 * The plan of `cloudnova rotate grafana-key`. What CloudNova provisions has no secret in Grafana's database; what Grafana encrypted there with
 * the key before cannot be read any more. Where no pod runs, the next one starts with the new key.
 *
 * @throws ClusterError
 */
export async function planGrafanaKey({ client, objects, namespace, names }: Wanted): Promise<RotationPlan> {
  const { workload, secret } = grafanaIn(objects, "key");
  chosenOf([SECRET_KEY], names);
  const kept = { namespace, secret, key: SECRET_KEY };
  await madeSecret(client, kept);
  const runs = (await runningPods(client, workload)).length > 0;
  return {
    changed: [SECRET_KEY],
    restarted: runs ? [workload.metadata.name] : [],
    lost: words.grafanaLoses,
    work: async (rotation) => {
      const found = await madeSecret(client, kept);
      if (underWay(found).length > 0) rotation.note(words.resumed(SECRET_KEY));
      else await change(client, kept, found, { [SECRET_KEY]: randomBytes(32).toString("base64url") }, [SECRET_KEY]);
      if ((await runningPods(client, workload)).length > 0) {
        await seen(rotation);
        await replacePods(rotation, workload);
      }
      await change(client, kept, await madeSecret(client, kept), {}, []);
      rotation.note(words.replaced(SECRET_KEY));
    },
  };
}
