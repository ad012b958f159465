/** How an attempt ended that brought no usable answer. */
export interface Failure {
  /** HTTP status; undefined when the connection broke before an answer. */
  readonly status?: number;
  /** Node's code of a broken connection, such as ECONNRESET. */
  readonly code?: string;
  /** What the server asks to wait, in milliseconds. */
  readonly retryAfter?: number;
  /** Kubernetes' reason in the answer. */
  readonly reason?: string;
  /** Whether a conflict stays when the request is sent again: it is with another field manager, or over a version that it names. */
  readonly lastingConflict?: boolean;
  /** Whether a server that answered is starting anew: then it is retried for longer, since it refuses every user until it has read the roles. */
  readonly restarted?: boolean;
}

/** Attempts in all; with the delays below they span about 15 s: a restart of an API server or its load balancer. */
const ATTEMPTS = 8;
/** The same for a server that was there a moment ago, about 35 s: on a small machine, its kubelet waits before it starts it again. */
const PATIENT_ATTEMPTS = 13;
const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 4000;
/** When a server asks to wait longer than this, the request fails at once. */
const LONGEST_ASKED_MS = 30_000;

const BUSY = new Set([429, 500, 502, 503, 504]);
/** Broken or not yet there; what does not change by waiting (a wrong name, a wrong certificate) is not among them. */
const BROKEN = new Set(["ECONNRESET", "ECONNREFUSED", "ECONNABORTED", "EPIPE", "ETIMEDOUT", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH"]);

function passing({ status, code, reason, lastingConflict, restarted }: Failure): boolean {
  if (status === undefined) return BROKEN.has(code ?? "");
  // An update that crossed another one; server-side apply names no version, so the same request can simply be sent again.
  if (status === 409) return reason === "Conflict" && !lastingConflict;
  return BUSY.has(status) || (status === 403 && restarted === true);
}

/**
 * How long to wait before the next attempt, in milliseconds; undefined when there is to be none.
 *
 * @param attempt the attempt that failed, from 1
 * @param random in [0, 1): spreads the attempts of several clients
 */
export function retryDelay(attempt: number, failure: Failure, random: number): number | undefined {
  if (attempt >= (failure.restarted ? PATIENT_ATTEMPTS : ATTEMPTS) || !passing(failure)) return undefined;
  if (failure.retryAfter !== undefined) return failure.retryAfter <= LONGEST_ASKED_MS ? failure.retryAfter : undefined;
  const delay = Math.min(FIRST_DELAY_MS * 2 ** (attempt - 1), LONGEST_DELAY_MS);
  return delay * (0.75 + random / 2);
}
