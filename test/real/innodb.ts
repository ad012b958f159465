import { closeSync, openSync, readSync, writeSync } from "node:fs";
import { join } from "node:path";

/** InnoDB's page size where nothing else is configured, and its header's offsets (storage/innobase/include/fil0types.h). */
const PAGE = 16_384;
const CHECKSUM = 0;
const SERVER_VERSION = 8;
/** Fields that are set without a new checksum lie between; the last 8 bytes hold the checksum again. */
const [HEADER_START, HEADER_END, BODY_START, TRAILER] = [4, 26, 38, PAGE - 8];

const TABLE = Uint32Array.from({ length: 256 }, (_, index) =>
  Array.from({ length: 8 }).reduce<number>((crc) => (crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1), index),
);
/** CRC-32C (Castagnoli). */
const crc32c = (bytes: Uint8Array): number => ~bytes.reduce((crc, byte) => (TABLE[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8), ~0) >>> 0;
const checksum = (page: Buffer): number =>
  (crc32c(page.subarray(HEADER_START, HEADER_END)) ^ crc32c(page.subarray(BODY_START, TRAILER))) >>> 0;

/** The version of MySQL that a data folder claims, such as 90704 for 9.7.4: in the first page of mysql.ibd. */
export function dataOf(folder: string) {
  const file = join(folder, "mysql.ibd");
  const firstPage = (flags: string, use: (page: Buffer, write: () => void) => void): void => {
    const descriptor = openSync(file, flags);
    try {
      const page = Buffer.alloc(PAGE);
      readSync(descriptor, page, 0, PAGE, 0);
      if (page.readUInt32BE(CHECKSUM) !== checksum(page)) throw new Error(`${file}: the checksum of its first page is wrong`);
      use(page, () => writeSync(descriptor, page, 0, PAGE, 0));
    } finally {
      closeSync(descriptor);
    }
  };
  return {
    version(): number {
      let version = 0;
      firstPage("r", (page) => {
        version = page.readUInt32BE(SERVER_VERSION);
      });
      return version;
    },
    /** Writes another version, with the checksum that mysqld wants. */
    claim(version: number): void {
      firstPage("r+", (page, write) => {
        page.writeUInt32BE(version, SERVER_VERSION);
        for (const offset of [CHECKSUM, TRAILER]) page.writeUInt32BE(checksum(page), offset);
        write();
      });
    },
  };
}
