/** A time in which acknowledged writes may be lost: from before a backup until the data are that backup's. Times in ms since 1970. */
export interface Window {
  readonly from: number;
  readonly to: number;
}

/** A write that was acknowledged. Times in ms since 1970. */
export interface Acknowledged {
  readonly sent: number;
  readonly acknowledged: number;
}

/** What the checker found. */
export interface Verdict {
  /** Acknowledged, and in no row. */
  readonly lost: readonly string[];
  /** Acknowledged in a time in which a restore takes writes back, and in no row. */
  readonly takenBack: readonly string[];
  /** In several rows, whether acknowledged or not. */
  readonly doubled: readonly string[];
}

/**
 * Compares what was acknowledged with what the database has.
 *
 * @param acknowledged by name
 * @param rows how many rows each name has
 * @param excused writes that were acknowledged and sent in it may be missing: they are told apart
 */
export function compare(
  acknowledged: ReadonlyMap<string, Acknowledged>,
  rows: ReadonlyMap<string, number>,
  excused: Window | undefined,
): Verdict {
  const missing = [...acknowledged].filter(([name]) => !rows.has(name));
  const isExcused = (write: Acknowledged) => excused !== undefined && write.acknowledged >= excused.from && write.sent <= excused.to;
  return {
    lost: missing.filter(([, write]) => !isExcused(write)).map(([name]) => name),
    takenBack: missing.filter(([, write]) => isExcused(write)).map(([name]) => name),
    doubled: [...rows].filter(([, count]) => count > 1).map(([name]) => name),
  };
}

/** Rows of each name, from lines of a name, a tab and a number, as `mysql --batch` prints them. @throws Error at any other line */
export function rowsIn(text: string): Map<string, number> {
  const lines = text.split("\n").filter((line) => line !== "");
  return new Map(
    lines.map((line) => {
      const [, name, count] = /^(\S+)\t(\d+)$/.exec(line) ?? [];
      if (!name) throw new Error(`the database answered '${line.slice(0, 80)}' where a name and a number were expected`);
      return [name, Number(count)];
    }),
  );
}
