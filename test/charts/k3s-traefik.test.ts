import { parse } from "yaml";
import { staticArguments } from "../../src/traefik.ts";
import { find, manifestsOf, synthesiseFile } from "../manifests.ts";

const { additionalArguments } = parse(
  find(manifestsOf(synthesiseFile("environments/k3s-ec2.yaml")), "HelmChartConfig", "traefik").spec.valuesContent,
);

test("k3s' Traefik gets our arguments, but those of entry points and providers, which its chart sets; of searches it logs nothing either", () => {
  const more = (additionalArguments as string[]).filter((arg) => !staticArguments("cloudnova").includes(arg));
  expect(more).toEqual(["--accessLog.fields.names.RequestPath=drop"]);
  expect(additionalArguments).toEqual(expect.arrayContaining(["--accessLog=true", "--accessLog.format=json"]));
  // Traefik before 3.7.3 does not start with it.
  expect(additionalArguments.join(" ")).not.toContain("queryParameters");
});
