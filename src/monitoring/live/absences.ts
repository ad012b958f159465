/** Series that a small, healthy machine does not have although a panel or an alert asks for them. */
export interface Absence {
  readonly metric: string;
  /** The matcher without which the metric does have series, as the query writes it. @default the metric as a whole is absent */
  readonly matcher?: string;
  /** `never`: the machine cannot have them, and it is an error when it does. `failure`: they appear with the first failure. */
  readonly when: "never" | "failure";
  readonly why: string;
}

/** The whole list; it may excuse 5 % of what dashboards show. */
export const ABSENCES: readonly Absence[] = [
  { metric: "ALERTS", matcher: 'severity="critical"', when: "failure", why: "no critical alert fires on a healthy node" },
  { metric: "ALERTS", matcher: 'severity="warning"', when: "failure", why: "no warning fires on a healthy node" },
  { metric: "ALERTS", matcher: 'alertstate="pending"', when: "failure", why: "no alert is pending on a healthy node" },
  { metric: "traefik_entrypoint_requests_total", matcher: 'code="429"', when: "failure", why: "the rate limit has refused nobody yet" },
  { metric: "traefik_entrypoint_requests_total", matcher: 'code=~"5.."', when: "failure", why: "no request has ended in a 5xx yet" },
  { metric: "prober_probe_total", matcher: 'result!="successful"', when: "failure", why: "no probe has failed yet" },
];
