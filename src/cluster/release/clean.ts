import { release as words } from "../../messages/release.ts";
import { canaryName, stableName, TRACK } from "../../release/objects.ts";
import { ClusterError } from "../cluster-error.ts";
import type { KubeObject } from "../objects/kube-object.ts";
import { RELEASE_MANAGER } from "../objects/managers.ts";
import type { Client } from "../transport/client.ts";
import { pause, until } from "../transport/until.ts";
import type { Underway } from "./state.ts";
import { Traffic } from "./traffic.ts";

/** How long the pod of the new version may take to end: its grace period, and room. */
const ENDED_MS = 180_000;
const POLL_MS = 1000;
/** Until Traefik has learnt of a Service's other pods: it reads them within 2 s (its `providersThrottleDuration`). */
const SETTLED_MS = 4000;

/** Gives the Service of the new version the pods of the stable one, at once: from then on no visitor gets the new version. */
async function turnBack(client: Client, namespace: string, stable: string, canary: string): Promise<void> {
  const services = `/api/v1/namespaces/${namespace}/services`;
  const [good, bad]: (KubeObject | undefined)[] = [
    await client.find(`${services}/${stable}`, `Service ${stable}`),
    await client.find(`${services}/${canary}`, `Service ${canary}`),
  ];
  if (!good || !bad) return;
  const call = {
    method: "PATCH",
    path: `${services}/${canary}?fieldManager=${RELEASE_MANAGER}`,
    body: [{ op: "replace", path: "/spec/selector", value: good.spec.selector }],
    contentType: "application/json-patch+json",
  } as const;
  client.expect(await client.send(call), `Service ${canary}`);
  await pause(SETTLED_MS, client.signal);
}

/**
 * Takes away what a release has put beside an application, wherever that release has ended; each step may be repeated. In this order no
 * visitor is led to what is gone: the new version gets no more requests, its pod ends, Traefik drops the file, and then the Services go.
 *
 * @param objects the environment's manifests @throws ClusterError when it does not come to an end: the next run goes on
 */
export async function clean(client: Client, objects: readonly KubeObject[], { id, application, namespace }: Underway): Promise<void> {
  const [canary, stable] = [canaryName({ name: application }), stableName({ name: application })];
  await turnBack(client, namespace, stable, canary);
  await client.remove(`/apis/apps/v1/namespaces/${namespace}/deployments/${canary}`, `Deployment ${canary}`);
  const selector = encodeURIComponent(`app.kubernetes.io/name=${application},${TRACK}=canary`);
  const ended = async () => {
    const answer = await client.send({ path: `/api/v1/namespaces/${namespace}/pods?labelSelector=${selector}` });
    return client.expect(answer, canary).body.items.length === 0 || undefined;
  };
  const late = (): never => {
    throw new ClusterError(words.notEnded(canary, ENDED_MS / 1000), words.again());
  };
  await until<boolean>(ended, { limitMs: ENDED_MS, everyMs: POLL_MS, signal: client.signal, late });
  const traffic = await Traffic.open(client, objects);
  try {
    await traffic.write(undefined, id);
  } finally {
    await traffic.close();
  }
  await client.remove(`/apis/networking.k8s.io/v1/namespaces/${namespace}/ingresses/${application}-release`, `Ingress ${application}`);
  for (const name of [stable, canary]) await client.remove(`/api/v1/namespaces/${namespace}/services/${name}`, `Service ${name}`);
}
