import { burning, OBJECTIVES, REQUESTS, ROUND, SLOW, VISITORS } from "../slo.ts";
import { alert, type RuleGroup, type RuleSettings } from "./rule.ts";

const rate = (selector: string) => `sum(rate(${selector}[5m]))`;
const SHARE = "{{ $value | humanizePercentage }}";

/** The service level objectives (SLO): three recording rules, and one alert for each objective and burn rate. */
export function sloRules(settings: RuleSettings): RuleGroup {
  const duration = "webapp_http_request_duration_seconds";
  return {
    name: "slo",
    interval: ROUND,
    rules: [
      { record: REQUESTS, expr: rate(`webapp_http_requests_total{${VISITORS}}`) },
      { record: OBJECTIVES.availability.bad, expr: rate(`webapp_http_requests_total{${VISITORS},status="5xx"}`) },
      {
        record: OBJECTIVES.latency.bad,
        expr: `${rate(`${duration}_count{${VISITORS}}`)} - ${rate(`${duration}_bucket{${VISITORS},le="${SLOW}"}`)}`,
      },
      alert("WebappErrorBudgetBurnsFast", settings, {
        expr: burning(OBJECTIVES.availability, "fast"),
        severity: "critical",
        summary: { es: "La aplicación consume rápido su presupuesto de errores", en: "The application burns its error budget fast" },
        description: {
          es: `${SHARE} de las peticiones falla: el presupuesto de errores de un mes se consume en pocos días.`,
          en: `${SHARE} of the requests fail: a month's error budget lasts only a few days.`,
        },
      }),
      alert("WebappErrorBudgetBurnsSlowly", settings, {
        expr: burning(OBJECTIVES.availability, "slow"),
        severity: "warning",
        summary: {
          es: "La aplicación consume su presupuesto de errores demasiado rápido",
          en: "The application burns its error budget too fast",
        },
        description: {
          es: `Desde hace un día o más falla ${SHARE} de las peticiones (objetivo: menos de 0,5 %).`,
          en: `For a day or more ${SHARE} of the requests have failed (objective: less than 0.5 %).`,
        },
      }),
      alert("WebappLatencyBudgetBurnsFast", settings, {
        expr: burning(OBJECTIVES.latency, "fast"),
        severity: "critical",
        summary: { es: "La aplicación consume rápido su presupuesto de latencia", en: "The application burns its latency budget fast" },
        description: {
          es: `${SHARE} de las peticiones tarda más de ${SLOW} s (objetivo: menos de 1 %).`,
          en: `${SHARE} of the requests take more than ${SLOW} s (objective: less than 1 %).`,
        },
      }),
      alert("WebappLatencyBudgetBurnsSlowly", settings, {
        expr: burning(OBJECTIVES.latency, "slow"),
        severity: "warning",
        summary: {
          es: "La aplicación consume su presupuesto de latencia demasiado rápido",
          en: "The application burns its latency budget too fast",
        },
        description: {
          es: `Desde hace un día o más ${SHARE} de las peticiones tarda más de ${SLOW} s (objetivo: menos de 1 %).`,
          en: `For a day or more ${SHARE} of the requests have taken more than ${SLOW} s (objective: less than 1 %).`,
        },
      }),
    ],
  };
}
