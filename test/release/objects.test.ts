import { parse } from "yaml";
import {
  canaryDeployment,
  isSticky,
  releasable,
  releaseIngress,
  selectorOf,
  servicesOf,
  stableHash,
  TRACK,
  trafficFile,
} from "../../src/release/objects.ts";
import { SAMPLE_PRIORITY } from "../../src/traefik.ts";
import { find, type Manifest, manifestsOf, synthesiseFile, synthesiseText } from "../manifests.ts";

const manifests = manifestsOf(
  synthesiseText(`cluster: kind
machine: { memory: 8Gi, cpu: '4', disk: 60Gi }
ingress: { host: app.example.com }
applications:
  webapp: { sample: {} }
  a: { image: "a:1", ingress: { path: /a, sticky: true, maxUpload: 1Mi } }
  shop: { image: "b:1", ingress: { host: shop.example.com } }
`),
);
const named = (name: string) => releasable(manifests).find((one) => one.name === name) as ReturnType<typeof releasable>[number];
const file = (name: string, sticky = false) => parse(trafficFile(named(name), manifests, { weight: 10, id: "abc", sticky })).http;
const router = (name: string) => file(name).routers[`cloudnova-release-${name}`];

test("the applications that answer requests can be released, and nothing else", () =>
  expect(releasable(manifests).map(({ name, namespace }) => [name, namespace])).toEqual([
    ["a", "cloudnova-a"],
    ["shop", "cloudnova-shop"],
    ["webapp", "cloudnova"],
  ]));

test("the canary's pod is one of the application for every policy, and the stable Deployment's selector is as it was", () => {
  const { deployment } = named("webapp");
  const { metadata, spec } = canaryDeployment(named("webapp"));
  expect([metadata.name, metadata.namespace, spec.replicas]).toEqual(["webapp-canary", "cloudnova", 1]);
  expect(spec.template.metadata.labels).toMatchObject({ ...deployment.spec.selector.matchLabels, [TRACK]: "canary" });
  expect(spec.selector.matchLabels).toEqual({ "app.kubernetes.io/name": "webapp", [TRACK]: "canary" });
  expect(spec.template.spec).toEqual(deployment.spec.template.spec);
});

test("nothing has the labels by which apply, down and verify know what is theirs", () => {
  const released = named("a");
  const all = [canaryDeployment(released), releaseIngress(released), ...servicesOf(released, find(manifests, "Service", "a"), "h")];
  const labels = [...all.map(({ metadata }) => metadata.labels), canaryDeployment(released).spec.template.metadata.labels];
  for (const one of labels) expect(one?.["app.kubernetes.io/managed-by"]).toBe("cloudnova-release");
});

test("both Services lead to the stable version first, with Traefik's settings of the application's own", () => {
  const service = find(manifests, "Service", "a");
  const services = servicesOf(named("a"), service, "h1");
  expect(services.map(({ metadata }) => metadata.name)).toEqual(["a-stable", "a-canary"]);
  for (const { spec, metadata } of services) {
    expect(spec.selector).toEqual({ "app.kubernetes.io/name": "a", "pod-template-hash": "h1" });
    expect(spec.ports).toEqual(service.spec.ports);
    expect(metadata.annotations).toEqual(service.metadata.annotations);
  }
  expect(isSticky(service)).toBe(true);
  expect(selectorOf(named("a"), "canary", "h1")).toEqual({ "app.kubernetes.io/name": "a", [TRACK]: "canary" });
});

describe("the file", () => {
  test("has the Ingress' own route, stronger also than the sample's for bodies, with its middlewares", () => {
    expect(router("webapp")).toEqual({
      entryPoints: ["websecure"],
      rule: "PathPrefix(`/`) && !PathPrefix(`/a`)",
      priority: SAMPLE_PRIORITY.bodies + 1,
      middlewares: ["cloudnova-headers@file", "cloudnova-limit@file"],
      tls: {},
      service: "cloudnova-release-webapp",
    });
    expect(router("a").middlewares).toContain("cloudnova-a-upload@file");
    const own = find(manifests, "Ingress", "shop").metadata.annotations["traefik.ingress.kubernetes.io/router.priority"];
    expect(router("shop")).toMatchObject({ rule: "Host(`shop.example.com`) && PathPrefix(`/`)", priority: Number(own) + 2 });
  });
  test("divides by weight, and keeps a visitor at a version where the application keeps him at a pod", () => {
    const { services } = file("webapp");
    expect(services["cloudnova-release-webapp"].weighted).toEqual({
      services: [
        { name: "cloudnova-webapp-stable-80@kubernetes", weight: 90 },
        { name: "cloudnova-webapp-canary-80@kubernetes", weight: 10 },
      ],
    });
    expect(file("a", true).services["cloudnova-release-a"].weighted.sticky.cookie.name).toBe("cloudnova-release-a");
  });
  test("tells by a header that it was read", () => {
    const read = file("webapp").routers["cloudnova-release-webapp-read"];
    expect(read.rule).toBe("Host(`abc.release.invalid`)");
    expect(read.service).toBe("cloudnova-release-webapp");
    expect(file("webapp").middlewares).toEqual({
      "cloudnova-release-webapp-read": { headers: { customResponseHeaders: { "x-cloudnova-release": "abc" } } },
    });
  });
});

test("the stable version is what all pods but the canary's have", () => {
  const pod = (hash: string, more: Record<string, string> = {}, deletionTimestamp?: string): Manifest => ({
    metadata: { name: hash, labels: { "pod-template-hash": hash, ...more }, deletionTimestamp },
  });
  expect(stableHash([pod("a"), pod("a"), pod("c", { [TRACK]: "canary" }), pod("b", {}, "2026-01-01T00:00:00Z")])).toBe("a");
  expect(stableHash([pod("a"), pod("b")])).toBeUndefined();
  expect(stableHash([])).toBeUndefined();
});

test("every shipped environment's sample can be released", () => {
  for (const name of ["kind", "k3s-ec2"]) {
    expect(releasable(manifestsOf(synthesiseFile(`environments/${name}.yaml`))).map((one) => one.name)).toEqual(["webapp"]);
  }
});
