import { parse } from "yaml";
import { staticArguments } from "../../src/traefik.ts";
import { find, manifestsOf, synthesiseFile } from "../manifests.ts";

const values = parse(find(manifestsOf(synthesiseFile("environments/k3s-ec2.yaml")), "HelmChartConfig", "traefik").spec.valuesContent);
const { additionalArguments } = values;

test("k3s' Traefik gets our arguments, but those of entry points and providers, which its chart sets; of searches it logs nothing either", () => {
  const more = (additionalArguments as string[]).filter((arg) => !staticArguments("cloudnova").includes(arg));
  expect(more).toEqual(["--accessLog.fields.names.RequestPath=drop"]);
  expect(additionalArguments).toEqual(expect.arrayContaining(["--accessLog=true", "--accessLog.format=json"]));
  // Traefik before 3.7.3 does not start with it.
  expect(additionalArguments.join(" ")).not.toContain("queryParameters");
});

test("and our bounds of the latency histogram, once: Traefik joins a repeated argument and panics with bounds that do not rise", () => {
  const ours = staticArguments("cloudnova").filter((arg) => arg.startsWith("--metrics.prometheus.buckets="));
  expect(ours).toEqual([`--metrics.prometheus.buckets=${values.metrics.prometheus.buckets}`]);
  expect(additionalArguments.join(" ")).not.toContain("buckets");
});
