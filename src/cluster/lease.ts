import { randomUUID } from "node:crypto";
import { hostname, userInfo } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { cluster as words } from "../messages/cluster.ts";
import type { Answer, Client } from "./client.ts";
import { ClusterError, Interrupted } from "./errors.ts";
import type { KubeObject } from "./objects.ts";

/** One run at a time changes an environment; the same object that Kubernetes' own components agree by. */
const LEASE = "cloudnova-apply";
const DURATION_S = 30;
const RENEW_MS = 10_000;
const POLL_MS = 1000;
/** Somebody's whole apply takes seconds; after this long a person should look. */
const PATIENCE_MS = 120_000;

/** Whether nobody holds a lease at this time. */
export function isFree({ spec }: KubeObject, now: number): boolean {
  if (!spec?.holderIdentity) return true;
  return Date.parse(spec.renewTime ?? "") + (spec.leaseDurationSeconds ?? DURATION_S) * 1000 < now;
}

/** Who we are, for the others' message. */
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
 * @param onWait told once who holds it
 * @param patienceMs how long to wait for another holder
 * @throws ClusterError when somebody holds it for too long
 */
export async function withLease<T>(
  client: Client,
  namespace: string,
  onWait: (holder: string) => void,
  work: () => Promise<T>,
  patienceMs = PATIENCE_MS,
): Promise<T> {
  const holder = identity();
  let version = await acquire(client, namespace, holder, onWait, patienceMs);
  const own = client.withoutSignal(); // after Ctrl-C, too: what is restored then is done under the lease
  let renewal: Promise<void> = Promise.resolve();
  const renew = () =>
    renewed(own, namespace, holder, version).then(
      (next) => {
        version = next;
      },
      (error) => {
        if (error instanceof LeaseLost) client.refuse(error);
      },
    );
  const timer = setInterval(() => {
    renewal = renew();
  }, RENEW_MS);
  try {
    return await work();
  } finally {
    clearInterval(timer);
    await renewal; // one under way would give the lease a version that the deletion does not expect
    // Were it left behind, it would run out by itself.
    await own
      .send({ method: "DELETE", path: pathOf(namespace), body: { preconditions: { resourceVersion: version } } })
      .catch(() => undefined);
    own.close();
  }
}

/** Another run has taken over. */
export class LeaseLost extends ClusterError {}

/**
 * Renews a lease that we hold.
 *
 * @returns its new version
 * @throws LeaseLost when it is another's by now, as after a machine's sleep  @throws ClusterError when nothing is known
 */
export async function renewed(client: Client, namespace: string, holder: string, version: string): Promise<string> {
  const path = pathOf(namespace);
  const what = words.lease(namespace);
  const answer = await client.send({ method: "PUT", path, body: leaseOf(namespace, holder, version) });
  if (answer.status !== 409 && answer.status !== 404) return versionOf(client.expect(answer, what));
  // The answer to the last renewal may have been lost: then the lease is ours under another version.
  const found: KubeObject | undefined = await client.find(path, what);
  if (!found) return version; // with its namespace, which this very run deletes: there is nobody to give way to
  if (found.spec.holderIdentity === holder) return found.metadata.resourceVersion ?? "";
  throw new LeaseLost(words.leaseLost(found.spec.holderIdentity, namespace), words.waitForIt);
}

const leasesIn = (namespace: string) => `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`;
const pathOf = (namespace: string) => `${leasesIn(namespace)}/${LEASE}`;

const leaseOf = (namespace: string, holder: string, resourceVersion?: string) => {
  const now = new Date().toISOString().replace("Z", "000Z"); // the API wants microseconds
  return {
    apiVersion: "coordination.k8s.io/v1",
    kind: "Lease",
    metadata: {
      name: LEASE,
      namespace,
      labels: { "app.kubernetes.io/part-of": "cloudnova" },
      ...(resourceVersion ? { resourceVersion } : {}),
    },
    spec: { holderIdentity: holder, leaseDurationSeconds: DURATION_S, acquireTime: now, renewTime: now },
  };
};

async function acquire(
  client: Client,
  namespace: string,
  holder: string,
  onWait: (holder: string) => void,
  patienceMs: number,
): Promise<string> {
  const deadline = Date.now() + patienceMs;
  for (let told = false; ; ) {
    const { version, other } = await tryOnce(client, namespace, holder);
    if (version !== undefined) return version;
    if (!other) continue; // it changed between two requests
    if (Date.now() >= deadline) {
      throw new ClusterError(words.heldTooLong(other.holderIdentity, namespace, other.acquireTime), words.waitForIt);
    }
    if (!told) onWait(other.holderIdentity);
    told = true;
    await pause(client);
  }
}

/** One attempt: our lease's version, or the lease of another holder, or neither when somebody else was faster. */
async function tryOnce(client: Client, namespace: string, holder: string) {
  const what = words.lease(namespace);
  const made = await client.send({ method: "POST", path: leasesIn(namespace), body: leaseOf(namespace, holder) });
  // 409: there is one. It may also be ours, when the answer to a first attempt was lost.
  if (made.status !== 409) return { version: versionOf(client.expect(made, what)) };
  const found: KubeObject | undefined = await client.find(pathOf(namespace), what);
  if (!found) return {};
  if (found.spec.holderIdentity === holder) return { version: found.metadata.resourceVersion ?? "" };
  if (!isFree(found, (made.date ?? new Date()).getTime())) return { other: found.spec as { holderIdentity: string; acquireTime: string } };
  const taken = await client.send({
    method: "PUT",
    path: pathOf(namespace),
    body: leaseOf(namespace, holder, found.metadata.resourceVersion),
  });
  if (taken.status === 409 || taken.status === 404) return {};
  return { version: versionOf(client.expect(taken, what)) };
}

const versionOf = ({ body }: Answer): string => body.metadata.resourceVersion;

async function pause(client: Client): Promise<void> {
  await sleep(POLL_MS, undefined, { signal: client.signal }).catch(() => {
    throw new Interrupted();
  });
}
