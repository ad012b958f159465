import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findBrowser } from "../../../src/evidence/browser.ts";
import { boardPath, boardPicture } from "../../../src/evidence/grafana-pictures.ts";
import { logIn } from "../../../src/evidence/login.ts";
import type { GrafanaServer } from "./grafana-server.ts";
import type { Wanted } from "./wanted-board.ts";

/** A page that shows nothing takes some 2,000 bytes as WebP, one with a single line of text more than this. */
const LEAST_BYTES = 4_000;

/** Takes pictures of Grafana's pages through a port that says the password, so that it is on no command line. */
export async function photographer(
  server: GrafanaServer,
  env: Readonly<Record<string, string | undefined>>,
  {
    folder,
    range,
    language,
    signal,
  }: { readonly folder: string; readonly range: string; readonly language: string; readonly signal?: AbortSignal },
) {
  const browser = findBrowser(env);
  if (!browser) throw new Error("no Chromium on this machine: install one, name it in $CHROMIUM, or leave pictures out with --no-pictures");
  const { port, entry, close } = await logIn(server.port, server.user, server.password);
  mkdirSync(folder, { recursive: true });
  return {
    close,
    /** @throws Error when the browser fails, or sees an empty page */
    picture: async ({ name, board }: Wanted): Promise<string> => {
      const file = join(folder, `${name}.webp`);
      const data = await boardPicture(browser, port, entry(boardPath(board.uid, range)), language, signal);
      writeFileSync(file, data);
      if (data.length < LEAST_BYTES) throw new Error(`${file} shows an empty page`);
      return file;
    },
  };
}
