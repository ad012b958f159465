import { parse } from "yaml";
import { EnvironmentError } from "../../src/config/errors.ts";
import { find, type Manifest, manifestsOf, podsOf, synthesiseText } from "../manifests.ts";

const environment = (nodes: number, more = "") => `cluster: kubernetes
machine: { instance: t3.medium, nodes: ${nodes} }
applications:
  webapp: { sample: { replicas: 3 } }
  shop: { image: "shop:1", replicas: 2, autoscaling: { maxReplicas: 5, cpu: 60 }, ingress: { path: /shop }, database: false, volumes: { data: { path: /srv } } }
${more}`;
const manifests = manifestsOf(synthesiseText(environment(3)));
const alone = manifestsOf(synthesiseText(environment(1)));
const pod = (all: readonly Manifest[], kind: string, name: string) => find(all, kind, name).spec.template.spec;

test.each(["webapp", "shop", "traefik"])("replicas of %s spread over zones and nodes, each revision by itself", (name) => {
  const { topologySpreadConstraints, affinity } = pod(manifests, "Deployment", name);
  expect(topologySpreadConstraints.map(({ topologyKey }: Manifest) => topologyKey)).toEqual([
    "topology.kubernetes.io/zone",
    "kubernetes.io/hostname",
  ]);
  for (const one of topologySpreadConstraints)
    expect(one).toMatchObject({
      maxSkew: 1,
      whenUnsatisfiable: "ScheduleAnyway",
      labelSelector: { matchLabels: { "app.kubernetes.io/name": name } },
      matchLabelKeys: ["pod-template-hash"],
    });
  expect(affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution).toHaveLength(1);
  expect(find(manifests, "PodDisruptionBudget", name).spec.maxUnavailable).toBe(1);
});

test("on one node nothing of that is asked for, and one Traefik runs", () => {
  for (const { spec } of podsOf(alone)) expect([spec.topologySpreadConstraints, spec.tolerations]).toEqual([undefined, undefined]);
  expect(find(alone, "Deployment", "traefik").spec.replicas).toBe(1);
  expect(find(manifests, "Deployment", "traefik").spec.replicas).toBe(2);
});

test("with Let's Encrypt one Traefik alone may write the certificates", () => {
  const text = environment(3, "ingress: { host: shop.cloudnova.dev, tls: { letsEncrypt: {} } }\n");
  expect(find(manifestsOf(synthesiseText(text)), "Deployment", "traefik").spec).toMatchObject({
    replicas: 1,
    strategy: { type: "Recreate" },
  });
});

test("behind a load balancer Traefik goes on while that learns of its end; a NodePort leads to a Traefik from each node", () => {
  const { containers, terminationGracePeriodSeconds } = pod(manifests, "Deployment", "traefik");
  expect(containers[0].lifecycle).toEqual({ preStop: { sleep: { seconds: 30 } } });
  expect(terminationGracePeriodSeconds).toBe(50);
  const kind = environment(3).replace("cluster: kubernetes", "cluster: kind");
  expect(find(manifestsOf(synthesiseText(kind)), "Service", "traefik").spec.externalTrafficPolicy ?? "Cluster").toBe("Cluster");
});

test("node-exporter runs on every node, whatever its taints", () => {
  expect(pod(manifests, "DaemonSet", "node-exporter").tolerations).toEqual([{ operator: "Exists" }]);
});

test("an autoscaler sets the replicas of an application, between its bounds", () => {
  expect(find(manifests, "Deployment", "shop").spec.replicas).toBeUndefined();
  expect(find(manifests, "HorizontalPodAutoscaler", "shop").spec).toMatchObject({ minReplicas: 2, maxReplicas: 5 });
  const wrong = environment(3).replace("maxReplicas: 5", "maxReplicas: 2").replace("replicas: 2,", "replicas: 4,");
  expect(() => synthesiseText(wrong)).toThrow(/applications\.shop\.autoscaling\.maxReplicas: .*below replicas \(4\)/);
});

test("every volume has the StorageClass, and none is named without the key", () => {
  const classes = (all: readonly Manifest[]) =>
    new Set(all.filter(({ kind }) => kind === "PersistentVolumeClaim").map(({ spec }) => spec.storageClassName));
  expect(classes(manifestsOf(synthesiseText(environment(3, "storageClass: gp3\n"))))).toEqual(new Set(["gp3"]));
  expect(classes(manifests)).toEqual(new Set([undefined]));
});

describe("remoteWrite", () => {
  const text = environment(
    3,
    `monitoring:
  remoteWrite:
    - { url: "https://one.example.com/api/v1/write", basicAuth: writer, ca: { secret: authority } }
    - { url: "https://two.example.com:8443/push", bearer: token }
`,
  );
  const made = manifestsOf(synthesiseText(text, "shop"));
  const configuration = parse(find(made, "ConfigMap", "prometheus").data["prometheus.yml"]);

  test("every sample goes to each receiver, with its login from files and a label that tells where it comes from", () => {
    expect(configuration.global.external_labels).toEqual({ environment: "shop" });
    expect(configuration.remote_write).toMatchObject([
      {
        url: "https://one.example.com/api/v1/write",
        basic_auth: { username_file: "/etc/remote-write/0/username", password_file: "/etc/remote-write/0/password" },
        tls_config: { ca_file: "/etc/remote-write-ca/0/ca.crt" },
      },
      { url: "https://two.example.com:8443/push", authorization: { credentials_file: "/etc/remote-write/1/token" } },
    ]);
    const { containers } = pod(made, "StatefulSet", "prometheus");
    const paths = containers[0].volumeMounts.map(({ mountPath }: Manifest) => mountPath);
    expect(paths).toEqual(expect.arrayContaining(["/etc/remote-write/0", "/etc/remote-write-ca/0", "/etc/remote-write/1"]));
  });

  test("its policy opens their ports, its alerts are there, and their metrics are stored: nowhere else", () => {
    const { egress } = find(made, "NetworkPolicy", "prometheus").spec;
    expect(egress.flatMap(({ ports }: Manifest) => ports.map(({ port }: Manifest) => port))).toEqual(expect.arrayContaining([443, 8443]));
    const names = (all: readonly Manifest[]) => all.map(({ metadata }) => metadata.name);
    expect(names(made)).toContain("prometheus-rules-remote-write");
    expect(names(manifests)).not.toContain("prometheus-rules-remote-write");
    const stored = (all: readonly Manifest[]) => find(all, "ConfigMap", "prometheus").data["prometheus.yml"];
    expect(stored(made)).toContain("prometheus_remote_storage_samples_failed_total");
    expect(stored(manifests)).not.toContain("remote_storage");
  });

  test.each([
    ["a password without TLS", `{ url: "http://one.example.com/w", basicAuth: a }`, /remoteWrite\.0\.url: .*could be read on the way/],
    ["two logins", `{ url: "https://one.example.com/w", basicAuth: a, bearer: b }`, /basicAuth or bearer, not both/],
    ["no address", "{ url: one }", /remoteWrite\.0\.url: .*an address such as/],
  ])("%s is refused", (_, receiver, why) => {
    const wrong = environment(3, `monitoring: { remoteWrite: [${receiver}] }\n`);
    expect(() => synthesiseText(wrong)).toThrow(EnvironmentError);
    expect(() => synthesiseText(wrong)).toThrow(why);
  });

  test("a token in the file is not shown", () => {
    const wrong = environment(3, `monitoring: { remoteWrite: [{ url: "https://one.example.com/w", token: hunter2 }] }\n`);
    expect(() => synthesiseText(wrong)).toThrow(/must not contain secrets/);
    expect(() => synthesiseText(wrong)).not.toThrow(/hunter2/);
  });
});
