import { queries as words } from "../../messages/queries.ts";

/** Series that a small, healthy machine does not have although a panel or an alert asks for them. */
export interface Absence {
  readonly metric: string;
  /** The matcher without which the metric does have series, as the query writes it. @default the metric as a whole is absent */
  readonly matcher?: string;
  /** `never`: the machine cannot have them, and it is an error when it does. `failure`: they appear with the first failure. */
  readonly when: "never" | "failure";
  readonly why: string;
}

/** Series that appear with the first failure. */
const failures = (metric: string, matcher: string, name: keyof typeof words.absences): Absence => ({
  metric,
  matcher,
  when: "failure",
  get why() {
    return words.absences[name];
  },
});

/** The whole list; it may excuse 5 % of what dashboards show. */
export const ABSENCES: readonly Absence[] = [
  failures("ALERTS", 'severity="critical"', "noCritical"),
  failures("ALERTS", 'severity="warning"', "noWarning"),
  failures("ALERTS", 'alertstate="pending"', "nonePending"),
  failures("ALERTS", 'alertname="FilesystemReadOnly"', "noReadOnly"),
  failures("ALERTS", 'alertname="ClockNotSynchronised"', "noLostClock"),
  failures("traefik_entrypoint_requests_total", 'code="429"', "noneRefused"),
  failures("traefik_entrypoint_requests_total", 'code=~"5.."', "no5xx"),
  failures("prober_probe_total", 'result!="successful"', "noFailedProbe"),
];
