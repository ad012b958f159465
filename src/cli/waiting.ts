import { type Standing, startSeconds, waitFor } from "../cluster/observe/watch.ts";
import { commands as words } from "../messages/commands.ts";
import { line, painter } from "./io.ts";
import type { ClusterOptions, Session } from "./session.ts";
import { progress, standingLines } from "./standings.ts";

/** Waits for everything that was applied, with progress on standard error. */
export async function waitIn(
  { io, client, source }: Session,
  options: Pick<ClusterOptions, "output"> & { readonly timeout: number },
): Promise<Standing[]> {
  const objects = source.objects();
  // An application may say itself that it takes longer.
  const seconds = Math.max(options.timeout, ...objects.map(startSeconds));
  const standings = await waitFor(client, objects, seconds * 1000, progress(io));
  const paint = painter(io.stdout, io.env);
  const late = standings.filter(({ state }) => state !== "ready");
  if (options.output === "text") {
    for (const standing of late) for (const text of standingLines(standing, paint)) line(io.stdout, text);
    line(io.stdout, late.length === 0 ? words.allUp(standings.length) : words.notUp(late.length, standings.length));
  }
  return standings;
}
