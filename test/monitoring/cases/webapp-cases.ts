import { type AlertCases, growing, steady } from "./case.ts";

const WEB = 'instance="webapp-a",job="webapp"';
const DAY = 1440;
const answers = (errors: number, of: number, minutes = 90) => ({
  [`webapp_http_requests_total{${WEB},route="/users",method="GET",status="2xx"}`]: growing(of - errors, minutes),
  [`webapp_http_requests_total{${WEB},route="/users",method="GET",status="5xx"}`]: growing(errors, minutes),
  // What the kubelet asks must not count: all of it fails here.
  [`webapp_http_requests_total{${WEB},route="/readyz",method="GET",status="5xx"}`]: growing(of, minutes),
});
/** Ten minutes after an install: nobody but the probe asks, and one answer was an error. */
const fresh = {
  [`webapp_http_requests_total{${WEB},route="/",method="GET",status="2xx"}`]: "_x589 0+4x30",
  [`webapp_http_requests_total{${WEB},route="/",method="GET",status="5xx"}`]: "_x589 0x3 1x30",
};
const speed = (slow: number, of: number, minutes = 90) => ({
  ...answers(0, of, minutes),
  [`webapp_http_request_duration_seconds_count{${WEB},route="/users",method="GET",status="2xx"}`]: growing(of, minutes),
  [`webapp_http_request_duration_seconds_bucket{${WEB},route="/users",method="GET",status="2xx",le="0.5"}`]: growing(of - slow, minutes),
});
const gauge = (metric: string, value: number) => ({ [`${metric}{${WEB}}`]: steady(value) });
const inProgress = (requests: number) => ({
  ...gauge("webapp_database_pool_size", 3),
  [`webapp_http_requests_in_progress{${WEB},route="/users",method="GET"}`]: steady(requests),
  [`webapp_http_requests_in_progress{${WEB},route="/",method="GET"}`]: steady(1),
});
const pool = (used: number) => ({ ...gauge("webapp_database_pool_size", 100), ...gauge("webapp_database_pool_in_use", used) });
const one = (metric: string, label: string, values: string) => ({ [`${metric}{${WEB},${label}}`]: values });
const probe = (values: string) => ({ 'probe_success{instance="localhost",job="probe"}': values });

export const WEBAPP: AlertCases = {
  // 14.4 times a budget of 0.5 % are 7.2 %, 6 times 3 %; at little traffic the same share says nothing.
  WebappErrorBudgetBurnsFast: { fires: answers(80, 1000), holds: answers(29, 1000), at: "70m" },
  WebappErrorBudgetBurnsSlowly: { fires: answers(6, 1000, DAY), holds: answers(4, 1000, DAY), holdsToo: fresh, at: "10h" },
  WebappLatencyBudgetBurnsFast: { fires: speed(150, 1000), holds: speed(59, 1000), at: "70m" },
  WebappLatencyBudgetBurnsSlowly: { fires: speed(11, 1000, DAY), holds: speed(9, 1000, DAY), at: "10h" },
  WebappServerErrors: { fires: answers(6, 100), holds: answers(4, 100), at: "20m" },
  WebappSaturated: { fires: inProgress(2.5), holds: inProgress(1.5), at: "15m" },
  WebappPoolExhausted: { fires: pool(92), holds: pool(88), at: "10m" },
  WebappDatabaseErrors: {
    fires: one("webapp_database_errors_total", 'kind="timeout"', growing(1.2)),
    holds: one("webapp_database_errors_total", 'kind="timeout"', growing(0.9)),
    at: "15m",
  },
  // A leaving replica refuses as well, and is no trouble.
  WebappNotReady: {
    fires: one("webapp_readiness_failures_total", 'reason="unreachable"', growing(12)),
    holds: one("webapp_readiness_failures_total", 'reason="draining"', growing(12)),
    at: "10m",
  },
  // Of the two that an environment has by default: one is missing, and both are there.
  WebappReplicasMissing: {
    fires: { 'up{job="webapp",instance="a"}': "1x30", 'up{job="webapp",instance="b"}': "0x30" },
    holds: { 'up{job="webapp",instance="a"}': "1x30", 'up{job="webapp",instance="b"}': "1x30" },
    at: "10m",
  },
  // With visitors or without: the probe itself is one.
  WebappNoTraffic: {
    fires: { ...answers(0, 0), ...probe(steady(1)) },
    holds: { ...answers(0, 0), ...probe("1x10 0x50") },
    at: "20m",
  },
  WebappLoginAttacks: {
    fires: {
      ...one("webapp_logins_total", 'outcome="limited"', growing(0.8)),
      ...one("webapp_logins_total", 'outcome="wrong"', growing(0.8)),
    },
    holds: { ...one("webapp_logins_total", 'outcome="wrong"', growing(1.2)), ...one("webapp_logins_total", 'outcome="ok"', growing(9)) },
    at: "20m",
  },
};
