import { seconds } from "../config/units.ts";
import type { Language } from "../language.ts";
import { evidence as say } from "../messages/evidence.ts";
import type { AskJson } from "../monitoring/prometheus-api.ts";
import { photograph } from "./browser.ts";
import { logIn } from "./login.ts";
import { type Part, type Picture, part } from "./model.ts";

/** Tall enough for the panels at the top of every dashboard. */
const WINDOW = { width: 1600, height: 1200 };
/** Its scripts ask Prometheus and draw; this is in the page's own clock, which stands still while an answer is awaited. */
const PATIENCE_MS = 20_000;

/** A dashboard as Grafana is asked for it. */
export interface GrafanaBoard {
  readonly uid: string;
  readonly title: string;
}

/**
 * What answers in Grafana's place: its version, or why there is no Grafana.
 * With environments/stand-ins.yaml a ballast answers its probes, and says that it is one.
 */
export async function grafanaVersion(ask: AskJson): Promise<{ readonly version: string } | { readonly absent: string }> {
  const { version = "" } = (await ask("/api/health")) as { version?: string };
  return /^\d/.test(version) ? { version } : { absent: say.inGrafanasPlace(version || "?") };
}

/** A dashboard's page without Grafana's own menus. @param range how far back it shows, such as `1h30m`; Grafana itself takes one unit alone */
export const boardPath = (uid: string, range: string): string =>
  `/d/${encodeURIComponent(uid)}?kiosk&theme=light&from=now-${Math.round(seconds(range))}s&to=now`;

/** A page of Grafana as a browser draws it. `port` lets a reader in without a password. @throws Error in words */
export const boardPicture = (browser: string, port: number, path: string, language: string, signal?: AbortSignal): Promise<Buffer> =>
  photograph(browser, { url: `http://127.0.0.1:${port}${path}`, language, patienceMs: PATIENCE_MS, ...WINDOW }, signal);

/** Every dashboard as Grafana shows it. `port` leads to Grafana on the loopback address. */
export async function grafanaPictures(
  browser: string | undefined,
  ask: AskJson,
  port: number,
  password: string,
  boards: readonly GrafanaBoard[],
  range: string,
  language: Language,
  signal: AbortSignal,
): Promise<Part<Part<Picture>[]>> {
  const found = await grafanaVersion(ask);
  if ("absent" in found) return found;
  if (!browser) return { failed: say.noBrowser };
  const door = await logIn(port, "admin", password);
  try {
    const pictures: Part<Picture>[] = [];
    for (const { uid, title } of boards) {
      const path = boardPath(uid, range);
      pictures.push(
        await part(async () => {
          const data = await boardPicture(browser, door.port, door.entry(path), language, signal);
          return { title, address: path, data: data.toString("base64") };
        }),
      );
    }
    return { value: pictures };
  } finally {
    await door.close();
  }
}
