import { setTimeout as sleep } from "node:timers/promises";
import { ClusterError } from "../cluster/cluster-error.ts";
import type { KubeObject } from "../cluster/objects/kube-object.ts";
import { readSecret } from "../cluster/transport/secret.ts";
import { drillWords } from "../messages/drill.ts";
import { PORTS } from "../ports.ts";
import { secretNames } from "../secrets.ts";
import type { Changes } from "./changes.ts";
import type { DrillContext } from "./context.ts";
import { NAME, podObject, savedObject } from "./drill-pods.ts";
import { RECEIVER } from "./drill-receiver.ts";
import type { Fault } from "./fault.ts";

type Of<K extends Fault["kind"]> = Extract<Fault, { kind: K }>;

/** Between two requests. With one that takes no time there are some eight a second: a drill, not an attack. */
const PAUSE_MS = 100;

/** Breaks something. @param ended stops what this program itself does */
export async function injectFault(context: DrillContext, fault: Fault, ended: AbortSignal): Promise<void> {
  if (fault.kind === "patch") await patch(context, fault);
  else if (fault.kind === "file") await file(context, fault);
  else if (fault.kind === "pod") await pod(context, fault);
  else if (fault.kind === "certificate") await certificate(context, fault);
  else await requests(context, fault, ended);
}

async function patch({ changes }: DrillContext, { target, patch: fields }: Of<"patch">): Promise<void> {
  await changes.put({ ...fields, ...identityOf(wanted(changes, target.kind, target.name)) });
}

/** @throws ClusterError when the environment has no such object */
function wanted(changes: Changes, kind: string, name: string): KubeObject {
  const object = changes.wanted(kind, name);
  if (!object) throw new ClusterError(drillWords.noObject(kind, name), drillWords.synthesise);
  return object;
}

const identityOf = ({ apiVersion, kind, metadata: { name, namespace } }: KubeObject) => ({
  apiVersion,
  kind,
  metadata: { name, namespace },
});

async function file({ changes, reload }: DrillContext, { configMap, file: key, change }: Of<"file">): Promise<void> {
  const object = wanted(changes, "ConfigMap", configMap);
  await reload.changed(await changes.put({ ...identityOf(object), data: { [key]: change(object.data[key]) } }));
}

async function pod({ changes, config, source }: DrillContext, { name, args, scratch, restarts }: Of<"pod">): Promise<void> {
  const settings = { namespace: source.namespace, image: config.images.helper, part: "fault", args, restarts, scratch } as const;
  await changes.put(podObject({ ...settings, name: `${NAME}-${name}` }));
}

async function certificate({ changes, client, config, inside, source }: DrillContext, { days }: Of<"certificate">): Promise<void> {
  const path = `/api/v1/namespaces/${source.namespace}/secrets/${secretNames(config).certificate}`;
  const current = await client.find(path, drillWords.certificate);
  if (!current) throw new ClusterError(drillWords.noCertificate, drillWords.verify);
  const query = `name=${config.ingress.host}&days=${days}`;
  const made = await inside.json<{ certificate: string; key: string }>(NAME, RECEIVER.http, `/certificate?${query}`);
  await changes.put(savedObject({ ...current, apiVersion: "v1", kind: "Secret" }));
  const data = { "tls.crt": btoa(made.certificate), "tls.key": btoa(made.key) };
  await changes.merge(path, { data });
}

async function requests(
  { client, config, inside, source }: DrillContext,
  { path, parallel }: Of<"requests">,
  ended: AbortSignal,
): Promise<void> {
  const name = secretNames(config).webapp;
  const token = await readSecret(client, source.namespace, name, "fault-token");
  if (!token) throw new ClusterError(drillWords.noToken(name), drillWords.giveToken);
  const one = async () => {
    while (!ended.aborted) {
      // A replica that leaves refuses some; the next request finds another.
      await inside
        .ask("webapp", PORTS.webapp, path, { headers: { "X-Fault-Token": token } })
        .then((answer) => answer.arrayBuffer())
        .catch(() => undefined);
      await sleep(PAUSE_MS, undefined, { signal: ended }).catch(() => undefined);
    }
  };
  for (let number = 0; number < parallel; number++) void one();
}
