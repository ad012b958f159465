import { release as words } from "../../messages/release.ts";
import type { Objectives } from "../../monitoring/slo.ts";
import type { Fault } from "../../release/gate.ts";
import type { Released } from "../../release/objects.ts";
import { ClusterError, Interrupted } from "../cluster-error.ts";
import type { KubeObject } from "../objects/kube-object.ts";
import type { Client } from "../transport/client.ts";
import type { Discovery } from "../transport/discovery.ts";
import { openPrometheus } from "../transport/prometheus-client.ts";
import { pause } from "../transport/until.ts";
import type { Ask, Meter } from "./measure.ts";
import { Traffic } from "./traffic.ts";
import { type Passed, watchGate } from "./watch-gate.ts";

/** How a release is judged. */
export interface ReleaseSettings {
  /** Share of the new version, in %. */
  readonly weight: number;
  /** How long the gate is open, s. */
  readonly seconds: number;
  /** Requests that the new version must have answered. */
  readonly least: number;
  /** How long its pod may take to be ready, s. */
  readonly timeout: number;
}

/** Where a release takes place. */
export interface Cluster {
  readonly client: Client;
  /** The environment's manifests. */
  readonly objects: readonly KubeObject[];
  /** The environment's own namespace. */
  readonly namespace: string;
  readonly say: (text: string) => void;
}

/** A release's surroundings. */
export interface Releasing extends Cluster {
  readonly discovery: Discovery;
  /** Of the manifests. */
  readonly digest: string;
  readonly released: Released;
  /** Whether it is the sample. */
  readonly sample: boolean;
  /** The name by which visitors ask for it, and paths that only read. */
  readonly host: string;
  readonly paths: readonly string[];
  readonly settings: ReleaseSettings;
}

/** What came of the new version beside the running one. */
export interface Judged extends Partial<Omit<Passed, "verdict">> {
  readonly good: boolean;
  /** Why not, in the order of their weight. */
  readonly reasons: readonly string[];
}

/** No single answer of Prometheus takes so long. */
const ANSWER_MS = 10_000;
/** Requests of our own a second, of at most so many at once: far below the rate limit of the ingress. */
const [RATE, AT_ONCE] = [10, 4];

/** Sends requests on the way of visitors, one page after the other. What they are answered is counted by Traefik. */
async function load(traffic: Traffic, { host, paths, client }: Releasing, count: number): Promise<void> {
  const underWay = new Set<Promise<unknown>>();
  for (let index = 0; index < count; index++) {
    const one = traffic.get(host, paths[index % paths.length] ?? "/").catch(() => undefined);
    underWay.add(one);
    void one.finally(() => underWay.delete(one));
    await pause(1000 / RATE, client.signal);
    if (underWay.size >= AT_ONCE) await Promise.race(underWay);
  }
  await Promise.all(underWay);
}

function faultText(fault: Fault): string {
  if (fault.what === "slower") return words.slower(fault.p95, fault.than);
  return words[fault.what](fault.version, fault.bad, fault.of, fault.budget);
}

function reasonsOf(verdict: Passed["verdict"]): string[] {
  if (verdict.state === "promote") return [];
  if (verdict.state === "undo") return verdict.faults.map(faultText);
  return [verdict.state === "too few" ? words.tooFew(verdict.requests, verdict.least) : words.noData(verdict.seconds, verdict.why)];
}

/** Rejects when an answer takes too long: a server that hangs gives no figures either. */
async function within<T>(answer: Promise<T>): Promise<T> {
  const timer = new AbortController();
  const late = pause(ANSWER_MS, timer.signal).then(() => Promise.reject(new Error(`no answer within ${ANSWER_MS / 1000} s`)));
  late.catch(() => undefined);
  return Promise.race([answer, late]).finally(() => timer.abort());
}

/** The ways into the cluster that a release needs. */
export interface Ways {
  readonly traffic: Traffic;
  readonly ask: Ask;
}

/** Opens them for as long as `work` takes. @throws ClusterError when nothing would judge the new version */
export async function withWays<T>({ client, namespace, objects }: Releasing, work: (ways: Ways) => Promise<T>): Promise<T> {
  const prometheus = await openPrometheus(client, namespace).catch((error: Error) => {
    throw error instanceof Interrupted ? error : new ClusterError(words.noPrometheus(error.message), words.seeStatus());
  });
  try {
    const traffic = await Traffic.open(client, objects);
    return await work({ traffic, ask: (query) => within(prometheus.ask(query)) }).finally(() => traffic.close());
  } finally {
    await prometheus.close();
  }
}

/** Watches a version until the verdict, and says it in words. @param weight its share of the requests, in % */
export async function gated(
  releasing: Releasing,
  { traffic }: Ways,
  objectives: Objectives,
  meter: Meter,
  weight: number,
): Promise<Judged> {
  const { settings, say, client } = releasing;
  const { verdict, ...rest } = await watchGate({
    ...settings,
    weight,
    objectives,
    look: () => meter.look(),
    load: (count) => load(traffic, releasing, count),
    say,
    signal: client.signal,
  });
  return { good: verdict.state === "promote", reasons: reasonsOf(verdict), ...rest };
}
