import { burning, OBJECTIVES, REQUESTS, ROUND, SLOW, VISITORS } from "../slo.ts";
import { alert, type RuleGroup, type RuleSettings } from "./rule.ts";

const rate = (selector: string) => `sum(rate(${selector}[5m]))`;
const SHARE = "{{ $value | humanizePercentage }}";

/** The promises of the application: three recorded rates, and an alert for each promise and pace at which it is broken. */
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
        summary: { es: "La aplicación falla a muchos visitantes", en: "The application fails many visitors" },
        description: {
          es: `Terminan en error ${SHARE} de las peticiones: el presupuesto de un mes se gasta en unos días.`,
          en: `${SHARE} of the requests end in an error: the budget of a month is spent in a few days.`,
        },
      }),
      alert("WebappErrorBudgetBurnsSlowly", settings, {
        expr: burning(OBJECTIVES.availability, "slow"),
        severity: "warning",
        summary: { es: "La aplicación falla más de lo prometido", en: "The application fails more than was promised" },
        description: {
          es: `Desde hace un día o más terminan en error ${SHARE} de las peticiones (se promete menos de 0,5 %).`,
          en: `For a day or more ${SHARE} of the requests have ended in an error (less than 0.5 % is promised).`,
        },
      }),
      alert("WebappLatencyBudgetBurnsFast", settings, {
        expr: burning(OBJECTIVES.latency, "fast"),
        severity: "critical",
        summary: { es: "La aplicación es lenta para muchos visitantes", en: "The application is slow for many visitors" },
        description: {
          es: `Tardan más de ${SLOW} s ${SHARE} de las peticiones (se promete menos de 1 %).`,
          en: `${SHARE} of the requests take more than ${SLOW} s (less than 1 % is promised).`,
        },
      }),
      alert("WebappLatencyBudgetBurnsSlowly", settings, {
        expr: burning(OBJECTIVES.latency, "slow"),
        severity: "warning",
        summary: { es: "La aplicación es más lenta de lo prometido", en: "The application is slower than was promised" },
        description: {
          es: `Desde hace un día o más tardan más de ${SLOW} s ${SHARE} de las peticiones (se promete menos de 1 %).`,
          en: `For a day or more ${SHARE} of the requests have taken more than ${SLOW} s (less than 1 % is promised).`,
        },
      }),
    ],
  };
}
