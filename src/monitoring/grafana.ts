/** The data source's name, as the sources have it, and the id by which panels refer to it. */
export const DATA_SOURCE = { name: "Prometheus", uid: "prometheus" } as const;

/** The folder in which Grafana shows the dashboards. */
export const FOLDER = "CloudNova";

/** Grafana's settings as variables (Grafana documentation, "Override configuration with environment variables"). */
export function grafanaSettings(language: string, home: string): Record<string, string> {
  return {
    GF_SECURITY_ADMIN_PASSWORD__FILE: "/run/secrets/grafana/admin-password",
    GF_SECURITY_DISABLE_GRAVATAR: "true",
    GF_SECURITY_COOKIE_SAMESITE: "strict",
    GF_USERS_ALLOW_SIGN_UP: "false",
    GF_USERS_DEFAULT_LANGUAGE: language === "es" ? "es-ES" : "en-US",
    GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH: home,
    // It asks nobody outside, and installs nothing at its start: the machine may have no way out and has no memory to spare.
    GF_ANALYTICS_REPORTING_ENABLED: "false",
    GF_ANALYTICS_CHECK_FOR_UPDATES: "false",
    GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES: "false",
    GF_PLUGINS_PREINSTALL_DISABLED: "true",
    GF_NEWS_NEWS_FEED_ENABLED: "false",
    // Alerts are Prometheus' and Alertmanager's; a second engine takes memory.
    GF_UNIFIED_ALERTING_ENABLED: "false",
    GF_METRICS_ENABLED: "true",
    GF_LOG_MODE: "console",
  };
}

/** The provisioning file of the data source. */
export function dataSources(url: string, scrapeInterval: string): Record<string, unknown> {
  return {
    apiVersion: 1,
    datasources: [
      {
        ...DATA_SOURCE,
        type: "prometheus",
        access: "proxy",
        url,
        isDefault: true,
        editable: false,
        jsonData: { httpMethod: "POST", timeInterval: scrapeInterval },
      },
    ],
  };
}

/** The provisioning file of the dashboards: one folder each, read again when its files change. */
export function dashboardProviders(path: string): Record<string, unknown> {
  return {
    apiVersion: 1,
    providers: [{ name: "cloudnova", folder: FOLDER, type: "file", allowUiUpdates: false, updateIntervalSeconds: 30, options: { path } }],
  };
}
