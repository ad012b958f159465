import { spawn } from "node:child_process";
import { dirname, join } from "node:path";
import { isTrouble } from "../../cluster/apply/applied.ts";
import { otherEnvironment, readInventory } from "../../cluster/apply/inventory-store.ts";
import { restartOutdated } from "../../cluster/apply/restart.ts";
import { ClusterError, Interrupted } from "../../cluster/cluster-error.ts";
import { type KubeObject, nameOf, type Ref } from "../../cluster/objects/kube-object.ts";
import { namespacesIn } from "../../cluster/objects/manifests.ts";
import { waitUntilFresh } from "../../cluster/observe/freshness.ts";
import { waitFor } from "../../cluster/observe/watch.ts";
import type { Language } from "../../language.ts";
import { commands as say } from "../../messages/commands.ts";
import { machine } from "../../messages/machine.ts";
import { target as words } from "../../messages/target.ts";
import { isOwn, type Target } from "../../target/names.ts";
import { agrees } from "../confirm.ts";
import { type Decided, decide, type Prepared, prepare, shown } from "../deciding.ts";
import { interruptible } from "../interrupt.ts";
import { EXIT, type Io, json, line } from "../io.ts";
import { nextSteps } from "../next-steps.ts";
import { planJson, planText, type Shown } from "../plan-text.ts";
import { asJson } from "../results.ts";
import { inSession, type Session } from "../session.ts";
import { progress, standingsJson } from "../standings.ts";
import { waitIn } from "../waiting.ts";
import { type ApplyOptions, applyIn, verdict } from "./apply.ts";
import { doctorIn } from "./doctor.ts";
import { verifyIn } from "./verify.ts";

export interface UpOptions extends ApplyOptions {
  readonly synth: boolean;
  readonly doctor: boolean;
  readonly verify: boolean;
  readonly yes?: boolean;
  /** Say what would be done, and do nothing. */
  readonly plan?: boolean;
  readonly address?: string;
  /** As --language gives it; what the environment's surroundings say needs no handing on. */
  readonly language?: Language;
}

/** Runs the synth program beside this one. @throws ClusterError when it fails; it has said why */
export async function synth(io: Io, environment: string, dist: string, language: UpOptions["language"]): Promise<void> {
  const program = join(dirname(process.argv[1] ?? ""), "synth.cjs");
  const child = spawn(
    process.execPath,
    [program, "--quiet", "--outdir", dist, ...(language ? ["--language", language] : []), environment],
    {
      stdio: ["ignore", "inherit", "inherit"],
      env: io.env as NodeJS.ProcessEnv,
    },
  );
  const code = await new Promise((resolve) => child.on("exit", resolve).on("error", resolve));
  if (code !== 0) throw new ClusterError(say.notSynthesised, say.correctAbove);
}

/** Longest wait for the secrets before the workloads are sent all the same. */
const SECRETS_S = 90;

/**
 * Waits for Jobs before what needs them is sent: a pod whose Secret is not there yet is tried again ever more seldom, and
 * was seen to start a minute late.
 */
const waitForJobs =
  (session: Session, { timeout }: UpOptions) =>
  async (objects: readonly KubeObject[]) => {
    const jobs = objects.filter(({ kind }) => kind === "Job");
    if (jobs.length > 0) await waitFor(session.client, jobs, Math.min(timeout, SECRETS_S) * 1000, progress(session.io));
  };

/** What Prometheus knows only after its first rounds, s: the slowest scrapes and rules come every half minute. */
const FIRST_ROUNDS_S = 100;

/** Has the cluster say how it is, and not how it was before its nodes were started. @param since when that was, ms since 1970 */
async function waitForNews({ client, io, source }: Session, since: number | undefined): Promise<void> {
  if (since === undefined) return;
  await waitUntilFresh(client, since, namespacesIn(source.objects()), (what) => line(io.stderr, machine.waits(what)));
}

/**
 * Whether to replace another environment that the namespace contains. `--yes` confirms it for a cluster of this machine; for any
 * other cluster it takes `--adopt`, since `--yes` may come from a script that does not know what runs there.
 *
 * @throws ClusterError when the user declines, or there is no terminal; Interrupted
 */
async function adopts(
  { io, client, name, signal, source }: Session,
  { name: target }: Target,
  { adopt, yes }: UpOptions,
): Promise<boolean> {
  if (adopt) return true;
  const other = otherEnvironment(await readInventory(client, source.namespace), name);
  if (!other) return false;
  if (yes && isOwn(target)) return true;
  if (await agrees(io, signal, words.askAdopt(source.namespace, other, name), words.confirmAdopt(source.namespace, other))) return true;
  throw new ClusterError(words.notReplaced(other), words.otherNamespace);
}

/** Replaces the pods that run an earlier build of an image that was built here. */
async function restartFor({ io, client, discovery, source }: Session, built: Prepared["built"], { output }: UpOptions): Promise<Ref[]> {
  const all: Ref[] = [];
  for (const [image, digests] of built) {
    const restarted = await restartOutdated(client, discovery, source.objects(), image, digests);
    if (output === "text") for (const ref of restarted) line(io.stdout, words.restarted(nameOf(ref), image));
    all.push(...restarted);
  }
  return all;
}

/** Everything after the cluster is there; each step only when the one before went well. Returns whether all did. */
async function bringUp(
  session: Session,
  target: Target,
  prepared: Prepared | undefined,
  given: UpOptions,
  report: Record<string, unknown>,
): Promise<boolean> {
  const { io } = session;
  const options = { ...given, adopt: await adopts(session, target, given) };
  await waitForNews(session, prepared?.since);
  if (options.doctor) {
    const findings = await doctorIn(session, options.output);
    report.doctor = findings;
    if (findings.some(({ state }) => state === "problem")) {
      line(io.stderr, say.solveFirst);
      return false;
    }
  }
  const applied = await applyIn(session, options, waitForJobs(session, options));
  report.objects = asJson(applied);
  if (options.output === "text") line(io.stdout, verdict(applied));
  if (applied.some(isTrouble)) return false;
  report.restarted = await restartFor(session, prepared?.built ?? new Map(), options);
  const standings = await waitIn(session, options);
  report.workloads = standingsJson(standings);
  if (standings.some(({ state }) => state !== "ready")) return false;
  if (!options.verify) return true;
  const findings = await verifyIn(session, { ...options, patience: FIRST_ROUNDS_S });
  report.verify = findings;
  return findings.every(({ state }) => state !== "problem");
}

/** Asks for confirmation of what takes long or comes from the internet. @throws ClusterError without it, Interrupted */
async function agree(io: Io, signal: AbortSignal, { argument, plan }: Decided, { yes = false }: UpOptions): Promise<void> {
  const { question, target } = plan;
  if (!question || yes) return;
  if (!(await agrees(io, signal, question, words.sayYes(question, argument, target)))) throw new ClusterError(words.refused);
}

/** Shows what would be done. */
function showPlan({ stdout }: Io, what: Shown): void {
  for (const text of [...planText(what), ...(what.question ? [words.wouldAsk(what.question)] : [])]) line(stdout, text);
}

/** Does what was decided. Returns the exit code. */
async function carryOut(io: Io, signal: AbortSignal, decided: Decided, what: Shown, options: UpOptions): Promise<number> {
  const { argument, target } = decided;
  if (options.synth) await synth(io, argument, options.dist, options.language);
  if (signal.aborted) throw new Interrupted();
  const prepared = await prepare({ env: io.env, stderr: io.stderr, signal }, decided);
  const report: Record<string, unknown> = { plan: planJson(what) };
  const work = async (session: Session) => {
    const up = await bringUp(session, target, prepared, options, report);
    if (up && options.output === "text") for (const text of await nextSteps(session, options.address)) line(io.stdout, text);
    return up;
  };
  const well = await inSession(io, signal, { environment: argument, target }, options.dist, work, prepared !== undefined);
  if (options.output === "json") json(io, { environment: decided.environment.name, ...report });
  return well ? EXIT.ok : EXIT.problem;
}

/** `cloudnova up`: says what it will do, then does it. A run that was cut off is finished by the next. */
export function upCommand(io: Io, argument: string | undefined, options: UpOptions): Promise<number> {
  return interruptible(async (signal) => {
    const decided = await decide({ env: io.env, stderr: io.stderr, signal }, argument, options);
    const what = await shown(decided, io.env);
    for (const text of decided.environment.warnings) line(io.stderr, text);
    if (options.plan) {
      if (options.output === "json") json(io, { environment: decided.environment.name, plan: planJson(what) });
      else showPlan(io, what);
      return EXIT.ok;
    }
    for (const text of planText(what)) line(io.stderr, text);
    await agree(io, signal, decided, options);
    return carryOut(io, signal, decided, what, options);
  });
}
