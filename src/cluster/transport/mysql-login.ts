import { createHash } from "node:crypto";
import { once } from "node:events";
import type { Duplex } from "node:stream";
import { connect } from "node:tls";

// MySQL's client/server protocol as far as a login goes (dev.mysql.com/doc/dev/mysql-server, "Connection Phase"): enough to see whether
// an account gets in, without a driver.

/** Capability flags of the client. */
const LONG_PASSWORD = 0x1;
const CONNECT_WITH_DB = 0x8;
const PROTOCOL_41 = 0x200;
const SSL = 0x800;
const SECURE_CONNECTION = 0x8000;
const PLUGIN_AUTH = 0x8_0000;
const CLIENT = LONG_PASSWORD | CONNECT_WITH_DB | PROTOCOL_41 | SECURE_CONNECTION | PLUGIN_AUTH;

const MAX_PACKET = 0x100_0000;
/** utf8mb4_general_ci */
const CHARACTER_SET = 45;
const PLUGIN = "caching_sha2_password";
/** First bytes of the server's answers, and what follows `MORE`. */
const [OK, MORE, SWITCH, ERROR] = [0x00, 0x01, 0xfe, 0xff];
const [FAST_DONE, FULL] = [0x03, 0x04];

export interface Login {
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

const sha256 = (...parts: readonly (Buffer | string)[]): Buffer =>
  parts.reduce((hash, part) => hash.update(part), createHash("sha256")).digest();

/** What proves the password without telling it (caching_sha2_password's fast path). */
export function scramble(password: string, nonce: Buffer): Buffer {
  if (password === "") return Buffer.alloc(0);
  const once = sha256(password);
  const mask = sha256(sha256(once), nonce);
  return Buffer.from(once.map((byte, index) => byte ^ (mask[index] ?? 0)));
}

const nul = (text: string) => Buffer.from(`${text}\0`);

/** The beginning that a request for TLS and a login share: flags, largest packet, character set, 23 zeros. */
function head(flags: number): Buffer {
  const bytes = Buffer.alloc(32);
  bytes.writeUInt32LE(flags, 0);
  bytes.writeUInt32LE(MAX_PACKET, 4);
  bytes[8] = CHARACTER_SET;
  return bytes;
}

/** Packets of a connection: three bytes of length, a sequence number, the payload. */
class Packets {
  private rest = Buffer.alloc(0);
  private sequence = 0;

  constructor(private readonly stream: Duplex) {}

  /** @throws Error when the connection ends before */
  async read(): Promise<Buffer> {
    for (;;) {
      const length = this.rest.length < 4 ? Number.POSITIVE_INFINITY : this.rest.readUIntLE(0, 3);
      if (this.rest.length >= 4 + length) {
        this.sequence = (this.rest[3] ?? 0) + 1;
        const payload = this.rest.subarray(4, 4 + length);
        this.rest = this.rest.subarray(4 + length);
        return payload;
      }
      this.rest = Buffer.concat([this.rest, await this.chunk()]);
    }
  }

  /** The next bytes. No listener stays behind: TLS takes the stream over after the first packet. */
  private async chunk(): Promise<Buffer> {
    for (;;) {
      const chunk: Buffer | null = this.stream.read();
      if (chunk) return chunk;
      if (this.stream.readableEnded || this.stream.destroyed) throw new Error("the connection ended");
      const heard = new AbortController();
      await Promise.race(["readable", "end", "close"].map((event) => once(this.stream, event, { signal: heard.signal }))).finally(() =>
        heard.abort(),
      );
    }
  }

  write(payload: Buffer): void {
    const header = Buffer.alloc(4);
    header.writeUIntLE(payload.length, 0, 3);
    header[3] = this.sequence++;
    this.stream.write(Buffer.concat([header, payload]));
  }

  /** What comes after a request for TLS goes on with its numbers. */
  continuing(other: Packets): this {
    this.sequence = other.sequence;
    return this;
  }
}

/** What the server says in an ERR packet: its code and words. */
function errorIn(packet: Buffer): Error {
  const text = packet.subarray(3).toString();
  return new Error(`${packet.readUInt16LE(1)}: ${text.replace(/^#.{5}/, "")}`);
}

/** The server's first packet: its version, and the 20 bytes that a password is mixed with. */
function greeting(packet: Buffer): { readonly version: string; readonly nonce: Buffer; readonly tls: boolean } {
  if (packet[0] === ERROR) throw errorIn(packet);
  const end = packet.indexOf(0, 1);
  const at = end + 5; // after the thread's number
  const flags = packet.readUInt16LE(at + 9);
  const nonce = Buffer.concat([packet.subarray(at, at + 8), packet.subarray(at + 27, at + 39)]); // "31" and "20" count the zero bytes
  return { version: packet.subarray(1, end).toString(), nonce, tls: (flags & SSL) !== 0 };
}

/** What a client answers until the server is content. @throws Error with the server's words, or where it wants what would not be safe */
function answerTo(packet: Buffer, password: string, tls: boolean): Buffer | undefined {
  const [first, second] = packet;
  if (first === ERROR) throw errorIn(packet);
  if (first === MORE && second === FAST_DONE) return undefined;
  if (first === MORE && second === FULL) {
    if (!tls) throw new Error("the server wants the password in plain text, and has no TLS");
    return nul(password);
  }
  const end = packet.indexOf(0, 1);
  const method = packet.subarray(1, end).toString();
  if (first !== SWITCH || method !== PLUGIN) throw new Error(first === SWITCH ? `login method ${method}` : `unexpected packet ${first}`);
  return scramble(password, packet.subarray(end + 1, end + 21));
}

/** Logs in, over TLS where the server has it. The certificate is not checked: the connection comes through the API server. */
async function loggedIn(stream: Duplex, { user, password, database }: Login): Promise<string> {
  const plain = new Packets(stream);
  const { version, nonce, tls } = greeting(await plain.read());
  const flags = CLIENT | (tls ? SSL : 0);
  if (tls) plain.write(head(flags));
  const secured = tls ? connect({ socket: stream, rejectUnauthorized: false }) : stream;
  const packets = tls ? new Packets(secured).continuing(plain) : plain;
  const proof = scramble(password, nonce);
  packets.write(Buffer.concat([head(flags), nul(user), Buffer.from([proof.length]), proof, nul(database), nul(PLUGIN)]));
  for (;;) {
    const packet = await packets.read();
    if (packet[0] === OK) return version;
    const answer = answerTo(packet, password, tls);
    if (answer) packets.write(answer);
  }
}

/** A login that takes longer has failed, ms. */
const LONGEST_MS = 15_000;

/**
 * Logs an account in on a MySQL server of 8.0 or later, with its database as the default, and leaves again.
 *
 * @returns the server's version
 * @throws Error with MySQL's code and words, such as `1045: Access denied for user …`
 */
export async function mysqlLogin(stream: Duplex, login: Login): Promise<string> {
  const late = setTimeout(() => stream.destroy(new Error(`no answer within ${LONGEST_MS / 1000} s`)), LONGEST_MS);
  try {
    return await loggedIn(stream, login);
  } finally {
    clearTimeout(late);
    stream.destroy();
  }
}
