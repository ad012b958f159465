import { isDeepStrictEqual } from "node:util";
import { isTrouble } from "../../cluster/apply/applied.ts";
import { RELEASE_LEASE, withLease } from "../../cluster/apply/lease.ts";
import { sendObject } from "../../cluster/apply/send.ts";
import { ClusterError } from "../../cluster/cluster-error.ts";
import { refOf } from "../../cluster/objects/kube-object.ts";
import type { Cluster, Judged, ReleaseSettings } from "../../cluster/release/judging.ts";
import { judge, promote, undo } from "../../cluster/release/release.ts";
import { readRelease, type Underway } from "../../cluster/release/state.ts";
import { SAMPLE } from "../../config/applications.ts";
import { cluster as lease } from "../../messages/cluster.ts";
import { release as words } from "../../messages/release.ts";
import { type Released, releasable } from "../../release/objects.ts";
import { EXIT, type Io, json, line } from "../io.ts";
import { type ClusterOptions, type Session, withSession } from "../session.ts";
import { waitIn } from "../waiting.ts";
import { applyIn } from "./apply.ts";

export interface ReleaseOptions extends ClusterOptions, ReleaseSettings {
  readonly undo?: boolean;
}

/** What came of a release, for people and for programs. */
interface Report extends Partial<Omit<Judged, "good">> {
  /** The new version's share of the requests, in %. */
  readonly weight?: number;
  readonly application?: string;
  readonly outcome: "promoted" | "undone" | "nothing" | "not ready";
}

/** The applications whose pods are not as the manifests say. @throws ClusterError when one does not run, or another manager has its fields */
async function changedOnes({ client, discovery }: Session, candidates: readonly Released[]): Promise<Released[]> {
  const changed: Released[] = [];
  for (const one of candidates) {
    const live = await client.find(await discovery.path(refOf(one.deployment)), `Deployment ${one.name}`);
    if (!live) throw new ClusterError(words.notApplied(one.name), words.applyFirst());
    const { answer } = await sendObject(client, discovery, one.deployment, { ...live, kind: "Deployment" }, { force: false, dryRun: true });
    if (answer.status >= 400) throw new ClusterError(words.conflict(one.name, answer.body?.message ?? String(answer.status)));
    if (!isDeepStrictEqual(answer.body.spec.template, live.spec.template)) changed.push(one);
  }
  return changed;
}

/** The one application that is to be released; undefined when none has a new version. @throws ClusterError when there are several */
async function chosen(session: Session, name: string | undefined): Promise<Released | undefined> {
  const candidates = releasable(session.source.objects());
  if (candidates.length === 0) throw new ClusterError(words.noneReleasable);
  const names = candidates.map((one) => one.name).join(", ");
  if (name !== undefined && !candidates.some((one) => one.name === name)) throw new ClusterError(words.noSuch(name, names));
  const changed = await changedOnes(session, candidates);
  if (changed.length > 1) throw new ClusterError(words.several(changed.map((one) => one.name).join(", ")), words.oneByOne);
  const [only] = changed;
  if (only && name !== undefined && only.name !== name) throw new ClusterError(words.several(`${name}, ${only.name}`), words.oneByOne);
  if (!only) line(session.io.stderr, `${words.nothing(name ?? names)}; ${words.useApply()}`);
  return only;
}

/** Judges the new version of an application, and applies it when it is good. */
async function releaseOne(
  session: Session,
  released: Released,
  settings: ReleaseSettings,
  cluster: Cluster,
  apply: () => Promise<boolean>,
): Promise<Report> {
  const { config } = await session.environment();
  const sample = config.sample && released.name === SAMPLE && released.namespace === config.namespace;
  const { ingress } = config.applications.find(({ name }) => name === released.name) ?? {};
  const { good, underway, ...rest } = await judge({
    ...cluster,
    discovery: session.discovery,
    digest: session.source.digest,
    released,
    sample,
    host: ingress?.host ?? config.ingress.host,
    paths: sample ? ["/", "/users"] : [ingress?.path ?? "/"],
    settings,
  });
  const report = { application: released.name, weight: settings.weight, ...rest };
  if (!good) return { ...report, outcome: "undone" };
  return { ...report, outcome: (await promote(cluster, underway, apply)) ? "promoted" : "not ready" };
}

/** Finishes or undoes a release that was cut off. @returns undefined when a new one may begin */
async function settle(
  found: Underway,
  wanted: ReleaseOptions,
  digest: string,
  cluster: Cluster,
  apply: () => Promise<boolean>,
): Promise<Report | undefined> {
  const { application, phase } = found;
  if (phase === "promoting" && found.digest === digest && !wanted.undo) {
    cluster.say(words.finishing(application));
    return { application, outcome: (await promote(cluster, found, apply)) ? "promoted" : "not ready" };
  }
  if (!wanted.undo) cluster.say(words.undoing(application));
  await undo(cluster, found);
  return wanted.undo ? { application, outcome: "undone" } : undefined;
}

/** The report as text. */
function reportLines({ application = "", outcome, reasons = [], seen, synthetic = 0 }: Report): string[] {
  const heads = { promoted: words.promoted, undone: words.undone, "not ready": words.notUp, nothing: () => words.undoneNothing };
  const figures = (["canary", "stable"] as const).flatMap((who) =>
    seen ? [words.figures(who, seen[who].requests, seen[who].errors, seen[who].p95, seen[who].p99)] : [],
  );
  return [
    heads[outcome](application),
    ...reasons.map((one) => `  ${one}`),
    ...figures,
    ...(synthetic > 0 ? [words.synthetic(synthetic)] : []),
  ];
}

/** `cloudnova release`: exit code 0 when the new version was promoted, or there is none. */
export function releaseCommand(
  io: Io,
  name: string | undefined,
  application: string | undefined,
  options: ReleaseOptions,
): Promise<number> {
  if (!(options.weight >= 1 && options.weight <= 50)) throw new ClusterError(words.otherWeight);
  return withSession(io, name, options, async (session) => {
    const { client, source } = session;
    const { namespace, digest } = source;
    const say = (text: string) => line(io.stderr, text);
    const cluster: Cluster = { client, objects: source.objects(), namespace, say };
    const apply = async () => {
      const results = await applyIn(session, { ...options, output: "json", releasing: true });
      if (results.some(isTrouble)) return false;
      return (await waitIn(session, { ...options, output: "json" })).every(({ state }) => state === "ready");
    };
    const waiting = (holder: string, since: string) => say(lease.waiting(holder, since));
    const work = async (): Promise<Report> => {
      const found = await readRelease(client, namespace);
      const settled = found && (await settle(found, options, digest, cluster, apply));
      if (settled) return settled;
      const released = options.undo ? undefined : await chosen(session, application);
      return released ? releaseOne(session, released, options, cluster, apply) : { outcome: "nothing" };
    };
    const report = await withLease(client, namespace, waiting, work, 0, RELEASE_LEASE);
    if (options.output === "json") json(io, { environment: session.name, ...report });
    else if (report.outcome !== "nothing" || options.undo) for (const text of reportLines(report)) line(io.stdout, text);
    return report.outcome === "promoted" || report.outcome === "nothing" || options.undo ? EXIT.ok : EXIT.problem;
  });
}
