import type { Text } from "../../language.ts";
import { APPLICATION_OBJECTIVES, burnRateAlert, OBJECTIVES, type Objectives, ROUND, VISITORS } from "../slo.ts";
import { type Alert, alert, type RuleGroup, type RuleSettings } from "./rule.ts";

const SHARE = "{{ $value | humanizePercentage }}";

/** Whose promises a group of rules holds. */
interface Promises {
  /** What the alerts' names begin with. */
  readonly prefix: string;
  /** Who burns its budget, as a summary begins. */
  readonly who: Text;
  readonly objectives: Objectives;
}

/** One alert for each objective and burn rate. */
function budgetAlerts(settings: RuleSettings, { prefix, who, objectives: { availability, latency, slow } }: Promises): Alert[] {
  return [
    alert(`${prefix}ErrorBudgetBurnsFast`, settings, {
      expr: burnRateAlert(availability, "fast"),
      severity: "critical",
      summary: { es: `${who.es} consume rápido su presupuesto de errores`, en: `${who.en} burns its error budget fast` },
      description: {
        es: `${SHARE} de las peticiones falla: el presupuesto de errores de un mes se consume en pocos días.`,
        en: `${SHARE} of the requests fail: a month's error budget lasts only a few days.`,
      },
    }),
    alert(`${prefix}ErrorBudgetBurnsSlowly`, settings, {
      expr: burnRateAlert(availability, "slow"),
      severity: "warning",
      summary: {
        es: `${who.es} consume su presupuesto de errores demasiado rápido`,
        en: `${who.en} burns its error budget too fast`,
      },
      description: {
        es: `Desde hace un día o más falla ${SHARE} de las peticiones (objetivo: menos de 0,5 %).`,
        en: `For a day or more ${SHARE} of the requests have failed (objective: less than 0.5 %).`,
      },
    }),
    alert(`${prefix}LatencyBudgetBurnsFast`, settings, {
      expr: burnRateAlert(latency, "fast"),
      severity: "critical",
      summary: { es: `${who.es} consume rápido su presupuesto de latencia`, en: `${who.en} burns its latency budget fast` },
      description: {
        es: `${SHARE} de las peticiones tarda más de ${slow} s (objetivo: menos de 1 %).`,
        en: `${SHARE} of the requests take more than ${slow} s (objective: less than 1 %).`,
      },
    }),
    alert(`${prefix}LatencyBudgetBurnsSlowly`, settings, {
      expr: burnRateAlert(latency, "slow"),
      severity: "warning",
      summary: {
        es: `${who.es} consume su presupuesto de latencia demasiado rápido`,
        en: `${who.en} burns its latency budget too fast`,
      },
      description: {
        es: `Desde hace un día o más ${SHARE} de las peticiones tarda más de ${slow} s (objetivo: menos de 1 %).`,
        en: `For a day or more ${SHARE} of the requests have taken more than ${slow} s (objective: less than 1 %).`,
      },
    }),
  ];
}

/** The sample's service level objectives (SLO): three recording rules, and its alerts. */
export function sloRules(settings: RuleSettings): RuleGroup {
  const rate = (selector: string) => `sum(rate(${selector}[5m]))`;
  const duration = "webapp_http_request_duration_seconds";
  const { availability, latency, slow } = OBJECTIVES;
  return {
    name: "slo",
    interval: ROUND,
    rules: [
      { record: availability.all, expr: rate(`webapp_http_requests_total{${VISITORS}}`) },
      { record: availability.bad, expr: rate(`webapp_http_requests_total{${VISITORS},status="5xx"}`) },
      {
        record: latency.bad,
        expr: `${rate(`${duration}_count{${VISITORS}}`)} - ${rate(`${duration}_bucket{${VISITORS},le="${slow}"}`)}`,
      },
      ...budgetAlerts(settings, {
        prefix: "Webapp",
        who: { es: "La aplicación", en: "The application" },
        objectives: OBJECTIVES,
      }),
    ],
  };
}

/** The service level objectives of the user's applications, by Traefik's series of their routers: a rule for all of them. */
export function applicationSloRules(settings: RuleSettings): RuleGroup {
  const rate = (selector: string) => `sum by(application) (rate(${selector}[5m]))`;
  const of = (metric: string, matchers = "") => rate(`traefik_router_${metric}{application!=""${matchers}}`);
  const { availability, latency, slow } = APPLICATION_OBJECTIVES;
  // A WebSocket's request ends when the connection does.
  const answered = ',code!="101"';
  return {
    name: "application-slo",
    interval: ROUND,
    rules: [
      { record: availability.all, expr: of("requests_total") },
      // Traefik counts a code from its first answer on: until then none of them is 0.
      { record: availability.bad, expr: `${of("requests_total", ',code=~"5.."')} or 0 * ${of("requests_total")}` },
      {
        record: latency.bad,
        // Prometheus 3 writes a whole number among the bounds as 1.0.
        expr: `${of("request_duration_seconds_count", answered)} - ${of("request_duration_seconds_bucket", `${answered},le=~"${slow}|${slow}.0"`)}`,
      },
      ...budgetAlerts(settings, {
        prefix: "Application",
        who: { es: "{{ $labels.application }}", en: "{{ $labels.application }}" },
        objectives: APPLICATION_OBJECTIVES,
      }),
    ],
  };
}
