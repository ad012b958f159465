import { alert, type RuleGroup, type RuleSettings } from "./rule.ts";

/** Availability: what should answer does, and the way of the alerts itself is alive. */
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
          en: "{{ $labels.job }} does not answer on {{ $labels.instance }}",
        },
        description: {
          es: `Prometheus no obtiene métricas de {{ $labels.job }} desde hace ${targetDown.for}.`,
          en: `Prometheus has had no metrics of {{ $labels.job }} for ${targetDown.for}.`,
        },
      }),
      alert("Watchdog", settings, {
        expr: "vector(1)",
        severity: "none",
        summary: { es: "El sistema de alertas está vivo", en: "The way of the alerts is alive" },
        description: {
          es: "Se dispara siempre; si deja de llegar, las alertas ya no se entregan.",
          en: "It always fires; when it stops arriving, alerts are no longer delivered.",
        },
      }),
    ],
  };
}
