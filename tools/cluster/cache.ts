import { join } from "node:path";
import { cacheFolder } from "../toolchain/cache.ts";

/** Folder of root file systems and images that are made here: cached by content, shared by all clones on this machine. */
export const imageCache = (): string => join(cacheFolder(), "images");
