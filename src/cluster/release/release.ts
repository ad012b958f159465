import { release as words } from "../../messages/release.ts";
import {
  canaryDeployment,
  canaryName,
  isSticky,
  releaseIngress,
  selectorOf,
  servicesOf,
  stableHash,
  trafficFile,
} from "../../release/objects.ts";
import { runningPods } from "../apply/restart.ts";
import { ClusterError, Interrupted } from "../cluster-error.ts";
import { type KubeObject, nameOf, refOf } from "../objects/kube-object.ts";
import { RELEASE_MANAGER } from "../objects/managers.ts";
import { look } from "../observe/watch.ts";
import { pause } from "../transport/until.ts";
import { clean } from "./clean.ts";
import { type Cluster, gated, type Judged, type Releasing, type Ways, withWays } from "./judging.ts";
import { Meter, measured } from "./measure.ts";
import { forgetRelease, newUnderway, type Underway, writeRelease } from "./state.ts";

const POLL_MS = 1000;
/** How long a trouble may last that keeps the new version from starting: a database that is busy, an image that is pulled again. */
const TROUBLE_MS = 30_000;
/** Applies an object of the release's own. */
async function put({ client, discovery }: Pick<Releasing, "client" | "discovery">, object: KubeObject): Promise<void> {
  const path = `${await discovery.path(refOf(object))}?fieldManager=${RELEASE_MANAGER}&force=true&fieldValidation=Strict`;
  const answer = await client.send({ method: "PATCH", path, body: object, contentType: "application/apply-patch+yaml" });
  client.expect(answer, nameOf(refOf(object)));
}

/** Waits for the new version's pod. @returns why it does not start; nothing when it is ready */
async function start({ client, settings }: Releasing, deployment: KubeObject): Promise<string[]> {
  const deadline = performance.now() + settings.timeout * 1000;
  let troubledSince: number | undefined;
  for (;;) {
    const [standing] = await look(client, [refOf(deployment)]);
    if (standing?.state === "ready") return [];
    const now = performance.now();
    const reasons = standing?.troubles.map(({ what }) => what) ?? [];
    troubledSince = reasons.length === 0 ? undefined : (troubledSince ?? now);
    const hopeless = standing?.state === "failed" || (troubledSince !== undefined && now - troubledSince > TROUBLE_MS);
    if (hopeless || now > deadline) return [words.notStarted(Math.round(settings.timeout - (deadline - now) / 1000)), ...reasons];
    await pause(POLL_MS, client.signal);
  }
}

/** What of the cluster a release hangs on, read before anything is changed. */
interface Found {
  readonly hash: string;
  readonly service: KubeObject;
  readonly ingresses: readonly KubeObject[];
}

/** @throws ClusterError when the application does not run in one version */
async function find({ client, released, objects }: Releasing): Promise<Found> {
  const { namespace, name } = released;
  const hash = stableHash(await runningPods(client, released.deployment));
  const service: KubeObject | undefined = await client.find(`/api/v1/namespaces/${namespace}/services/${name}`, `Service ${name}`);
  if (hash === undefined || !service) throw new ClusterError(words.rollout(name), words.seeStatus());
  const ingresses: KubeObject[] = [];
  for (const { metadata } of objects.filter(({ kind }) => kind === "Ingress")) {
    const path = `/apis/networking.k8s.io/v1/namespaces/${metadata.namespace}/ingresses/${metadata.name}`;
    const live: KubeObject | undefined = await client.find(path, `Ingress ${metadata.name}`);
    if (live) ingresses.push(live);
  }
  return { hash, service, ingresses };
}

/** Puts the new version beside the running one, gives it its share, and judges it. What it has made stays. */
async function tried(releasing: Releasing, underway: Underway, { hash, service, ingresses }: Found, ways: Ways): Promise<Judged> {
  const { client, released, sample, say } = releasing;
  const { weight, id } = underway;
  const { traffic, ask } = ways;
  await writeRelease(client, releasing.namespace, underway);
  const services = servicesOf(released, service, hash);
  for (const object of [...services, releaseIngress(released)]) await put(releasing, object);
  await traffic.write(trafficFile(released, ingresses, { weight, id, sticky: isSticky(service) }), id);
  const deployment = canaryDeployment(released);
  await put(releasing, deployment);
  const reasons = await start(releasing, deployment);
  if (reasons.length > 0) return { good: false, reasons };
  say(words.ready(released.name));
  const what = measured(released, sample);
  const meter = await Meter.from(ask, what);
  const canary = services.find(({ metadata }) => metadata.name === canaryName(released)) as KubeObject;
  await put(releasing, { ...canary, spec: { ...canary.spec, selector: selectorOf(released, "canary", hash) } });
  return gated(releasing, ways, what.objectives, meter, weight);
}

/**
 * Judges a new version beside the running one. A bad one is taken away again; so is one that is not judged to the end, after Ctrl-C too. A
 * good one still runs: `promote` comes next.
 *
 * @throws ClusterError before anything is changed, or when the release cannot be undone: the next run does  @throws Interrupted
 */
export async function judge(releasing: Releasing): Promise<Judged & { readonly underway: Underway }> {
  const { client, released, settings, say, digest } = releasing;
  const underway = newUnderway(released, settings.weight, digest);
  return withWays(releasing, async (ways) => {
    const found = await find(releasing);
    say(words.starting(released.name, settings.weight, settings.seconds));
    const result = await tried(releasing, underway, found, ways).catch(async (error: Error) => {
      if (error instanceof Interrupted) say(words.interrupted);
      await undo({ ...releasing, client: client.withoutSignal() }, underway);
      throw error;
    });
    if (!result.good) await undo(releasing, underway);
    return { ...result, underway };
  });
}

/** Takes a release away, and forgets it. */
export async function undo({ client, namespace, objects, say }: Cluster, underway: Underway): Promise<void> {
  say(words.takingAway);
  await clean(client, objects, underway);
  await forgetRelease(client, namespace);
}

/** Applies what was found good. The cluster remembers it meanwhile: a run that is cut off here is finished by the next. */
export async function promote<T>({ client, namespace, objects, say }: Cluster, underway: Underway, apply: () => Promise<T>): Promise<T> {
  await writeRelease(client, namespace, { ...underway, phase: "promoting" });
  say(words.applying);
  await clean(client, objects, underway);
  const result = await apply();
  await forgetRelease(client, namespace);
  return result;
}
