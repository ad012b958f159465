import { parse } from "yaml";
import { prometheusConfiguration, scrapeJobs } from "../../src/monitoring/scrape.ts";
import { find, manifestsOf, synthesiseText } from "../manifests.ts";

const settings = {
  namespace: "shop",
  interval: "5s",
  traefik: { namespace: "kube-system" },
  grafana: true,
  probe: { url: "https://traefik.kube-system.svc", host: "a.example.com" },
};

test("a job for each part that exports metrics, each named once", () => {
  expect(scrapeJobs(settings).map(({ job_name }) => job_name)).toEqual([
    "prometheus",
    "node",
    "webapp",
    "mysql",
    "backups",
    "traefik",
    "alertmanager",
    "grafana",
    "cadvisor",
    "kubelet",
    "kubelet-probes",
    "blackbox-exporter",
    "probe",
  ]);
});

test("no absent target: without Grafana no job for it", () =>
  expect(scrapeJobs({ ...settings, grafana: false }).map(({ job_name }) => job_name)).not.toContain("grafana"));

test("pods are found where they are, and nowhere else", () => {
  const places = (wanted: string) => {
    const job = scrapeJobs(settings).find(({ job_name }) => job_name === wanted);
    const [discovery] = (job?.kubernetes_sd_configs ?? []) as { namespaces: { names: string[] } }[];
    return discovery?.namespaces.names;
  };
  expect(places("webapp")).toEqual(["shop"]);
  expect(places("traefik")).toEqual(["kube-system"]);
});

test("the time-out is never longer than the interval", () => {
  expect(prometheusConfiguration(settings, []).global).toEqual({ scrape_interval: "5s", evaluation_interval: "5s", scrape_timeout: "5s" });
  expect(prometheusConfiguration({ ...settings, interval: "7s500ms" }, []).global).toMatchObject({ scrape_timeout: "7s500ms" });
  expect(prometheusConfiguration({ ...settings, interval: "1m" }, []).global).toMatchObject({ scrape_timeout: "10s" });
});

test("the environment's interval, retention and volume reach Prometheus", () => {
  const text = "cluster: k3s\nmachine: { instance: t3.medium }\nmonitoring: { scrapeInterval: 5s, retention: 7d, volume: 10Gi }\n";
  const manifests = manifestsOf(synthesiseText(text));
  expect(parse(find(manifests, "ConfigMap", "prometheus").data["prometheus.yml"]).global.scrape_interval).toBe("5s");
  const { args } = find(manifests, "StatefulSet", "prometheus").spec.template.spec.containers[0];
  expect(args).toEqual(expect.arrayContaining(["--storage.tsdb.retention.time=7d", "--storage.tsdb.retention.size=8192MB"]));
});

test("what cAdvisor no longer measures is gone at once, though it says itself when it measured", () => {
  const tracked = scrapeJobs(settings).filter((job) => job.track_timestamps_staleness === true);
  expect(tracked.map(({ job_name }) => job_name)).toEqual(["cadvisor"]);
});

test.each([
  ["5s", "30s"],
  ["1m", "1m"],
])("scraped every %s, the kubelet's megabytes are scraped every %s", (interval, slow) =>
  expect(scrapeJobs({ ...settings, interval }).find(({ job_name }) => job_name === "kubelet")).toMatchObject({ scrape_interval: slow }),
);
