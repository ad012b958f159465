const NOTE_EVERY_MS = 30_000; // without a terminal: often enough to see life in a log, seldom enough to read it

/** Elapsed time for a person: "0.4 s", "12 s", "3 min 05 s". @param ms milliseconds */
export function elapsed(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (ms < 10_000) return `${(ms / 1000).toFixed(1)} s`;
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, "0")} s`;
}

/**
 * Runs `work` and shows on standard error what is being done and for how long: one line rewritten every second
 * on a terminal, otherwise a line at the start, one each 30 s and one at the end.
 *
 * @param hint what to expect, for instance "first time only, about 5 minutes"
 */
export async function withProgress<T>(title: string, hint: string, work: () => Promise<T>): Promise<T> {
  const { stderr } = process;
  const start = Date.now();
  const line = (mark: string) => `${mark} ${title} ${elapsed(Date.now() - start)}`;
  const say = (text: string, final = false) => stderr.write(stderr.isTTY ? `\r\x1b[K${text}${final ? "\n" : ""}` : `${text}\n`);
  say(`… ${title}${hint ? ` (${hint})` : ""}`);
  const timer = setInterval(() => say(`${line("…")}${hint ? ` (${hint})` : ""}`), stderr.isTTY ? 1000 : NOTE_EVERY_MS);
  try {
    const result = await work();
    say(line("✔"), true);
    return result;
  } catch (error) {
    say(line("✖"), true);
    throw error;
  } finally {
    clearInterval(timer);
  }
}
