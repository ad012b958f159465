import type { Config } from "../../config/resolve.ts";
import { seconds } from "../../config/units.ts";
import { inhibitions } from "./inhibitions.ts";
import { QUIET, timeIntervals } from "./quiet.ts";
import { HEARTBEAT, NULL_RECEIVER, receivers } from "./receivers.ts";

/** Where Alertmanager finds its configuration and, beside it, its templates. */
export const CONFIGURATION_FOLDER = "/etc/cloudnova";

/**
 * Alertmanager looks whether to repeat at the ends of group intervals only, and then whether more than repeat_interval has
 * passed since the last message was out. So the heartbeat's fifth look comes exactly at its time, and the repeat just before.
 */
function heartbeat(every: string) {
  const beat = Math.floor(seconds(every));
  const step = Math.max(1, Math.floor(beat / 5));
  return { group_wait: "0s", group_interval: `${step}s`, repeat_interval: `${Math.max(step, Math.floor(beat * 0.9))}s` };
}

/**
 * alertmanager.yml as data: the routes by severity, the receivers, and the inhibition rules.
 *
 * @param alerts names of the environment's alerts
 */
export function alertmanagerConfiguration(alerting: Config["alerting"], alerts: ReadonlySet<string>): Record<string, unknown> {
  const { repeat, quiet } = alerting;
  const muted = quiet.length > 0 ? { mute_time_intervals: [QUIET] } : {};
  const watchdog = alerting.heartbeat
    ? [{ matchers: ['alertname="Watchdog"'], receiver: HEARTBEAT, ...heartbeat(alerting.heartbeat.every) }]
    : [];
  return {
    templates: [`${CONFIGURATION_FOLDER}/*.tmpl`],
    route: {
      receiver: "warning",
      // One message for an alert, with all the places where it fires.
      group_by: ["alertname"],
      // What silences others is awaited.
      group_wait: "30s",
      group_interval: "5m",
      repeat_interval: repeat.warning,
      routes: [
        ...watchdog,
        { matchers: ['severity="none"'], receiver: NULL_RECEIVER },
        { matchers: ['severity="critical"'], receiver: "critical", group_interval: "1m", repeat_interval: repeat.critical },
        { matchers: ['severity="info"'], receiver: "info", repeat_interval: repeat.info, ...muted },
        // Rules of your own with a severity that is none of ours, or without: never lost.
        { receiver: "warning", ...muted },
      ],
    },
    inhibit_rules: inhibitions(alerts),
    ...timeIntervals(alerting),
    receivers: receivers(alerting),
  };
}
