import { type KubeObject, nameOf, refOf } from "../objects/kube-object.ts";
import {
  AUTOSCALER_MANAGER,
  BACKUP_MANAGER,
  CLIENT_SIDE,
  MANAGER,
  type ManagerConflict,
  managerConflicts,
  OPEN_MANAGER,
  REPLICAS_MANAGER,
} from "../objects/managers.ts";
import type { Answer, Client } from "../transport/client.ts";
import type { Discovery } from "../transport/discovery.ts";
import { isClientSideApplied, orphanedReplicas, replicasOnly, withoutClientSide } from "./takeover.ts";

/** How an object is sent. */
export interface SendOptions {
  /** Take over fields of any other manager. */
  readonly force: boolean;
  /** Send it as a dry run. */
  readonly dryRun?: boolean;
  /** Whether the autoscaler that set this object's replicas has left the manifests: they are ours again. */
  readonly autoscalerLeft?: boolean;
}

/** The result. */
export interface Sent {
  readonly answer: Answer;
  /** The object before, with kubectl's fields as ours. */
  readonly live: KubeObject | undefined;
  /** Whether fields of kubectl's client-side apply were taken over. */
  readonly takenOver: boolean;
}

/**
 * Applies an object server-side. Fields that `kubectl apply` set client-side become ours first, and replicas that an autoscaler
 * is to set are handed over, so that they do not fall to 1 before it acts. A conflict with any other manager is an answer.
 *
 * @param before the object as it is in the cluster; undefined when it is not there or not known to be ours
 */
export async function sendObject(
  client: Client,
  discovery: Discovery,
  object: KubeObject,
  before: KubeObject | undefined,
  options: SendOptions,
): Promise<Sent> {
  const path = await discovery.path(refOf(object));
  const { force, dryRun = false } = options;
  const patch = (body: KubeObject, manager: string, forced: boolean) =>
    client.send({
      method: "PATCH",
      path: `${path}?fieldManager=${manager}&fieldValidation=Strict&force=${forced}${dryRun ? "&dryRun=All" : ""}`,
      body, // JSON is YAML
      contentType: "application/apply-patch+yaml",
    });
  const takenOver = before !== undefined && isClientSideApplied(before);
  const live = takenOver && !dryRun ? await takeOver(client, path, before) : before;
  const replicas = orphanedReplicas(object, live);
  if (replicas !== undefined && !dryRun) {
    client.expect(await patch(replicasOnly(object, replicas), REPLICAS_MANAGER, true), nameOf(refOf(object)));
  }
  const body = replicas !== undefined && dryRun ? { ...object, spec: { ...object.spec, replicas } } : object;
  const answer = await patch(body, MANAGER, force);
  const conflicts = managerConflicts(answer.body);
  const free = conflicts.length > 0 && conflicts.every((conflict) => isFree(conflict, options));
  return { answer: free && !force ? await patch(body, MANAGER, true) : answer, live, takenOver };
}

/** Whether a field that another manager set may be taken without asking. In a dry run kubectl's fields are still kubectl's. */
function isFree({ manager, field }: ManagerConflict, { dryRun = false, autoscalerLeft = false }: SendOptions): boolean {
  if (manager === CLIENT_SIDE) return dryRun;
  const ours = [REPLICAS_MANAGER, OPEN_MANAGER, BACKUP_MANAGER].includes(manager);
  return field === ".spec.replicas" && (ours || (manager === AUTOSCALER_MANAGER && autoscalerLeft));
}

/** Attempts, each on the object as it is by then: controllers write status at any time, and every write is a new version. */
const ATTEMPTS = 10;

/** Has the server record the fields of kubectl's client-side apply as ours. @returns the object after it */
async function takeOver(client: Client, path: string, before: KubeObject): Promise<KubeObject | undefined> {
  let live: KubeObject | undefined = before;
  for (let attempt = 1; live && isClientSideApplied(live); attempt++) {
    const answer = await client.send({
      method: "PATCH",
      path,
      body: [
        { op: "replace", path: "/metadata/managedFields", value: withoutClientSide(live) },
        { op: "replace", path: "/metadata/resourceVersion", value: live.metadata.resourceVersion },
      ],
      contentType: "application/json-patch+json",
    });
    if (answer.status === 404) return undefined;
    if (answer.status !== 409 || attempt === ATTEMPTS) return client.expect(answer, nameOf(refOf(before))).body;
    live = await client.find(path, nameOf(refOf(before)));
  }
  return live;
}
