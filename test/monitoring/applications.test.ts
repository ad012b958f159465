import { DASHBOARDS } from "../../src/config/schema.ts";
import { inhibitions } from "../../src/monitoring/alertmanager/inhibitions.ts";
import { serviceLabel } from "../../src/monitoring/application.ts";
import { dashboardAddresses, dashboardSpecs, dashboards, panelQueries } from "../../src/monitoring/dashboards/index.ts";
import { allQueries, usedMetrics } from "../../src/monitoring/keep/derive.ts";
import { EVERYTHING } from "../../src/monitoring/parts.ts";
import { selectors } from "../../src/monitoring/promql.ts";
import { alertNames, ruleGroups } from "../../src/monitoring/rules/index.ts";
import type { RuleSettings } from "../../src/monitoring/rules/rule.ts";
import { blackboxConfiguration, prometheusConfiguration, type ScrapeJob, scrapeJobs } from "../../src/monitoring/scrape.ts";
import { type RelabelRule, relabelled } from "./relabelled.ts";

const BARE = {
  namespace: "shop",
  interval: "15s",
  traefik: { namespace: "shop" },
  grafana: true,
  probe: { url: "https://traefik.shop.svc", host: "a.example.com" },
};
const TIENDA = { name: "tienda", namespace: "shop-tienda", host: "tienda.example.com", path: "/" };
const BLOG = { name: "blog", namespace: "shop-blog", host: "a.example.com", path: "/blog", metrics: { port: 9100, path: "/stats" } };
const SETTINGS = { ...BARE, applications: [TIENDA, BLOG] };
const RULES: RuleSettings = {
  alerts: {
    cpu: { threshold: 80, for: "5m", window: "5m" },
    memory: { threshold: 10, for: "5m" },
    disk: { threshold: 15, for: "5m" },
    targetDown: { for: "1m" },
  },
  scrapeInterval: "15s",
  language: "en",
  runbooks: "docs/runbooks",
};
const jobOf = (jobs: readonly ScrapeJob[], name: string) => jobs.find(({ job_name }) => job_name === name);

/** What Prometheus stores of a series of a job; undefined when it drops it. */
const stored = (job: string, series: Readonly<Record<string, string>>, settings = SETTINGS) =>
  relabelled(series, (jobOf(scrapeJobs(settings), job)?.metric_relabel_configs ?? []) as readonly RelabelRule[]);

describe("the scrape jobs of an environment with applications", () => {
  test("one for each that exports metrics of its own, from its pods, whatever ports they name", () => {
    const names = scrapeJobs(SETTINGS).map(({ job_name }) => job_name);
    expect(names).toEqual([...scrapeJobs(BARE).map(({ job_name }) => job_name), "blog"]);
    const job = jobOf(scrapeJobs(SETTINGS), "blog") as ScrapeJob;
    expect(job).toMatchObject({
      metrics_path: "/stats",
      kubernetes_sd_configs: [{ role: "pod", namespaces: { names: ["shop-blog"] } }],
    });
    expect(job.relabel_configs).toContainEqual({
      source_labels: ["__meta_kubernetes_pod_ip"],
      target_label: "__address__",
      replacement: "$1:9100",
    });
    expect(job.relabel_configs).toContainEqual({ target_label: "application", replacement: "blog" });
  });

  test("its own series are stored only if something asks for them", () => {
    const [bare, asked] = [SETTINGS, { ...SETTINGS, imported: [{ blog: ["blog_posts_total"] }] }].map(scrapeJobs);
    expect(jobOf(bare ?? [], "blog")?.metric_relabel_configs).toEqual([{ source_labels: ["__name__"], regex: ".+", action: "drop" }]);
    expect(jobOf(asked ?? [], "blog")?.metric_relabel_configs).toEqual([
      { source_labels: ["__name__"], regex: "blog_posts_total", action: "keep" },
    ]);
  });

  test("the probe asks for each start page by its host and path", () => {
    const [sample, tienda, blog] = (jobOf(scrapeJobs(SETTINGS), "probe") as ScrapeJob).static_configs as {
      labels: Record<string, string>;
    }[];
    expect(sample?.labels).toEqual({ instance: "a.example.com" });
    expect(tienda?.labels).toEqual({
      instance: "tienda.example.com",
      application: "tienda",
      __param_module: "application",
      __param_target: "https://traefik.shop.svc/",
      __param_hostname: "tienda.example.com",
    });
    expect(blog?.labels).toMatchObject({ instance: "a.example.com/blog", __param_target: "https://traefik.shop.svc/blog" });
  });

  test("during a release the requests of both versions are the application's, and each version's times are stored", () => {
    const router = {
      __name__: "traefik_router_requests_total",
      router: "cloudnova-release-tienda@file",
      service: "cloudnova-release-tienda@file",
    };
    expect(stored("traefik", router)).toMatchObject({ application: "tienda" });
    const times = (service: string) =>
      stored("traefik", { __name__: "traefik_service_request_duration_seconds_bucket", service, le: "1.0" });
    for (const version of ["canary", "stable"])
      expect(times(`shop-tienda-tienda-${version}-80@kubernetes`)).toMatchObject({ application: "tienda" });
    // Outside of a release the routers' times are enough; of the sample and of others nobody asks for them.
    expect(times(serviceLabel(TIENDA))).toBeUndefined();
    expect(times("shop-webapp-80@kubernetes")).toBeUndefined();
    expect(times("shop-other-other-canary-80@kubernetes")).toBeUndefined();
    const asked = { ...SETTINGS, imported: [{ traefik: ["traefik_service_request_duration_seconds_bucket"] }] };
    const series = { __name__: "traefik_service_request_duration_seconds_bucket", service: serviceLabel(TIENDA), le: "1.0" };
    expect(stored("traefik", series, asked)).toMatchObject({ application: "tienda" });
  });

  test("an alert about a container or a pod names the application of its namespace", () => {
    const { alerting } = prometheusConfiguration(SETTINGS, []) as { alerting: { alert_relabel_configs: RelabelRule[] } };
    expect(alerting.alert_relabel_configs).toEqual([
      { source_labels: ["namespace"], regex: "shop-tienda", target_label: "application", replacement: "tienda" },
      { source_labels: ["namespace"], regex: "shop-blog", target_label: "application", replacement: "blog" },
    ]);
  });

  test("without an application everything is as it was", () => {
    expect(prometheusConfiguration({ ...BARE, sample: true, applications: [] }, [])).toEqual(prometheusConfiguration(BARE, []));
    expect(JSON.stringify(prometheusConfiguration(BARE, []))).not.toMatch(/application|router|cpu_quota/);
    expect(Object.keys(blackboxConfiguration(false).modules)).toEqual(["https"]);
    expect(Object.keys(blackboxConfiguration(true).modules)).toEqual(["https", "application"]);
  });
});

describe("what is stored of the series of applications", () => {
  const requests = { __name__: "traefik_router_requests_total", code: "200", router: "shop-tienda-tienda-tienda-example-com@kubernetes" };

  test("Traefik's get the application of their Service", () => {
    const labels = { ...requests, service: serviceLabel(TIENDA) };
    expect(labels.service).toBe("shop-tienda-tienda-80@kubernetes");
    expect(stored("traefik", labels)).toEqual({ ...labels, application: "tienda" });
  });
  test("but the redirects from HTTP, with a host and without, are no answers of an application", () => {
    for (const router of ["shop-tienda-tienda-redirect-tienda-example-com@kubernetes", "shop-tienda-tienda-redirect@kubernetes"])
      expect(stored("traefik", { ...requests, router, service: serviceLabel(TIENDA) })).toBeUndefined();
    for (const router of ["shop-blog-blog-redirect-a-example-com-blog@kubernetes", "shop-blog-blog-redirect-blog@kubernetes"])
      expect(stored("traefik", { ...requests, router, service: serviceLabel(BLOG) })).toBeUndefined();
  });
  test("nor is a host mixed up with a redirect: as Traefik 3.7.15 exported both", () => {
    const redirects = { ...TIENDA, host: "redirect.example.com" };
    const settings = { ...BARE, applications: [redirects] };
    const service = serviceLabel(redirects);
    const of = (router: string) => stored("traefik", { ...requests, router, service }, settings);
    expect(of("shop-tienda-tienda-redirect-example-com@kubernetes")).toMatchObject({ application: "tienda" });
    expect(of("shop-tienda-tienda-redirect-redirect-example-com@kubernetes")).toBeUndefined();
  });
  test("an application of another's name and more is not mixed up with it", () => {
    const settings = { ...BARE, applications: [{ ...TIENDA, name: "a", namespace: "shop-a" }] };
    const service = serviceLabel({ ...TIENDA, name: "a-a", namespace: "shop-a-a" });
    expect(stored("traefik", { ...requests, service }, settings)).toBeUndefined();
  });
  test("what only applications need is stored of nothing else", () => {
    expect(stored("traefik", { ...requests, router: "shop-webapp@kubernetes", service: "shop-webapp-80@kubernetes" })).toBeUndefined();
    expect(stored("cadvisor", { __name__: "container_spec_cpu_quota", namespace: "shop", container: "mysql" })).toBeUndefined();
    expect(stored("cadvisor", { __name__: "container_memory_cache", namespace: "shop", container: "mysql" })).toBeDefined();
    expect(stored("cadvisor", { __name__: "container_spec_cpu_quota", namespace: "shop-tienda", container: "tienda" })).toMatchObject({
      application: "tienda",
    });
  });
  test("unless an imported dashboard asks for it", () => {
    const settings = { ...SETTINGS, imported: [{ cadvisor: ["container_spec_cpu_quota"] }] };
    expect(stored("cadvisor", { __name__: "container_spec_cpu_quota", namespace: "shop", container: "mysql" }, settings)).toBeDefined();
  });
});

describe("rules and dashboards", () => {
  const groups = (parts: typeof EVERYTHING) => ruleGroups({ ...RULES, parts });
  const own = [...alertNames(groups(EVERYTHING))].filter((name) => name.startsWith("Application"));

  test("each alert about the applications keeps their label, and is there only where there are any", () => {
    expect(own).toHaveLength(5);
    const alone = alertNames(groups({ ...EVERYTHING, applications: false }));
    expect(own.filter((name) => alone.has(name))).toEqual([]);
    for (const rule of groups(EVERYTHING).flatMap(({ rules }) => rules)) {
      if ("alert" in rule && own.includes(rule.alert)) expect(rule.annotations.summary).toContain("{{ $labels.application }}");
    }
  });

  test("an alert leads to the dashboard with its application chosen", () => {
    expect(dashboardAddresses(["applications"], "http://localhost:3000")).toEqual({
      applications: "http://localhost:3000/d/cloudnova-applications?var-application={{ $labels.application }}",
    });
    expect(dashboardAddresses(DASHBOARDS, "http://localhost:3000", { ...EVERYTHING, applications: false })).not.toHaveProperty(
      "applications",
    );
  });

  test("the sample's probe is told apart from theirs only where there are any", () => {
    const noTraffic = (parts: typeof EVERYTHING) =>
      groups(parts)
        .flatMap(({ rules }) => rules)
        .find((rule) => "alert" in rule && rule.alert === "WebappNoTraffic")?.expr;
    expect(noTraffic(EVERYTHING)).toContain('probe_success{application=""}[10m]');
    expect(noTraffic({ ...EVERYTHING, applications: false })).toContain("probe_success[10m]");
  });

  test("every panel of the applications' dashboard asks for series of the chosen applications only", () => {
    const wrong = panelQueries()
      .filter(({ dashboard }) => dashboard === "applications")
      .flatMap(({ panel, expr }) => selectors(expr).map(({ text }) => [panel.title.en, text] as const))
      .filter(([, text]) => !text.includes('application!=""'));
    expect(wrong).toEqual([]);
  });

  test("an inhibition names only alerts that the environment has", () => {
    const names = (parts: typeof EVERYTHING) => JSON.stringify(inhibitions(alertNames(groups(parts))));
    expect(names(EVERYTHING)).toMatch(/Webapp.*Application/);
    expect(names({ ...EVERYTHING, applications: false })).not.toContain("Application");
    expect(names({ ...EVERYTHING, sample: false })).not.toContain("Webapp");
  });
});

describe("where the sample does not run", () => {
  const parts = { ...EVERYTHING, sample: false };

  test("there is no job for it, and no probe of a start page that nobody serves", () => {
    const jobs = scrapeJobs({ ...SETTINGS, sample: false });
    expect(jobOf(jobs, "webapp")).toBeUndefined();
    expect(jobOf(jobs, "probe")).not.toHaveProperty("params");
    expect(jobOf(jobs, "probe")?.static_configs).toHaveLength(2);
    expect(jobOf(scrapeJobs({ ...BARE, sample: false }), "probe")).toBeUndefined();
  });

  test("no rule and no panel asks for a metric of it", () => {
    expect(usedMetrics(allQueries(parts))).not.toHaveProperty("webapp");
    expect(allQueries(parts).filter((query) => /webapp/.test(query))).toEqual([]);
  });

  test("and only what asks for it is left out", () => {
    const all = (which: typeof EVERYTHING) =>
      panelQueries(which).map(({ dashboard, panel, expr }) => `${dashboard} ${panel.title.en} ${expr}`);
    const without = new Set(all(parts));
    expect(all(EVERYTHING).filter((query) => !without.has(query) && !/webapp|^webapp /.test(query))).toEqual([]);
    expect(dashboardSpecs(parts).map(([name]) => name)).toEqual(DASHBOARDS.filter((name) => name !== "webapp"));
    expect(dashboards(["webapp", "system"], "en", parts).map(({ name }) => name)).toEqual(["system"]);
  });

  test("every other metric is stored as with it", () => {
    const { webapp: _, ...others } = usedMetrics();
    expect(usedMetrics(allQueries(parts))).toEqual(others);
  });
});
