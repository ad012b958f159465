import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { ACME_FOLDER } from "../../src/acme.ts";
import { DYNAMIC_FOLDER } from "../../src/traefik.ts";
import { K3S_VERSION } from "../../src/versions.ts";
import type { KubeObject } from "../../tools/common/manifests.ts";
import { CHECKED_FILE, type Checked, drift, LETS_ENCRYPT } from "../../tools/k3s-chart/checked.ts";
import { chartArguments, unmet } from "../../tools/k3s-chart/rely.ts";
import { bring, fromInternet, fromServer, readManifest } from "../../tools/k3s-chart/source.ts";
import { namedPart, pathsOf, without } from "../../tools/k3s-chart/values.ts";
import { find, type Manifest, manifestsOf, SHIPPED, synthesiseFile } from "../manifests.ts";

const environment = manifestsOf(synthesiseFile("environments/k3s-ec2.yaml"));
const valuesOf = (manifests: KubeObject[]) => parse(find(manifests, "HelmChartConfig", "traefik").spec.valuesContent);
const ours = valuesOf(environment);

describe("the record of what the chart was last seen to have", () => {
  const recorded: Checked = JSON.parse(readFileSync(CHECKED_FILE, "utf8"));
  const environments = [...SHIPPED, LETS_ENCRYPT]
    .map((file) => manifestsOf(synthesiseFile(file)))
    .filter((all) => all.some(({ kind }) => kind === "HelmChartConfig"));
  const paths = environments.flatMap((manifests) => pathsOf(valuesOf(manifests)));

  test("is of the k3s that `up` installs; of another one run: npm run k3s-chart -- --write", () => {
    expect(recorded.k3s).toBe(K3S_VERSION);
  });

  test("has every value that an environment sets, and no other; after a change run: npm run k3s-chart -- --write", () => {
    expect(Object.keys(recorded.values)).toEqual([...new Set(paths)].sort());
  });

  test("each is in the chart's values.yaml, itself or the map that it is a part of", () => {
    for (const [path, named] of Object.entries(recorded.values)) {
      expect(named).not.toBe("");
      expect(path === named || path.startsWith(`${named}.`)).toBe(true);
    }
  });
});

describe("what changed since the record", () => {
  const before: Checked = { k3s: "v1.34.9+k3s1", chart: "40.1.3+up40.1.0", values: { volumes: "volumes", resources: "resources" } };

  test("nothing", () => {
    expect(drift(before, { ...before })).toEqual([]);
  });

  test.each<[string, Partial<Checked>, string]>([
    ["another k3s", { k3s: "v1.35.1+k3s1" }, "k3s is v1.34.9+k3s1, should be v1.35.1+k3s1"],
    ["another chart", { chart: "41.0.0+up41.0.0" }, "chart is 40.1.3+up40.1.0, should be 41.0.0+up41.0.0"],
    ["a value more", { values: { ...before.values, "logs.level": "logs" } }, "logs.level is not there, should be logs"],
    ["a value less", { values: { volumes: "volumes" } }, "resources is resources, should be removed"],
  ])("%s", (_, change, text) => {
    const lines = drift(before, { ...before, ...change });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(text);
    expect(lines[0]).toContain("npm run k3s-chart -- --write");
  });
});

describe("values", () => {
  const values = { a: { b: { c: 1 }, d: [1, 2] }, e: "x" };

  test("a list is one value", () => {
    expect(pathsOf(values)).toEqual(["a.b.c", "a.d", "e"]);
  });

  test("one is taken out, the others stay", () => {
    expect(without(values, "a.b.c")).toEqual({ a: { b: {}, d: [1, 2] }, e: "x" });
    expect(without(values, "e")).toEqual({ a: values.a });
  });

  test.each([
    ["service.spec.externalTrafficPolicy", "service.spec"],
    ["resources.limits.cpu", "resources"],
    ["ports.web.grace", "ports.web.grace"],
    ["port.web.grace", ""],
  ])("%s: the chart names %s", (path, named) => {
    expect(namedPart({ service: { spec: { type: "LoadBalancer" } }, resources: {}, ports: { web: { grace: null } } }, path)).toBe(named);
  });
});

describe("k3s' manifest", () => {
  const MANIFEST = `apiVersion: helm.cattle.io/v1
kind: HelmChart
metadata: { name: traefik-crd, namespace: kube-system }
spec: { chart: "https://%{KUBERNETES_API}%/static/charts/traefik-crd-40.1.3+up40.1.0.tgz" }
---
apiVersion: helm.cattle.io/v1
kind: HelmChart
metadata: { name: traefik, namespace: kube-system }
spec:
  chart: https://%{KUBERNETES_API}%/static/charts/traefik-40.1.3+up40.1.0.tgz
  set:
    global.systemDefaultRegistry: "%{SYSTEM_DEFAULT_REGISTRY_RAW}%"
  valuesContent: |-
    priorityClassName: "system-cluster-critical"
`;

  test("names the chart, its version and k3s' values", () => {
    expect(readManifest(MANIFEST)).toEqual({
      archive: "traefik-40.1.3+up40.1.0.tgz",
      version: "40.1.3+up40.1.0",
      valuesContent: 'priorityClassName: "system-cluster-critical"',
      set: { "global.systemDefaultRegistry": "" },
    });
  });

  test.each(["", "kind: HelmChart\nmetadata: { name: nginx }\n", "<html>not found</html>"])("another text is an error: %j", (text) => {
    expect(() => readManifest(text)).toThrow("names no chart traefik-VERSION.tgz");
  });

  describe("and the chart", () => {
    let folder = "";
    const asked: string[] = [];
    const server = createServer(({ url = "" }, response) => {
      asked.push(url);
      if (url.startsWith("/k3s/")) response.end(MANIFEST);
      else response.writeHead(404).end();
    });
    const sources = () => {
      const { port } = server.address() as { port: number };
      return { manifests: `http://127.0.0.1:${port}/k3s`, charts: `http://127.0.0.1:${port}/charts` };
    };
    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), "cloudnova-chart-"));
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    });
    afterAll(() => {
      server.close();
      rmSync(folder, { recursive: true });
    });

    test("that cannot be fetched is named, with what to do, and not taken for checked", async () => {
      await expect(bring(fromInternet("v1.34.9+k3s1", sources()), folder)).rejects.toThrow(
        /k3s' Traefik chart could not be fetched, so nothing was checked: http:.*traefik-40\.1\.3%2Bup40\.1\.0\.tgz: curl: .*404[\s\S]*--server/,
      );
      expect(asked).toEqual(["/k3s/v1.34.9%2Bk3s1/manifests/traefik.yaml", "/charts/traefik-40.1.3%2Bup40.1.0.tgz"]);
    });

    test("a folder that is no k3s server's is an error that names the file", async () => {
      await expect(bring(fromServer(folder), folder)).rejects.toThrow(/manifests\/traefik\.yaml[\s\S]*--server wants/);
    });
  });
});

describe("what we rely on", () => {
  // The chart's objects with our values, as far as they are read.
  const container = () => ({
    args: [
      "--metrics.prometheus=true",
      "--providers.kubernetesingress",
      "--providers.kubernetesingress.allowEmptyServices=true",
      "--entryPoints.websecure.http.tls=true",
      ...chartArguments(ours),
      ...ours.additionalArguments,
    ] as string[],
    ports: [
      { name: "metrics", containerPort: 9100 },
      { name: "web", containerPort: 8000 },
      { name: "websecure", containerPort: 8443 },
    ],
    resources: ours.resources,
    volumeMounts: [{ name: "cloudnova-traefik", mountPath: DYNAMIC_FOLDER }],
  });
  const parts = () => ({
    container: container(),
    labels: { "app.kubernetes.io/name": "traefik" } as Record<string, string>,
    grace: 60,
    service: {
      type: "LoadBalancer",
      externalTrafficPolicy: "Local",
      ports: [
        { port: 80, targetPort: "web" },
        { port: 443, targetPort: "websecure" },
      ],
    },
    ingressClass: "traefik",
  });
  const objects = ({ container: main, labels, grace, service, ingressClass }: ReturnType<typeof parts>): KubeObject[] => {
    const volumes = [{ name: "cloudnova-traefik", configMap: { name: "cloudnova-traefik" } }];
    const spec = { containers: [main], terminationGracePeriodSeconds: grace, volumes };
    return [
      { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "traefik" }, spec: { template: { metadata: { labels }, spec } } },
      { apiVersion: "v1", kind: "Service", metadata: { name: "traefik" }, spec: service },
      { apiVersion: "networking.k8s.io/v1", kind: "IngressClass", metadata: { name: ingressClass } },
    ];
  };

  test("all of it", () => {
    expect(unmet(objects(parts()), ours, environment)).toEqual([]);
  });

  type Change = (all: ReturnType<typeof parts>) => void;
  test.each<[string, Change, string]>([
    [
      "no argument of ours",
      ({ container: { args } }) => args.splice(args.indexOf("--accessLog=true"), 1),
      "does not get the argument --accessLog=true",
    ],
    ["an argument twice", ({ container: { args } }) => args.push("--metrics.prometheus.BUCKETS=1"), "--metrics.prometheus.buckets twice"],
    ["no 503 without a replica", ({ container: { args } }) => args.splice(2, 1), "allowEmptyServices=true"],
    [
      "no port named metrics",
      ({ container: { ports } }) => Object.assign(ports[0] ?? {}, { name: "m" }),
      "no port of the pods is named metrics",
    ],
    [
      "another port",
      ({ container: { ports } }) => Object.assign(ports[2] ?? {}, { containerPort: 443 }),
      "opens port 8443 of Traefik, which no container has",
    ],
    ["no mount", ({ container: main }) => main.volumeMounts.pop(), "cloudnova-traefik is not mounted at /etc/traefik/cloudnova"],
    ["other resources", ({ container: main }) => Object.assign(main, { resources: {} }), "the resources are {}"],
    ["other labels", ({ labels }) => Object.assign(labels, { "app.kubernetes.io/name": "proxy" }), "look for traefik"],
    ["too little time to end", (all) => Object.assign(all, { grace: 10 }), "has 10 s to end; Traefik takes up to 15"],
    ["another Service", ({ service }) => Object.assign(service, { type: "ClusterIP" }), "is a ClusterIP"],
    ["the clients' addresses lost", ({ service }) => Object.assign(service, { externalTrafficPolicy: "Cluster" }), "is Cluster, not Local"],
    ["no HTTPS", ({ service: { ports } }) => ports.pop(), "port 443 does not lead to websecure"],
    [
      "another class",
      (all) => Object.assign(all, { ingressClass: "nginx" }),
      "of the class traefik, which the chart does not make (nginx)",
    ],
  ])("%s is named", (_, change, text) => {
    const all = parts();
    change(all);
    expect(unmet(objects(all), ours, environment).join("\n")).toContain(text);
  });

  describe("with certificates of Let's Encrypt", () => {
    const issued = manifestsOf(synthesiseFile(LETS_ENCRYPT));
    const values = valuesOf(issued);
    const rendered = (change: (deployment: Manifest) => void) => {
      const all = parts();
      all.container.args.push(...values.additionalArguments.filter((arg: string) => arg.includes(".acme.")));
      all.container.volumeMounts.push({ name: "data", mountPath: ACME_FOLDER });
      const [deployment, ...others] = objects(all) as Manifest[];
      deployment.spec.strategy = { type: "Recreate" };
      deployment.spec.template.spec.volumes.push({ name: "data", persistentVolumeClaim: { claimName: "traefik" } });
      change(deployment);
      return unmet([deployment, ...others], values, issued);
    };

    test("the chart keeps them on a volume and runs one Traefik at a time", () => {
      expect(rendered(() => undefined)).toEqual([]);
    });

    test.each<[string, (deployment: Manifest) => void, string]>([
      [
        "an emptyDir",
        ({ spec }) => Object.assign(spec.template.spec.volumes[1], { persistentVolumeClaim: undefined }),
        "no claimed volume is mounted at /data",
      ],
      [
        "another folder",
        ({ spec }) => Object.assign(spec.template.spec.containers[0].volumeMounts[1], { mountPath: "/certs" }),
        "no claimed volume",
      ],
      ["a rolling update", ({ spec }) => Object.assign(spec.strategy, { type: "RollingUpdate" }), "the strategy is RollingUpdate"],
    ])("%s is named", (_, change, text) => {
      expect(rendered(change).join("\n")).toContain(text);
    });
  });

  test("a chart without Traefik", () => {
    expect(unmet([], ours, environment)).toEqual(["the chart makes no Deployment named traefik"]);
  });
});
