import { randomUUID } from "node:crypto";
import { hostname, userInfo } from "node:os";
import { cluster as words } from "../../messages/cluster.ts";
import { ClusterError } from "../cluster-error.ts";
import type { Client } from "../transport/client.ts";
import { pause } from "../transport/until.ts";

/** One run at a time changes an environment; the same object that Kubernetes' own components agree by. */
const LEASE = "cloudnova-apply";
/** A release holds this one for as long as it takes, and the other one while it applies. */
export const RELEASE_LEASE = "cloudnova-release";
const DURATION_S = 30;
/** Also how soon another run sees that this one is alive. */
const RENEW_MS = 5000;
const POLL_MS = 1000;
/** An apply takes seconds; when one holds the lease for longer than this, a user should look at it. */
const PATIENCE_MS = 120_000;

/** A lease as the server stores it, with any holder. */
export interface Held {
  readonly metadata: { readonly resourceVersion: string };
  readonly spec: { readonly holderIdentity: string; readonly leaseDurationSeconds?: number; readonly acquireTime: string };
}

/**
 * Tells whether a holder is alive by watching its lease, as Kubernetes' own components do: the times written in it are of another
 * machine's clock, which may be wrong by minutes.
 */
class Watch {
  private version: string | undefined;
  private silentMs = 0;
  private lookedAt = 0;
  /** Whether the lease has changed since we look. */
  renewed = false;

  /**
   * Takes in how the lease stands now.
   *
   * @param now milliseconds of a monotonic clock of this process
   * @returns whether it has not been renewed for as long as it lasts
   */
  isAbandoned({ metadata, spec }: Held, now: number): boolean {
    const same = this.version === metadata.resourceVersion;
    this.renewed ||= this.version !== undefined && !same;
    // While the server does not answer, or this machine sleeps, a renewal would not be seen: that time does not count.
    this.silentMs = same ? this.silentMs + Math.min(now - this.lookedAt, 2 * POLL_MS) : 0;
    this.version = metadata.resourceVersion;
    this.lookedAt = now;
    return !spec.holderIdentity || this.silentMs >= (spec.leaseDurationSeconds ?? DURATION_S) * 1000;
  }
}

/** The identity of this run, for the messages of other runs. */
function identity(): string {
  let user = "somebody";
  try {
    user = userInfo().username;
  } catch {
    // a container's user may have no name
  }
  return `${words.process(user, hostname(), process.pid)} (${randomUUID().slice(0, 8)})`;
}

/**
 * Runs `work` while holding the namespace's lease; waits for another holder, and takes over from one that has died.
 *
 * @param onWait called at once with the holder, and since when it holds it by its machine's clock
 * @param patienceMs how long to wait for another holder who is alive; until that is known, some seconds longer
 * @param name of the lease. @default the lease for changes of the environment
 * @throws ClusterError when another run holds it for too long  @throws LeaseLost when another run has taken over: then `work` is refused more
 */
export async function withLease<T>(
  client: Client,
  namespace: string,
  onWait: (holder: string, since: string) => void,
  work: () => Promise<T>,
  patienceMs = PATIENCE_MS,
  name = LEASE,
): Promise<T> {
  const holder = identity();
  let held = await acquire(client, { namespace, name }, holder, onWait, patienceMs);
  const own = client.withoutSignal(); // after Ctrl-C, too: what is restored then is done under the lease
  let renewal: Promise<void> | undefined;
  const renew = async () => {
    try {
      held = await renewed(own, namespace, held, name);
    } catch (error) {
      if (!(error instanceof LeaseLost)) return; // the next renewal is a new attempt
      clearInterval(timer);
      client.refuse(error);
    }
  };
  const timer = setInterval(() => {
    // One at a time: a server that is slow to answer would get several with one version, all but the first in vain.
    renewal ??= renew().finally(() => {
      renewal = undefined;
    });
  }, RENEW_MS);
  try {
    return await work();
  } finally {
    clearInterval(timer);
    await renewal; // one under way would give the lease a version that the deletion does not expect
    // Were it left behind, it would run out by itself.
    const { resourceVersion } = held.metadata;
    await own
      .send({ method: "DELETE", path: pathOf({ namespace, name }), body: { preconditions: { resourceVersion } } })
      .catch(() => undefined);
    own.close();
  }
}

/** Another run has taken over. */
export class LeaseLost extends ClusterError {}

/**
 * Renews a lease that we hold.
 *
 * @returns it with its new version
 * @throws LeaseLost when it is another's by now, as after a machine's sleep  @throws ClusterError when nothing is known
 */
export async function renewed(client: Client, namespace: string, held: Held, name = LEASE): Promise<Held> {
  const path = pathOf({ namespace, name });
  const what = words.lease(namespace);
  const answer = await client.send({ method: "PUT", path, body: { ...held, spec: { ...held.spec, renewTime: now() } } });
  if (answer.status !== 409 && answer.status !== 404) return client.expect(answer, what).body;
  // The answer to the last renewal may have been lost: then the lease is ours under another version.
  const found: Held | undefined = await client.find(path, what);
  if (!found) return held; // deleted with its namespace by this run: there is no other run to give way to
  if (found.spec.holderIdentity === held.spec.holderIdentity) return found;
  throw new LeaseLost(words.leaseLost(found.spec.holderIdentity, namespace), words.waitForIt);
}

const leasesIn = (namespace: string) => `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`;
/** Which lease. */
interface Place {
  readonly namespace: string;
  readonly name: string;
}
const pathOf = ({ namespace, name }: Place) => `${leasesIn(namespace)}/${name}`;

/** As the API wants it: with microseconds. */
const now = () => new Date().toISOString().replace("Z", "000Z");

const leaseOf = ({ namespace, name }: Place, holder: string, resourceVersion?: string) => {
  const time = now();
  return {
    apiVersion: "coordination.k8s.io/v1",
    kind: "Lease",
    metadata: {
      name,
      namespace,
      labels: { "app.kubernetes.io/part-of": "cloudnova" },
      ...(resourceVersion ? { resourceVersion } : {}),
    },
    spec: { holderIdentity: holder, leaseDurationSeconds: DURATION_S, acquireTime: time, renewTime: time },
  };
};

async function acquire(
  client: Client,
  place: Place,
  holder: string,
  onWait: (holder: string, since: string) => void,
  patienceMs: number,
): Promise<Held> {
  const watch = new Watch();
  const start = performance.now();
  for (let notified = false; ; ) {
    const { ours, other } = await tryOnce(client, place, holder, watch);
    if (ours) return ours;
    if (!other) continue; // it changed between two requests
    const { holderIdentity, acquireTime } = other.spec;
    const since = `${acquireTime.slice(0, 19).replace("T", " ")} UTC`;
    if (!notified) onWait(holderIdentity, since);
    notified = true;
    if (watch.renewed && performance.now() - start >= patienceMs) {
      throw new ClusterError(words.heldTooLong(holderIdentity, place.namespace, since), words.waitForIt);
    }
    await pause(POLL_MS, client.signal);
  }
}

/** One attempt: our lease, or that of another holder, or neither when another run was faster. */
async function tryOnce(
  client: Client,
  place: Place,
  holder: string,
  watch: Watch,
): Promise<{ readonly ours?: Held; readonly other?: Held }> {
  const what = words.lease(place.namespace);
  const made = await client.send({ method: "POST", path: leasesIn(place.namespace), body: leaseOf(place, holder) });
  // 409: there is one. It may also be ours, when the answer to a first attempt was lost.
  if (made.status !== 409) return { ours: client.expect(made, what).body };
  const path = pathOf(place);
  const found: Held | undefined = await client.find(path, what);
  if (!found) return {};
  if (found.spec.holderIdentity === holder) return { ours: found };
  if (!watch.isAbandoned(found, performance.now())) return { other: found };
  const taken = await client.send({ method: "PUT", path, body: leaseOf(place, holder, found.metadata.resourceVersion) });
  if (taken.status === 409 || taken.status === 404) return {};
  return { ours: client.expect(taken, what).body };
}
