import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { HOME } from "./layout.ts";

/** How the node was started last. */
export interface Choices {
  /** Memory of the whole node, in MiB. */
  readonly memoryMiB: number;
  /** NodePorts that are reachable on 127.0.0.1. */
  readonly ports: readonly number[];
  /** Port of 127.0.0.1 that leads to the API server: a free one at each start. */
  readonly api: number;
  /** What it is made of, in words. */
  readonly version: string;
  /** When, in ms since 1970. */
  readonly since: number;
}

const FILE = join(HOME, "choices.json");

/** Remembers how the node is started. */
export const writeChoices = (choices: Choices): Promise<void> => writeFile(FILE, JSON.stringify(choices));

/** How the node was started last; undefined when it never was. */
export async function readChoices(): Promise<Choices | undefined> {
  return existsSync(FILE) ? JSON.parse(await readFile(FILE, "utf8")) : undefined;
}
