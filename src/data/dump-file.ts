import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { Readable, type Transform } from "node:stream";
import zlib from "node:zlib";
import { ClusterError } from "../cluster/cluster-error.ts";
import { data as words } from "../messages/data.ts";

const begins = (bytes: Buffer, ...values: readonly number[]) => values.every((value, index) => bytes[index] === value);

/** Archives that a program of the user's unpacks, by their first bytes. */
const PACKED: readonly (readonly [bytes: readonly number[], program: string])[] = [
  [[0x42, 0x5a, 0x68], "bunzip2"],
  [[0xfd, 0x37, 0x7a, 0x58, 0x5a], "unxz"],
  [[0x50, 0x4b, 0x03, 0x04], "unzip"],
];
/** Files that are no SQL, by their first bytes. */
const OTHERS: readonly (readonly [start: string, name: string])[] = [
  ["PGDMP", "PostgreSQL"],
  ["SQLite format 3", "SQLite"],
];
/** Node has it since 22.15. */
const { createZstdDecompress } = zlib as { createZstdDecompress?: () => Transform };

/** The first bytes of a stream, which are put back, and the stream. */
async function peek(source: AsyncIterable<Buffer>): Promise<{ readonly first: Buffer; readonly whole: AsyncGenerator<Buffer> }> {
  const iterator = source[Symbol.asyncIterator]();
  const held: Buffer[] = [];
  // Enough for every mark, and a pipe may give less at once.
  while (held.reduce((sum, { length }) => sum + length, 0) < 16) {
    const { value, done } = await iterator.next();
    if (done) break;
    held.push(value);
  }
  async function* whole(): AsyncGenerator<Buffer> {
    yield* held;
    yield* { [Symbol.asyncIterator]: () => iterator };
  }
  return { first: Buffer.concat(held), whole: whole() };
}

/** Unpacks a stream. @throws ClusterError where the archive is not whole */
async function* unpacked(packed: AsyncIterable<Buffer>, unpack: Transform, name: string): AsyncGenerator<Buffer> {
  const source = Readable.from(packed);
  source.on("error", (error) => unpack.destroy(error));
  try {
    yield* source.pipe(unpack);
  } catch (error) {
    if (/^(Z_|ZSTD_|ERR_ZLIB|ZSTD_error)/.test((error as NodeJS.ErrnoException).code ?? ""))
      throw new ClusterError(words.brokenArchive(name), words.dumpAgain);
    throw error;
  } finally {
    source.destroy();
  }
}

/** Text of another encoding as UTF-8: PowerShell's `>` writes UTF-16. */
async function* decoded(source: AsyncIterable<Buffer>, encoding: "utf-16le" | "utf-16be"): AsyncGenerator<Buffer> {
  const decoder = new TextDecoder(encoding);
  for await (const chunk of source) yield Buffer.from(decoder.decode(chunk, { stream: true }));
  yield Buffer.from(decoder.decode());
}

async function* after(source: AsyncIterable<Buffer>, bytes: number): AsyncGenerator<Buffer> {
  let left = bytes;
  for await (const chunk of source) {
    yield chunk.subarray(Math.min(left, chunk.length));
    left -= Math.min(left, chunk.length);
  }
}

/** A file, opened when it is read. */
async function* read(path: string): AsyncGenerator<Buffer> {
  yield* createReadStream(path);
}

/** SQL as UTF-8, whatever it was packed and written in. */
async function* sqlOf(source: AsyncIterable<Buffer>, name: string): AsyncGenerator<Buffer> {
  const { first, whole } = await peek(source);
  const packed = PACKED.find(([bytes]) => begins(first, ...bytes))?.[1];
  if (packed) throw new ClusterError(words.packed(name), words.unpack(packed, name));
  const other = OTHERS.find(([start]) => first.toString("latin1").startsWith(start))?.[1];
  if (other) throw new ClusterError(words.otherServer(name, other));
  if (first.length === 0) throw new ClusterError(words.emptyDump(name), words.dumpAgain);
  if (begins(first, 0x1f, 0x8b)) return yield* sqlOf(unpacked(whole, zlib.createGunzip(), name), name);
  if (begins(first, 0x28, 0xb5, 0x2f, 0xfd)) {
    if (!createZstdDecompress) throw new ClusterError(words.packed(name), words.unpack("unzstd", name));
    return yield* sqlOf(unpacked(whole, createZstdDecompress(), name), name);
  }
  if (begins(first, 0xff, 0xfe)) return yield* decoded(whole, "utf-16le");
  if (begins(first, 0xfe, 0xff)) return yield* decoded(whole, "utf-16be");
  return yield* begins(first, 0xef, 0xbb, 0xbf) ? after(whole, 3) : whole;
}

/**
 * Opens a dump: SQL, packed with gzip or zstd or not.
 *
 * @param path `-`: standard input
 * @throws ClusterError where there is no such file; the stream throws one where it is no SQL
 */
export async function openDump(path: string, stdin: Readable): Promise<AsyncGenerator<Buffer>> {
  if (path === "-") return sqlOf(stdin, words.standardInput);
  const file = await stat(path).catch(({ code }: NodeJS.ErrnoException) => {
    throw new ClusterError(words.unreadable(path, code ?? ""), words.giveDump);
  });
  if (file.isDirectory()) throw new ClusterError(words.folder(path), words.giveDump);
  return sqlOf(read(path), path);
}
