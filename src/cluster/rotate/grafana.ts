import { randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { rotate as words } from "../../messages/rotate.ts";
import { ClusterError } from "../cluster-error.ts";
import { change, chosenOf, madeSecret, type RotationPlan, runIn, type Wanted } from "./rotation.ts";

const KEY = "admin-password";
/** Grafana's own program: it writes to the database, where Grafana has its copy, and needs no password before. */
const RESET = ["grafana", "cli", "admin", "reset-admin-password", "--password-from-stdin"];

/**
 * The plan of `cloudnova rotate grafana`. Grafana reads the Secret at its first start alone, and knows one password; who is logged in stays
 * so. A run that was cut off is repeated: the next one sets both.
 *
 * @throws ClusterError
 */
export async function planGrafana({ client, objects, namespace, names }: Wanted): Promise<RotationPlan> {
  const grafana = objects.find(({ kind, metadata }) => kind === "StatefulSet" && metadata.name === "grafana");
  const volumes: { name: string; secret?: { secretName: string } }[] = grafana?.spec.template.spec.volumes ?? [];
  const secret = volumes.find(({ name }) => name === "secret")?.secret?.secretName;
  if (!secret) throw new ClusterError(words.noGrafana);
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
