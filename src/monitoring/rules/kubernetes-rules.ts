import { PROVOKED } from "../provoked.ts";
import { alert, NUMBER, PERCENT, type RuleGroup, type RuleSettings, SPAN } from "./rule.ts";

const periods = (which: string) => `sum by(namespace, pod, container) (rate(container_cpu_cfs_${which}periods_total{container!=""}[5m]))`;
const probes = (matcher: string) =>
  `sum by(namespace, pod, container, probe_type) (rate(prober_probe_total{probe_type!="Startup"${matcher}}[5m]))`;
const WHO = "{{ $labels.namespace }}/{{ $labels.pod }} ({{ $labels.container }})";

/** Pods and the node as the kubelet exports them; kube-state-metrics would take more memory than its other metrics are worth. */
export function kubernetesRules(settings: RuleSettings): RuleGroup {
  return {
    name: "kubernetes",
    rules: [
      alert("ContainerRestarting", settings, {
        // Each start of a container is a series of its own, so they can be counted: for each pod by its uid, which is part of the control
        // group's name. A StatefulSet's next pod has the same name, and one that runs on demand is made anew each time.
        expr: `count by(namespace, pod, container, uid) (label_replace(max_over_time(container_start_time_seconds{container!~"${PROVOKED.containers}"}[30m]), "uid", "$1", "id", ".*pod([0-9a-f_-]{36}).*")) > 3`,
        severity: "critical",
        summary: { es: `${WHO} se reinicia repetidamente`, en: `${WHO} restarts repeatedly` },
        description: { es: `${NUMBER} arranques en 30m (límite: 3).`, en: `${NUMBER} starts in 30m (limit: 3).` },
      }),
      alert("ProbeFailing", settings, {
        expr: `100 * ${probes(',result!="successful"')} / ${probes("")} > 50`,
        for: "10m",
        severity: "warning",
        summary: { es: `Falla la sonda {{ $labels.probe_type }} de ${WHO}`, en: `The {{ $labels.probe_type }} probe of ${WHO} fails` },
        description: {
          es: `Falla el ${PERCENT} de las comprobaciones desde hace 10m (límite: 50 %).`,
          en: `${PERCENT} of its checks have failed for 10m (limit: 50 %).`,
        },
      }),
      alert("ContainerThrottled", settings, {
        // The Kubernetes mixin says 25 %, which small containers with a small limit reach while idle.
        expr: `100 * ${periods("throttled_")} / ${periods("")} > 50`,
        for: "15m",
        severity: "warning",
        summary: { es: `${WHO} alcanza su límite de CPU`, en: `${WHO} is throttled by its CPU limit` },
        description: {
          es: `Linux lo limita (throttling) en el ${PERCENT} de los periodos de CPU (límite: 50 %).`,
          en: `Linux throttles it in ${PERCENT} of the CPU periods (limit: 50 %).`,
        },
      }),
      alert("ContainerNearMemoryLimit", settings, {
        expr: '100 * max by(namespace, pod, container) (container_memory_working_set_bytes{container!=""} / (container_spec_memory_limit_bytes{container!=""} > 0)) > 90',
        for: "15m",
        severity: "warning",
        summary: { es: `${WHO} se acerca a su límite de memoria`, en: `${WHO} is close to its memory limit` },
        description: {
          es: `Usa el ${PERCENT} de su límite (umbral: 90 %); al 100 %, Linux termina el proceso (OOM kill).`,
          en: `It uses ${PERCENT} of its limit (threshold: 90 %); at 100 % Linux kills the process (OOM kill).`,
        },
      }),
      alert("KubeletStuck", settings, {
        // After three minutes without a look at the containers the kubelet itself says NotReady.
        expr: "time() - kubelet_pleg_last_seen_seconds > 180",
        for: "1m",
        severity: "critical",
        summary: { es: "El kubelet de {{ $labels.instance }} está bloqueado", en: "The kubelet of {{ $labels.instance }} is stuck" },
        description: {
          es: `No revisa sus contenedores desde hace ${SPAN}; el nodo pasa a NotReady.`,
          en: `It has not checked its containers for ${SPAN}; the node becomes NotReady.`,
        },
      }),
    ],
  };
}
