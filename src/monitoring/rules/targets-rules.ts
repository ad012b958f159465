import { alert, type RuleGroup, type RuleSettings } from "./rule.ts";

/** Availability of the scrape targets and of the alerting pipeline itself. */
export function targetRules(settings: RuleSettings): RuleGroup {
  const { targetDown } = settings.alerts;
  return {
    name: "targets",
    rules: [
      alert("TargetDown", settings, {
        expr: "up == 0",
        for: targetDown.for,
        severity: "critical",
        summary: {
          es: "{{ $labels.job }} no responde en {{ $labels.instance }}",
          en: "{{ $labels.job }} does not respond on {{ $labels.instance }}",
        },
        description: {
          es: `Prometheus no recibe métricas de {{ $labels.job }} desde hace ${targetDown.for}.`,
          en: `Prometheus has received no metrics from {{ $labels.job }} for ${targetDown.for}.`,
        },
      }),
      alert("Watchdog", settings, {
        expr: "vector(1)",
        severity: "none",
        summary: { es: "El sistema de alertas funciona correctamente", en: "Alerting pipeline is healthy" },
        description: {
          es: "Esta alerta siempre está activa; si deja de llegar, las alertas ya no se entregan.",
          en: "This alert always fires; if it stops arriving, alerts are no longer delivered.",
        },
      }),
    ],
  };
}
