import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GrafanaServer } from "../e2e/grafana/grafana-server.ts";
import { photographer } from "../e2e/grafana/pictures.ts";
import { PASSWORD, startStandIn } from "../e2e/grafana/stand-in.ts";
import type { Wanted } from "../e2e/grafana/wanted-board.ts";

/** The pictures of `npm run e2e:grafana` by the real browser, of a page that is not Grafana's. */
jest.setTimeout(5 * 60_000);

const wanted = (name: string): Wanted => ({ name, board: { uid: name, title: "Overview" }, imported: false });

test("a page behind a login is photographed into a file; an empty one is told", async () => {
  const folder = mkdtempSync(join(tmpdir(), "cloudnova-grafana-"));
  const standIn = await startStandIn([wanted("full").board], { replies: { "/d/empty": [200, "<p></p>"] } });
  const { picture, close } = await photographer(new GrafanaServer(standIn.port, "admin", PASSWORD), process.env, {
    folder: join(folder, "pictures"),
    range: "1h",
    language: "en",
  });
  try {
    const file = await picture(wanted("full"));
    expect(file).toBe(join(folder, "pictures", "full.webp"));
    expect(readFileSync(file).subarray(8, 12).toString()).toBe("WEBP");
    await expect(picture(wanted("empty"))).rejects.toThrow(/empty.webp shows an empty page$/);
    expect(existsSync(join(folder, "pictures", "empty.webp"))).toBe(true); // for whoever wants to see it
  } finally {
    await close();
    await standIn.stop();
    rmSync(folder, { recursive: true });
  }
});
