/** Alerts by their names, or by matchers that all must hold. */
type Which = { readonly named: readonly string[] } | { readonly matchers: readonly string[] };

const named = (...names: readonly string[]): Which => ({ named: names });
const matching = (...matchers: readonly string[]): Which => ({ matchers });

/** While one of the sources fires, the targets are inhibited: they are its consequences, or a weaker alert for the same fault. */
interface Inhibition {
  /** Each by itself silences. */
  readonly sources: readonly Which[];
  readonly targets: Which;
  /** Labels that must be the same in both; none means wherever. */
  readonly equal: readonly string[];
}

/** Only the cause is notified. */
const TABLE: readonly Inhibition[] = [
  // An alert that exists in two severities.
  { sources: [matching('severity="critical"')], targets: matching('severity=~"warning|info"'), equal: ["alertname", "instance"] },
  // Without its kubelet a node counts as down; its pods go with it. Both carry the node's name.
  {
    sources: [matching('alertname="TargetDown"', 'job="kubelet"')],
    targets: matching('alertname="TargetDown"', 'job!="kubelet"'),
    equal: ["node"],
  },
  // The application answers 503 on every page.
  {
    sources: [named("MysqlDown"), matching('alertname="TargetMissing"', 'scrape_job="mysql"')],
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
      "ApplicationServerErrors",
      "ApplicationErrorBudgetBurnsFast",
      "ApplicationErrorBudgetBurnsSlowly",
      "ApplicationLatencyBudgetBurnsFast",
      "ApplicationLatencyBudgetBurnsSlowly",
    ),
    equal: [],
  },
  { sources: [named("DiskAlmostFull")], targets: named("LowDiskSpace", "DiskFullIn24Hours"), equal: ["instance", "device"] },
  { sources: [named("CertificateExpiresVerySoon")], targets: named("CertificateExpiresSoon"), equal: ["instance"] },
  { sources: [named("TlsHandshakeFailing")], targets: named("PublicAddressDown"), equal: ["instance"] },
  { sources: [named("WebappErrorBudgetBurnsFast")], targets: named("WebappErrorBudgetBurnsSlowly", "WebappServerErrors"), equal: [] },
  { sources: [named("WebappLatencyBudgetBurnsFast")], targets: named("WebappLatencyBudgetBurnsSlowly"), equal: [] },
  // Without a replica Traefik answers 503.
  { sources: [named("PublicAddressDown")], targets: named("ApplicationServerErrors"), equal: ["application"] },
  {
    sources: [named("ApplicationErrorBudgetBurnsFast")],
    targets: named("ApplicationErrorBudgetBurnsSlowly", "ApplicationServerErrors"),
    equal: ["application"],
  },
  { sources: [named("ApplicationLatencyBudgetBurnsFast")], targets: named("ApplicationLatencyBudgetBurnsSlowly"), equal: ["application"] },
];

/**
 * The table in the words of Alertmanager's configuration.
 *
 * @param alerts names of the environment's alerts; what it does not have is left out
 */
export function inhibitions(alerts: ReadonlySet<string>) {
  const matchers = (which: Which): readonly string[] | undefined => {
    if ("matchers" in which) return which.matchers;
    const names = which.named.filter((name) => alerts.has(name));
    return names.length > 0 ? [`alertname=~"${names.join("|")}"`] : undefined;
  };
  return TABLE.flatMap(({ sources, targets, equal }) =>
    sources.flatMap((source) => {
      const [cause, consequence] = [matchers(source), matchers(targets)];
      if (!cause || !consequence) return [];
      return [{ source_matchers: cause, target_matchers: consequence, ...(equal.length > 0 && { equal }) }];
    }),
  );
}
