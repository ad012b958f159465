import { readdirSync, readFileSync, statSync } from "node:fs";
import type { Files } from "./model.ts";

/** Larger than a configuration or a source file could be. */
const MAX_BYTES = 4 * 1024 * 1024;

/** Byte order marks of files that are not in UTF-8: PowerShell writes `pip freeze > requirements.txt` in UTF-16, and pip reads it. */
const MARKS: readonly (readonly [mark: readonly number[], encoding: string])[] = [
  [[0xff, 0xfe], "utf-16le"],
  [[0xfe, 0xff], "utf-16be"],
];

/** The text of a file, without its byte order mark. */
function decoded(bytes: Uint8Array): string {
  const [, encoding = "utf-8"] = MARKS.find(([mark]) => mark.every((byte, at) => bytes[at] === byte)) ?? [];
  return new TextDecoder(encoding).decode(bytes);
}

/** The files of this machine. */
export const disk: Files = {
  read: (path) => {
    const status = statSync(path, { throwIfNoEntry: false });
    // A pipe or a device would be read for ever.
    if (!status?.isFile() || status.size > MAX_BYTES) return undefined;
    try {
      return decoded(readFileSync(path));
    } catch {
      return undefined;
    }
  },
  list: (path) => {
    try {
      return readdirSync(path).sort();
    } catch {
      return undefined;
    }
  },
};
