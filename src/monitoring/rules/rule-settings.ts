import { tooOldSeconds } from "../../config/backups.ts";
import type { Config } from "../../config/resolve.ts";
import { hostsOf, letsEncryptOf } from "../../config/tls.ts";
import { partsOf } from "../parts.ts";
import type { RuleSettings } from "./rule.ts";

/** What the rules of an environment hang on, but for the addresses of its dashboards, which Grafana decides. */
export const ruleSettings = (config: Config): RuleSettings => ({
  alerts: config.monitoring.alerts,
  scrapeInterval: config.monitoring.scrapeInterval,
  language: config.language,
  runbooks: config.monitoring.runbooks,
  evictsBelow: config.facts.evictsBelow,
  replicas: config.webapp.replicas,
  parts: partsOf(config),
  ...(config.backups && { backupTooOld: tooOldSeconds(config.backups) }),
  certificate: { hosts: hostsOf(config), shortLived: letsEncryptOf(config)?.shortLived ?? false },
});
