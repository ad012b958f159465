import type { Given } from "./given.ts";

/** The ways on which the drill's receiver is told. */
export type Channel = "webhook" | "mail";

/** How often Alertmanager has told by one means, as its own counters say since it started. */
export interface NotificationCounts {
  /** Notifications begun; each goes on until it succeeded, or until Alertmanager gives up. */
  readonly begun: number;
  /** Attempts that succeeded: the other side took it. */
  readonly succeeded: number;
  /** Attempts that failed. */
  readonly failed: number;
}

/** What `via` is in Alertmanager's counters. */
const INTEGRATIONS: Readonly<Record<Channel, string>> = { webhook: "webhook", mail: "email" };

/** The counters on Alertmanager's page of metrics. */
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
 * Whether what reached the drill's own receiver was handed over to the user's as well. The counters do not tell receivers of one kind
 * apart, but Alertmanager begins to tell both at once: when its own has come, and all that was begun has succeeded, so has the other's.
 */
export const allDelivered = ({ begun, succeeded }: NotificationCounts): boolean => begun >= 2 && succeeded >= begun;

/** Alertmanager's counters from one moment on, where the user gave a receiver of whom nothing else is known. */
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

  /** Attempts that failed, by the means that the user gave. */
  get failed(): number {
    const { webhook, mail } = this.given;
    return (webhook ? (this.now?.webhook.failed ?? 0) : 0) + (mail ? (this.now?.mail.failed ?? 0) : 0);
  }

  private async look(): Promise<CountsByChannel | undefined> {
    return this.given.webhook || this.given.mail ? await this.read().catch(() => undefined) : undefined;
  }
}
