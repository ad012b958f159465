import { windowOf } from "../../config/scrape-interval.ts";
import { alert, PERCENT, type RuleGroup, type RuleSettings } from "./rule.ts";

/**
 * The user's applications, by Traefik's series of their routers: nothing has to be exported by the application, and what never reached it
 * counts too. Whether it answers at all is told by PublicAddressDown, its own metrics by TargetDown and TargetMissing, its containers by
 * the rules for all containers.
 */
export function applicationRules(settings: RuleSettings): RuleGroup {
  const window = windowOf("3m", settings.scrapeInterval);
  const requests = (matcher = "") => `sum by(application) (rate(traefik_router_requests_total{application!=""${matcher}}[${window}]))`;
  return {
    name: "application",
    rules: [
      alert("ApplicationServerErrors", settings, {
        // Three minutes back, for five, as WebappServerErrors: the seconds of a restart are no alert.
        expr: `100 * ${requests(',code=~"5.."')} / ${requests()} > 5`,
        for: "5m",
        severity: "warning",
        summary: {
          es: "{{ $labels.application }} responde con errores 5xx",
          en: "{{ $labels.application }} responds with 5xx errors",
        },
        description: {
          es: `El ${PERCENT} de las peticiones falla (límite: 5 %) desde hace 5m.`,
          en: `${PERCENT} of the requests have failed (limit: 5 %) for 5m.`,
        },
      }),
    ],
  };
}
