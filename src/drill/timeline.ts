import type { StepName } from "../messages/drill.ts";
import type { Given } from "./given.ts";
import { allDelivered, type Channel, type CountsByChannel } from "./notification-counts.ts";

/** What reached the drill's receiver. */
export interface Message {
  /** From 1 on, in the order of arrival. */
  readonly number: number;
  readonly via: Channel;
  /** The alert's name. */
  readonly alert: string;
  readonly status: "firing" | "resolved";
  /** Of a webhook. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Of a webhook. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** Of a mail. */
  readonly subject?: string;
  /** A mail's body. */
  readonly text?: string;
}

/** What is seen of an alert at one moment. */
export interface Observation {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** What Prometheus says. */
  readonly state: "inactive" | "pending" | "firing";
  /** What has been received of this alert since the phase began. */
  readonly messages: readonly Message[];
  /** Milliseconds since the last of them, or since the phase began. */
  readonly quiet: number;
  /** What Alertmanager has counted since the phase began; where the user gave a receiver. */
  readonly counts?: CountsByChannel;
}

/** Something that has to be seen. */
export interface Step {
  readonly name: StepName;
  readonly seen: (observation: Observation) => boolean;
}

/** What must be seen before anything is broken, while it is broken, and after it was repaired; each in any order. */
export interface Phases {
  readonly before: readonly Step[];
  readonly broken: readonly Step[];
  readonly repaired: readonly Step[];
}

/** When a step was first seen, in milliseconds since 1970, by its name. */
export type Seen = ReadonlyMap<StepName, number>;

const received = (name: StepName, via: Channel, status: Message["status"]): Step => ({
  name,
  seen: ({ messages }) => messages.some((message) => message.via === via && message.status === status),
});

/** Both receivers are notified at once: when ours has the message and no notification is pending, the user's has it too. */
const handedOver = (name: StepName, via: Channel, status: Message["status"]): Step => ({
  name,
  seen: ({ messages, counts }) =>
    counts !== undefined && allDelivered(counts[via]) && messages.some((message) => message.via === via && message.status === status),
});

const DELIVERED = [received("delivered to the webhook", "webhook", "firing"), received("delivered by mail", "mail", "firing")];

/**
 * The life of an alert.
 *
 * @param waits whether its rule has a `for`, so that it is pending first
 * @param given receivers of the user's, to whom it is handed over too
 */
export function alertPhases(waits: boolean, { webhook, mail }: Given = {}): Phases {
  return {
    before: [{ name: "silent", seen: ({ state }) => state === "inactive" }],
    broken: [
      ...(waits ? [{ name: "pending" as const, seen: ({ state }: Observation) => state !== "inactive" }] : []),
      { name: "firing", seen: ({ state }) => state === "firing" },
      ...DELIVERED,
      ...(webhook ? [handedOver("handed over to your webhook", "webhook", "firing")] : []),
      ...(mail ? [handedOver("handed over to your mail server", "mail", "firing")] : []),
    ],
    repaired: [
      { name: "resolved", seen: ({ state }) => state === "inactive" },
      received("resolution delivered to the webhook", "webhook", "resolved"),
      received("resolution delivered by mail", "mail", "resolved"),
      ...(webhook ? [handedOver("resolution handed over to your webhook", "webhook", "resolved")] : []),
      ...(mail ? [handedOver("resolution handed over to your mail server", "mail", "resolved")] : []),
    ],
  };
}

/** A dead man's switch acts after this long without a sign of life; its signs come every 5 s in a drill. */
const SILENCE_MS = 20_000;

/** The life of an alert that always fires: what is noticed is its absence. */
export const WATCHDOG_PHASES: Phases = {
  before: DELIVERED,
  broken: [{ name: "silence noticed", seen: ({ quiet }) => quiet >= SILENCE_MS }],
  repaired: [received("again delivered to the webhook", "webhook", "firing"), received("again delivered by mail", "mail", "firing")],
};

/** The steps seen so far, with those that this observation adds. */
export function advance(steps: readonly Step[], seen: Seen, observation: Observation): Seen {
  const fresh = steps.filter(({ name, seen: holds }) => !seen.has(name) && holds(observation));
  return new Map([...seen, ...fresh.map(({ name }) => [name, observation.at] as const)]);
}

/** The steps that were not seen. */
export const missing = (steps: readonly Step[], seen: Seen): StepName[] => steps.map(({ name }) => name).filter((name) => !seen.has(name));
