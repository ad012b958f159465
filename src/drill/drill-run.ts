import { ClusterError, Interrupted } from "../cluster/cluster-error.ts";
import { type DrillName, drillWords, type StepName } from "../messages/drill.ts";
import type { Alert } from "../monitoring/rules/rule.ts";
import { injectFault } from "./break.ts";
import type { Drill } from "./catalogue.ts";
import type { DrillContext } from "./context.ts";
import { until } from "./drill-until.ts";
import { NotificationCounters } from "./notification-counts.ts";
import { alertIn, groupsOf } from "./rules.ts";
import {
  advance,
  alertPhases,
  type Message,
  missing,
  type Observation,
  type Phases,
  type Seen,
  type Step,
  WATCHDOG_PHASES,
} from "./timeline.ts";

/** Something that happened. */
export interface TimelineEntry {
  readonly what: StepName;
  readonly at: string;
  /** Seconds since the fault; below zero before it. */
  readonly after: number;
}

/** What became of a drill. */
export interface DrillResult {
  readonly alert: DrillName;
  readonly outcome: "passed" | "failed" | "skipped";
  /** Why it did not pass. */
  readonly why?: string;
  readonly timeline: readonly TimelineEntry[];
  /** Of the alert as the webhook had it. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly summary?: string;
  /** Of the mail. */
  readonly mail?: string;
}

/** Silence before: an alert that fires for its own reasons proves nothing. */
const CALM_WITHIN_MS = 120_000;
const PHASE_WITHIN_MS = 360_000;

/** What the delivered alert lacks of what it must say. */
export function notificationFaults(messages: readonly Message[], rule: Alert, labels: Readonly<Record<string, string>>): string[] {
  const expected = { alertname: rule.alert, severity: rule.labels.severity, ...labels };
  const webhook = messages.find(({ via }) => via === "webhook");
  const mail = messages.find(({ via }) => via === "mail");
  const wrong = Object.entries(expected).filter(([key, value]) => webhook?.labels?.[key] !== value);
  const { runbook_url: runbook } = rule.annotations;
  return [
    ...wrong.map(([key, value]) => drillWords.wrongLabel(key, webhook?.labels?.[key] ?? "", value)),
    ...(webhook?.annotations?.summary ? [] : [drillWords.noSummary]),
    ...(webhook?.annotations?.runbook_url === runbook ? [] : [drillWords.noRunbook]),
    ...(mail?.text?.includes(runbook) ? [] : [drillWords.mailWithoutRunbook]),
  ];
}

/** Breaks, follows the alert to its delivery, repairs, follows it to the delivery of its end. */
export async function runDrill(context: DrillContext, drill: Drill, onStep: (name: StepName, after: number) => void): Promise<DrillResult> {
  const run = new DrillRun(context, drill, onStep);
  try {
    return await run.run();
  } catch (error) {
    if (error instanceof Interrupted || !(error instanceof ClusterError)) throw error;
    run.stop();
    await context.revertFaults();
    await context.waitUntilAllUp();
    return run.result("failed", error.message);
  } finally {
    run.stop();
  }
}

class DrillRun {
  private readonly rule: Alert;
  private readonly labels: ReturnType<Drill["labels"]>;
  private readonly phases: Phases;
  private readonly timeline: { readonly what: StepName; readonly at: number }[] = [];
  private readonly messages: Message[] = [];
  private readonly own = new AbortController();
  /** When it was broken, in milliseconds since 1970. */
  private broken = 0;
  /** Number of the last message before this phase. */
  private offset = 0;
  private began = 0;
  /** When the last message came. */
  private last = 0;
  private state: Observation["state"] = "inactive";
  private readonly counters: NotificationCounters;

  constructor(
    private readonly context: DrillContext,
    private readonly drill: Drill,
    private readonly onStep: (name: StepName, after: number) => void,
  ) {
    this.counters = new NotificationCounters(context.given, () => context.notificationCounts());
    this.rule = alertIn(groupsOf(context.ruleFile(drill.alert).text), drill.alert) as Alert;
    this.labels = drill.labels(context.config);
    this.phases = drill.always ? WATCHDOG_PHASES : alertPhases(this.rule.for !== undefined, context.given);
  }

  async run(): Promise<DrillResult> {
    const { context, drill } = this;
    if (!(await this.isReady())) return this.result("skipped", drillWords.firesAlready);
    // Of an alert that has just ended by itself a message may still have come; of one that always fires those before are its proof.
    if (!drill.always) this.messages.length = 0;
    this.broken = Date.now();
    this.recordStep("broken", this.broken);
    for (const fault of drill.faults(context.config)) await injectFault(context, fault, this.own.signal);
    await this.follow(this.phases.broken, PHASE_WITHIN_MS);
    this.stop();
    await context.revertFaults();
    this.recordStep("repaired", Date.now());
    await this.follow(this.phases.repaired, PHASE_WITHIN_MS);
    await context.waitUntilAllUp();
    const faults = notificationFaults(this.messages, this.rule, this.labels);
    return faults.length === 0 ? this.result("passed") : this.result("failed", faults.join("; "));
  }

  /** False when the alert fires for a reason of its own, so that nothing could be learned. */
  private async isReady(): Promise<boolean> {
    try {
      await this.follow(this.phases.before, CALM_WITHIN_MS);
      return true;
    } catch (error) {
      if (this.drill.always || this.state === "inactive" || !(error instanceof ClusterError)) throw error;
      return false;
    }
  }

  /** Ends what this program itself does. */
  stop(): void {
    this.own.abort();
  }

  result(outcome: DrillResult["outcome"], why?: string): DrillResult {
    const { alert } = this.drill;
    const webhook = this.messages.find(({ via }) => via === "webhook");
    const mail = this.messages.find(({ via }) => via === "mail");
    const timeline = this.timeline.map(({ what, at }) => ({ what, at: new Date(at).toISOString(), after: this.after(at) }));
    return {
      alert,
      outcome,
      ...(why && { why }),
      timeline,
      ...(webhook && { labels: webhook.labels, summary: webhook.annotations?.summary }),
      ...(mail && { mail: mail.subject }),
    };
  }

  private after(at: number): number {
    return this.broken ? Math.round((at - this.broken) / 100) / 10 : 0;
  }

  private recordStep(what: StepName, at: number): void {
    this.timeline.push({ what, at });
    this.onStep(what, this.after(at));
  }

  /** Looks every second until all steps were seen. */
  private async follow(steps: readonly Step[], limitMs: number): Promise<void> {
    this.offset = await until(
      () => drillWords.awaited.answer,
      limitMs,
      this.context.client.signal,
      async () => (await this.context.received(0)).length,
    );
    await this.counters.start();
    this.began = Date.now();
    let seen: Seen = new Map();
    await until(
      () =>
        missing(steps, seen)
          .map((name) => drillWords.steps[name])
          .join(", ") + (this.counters.failed > 0 ? drillWords.attempts(this.counters.failed) : ""),
      limitMs,
      this.context.client.signal,
      async () => {
        const before = seen;
        const observation = await this.observe();
        seen = advance(steps, seen, observation);
        for (const [name, at] of seen) if (!before.has(name)) this.recordStep(name, at);
        return missing(steps, seen).length === 0 ? true : undefined;
      },
    );
  }

  private async observe(): Promise<Observation> {
    const {
      drill: { alert },
      labels,
    } = this;
    const [{ alerts }, fresh] = await Promise.all([
      this.context.prometheus<{ alerts: { state: "pending" | "firing"; labels: Record<string, string> }[] }>("alerts"),
      this.context.received(this.offset),
    ]);
    const told = await this.counters.sinceStart(); // asked after what was received: whatever had begun by then is in it
    const at = Date.now();
    const isOurs = (have: Readonly<Record<string, string>> = {}) => Object.entries(labels).every(([key, value]) => have[key] === value);
    const states = alerts.filter((one) => one.labels.alertname === alert && isOurs(one.labels)).map(({ state }) => state);
    const messages = fresh.filter((message) => message.alert === alert && (message.via === "mail" || isOurs(message.labels)));
    for (const message of messages) if (!this.messages.some(({ number }) => number === message.number)) this.remember(message, at);
    this.state = states.includes("firing") ? "firing" : (states[0] ?? "inactive");
    return { at, state: this.state, messages, quiet: at - Math.max(this.began, this.last), counts: told };
  }

  private remember(message: Message, at: number): void {
    this.messages.push(message);
    this.last = at;
  }
}
