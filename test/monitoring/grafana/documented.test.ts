import { parse } from "yaml";
import type { ZodType } from "zod";
import { find, type Manifest, manifestsOf, SHIPPED, synthesiseFile } from "../../manifests.ts";
import { DATA_SOURCES, PROVIDERS, VARIABLES } from "./documented.ts";

/** What an environment's manifests give Grafana: its variables, and its two provisioning files. */
function writtenBy(manifests: readonly Manifest[]) {
  const { containers } = find(manifests, "StatefulSet", "grafana").spec.template.spec;
  const env = containers[0].env as { name: string; value: string }[];
  const file = (map: string, key: string) => parse(find(manifests, "ConfigMap", map).data[key]);
  return {
    variables: Object.fromEntries(env.map(({ name, value }) => [name, value])) as Record<string, string>,
    sources: file("grafana-datasources", "prometheus.yaml"),
    providers: file("grafana-dashboards", "cloudnova.yaml"),
    mounts: containers[0].volumeMounts as { mountPath: string }[],
  };
}

const faults = (schema: ZodType, value: unknown): string[] =>
  (schema.safeParse(value).error?.issues ?? []).map(({ path, message }) => `${path.join(".")}: ${message}`);

const withGrafana = SHIPPED.map((file) => ({ file, manifests: manifestsOf(synthesiseFile(file)) })).filter(({ manifests }) =>
  manifests.some(({ kind, metadata }) => kind === "StatefulSet" && metadata.name === "grafana"),
);

test("most of the shipped environments have Grafana", () => expect(withGrafana.length).toBeGreaterThanOrEqual(5));

describe.each(withGrafana)("$file", ({ manifests }) => {
  const { variables, sources, providers, mounts } = writtenBy(manifests);

  test("every setting and every key is one that Grafana documents, with a value that it takes", () => {
    expect(Object.keys(variables).filter((name) => !name.startsWith("GF_"))).toEqual([]);
    expect(faults(VARIABLES, variables)).toEqual([]);
    expect(faults(DATA_SOURCES, sources)).toEqual([]);
    expect(faults(PROVIDERS, providers)).toEqual([]);
  });
  test("the files lie where Grafana looks, and what they name is mounted", () => {
    const paths = mounts.map(({ mountPath }) => mountPath);
    // The image's GF_PATHS_PROVISIONING.
    expect(paths).toEqual(expect.arrayContaining(["/etc/grafana/provisioning/datasources", "/etc/grafana/provisioning/dashboards"]));
    const within = (file: string) => paths.some((path) => file.startsWith(`${path}/`));
    expect(within(variables.GF_SECURITY_ADMIN_PASSWORD__FILE ?? "")).toBe(true);
    expect(within(variables.GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH ?? "")).toBe(true);
    const dashboards = providers.providers[0].options.path;
    expect(paths.some((path) => path.startsWith(`${dashboards}/`))).toBe(true);
  });
});

/** Mistakes, each with what must be said of it. */
const { variables, sources, providers } = writtenBy(withGrafana[0]?.manifests ?? []);
const source = sources.datasources[0];
const provider = providers.providers[0];
const MISTAKES: readonly [string, ZodType, unknown, RegExp][] = [
  [
    "a misspelt setting",
    VARIABLES,
    { ...variables, GF_ANALYTICS_REPORTING_ENABLE: "false" },
    /Unrecognized key: "GF_ANALYTICS_REPORTING_ENABLE"/,
  ],
  ["a setting of another section", VARIABLES, { ...variables, GF_AUTH_ALLOW_SIGN_UP: "false" }, /Unrecognized key/],
  ["a truth that is none", VARIABLES, { ...variables, GF_METRICS_ENABLED: "yes" }, /^GF_METRICS_ENABLED: .*"true"\|"false"/],
  ["a value outside of the list", VARIABLES, { ...variables, GF_SECURITY_COOKIE_SAMESITE: "always" }, /^GF_SECURITY_COOKIE_SAMESITE: /],
  ["a file's name that is no path", VARIABLES, { ...variables, GF_SECURITY_ADMIN_PASSWORD__FILE: "password" }, /no absolute path/],
  ["a misspelt key of a data source", DATA_SOURCES, { ...sources, datasources: [{ ...source, readOnly: true }] }, /"readOnly"/],
  ["an access that is none", DATA_SOURCES, { ...sources, datasources: [{ ...source, access: "server" }] }, /^datasources\.0\.access: /],
  ["a data source without a name", DATA_SOURCES, { ...sources, datasources: [{ ...source, name: undefined }] }, /^datasources\.0\.name: /],
  [
    "a misspelt key of Prometheus' own",
    DATA_SOURCES,
    { ...sources, datasources: [{ ...source, jsonData: { scrapeInterval: "15s" } }] },
    /^datasources\.0\.jsonData: .*"scrapeInterval"/,
  ],
  [
    "a number where a duration belongs",
    DATA_SOURCES,
    { ...sources, datasources: [{ ...source, jsonData: { timeInterval: 15 } }] },
    /timeInterval/,
  ],
  ["a version of the file that is none", PROVIDERS, { ...providers, apiVersion: 2 }, /^apiVersion: /],
  ["a misspelt key of a provider", PROVIDERS, { ...providers, providers: [{ ...provider, updateInterval: 30 }] }, /"updateInterval"/],
  ["a provider without a path", PROVIDERS, { ...providers, providers: [{ ...provider, options: {} }] }, /^providers\.0\.options\.path: /],
];

test.each(MISTAKES)("%s is found", (_, schema, value, words) => {
  expect(faults(schema, value)).toEqual([expect.stringMatching(words)]);
});
