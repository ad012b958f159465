import { type AlertCases, growing } from "./case.ts";

const SHOP = 'job="traefik",instance="traefik-1",application="tienda",router="cloudnova-tienda-tienda@kubernetes",method="GET"';
/** Redirects from HTTP, and the sample: of no application, and they must not count. */
const OTHER = 'job="traefik",instance="traefik-1",router="cloudnova-webapp@kubernetes",method="GET"';
const DAY = 1440;
const answers = (errors: number, of: number, minutes = 90) => ({
  [`traefik_router_requests_total{${SHOP},code="200"}`]: growing(of - errors, minutes),
  [`traefik_router_requests_total{${SHOP},code="503"}`]: growing(errors, minutes),
  [`traefik_router_requests_total{${OTHER},code="200"}`]: growing(of, minutes),
});
const duration = (of: number, labels: string, minutes: number) => ({
  [`traefik_router_request_duration_seconds_count{${labels}}`]: growing(of, minutes),
});
const within = (fast: number, labels: string, minutes: number) => ({
  [`traefik_router_request_duration_seconds_bucket{${labels},le="1.0"}`]: growing(fast, minutes),
});
const speed = (slow: number, of: number, minutes = 90) => ({
  ...answers(0, of, minutes),
  ...duration(of, `${SHOP},code="200"`, minutes),
  ...within(of - slow, `${SHOP},code="200"`, minutes),
  // WebSockets stay open for as long as a page is.
  ...duration(of, `${SHOP},code="101"`, minutes),
  ...within(0, `${SHOP},code="101"`, minutes),
});
/** A new application whose first error of all was the first answer with that code: no share of it is known before. */
const oneError = {
  [`traefik_router_requests_total{${SHOP},code="200"}`]: "_x589 0+4x30",
  [`traefik_router_requests_total{${SHOP},code="500"}`]: "_x592 1x30",
};

export const APPLICATION: AlertCases = {
  ApplicationServerErrors: { fires: answers(6, 100), holds: answers(4, 100), at: "20m" },
  ApplicationErrorBudgetBurnsFast: { fires: answers(80, 1000), holds: answers(29, 1000), at: "70m" },
  ApplicationErrorBudgetBurnsSlowly: { fires: answers(6, 1000, DAY), holds: answers(4, 1000, DAY), holdsToo: oneError, at: "10h" },
  ApplicationLatencyBudgetBurnsFast: { fires: speed(150, 1000), holds: speed(59, 1000), at: "70m" },
  ApplicationLatencyBudgetBurnsSlowly: { fires: speed(11, 1000, DAY), holds: speed(9, 1000, DAY), at: "10h" },
};
