import type { Held } from "../../../src/cluster/apply/lease.ts";
import type { Answer, Call, Client } from "../../../src/cluster/transport/client.ts";

/** A lease as it is sent. */
type Sent = { metadata: { resourceVersion?: string }; spec: Held["spec"] & { renewTime: string } };

/** The part of an API server that keeps one lease, with its versions, and a client of it. */
export class Leases {
  lease: (Sent & Held) | undefined;
  /** How many leases were written. */
  version = 0;
  /** What the client refuses since. */
  refusal: Error | undefined;
  /** Whether the answer to the next PUT does not arrive, though its change does. */
  losesAnswer = false;
  /** Whether the server is out of reach for renewals. */
  deaf = false;
  /** How long a renewal takes, ms, and the most that were under way at a time. */
  slowMs = 0;
  atOnce = 0;
  private renewals = 0;

  readonly client = {
    send: (call: Call): Promise<Answer> => this.receive(call),
    find: async () => this.lease,
    expect: (given: Answer) => given,
    refuse: (error: Error) => (this.refusal ??= error),
    withoutSignal: () => this.client,
    close: () => undefined,
  } as unknown as Client;

  /** Somebody's lease. @param clockMs how wrong that machine's clock is */
  heldBy(holderIdentity: string, clockMs = 0): void {
    const time = new Date(Date.now() + clockMs).toISOString().replace("Z", "000Z");
    this.write({ metadata: {}, spec: { holderIdentity, leaseDurationSeconds: 30, acquireTime: time, renewTime: time } });
  }

  private write(sent: Sent): Answer {
    this.version += 1;
    this.lease = { ...sent, metadata: { ...sent.metadata, resourceVersion: String(this.version) } };
    return { status: 200, body: this.lease, warnings: [] };
  }

  private async receive(call: Call): Promise<Answer> {
    if (call.method !== "PUT" || this.slowMs === 0) return this.answer(call);
    this.renewals += 1;
    this.atOnce = Math.max(this.atOnce, this.renewals);
    await new Promise((resolve) => setTimeout(resolve, this.slowMs));
    this.renewals -= 1;
    return this.answer(call);
  }

  private answer({ method, body }: Call): Answer {
    const conflict: Answer = { status: 409, body: { reason: "Conflict" }, warnings: [] };
    if (method === "POST") return this.lease ? conflict : this.write(body as Sent);
    const wanted = method === "DELETE" ? (body as { preconditions: Held["metadata"] }).preconditions : (body as Sent).metadata;
    if (this.deaf && method === "PUT") throw new Error("no connection");
    if (wanted.resourceVersion !== this.lease?.metadata.resourceVersion) return conflict;
    if (method === "DELETE") {
      this.lease = undefined;
      return { status: 200, body: {}, warnings: [] };
    }
    const written = this.write(body as Sent);
    if (!this.losesAnswer) return written;
    this.losesAnswer = false;
    return conflict; // as Client does: a request whose answer is lost is sent again
  }
}
