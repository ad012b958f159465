import { z } from "zod";

// What Grafana 12.4 documents of the settings and files that we write, so that a misspelt one, which Grafana would pass over
// in silence, fails a test. To move to another version, read the pages again:
//   settings          https://grafana.com/docs/grafana/v12.4/setup-grafana/configure-grafana/
//   …__FILE           https://grafana.com/docs/grafana/v12.4/setup-grafana/configure-docker/
//   data sources and dashboards, by file
//                     https://grafana.com/docs/grafana/v12.4/administration/provisioning/
//   Prometheus' own   https://grafana.com/docs/grafana/v12.4/datasources/prometheus/configure/

const truth = z.enum(["true", "false"]);
const path = z.string().regex(/^\/[\w./-]+$/, "no absolute path");
/** A duration as Grafana reads it, such as `15s` or `1m30s`. */
const duration = z.string().regex(/^(\d+(\.\d+)?(ms|[smhdwMy]))+$/, "no duration");

/** Sections and keys of grafana.ini with the values that they take, of those that we set. No alerting is provisioned. */
const SETTINGS: Readonly<Record<string, Readonly<Record<string, z.ZodType>>>> = {
  security: {
    admin_password: z.string(),
    disable_gravatar: truth,
    cookie_samesite: z.enum(["lax", "strict", "none", "disabled"]),
  },
  users: {
    allow_sign_up: truth,
    // Grafana's list has more; these two are the languages that we speak.
    default_language: z.enum(["en-US", "es-ES"]),
  },
  dashboards: { default_home_dashboard_path: path },
  analytics: { reporting_enabled: truth, check_for_updates: truth, check_for_plugin_updates: truth },
  plugins: { preinstall_disabled: truth },
  news: { news_feed_enabled: truth },
  unified_alerting: { enabled: truth },
  metrics: { enabled: truth },
  // Several, with a space between.
  log: { mode: z.string().regex(/^(console|file|syslog)( (console|file|syslog))*$/, "no mode of the log") },
};

/** Settings as variables: `GF_<section>_<key>`, in capitals; with `__FILE` the value is the path of a file that holds it. */
export const VARIABLES = z.strictObject(
  Object.fromEntries(
    Object.entries(SETTINGS).flatMap(([section, keys]) =>
      Object.entries(keys).flatMap(([key, type]): [string, z.ZodType][] => {
        const name = `GF_${section}_${key}`.toUpperCase().replaceAll(/[.-]/g, "_");
        return [
          [name, type.optional()],
          [`${name}__FILE`, path.optional()],
        ];
      }),
    ),
  ),
);

/** `jsonData` of a data source of the type prometheus. */
const prometheus = z.strictObject({
  httpMethod: z.enum(["GET", "POST"]).optional(),
  timeInterval: duration.optional(),
  queryTimeout: duration.optional(),
  timeout: z.number().optional(),
  manageAlerts: z.boolean().optional(),
  allowAsRecordingRulesTarget: z.boolean().optional(),
  prometheusType: z.enum(["Prometheus", "Cortex", "Mimir", "Thanos"]).optional(),
  prometheusVersion: z.string().optional(),
  cacheLevel: z.enum(["Low", "Medium", "High", "None"]).optional(),
  defaultEditor: z.enum(["code", "builder"]).optional(),
  disableMetricsLookup: z.boolean().optional(),
  disableRecordingRules: z.boolean().optional(),
  customQueryParameters: z.string().optional(),
  incrementalQuerying: z.boolean().optional(),
  incrementalQueryOverlapWindow: duration.optional(),
  seriesEndpoint: z.boolean().optional(),
  seriesLimit: z.number().optional(),
});

/** provisioning/datasources/*.yaml */
export const DATA_SOURCES = z.strictObject({
  apiVersion: z.literal(1),
  prune: z.boolean().optional(),
  deleteDatasources: z.array(z.strictObject({ name: z.string(), orgId: z.number().optional() })).optional(),
  datasources: z.array(
    z.strictObject({
      name: z.string().min(1),
      type: z.literal("prometheus"),
      access: z.enum(["proxy", "direct"]),
      orgId: z.number().optional(),
      uid: z
        .string()
        .regex(/^[\w-]{1,40}$/, "no uid")
        .optional(),
      url: z.url(),
      user: z.string().optional(),
      database: z.string().optional(),
      basicAuth: z.boolean().optional(),
      basicAuthUser: z.string().optional(),
      withCredentials: z.boolean().optional(),
      isDefault: z.boolean().optional(),
      version: z.number().optional(),
      editable: z.boolean().optional(),
      jsonData: prometheus.optional(),
    }),
  ),
});

/** provisioning/dashboards/*.yaml */
export const PROVIDERS = z.strictObject({
  apiVersion: z.literal(1),
  providers: z.array(
    z.strictObject({
      name: z.string().min(1),
      orgId: z.number().optional(),
      folder: z.string().optional(),
      folderUid: z.string().optional(),
      type: z.literal("file").optional(),
      disableDeletion: z.boolean().optional(),
      updateIntervalSeconds: z.number().int().positive().optional(),
      allowUiUpdates: z.boolean().optional(),
      options: z.strictObject({ path, foldersFromFilesStructure: z.boolean().optional() }),
    }),
  ),
});
