import type { Readable, Writable } from "node:stream";

/** The streams of a command; an argument, so that tests can read them. */
export interface Io {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Writable & { readonly isTTY?: boolean };
  readonly stderr: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * Exit codes: what a script can rely on. `diff` follows kubectl: 0 without a difference, 1 with one, 2 when it could not compare.
 */
export const EXIT = { ok: 0, problem: 1, difference: 1, notCompared: 2, interrupted: 130 } as const;

const CODES = { green: 32, yellow: 33, red: 31, cyan: 36, dim: 2, bold: 1 } as const;
export type Colour = keyof typeof CODES;
export type Paint = (colour: Colour, text: string) => string;

/** Colours for a terminal; none anywhere else, or where $NO_COLOR is set (no-color.org). */
export function painter(stream: { readonly isTTY?: boolean }, env: Io["env"]): Paint {
  const on = stream.isTTY === true && !env.NO_COLOR && env.TERM !== "dumb";
  return (colour, text) => (on ? `\x1b[${CODES[colour]}m${text}\x1b[0m` : text);
}

/** Writes a line. */
export const line = (stream: Writable, text: string): void => void stream.write(`${text}\n`);

/** Writes a value as JSON, for programs. */
export const json = (io: Io, value: unknown): void => line(io.stdout, JSON.stringify(value, undefined, 2));
