import { nameOf } from "../cluster/objects/kube-object.ts";
import type { Standing } from "../cluster/observe/watch.ts";
import { readiness as say } from "../messages/readiness.ts";
import { type Colour, type Io, line, type Paint, painter } from "./io.ts";

const MARKS: Readonly<Record<Standing["state"], readonly [string, Colour]>> = {
  ready: ["✔", "green"],
  waiting: ["…", "yellow"],
  failed: ["✖", "red"],
};

/** A workload in a line, and in one more for each reason why it is not ready. */
export function standingLines({ ref, state, ready, wanted, words, troubles, pulls }: Standing, paint: Paint): string[] {
  const [mark, colour] = MARKS[state];
  const head = `${paint(colour, mark)} ${nameOf(ref)} ${ready}/${wanted}${words ? `: ${words}` : ""}`;
  const pulling = (pulls?.now ?? []).map((image) => `    ${say.pullsImage(image)}`);
  return [head, ...pulling, ...troubles.flatMap(({ what, advice }) => [`    ${what}`, ...(advice ? [`    → ${advice}`] : [])])];
}

/**
 * Shows the state of the workloads while it changes: on a terminal a table that is rewritten in place, otherwise a line for each
 * workload whose state has changed, as a log wants it.
 */
export function progress({ stderr, env }: Pick<Io, "stderr" | "env">): (standings: readonly Standing[]) => void {
  const paint = painter(stderr, env);
  const text = (standing: Standing) => standingLines(standing, paint);
  if (!stderr.isTTY) {
    const printed = new Map<string, string>();
    return (standings) => {
      for (const standing of standings) {
        const now = text(standing).join("\n");
        if (printed.get(nameOf(standing.ref)) !== now) line(stderr, now);
        printed.set(nameOf(standing.ref), now);
      }
    };
  }
  let height = 0;
  return (standings) => {
    const width = stderr.columns ?? 80;
    // A line that wraps would be two when the cursor goes back up.
    const rows = standings
      .flatMap(text)
      .flatMap((row) => row.split("\n"))
      .map((row) => (env.NO_COLOR ? row.slice(0, width - 1) : cut(row, width - 1)));
    stderr.write(`${height > 0 ? `\x1b[${height}A` : ""}${rows.map((row) => `\x1b[2K${row}\n`).join("")}\x1b[0J`);
    height = rows.length;
  };
}

/** The first columns of a line; colours take none. */
function cut(row: string, columns: number): string {
  let left = columns;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one
  return row.replace(/\x1b\[\d+m|[^\x1b]+/g, (part) => {
    if (part.startsWith("\x1b")) return part;
    const kept = part.slice(0, left);
    left -= kept.length;
    return kept;
  });
}

/** The state of the workloads for `--output json`. */
export const standingsJson = (standings: readonly Standing[]) => standings.map(({ ref, ...rest }) => ({ ...ref, ...rest }));
