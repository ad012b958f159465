import { parse } from "yaml";
import { find, manifestsOf, SHIPPED, synthesiseFile } from "../manifests.ts";

const withGrafana = SHIPPED.map((file) => ({ file, manifests: manifestsOf(synthesiseFile(file)) })).filter(({ manifests }) =>
  manifests.some(({ kind, metadata }) => kind === "StatefulSet" && metadata.name === "grafana"),
);

describe.each(withGrafana)("$file", ({ manifests }) => {
  test("each file that Grafana's settings and providers name is mounted", () => {
    const { containers } = find(manifests, "StatefulSet", "grafana").spec.template.spec;
    const paths = containers[0].volumeMounts.map(({ mountPath }: { mountPath: string }) => mountPath) as string[];
    const env = containers[0].env as { name: string; value: string }[];
    const fileOf = (name: string) => env.find((one) => one.name === name)?.value.replace(/^\$__file\{(.*)\}$/, "$1") ?? "";
    const files = ["GF_SECURITY_ADMIN_PASSWORD", "GF_SECURITY_SECRET_KEY", "GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"].map(fileOf);
    expect(files.filter((file) => !paths.some((path) => file.startsWith(`${path}/`)))).toEqual([]);
    const { providers } = parse(find(manifests, "ConfigMap", "grafana-dashboards").data["cloudnova.yaml"]);
    expect(paths.some((path) => path.startsWith(`${providers[0].options.path}/`))).toBe(true);
  });
});

test("some of the shipped environments have Grafana", () => expect(withGrafana).not.toEqual([]));
