import { DAYS } from "../../config/alerting.ts";
import type { Config } from "../../config/resolve.ts";

/** The name of the quiet hours in Alertmanager's configuration. */
export const QUIET = "quiet";

type Quiet = Config["alerting"]["quiet"][number];

/** The days after these. */
const following = (days: Quiet["days"]) => days.map((day) => DAYS[(DAYS.indexOf(day) + 1) % DAYS.length]);

/** One time as Alertmanager takes it: it knows no time over midnight, so such a one is the evening and the next morning. */
function pieces({ days, from, to }: Quiet) {
  const piece = (weekdays: readonly unknown[], start: string, end: string) => ({
    ...(weekdays.length < DAYS.length && { weekdays }),
    times: [{ start_time: start, end_time: end }],
  });
  if (from < to) return [piece(days, from, to)];
  return [piece(days, from, "24:00"), ...(to === "00:00" ? [] : [piece(following(days), "00:00", to)])];
}

/** Alertmanager's time intervals; none without quiet hours. */
export function timeIntervals({ quiet, timeZone }: Config["alerting"]) {
  if (quiet.length === 0) return {};
  const intervals = quiet.flatMap(pieces).map((piece) => ({ ...piece, location: timeZone }));
  return { time_intervals: [{ name: QUIET, time_intervals: intervals }] };
}
