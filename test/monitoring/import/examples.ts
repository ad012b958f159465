// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Grafana writes its variables so
/** Dashboards of the shapes that grafana.com has, written for these tests. */

/** As people exported them in 2017: rows, data sources as texts, panels of kinds that are gone. */
export const OLD = {
  __inputs: [{ name: "DS_PROMETHEUS", type: "datasource", pluginId: "prometheus" }],
  id: null,
  schemaVersion: 14,
  title: "Máquina, 2017",
  templating: {
    list: [
      { name: "node", type: "query", datasource: "${DS_PROMETHEUS}", query: "label_values(node_boot_time_seconds, instance)" },
      { name: "job", type: "query", datasource: "Prometheus", query: { query: 'label_values(node_uname_info{cluster="$cluster"}, job)' } },
      { name: "step", type: "interval", query: "1m,5m", current: { value: "1m" } },
    ],
  },
  rows: [
    {
      title: "CPU",
      panels: [
        {
          type: "graph",
          title: "CPU",
          datasource: "${DS_PROMETHEUS}",
          targets: [{ expr: 'sum by (mode) (rate(node_cpu_seconds_total{instance=~"$node"}[$step]))' }],
        },
        { type: "singlestat", title: "Old metric", datasource: null, targets: [{ expr: "node_cpu{mode='idle'}" }] },
      ],
    },
    {
      title: "Text",
      panels: [
        { type: "text", title: "About" },
        { type: "grafana-clock-panel", title: "Clock", targets: [{ expr: "up" }] },
      ],
    },
  ],
};

/** As Grafana exports them today: inputs, constants, a choice of data source, folded rows, several sources. */
export const NEW = {
  __inputs: [
    { name: "DS_PROM", type: "datasource", pluginId: "prometheus" },
    { name: "DS_LOKI", type: "datasource", pluginId: "loki" },
    { name: "VAR_LIMIT", type: "constant", value: "80" },
  ],
  __requires: [{ type: "panel", id: "stat" }],
  __elements: {},
  id: null,
  uid: "cloudnova-node",
  schemaVersion: 39,
  title: "Stack today",
  tags: ["linux"],
  templating: {
    list: [
      { name: "datasource", type: "datasource", query: "prometheus", current: {} },
      {
        name: "job",
        type: "query",
        datasource: { type: "prometheus", uid: "${datasource}" },
        query: { query: "label_values(node_load1, job)", refId: "x" },
      },
      { name: "top", type: "custom", current: { value: "3" } },
    ],
  },
  annotations: { list: [{ name: "builtIn", datasource: { type: "grafana", uid: "-- Grafana --" } }] },
  panels: [
    {
      type: "timeseries",
      title: "Load",
      datasource: { type: "prometheus", uid: "${datasource}" },
      description: "above ${VAR_LIMIT} %",
      targets: [
        { datasource: { type: "prometheus", uid: "${DS_PROM}" }, expr: 'topk($top, node_load1{job="$job"} offset $__interval)' },
        { datasource: { type: "prometheus", uid: "${DS_PROM}" }, expr: 'node_load1{job="node-exporter"}' },
        { datasource: { type: "__expr__", uid: "__expr__" }, type: "math", expression: "$A * 2" },
      ],
    },
    {
      type: "row",
      collapsed: true,
      title: "More",
      panels: [
        { type: "stat", title: "Recorded", datasource: null, targets: [{ expr: "instance:node_cpu:ratio" }] },
        { type: "stat", title: "Label", targets: [{ expr: 'node_load1{nodename="my-host"}' }] },
        { type: "logs", title: "Logs", datasource: { type: "loki", uid: "${DS_LOKI}" }, targets: [{ expr: '{app="x"}' }] },
        { type: "stat", title: "Broken", targets: [{ expr: "rate(up[5m]" }] },
        { type: "stat", title: "Threads", targets: [{ expr: 'mysql_global_status_threads_running{job=~"$job"}' }] },
        { type: "gauge", title: "Alive", targets: [{ expr: 'up{job="$job"} or ALERTS' }] },
        { type: "gauge", title: "Goroutines", targets: [{ expr: "sum by ($job) (go_goroutines)" }] },
      ],
    },
  ],
};
