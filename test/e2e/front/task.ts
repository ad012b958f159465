/** Where a client's requests go: the node's own port, past the one that kind publishes. */
export interface Target {
  readonly address: string;
  readonly port: number;
}

/** Bytes to send on a connection of their own. */
export interface Bytes {
  readonly name: string;
  /** One character for each byte. */
  readonly text: string;
}

/** What a connection that is held has of a request; `page`: a body that comes with a GET. */
export type Held = "silence" | "header" | "body" | "page";

/** What one client does. */
export type Task =
  /** Sends each of these, one after the other. */
  | { readonly kind: "send"; readonly all: readonly Bytes[] }
  /** Asks for pages at a fixed rate, whatever the answers; forged: each time under another address of 203.0.113.0/24. */
  | { readonly kind: "visit"; readonly rate: number; readonly seconds: number; readonly forged?: true }
  /** Opens connections and keeps them: silent, or with a header or a body that never ends, of which a little comes each second. */
  | { readonly kind: "hold"; readonly what: Held; readonly count: number; readonly seconds: number }
  /** Sends bodies of so many bytes as fast as they are taken. */
  | { readonly kind: "large"; readonly bytes: number; readonly count: number; readonly seconds: number }
  /** Begins streams of HTTP/2 and resets each at once. */
  | { readonly kind: "reset"; readonly streams: number; readonly seconds: number };

/** What became of it. */
export interface Result {
  /** The client's own address. */
  readonly client: string;
  /** How often each thing came: a status, or the code of an error. */
  readonly counts: Readonly<Record<string, number>>;
  /** Visits: how long each answer took, ms. */
  readonly times: readonly number[];
  /** Bytes: what came back for each, as it came. */
  readonly replies: Readonly<Record<string, string>>;
}

/** What came back, before its client is named. */
export type Outcome = Partial<Omit<Result, "client">>;

/** Counts things by name. */
export class Counter {
  readonly counts: Record<string, number> = {};
  add(...names: readonly (string | number)[]): void {
    for (const name of names) this.counts[name] = (this.counts[name] ?? 0) + 1;
  }
}

/** Statuses of the answers in a text, in their order. */
export const statusesIn = (text: string): number[] => [...text.matchAll(/^HTTP\/1\.[01] (\d{3})/gm)].map(([, status]) => Number(status));
