/** The data source's name, as the sources have it, and the id by which panels refer to it. */
export const DATA_SOURCE = { name: "Prometheus", uid: "prometheus" } as const;

/** Its user: the image's own is 472, and any id does, for all that is written lies on volumes. Its volume is that group's. */
export const GRAFANA_USER = 10_472;

/** The folder in which Grafana shows the dashboards. */
export const FOLDER = "CloudNova";

/** Where the Secrets of Grafana's administrator and of its key are mounted, each with its one key as a file. */
export const PASSWORD_FOLDER = "/run/secrets/grafana";
export const KEY_FOLDER = "/run/secrets/grafana-key";

/**
 * A setting that Grafana reads from a file (Grafana documentation, "Configure Grafana", "Variable expansion"). Unlike the variables
 * that end in `__FILE`, the file's text is not expanded again: a `$` in it is a `$`. White space at both ends does not count.
 */
const fromFile = (path: string): string => `$__file{${path}}`;

/**
 * Whether Grafana takes a password for another one than everything else does: it cuts white space at both ends (`fromFile`), and
 * gopkg.in/ini.v1 replaces `%(name)s` by another setting.
 */
export const misreadByGrafana = (password: string): boolean => /^\s|\s$|%\([^)]+\)s/.test(password);

/** Grafana's settings as variables (Grafana documentation, "Override configuration with environment variables"). */
export function grafanaSettings(language: string, home: string): Record<string, string> {
  return {
    GF_SECURITY_ADMIN_PASSWORD: fromFile(`${PASSWORD_FOLDER}/admin-password`),
    GF_SECURITY_SECRET_KEY: fromFile(`${KEY_FOLDER}/secret-key`),
    GF_SECURITY_DISABLE_GRAVATAR: "true",
    GF_SECURITY_COOKIE_SAMESITE: "strict",
    GF_USERS_ALLOW_SIGN_UP: "false",
    GF_USERS_DEFAULT_LANGUAGE: language === "es" ? "es-ES" : "en-US",
    GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH: home,
    // It sends no request to the internet, and installs nothing at its start: the machine may be offline and has no memory to spare.
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
