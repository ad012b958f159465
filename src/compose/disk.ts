import { readdirSync, readFileSync, statSync } from "node:fs";
import type { Files } from "./model.ts";

/** Larger than a configuration or a source file could be. */
const MAX_BYTES = 4 * 1024 * 1024;

/** The files of this machine. */
export const disk: Files = {
  read: (path) => {
    const status = statSync(path, { throwIfNoEntry: false });
    // A pipe or a device would be read for ever.
    if (!status?.isFile() || status.size > MAX_BYTES) return undefined;
    try {
      return readFileSync(path, "utf8");
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
