import { evidence as say } from "../messages/evidence.ts";
import type { Language } from "../monitoring/rules/rule.ts";
import { photograph } from "./browser.ts";
import { logIn } from "./login.ts";
import { type Part, type Picture, part } from "./model.ts";
import type { Ask } from "./prometheus.ts";

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
 * On CloudNova's own node a ballast answers its probes, and says that it is one.
 */
export async function grafanaVersion(ask: Ask): Promise<{ readonly version: string } | { readonly absent: string }> {
  const { version = "" } = (await ask("/api/health")) as { version?: string };
  return /^\d/.test(version) ? { version } : { absent: say.inGrafanasPlace(version || "?") };
}

/** Every dashboard as Grafana shows it. `port` leads to Grafana on the loopback address. */
export async function grafanaPictures(
  browser: string | undefined,
  ask: Ask,
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
      const path = `/d/${encodeURIComponent(uid)}?kiosk&theme=light&from=now-${range}&to=now`;
      pictures.push(
        await part(async () => {
          const view = { url: `http://127.0.0.1:${door.port}${path}`, language, patienceMs: PATIENCE_MS, ...WINDOW };
          return { title, address: path, data: (await photograph(browser, view, signal)).toString("base64") };
        }),
      );
    }
    return { value: pictures };
  } finally {
    await door.close();
  }
}
