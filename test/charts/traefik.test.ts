import { parse } from "yaml";
import { POLICY_SECONDS } from "../../src/network.ts";
import { find, manifestsOf, synthesiseFile, synthesiseText } from "../manifests.ts";

const k3s = manifestsOf(synthesiseFile("environments/k3s-ec2.yaml"));
const values = parse(find(k3s, "HelmChartConfig", "traefik").spec.valuesContent);
const additionalArguments: string[] = values.additionalArguments;
const kind = manifestsOf(synthesiseFile("environments/kind.yaml"));
const ownArguments = (manifests = kind): string[] => find(manifests, "Deployment", "traefik").spec.template.spec.containers[0].args;

test("k3s' Traefik gets our arguments, but those of addresses and providers, which its chart sets; of searches it logs nothing either", () => {
  expect(additionalArguments.filter((arg) => !ownArguments().includes(arg))).toEqual(["--accessLog.fields.names.RequestPath=drop"]);
  expect(additionalArguments).toEqual(expect.arrayContaining(["--accessLog=true", "--accessLog.format=json"]));
  // Traefik before 3.7.3 does not start with it.
  expect(additionalArguments.join(" ")).not.toContain("queryParameters");
});

test("and our bounds of the latency histogram, once: Traefik joins a repeated argument and panics with bounds that do not rise", () => {
  const ours = ownArguments().filter((arg) => arg.startsWith("--metrics.prometheus.buckets="));
  expect(ours).toEqual([`--metrics.prometheus.buckets=${values.metrics.prometheus.buckets}`]);
  expect(additionalArguments.join(" ")).not.toContain("buckets");
});

test("both accept new connections for 5 s after SIGTERM, on HTTP and HTTPS; k3s' by values of its chart, which makes the same arguments", () => {
  expect(ownArguments().filter((arg) => arg.includes("lifeCycle"))).toEqual([
    "--entryPoints.web.transport.lifeCycle.requestAcceptGraceTimeout=5s",
    "--entryPoints.websecure.transport.lifeCycle.requestAcceptGraceTimeout=5s",
  ]);
  const accepting = { transport: { lifeCycle: { requestAcceptGraceTimeout: "5s" } } };
  expect(values.ports).toEqual({ web: accepting, websecure: accepting });
  expect(additionalArguments.join(" ")).not.toContain("lifeCycle");
});

test("a new Traefik gets no requests before the application's policy can know it", () => {
  const { readinessProbe } = find(kind, "Deployment", "traefik").spec.template.spec.containers[0];
  expect(readinessProbe.initialDelaySeconds).toBe(POLICY_SECONDS);
});

test("CloudNova's Traefik writes the public name into the Ingresses' status; k3s' has its Service's address for that", () => {
  const mine = manifestsOf(synthesiseText('cluster: kind\nmachine: {memory: 4Gi, cpu: "2"}\ningress: { host: app.example.org }\n'));
  const endpoint = (args: readonly string[]) => args.filter((arg) => arg.includes("ingressEndpoint"));
  expect(endpoint(ownArguments(mine))).toEqual(["--providers.kubernetesIngress.ingressEndpoint.hostname=app.example.org"]);
  expect(endpoint(additionalArguments)).toEqual([]);
});

test.each([
  ["k3s'", find(k3s, "ConfigMap", "cloudnova-traefik"), "cloudnova.example.com"],
  ["CloudNova's", find(kind, "ConfigMap", "traefik"), "localhost"],
])("%s Traefik has the host's certificate as its default", (_, { data }, host) => {
  expect(parse(data["cloudnova.yaml"]).tls.stores.default.defaultGeneratedCert.domain).toEqual({ main: host });
});
