import type { Config } from "../../config/resolve.ts";
import type { RuleSettings } from "./rule.ts";

/** What the rules of an environment hang on, but for the addresses of its dashboards, which Grafana decides. */
export const ruleSettings = ({ monitoring, language, webapp }: Config): RuleSettings => ({
  alerts: monitoring.alerts,
  scrapeInterval: monitoring.scrapeInterval,
  language,
  runbooks: monitoring.runbooks,
  replicas: webapp.replicas,
});
