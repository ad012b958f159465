import type { Given } from "./given.ts";

/** How the drill's receiver is notified. */
export type Channel = "webhook" | "mail";

/** Alertmanager's notification counters for one channel since it started. */
export interface NotificationCounts {
  /** Notifications begun; each goes on until it succeeded, or until Alertmanager gives up. */
  readonly begun: number;
  /** Attempts that succeeded: the receiver accepted the notification. */
  readonly succeeded: number;
  /** Attempts that failed. */
  readonly failed: number;
}

/** The value of the label `integration` in Alertmanager's metrics. */
const INTEGRATIONS: Readonly<Record<Channel, string>> = { webhook: "webhook", mail: "email" };

/** Parses the counters from Alertmanager's /metrics. */
export function notificationCounts(page: string, via: Channel): NotificationCounts {
  const sum = (name: string) =>
    [...page.matchAll(new RegExp(`^alertmanager_${name}_total{([^}]*)} (\\S+)$`, "gm"))]
      .filter(([, labels = ""]) => labels.includes(`integration="${INTEGRATIONS[via]}"`))
      .reduce((total, [, , value]) => total + Number(value), 0);
  const failed = sum("notification_requests_failed");
  return { begun: sum("notifications"), succeeded: sum("notification_requests") - failed, failed };
}

/** By webhook and by mail. */
export type CountsByChannel = Readonly<Record<Channel, NotificationCounts>>;

const since = (before: NotificationCounts, now: NotificationCounts): NotificationCounts => ({
  begun: now.begun - before.begun,
  succeeded: now.succeeded - before.succeeded,
  failed: now.failed - before.failed,
});

/**
 * Whether a notification that reached the drill's own receiver reached the user's as well. The counters do not distinguish receivers of
 * one kind, but Alertmanager notifies both at once: when ours has arrived, and all that were begun have succeeded, so has the user's.
 */
export const allDelivered = ({ begun, succeeded }: NotificationCounts): boolean => begun >= 2 && succeeded >= begun;

/** Alertmanager's counters from one moment on, for a receiver that the user named: only these show what it accepted. */
export class NotificationCounters {
  private before: CountsByChannel | undefined;
  private now: CountsByChannel | undefined;

  /** @param read after a restart of Alertmanager it fails for a moment */
  constructor(
    private readonly given: Given,
    private readonly read: () => Promise<CountsByChannel>,
  ) {}

  async start(): Promise<void> {
    this.before = await this.look();
    this.now = undefined;
  }

  /** What was counted since the start; undefined where it is not known. */
  async sinceStart(): Promise<CountsByChannel | undefined> {
    const [before, now] = [this.before, await this.look()];
    this.now = before && now && { webhook: since(before.webhook, now.webhook), mail: since(before.mail, now.mail) };
    return this.now;
  }

  /** Failed attempts on the channels of the receivers that the user named. */
  get failed(): number {
    const { webhook, mail } = this.given;
    return (webhook ? (this.now?.webhook.failed ?? 0) : 0) + (mail ? (this.now?.mail.failed ?? 0) : 0);
  }

  private async look(): Promise<CountsByChannel | undefined> {
    return this.given.webhook || this.given.mail ? await this.read().catch(() => undefined) : undefined;
  }
}
