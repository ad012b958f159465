/** While one of the sources fires, the targets are inhibited: they are its consequences, or a weaker alert for the same fault. */
interface Inhibition {
  /** Each by itself silences; matchers that all must hold. */
  readonly sources: readonly (readonly string[])[];
  readonly targets: readonly string[];
  /** Labels that must be the same in both; none means wherever. */
  readonly equal: readonly string[];
}

const named = (...names: string[]) => [`alertname=~"${names.join("|")}"`];

/** Only the cause is notified. */
const TABLE: readonly Inhibition[] = [
  // An alert that exists in two severities.
  { sources: [['severity="critical"']], targets: ['severity=~"warning|info"'], equal: ["alertname", "instance"] },
  // Without its kubelet a node counts as down; its pods go with it. Both carry the node's name.
  { sources: [['alertname="TargetDown"', 'job="kubelet"']], targets: ['alertname="TargetDown"', 'job!="kubelet"'], equal: ["node"] },
  // The application answers 503 on every page.
  {
    sources: [named("MysqlDown"), ['alertname="TargetMissing"', 'scrape_job="mysql"']],
    targets: named(
      "WebappNotReady",
      "WebappDatabaseErrors",
      "WebappServerErrors",
      "WebappPoolExhausted",
      "WebappSaturated",
      "WebappErrorBudgetBurnsFast",
      "WebappErrorBudgetBurnsSlowly",
      "WebappLatencyBudgetBurnsFast",
      "WebappLatencyBudgetBurnsSlowly",
      "IngressServerErrors",
      "PublicAddressDown",
      "MysqlAbortedConnections",
    ),
    equal: [],
  },
  { sources: [named("DiskAlmostFull")], targets: named("LowDiskSpace", "DiskFullIn24Hours"), equal: ["instance", "device"] },
  { sources: [named("CertificateExpiresVerySoon")], targets: named("CertificateExpiresSoon"), equal: ["instance"] },
  { sources: [named("TlsHandshakeFailing")], targets: named("PublicAddressDown"), equal: ["instance"] },
  { sources: [named("WebappErrorBudgetBurnsFast")], targets: named("WebappErrorBudgetBurnsSlowly", "WebappServerErrors"), equal: [] },
  { sources: [named("WebappLatencyBudgetBurnsFast")], targets: named("WebappLatencyBudgetBurnsSlowly"), equal: [] },
];

/** The table in the words of Alertmanager's configuration. */
export const INHIBITIONS = TABLE.flatMap(({ sources, targets, equal }) =>
  sources.map((source) => ({ source_matchers: source, target_matchers: targets, ...(equal.length > 0 && { equal }) })),
);
