import { seconds } from "../../../src/config/units.ts";

/** A part of a series: from a minute on, for so many minutes; without a value where there is none. */
interface Part {
  readonly begin: number;
  readonly minutes: number;
  readonly value?: (minute: number) => number;
}

/** `2`, `2x5`, `2+3x5`, `_`, `_x5`: what the cases use of promtool's notation for series. */
function partsOf(notation: string): Part[] {
  let begin = 0;
  return notation.split(" ").map((item) => {
    const [, start, grows, times = ""] = /^(_|-?[\d.e+]+?)([+-][\d.]+)?(?:x(\d+))?$/.exec(item) ?? [];
    if (start === undefined) throw new Error(`no series: ${item}`);
    // promtool adds the value at the beginning to those that are counted, but not to those that are left out.
    const minutes = start === "_" ? Number(times || 1) : Number(times || 0) + 1;
    const last = minutes - 1;
    const value = (minute: number) => Number(start) + Number(grows ?? 0) * Math.min(minute, last);
    const part = { begin, minutes, ...(start !== "_" && { value }) };
    begin += minutes;
    return part;
  });
}

/**
 * A series of one value a minute as a target exports it that is scraped more often: a counter grows between two minutes, another
 * value stays until the next minute.
 *
 * @param notation promtool's, such as `0+60x30`
 * @param interval between two scrapes, such as `5s`
 * @returns the same notation, a value a scrape
 */
export function sampled(notation: string, interval: string): string {
  const parts = partsOf(notation);
  const end = parts.reduce((sum, { minutes }) => sum + minutes, 0);
  const values: string[] = [];
  for (let second = 0; second < end * 60; second += seconds(interval)) {
    const minute = second / 60;
    const part = parts.find(({ begin, minutes }) => minute < begin + minutes);
    values.push(part?.value ? String(part.value(minute - part.begin)) : "_");
  }
  return values.join(" ");
}
