import { alert, type RuleGroup, type RuleSettings, SPAN } from "./rule.ts";

const of = (metric: string) => `prometheus_remote_storage_${metric}`;
const [NEWEST, SENT, FAILED] = ["highest_timestamp_in_seconds", "queue_highest_sent_timestamp_seconds", "samples_failed_total"].map(of);

/** The metrics of Prometheus' own that these rules ask for: they are stored only where samples are written elsewhere. */
export const REMOTE_WRITE_METRICS = { prometheus: [NEWEST, SENT, FAILED] as string[] };

/**
 * What is written to other servers. A receiver that is away is retried from the write-ahead log, which keeps at least two hours
 * (Prometheus' documentation, "Remote write tuning"); one that refuses loses the samples.
 */
export function remoteWriteRules(settings: RuleSettings): RuleGroup {
  return {
    name: "remote-write",
    rules: [
      alert("PrometheusRemoteWriteBehind", settings, {
        // Both are times of samples, so that the clock of neither side counts. Two minutes are the Prometheus mixin's.
        expr: `${NEWEST} - on(instance) group_right() ${SENT} > 120`,
        for: "5m",
        severity: "warning",
        summary: { es: "{{ $labels.url }} no recibe muestras al día", en: "{{ $labels.url }} does not get samples in time" },
        description: {
          es: `La última muestra enviada es ${SPAN} más vieja que la más nueva. Se pierden muestras cuando pasan de dos horas.`,
          en: `The last sample sent is ${SPAN} older than the newest one. Samples are lost when it is more than two hours.`,
        },
      }),
      alert("PrometheusRemoteWriteFailing", settings, {
        expr: `rate(${FAILED}[5m]) > 0`,
        for: "5m",
        severity: "critical",
        summary: { es: "{{ $labels.url }} rechaza las muestras", en: "{{ $labels.url }} refuses the samples" },
        description: {
          es: 'Se pierden {{ $value | printf "%.1f" }} muestras por segundo allá; aquí se guardan.',
          en: '{{ $value | printf "%.1f" }} samples per second are lost there; here they are stored.',
        },
      }),
    ],
  };
}
