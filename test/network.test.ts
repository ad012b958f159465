import { flows } from "../src/network.ts";
import { find, type Manifest, manifestsOf, podsOf, SHIPPED, synthesiseFile, synthesiseText } from "./manifests.ts";

describe.each(SHIPPED)("%s", (file) => {
  const manifests = manifestsOf(synthesiseFile(file));
  const policies = manifests.filter(({ kind }) => kind === "NetworkPolicy");
  const own = policies.filter(({ metadata }) => metadata.namespace === "cloudnova");

  test("both namespaces deny what no policy names", () => {
    const denied = policies.filter(({ metadata }) => metadata.name === "default-deny");
    expect(denied.map(({ metadata }) => metadata.namespace)).toEqual(["cloudnova", "cloudnova-host"]);
    for (const { spec } of denied) expect(spec).toEqual({ podSelector: {}, policyTypes: ["Egress", "Ingress"] });
  });

  test("every workload has one policy, for both directions", () => {
    const workloads = new Set(
      podsOf(manifests)
        .filter(({ owner }) => owner.metadata.namespace === "cloudnova")
        .map(({ metadata }) => metadata.labels["app.kubernetes.io/name"]),
    );
    const named = own.filter(({ metadata }) => metadata.name !== "default-deny");
    expect(named.map(({ metadata }) => metadata.name).sort()).toEqual([...workloads].sort());
    for (const { metadata, spec } of named) {
      expect(spec.podSelector.matchLabels).toEqual({ "app.kubernetes.io/name": metadata.name });
      expect(spec.policyTypes.sort()).toEqual(["Egress", "Ingress"]);
    }
  });

  test("only the ingress controller hears the world, and nobody reaches the cloud's metadata address", () => {
    const blocks = (rules: Manifest[] = [], key: "from" | "to") =>
      rules.flatMap((rule) => (rule[key] ?? []).map((peer: Manifest) => peer.ipBlock?.cidr).filter(Boolean));
    for (const { metadata, spec } of own) {
      const open = blocks(spec.ingress, "from").length > 0;
      expect([metadata.name, open]).toEqual([metadata.name, metadata.name === "traefik"]);
      for (const cidr of blocks(spec.egress, "to")) expect(["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"]).toContain(cidr);
    }
  });

  test("no rule is without ports", () => {
    for (const { spec } of own)
      for (const rule of [...(spec.ingress ?? []), ...(spec.egress ?? [])]) expect(rule.ports.length).toBeGreaterThan(0);
  });

  test("every port that a flow names is one that the pod listens on", () => {
    const containers = podsOf(manifests).flatMap(({ metadata, spec }) =>
      spec.containers.flatMap(({ ports = [] }: Manifest) =>
        ports.map(({ containerPort }: Manifest) => `${metadata.labels["app.kubernetes.io/name"]}:${containerPort}`),
      ),
    );
    const ownTraefik = own.some(({ metadata }) => metadata.name === "traefik");
    for (const { to, ports } of flows({
      ownTraefik,
      grafana: true,
      scrapedGrafana: find(manifests, "StatefulSet", "grafana").spec.replicas === 1,
      receivers: [],
    })) {
      if (["dns", "api-server", "nodes"].includes(to) || (to === "traefik" && !ownTraefik)) continue;
      for (const port of ports) expect(containers).toContain(`${to}:${port}`);
    }
  });

  test("MySQL opens no connection, and hears only the application and Prometheus", () => {
    const { spec } = find(own, "NetworkPolicy", "mysql");
    expect(spec.egress ?? []).toEqual([]);
    expect(
      spec.ingress.map((rule: Manifest) => [rule.from[0].podSelector.matchLabels["app.kubernetes.io/name"], rule.ports[0].port]),
    ).toEqual([
      ["webapp", 3306],
      ["prometheus", 9104],
    ]);
  });
});

test("on k3s the ingress path leads from its own Traefik", () => {
  const { spec } = find(manifestsOf(synthesiseFile("environments/k3s-ec2.yaml")), "NetworkPolicy", "webapp");
  expect(spec.ingress[0].from[0]).toEqual({
    namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "kube-system" } },
    podSelector: { matchLabels: { "app.kubernetes.io/name": "traefik" } },
  });
});

test("Alertmanager reaches nobody outside, until a receiver needs it; then its ports only, and never the cloud's metadata", () => {
  const egress = (alerting: string) => {
    const text = `cluster: k3s\nmachine: { instance: t3.small }\nalerting: ${alerting}\n`;
    return find(manifestsOf(synthesiseText(text)), "NetworkPolicy", "alertmanager").spec.egress;
  };
  expect(egress("{}")).toBeUndefined();
  const mail = "mail: { smarthost: 'smtp.example.com:587', from: a@example.com, to: [b@example.com] }";
  const [ipv4, ipv6, dns, ...others] = egress(`{ ${mail}, telegram: { chat: 1 }, heartbeat: { port: 8443 } }`);
  expect(others).toEqual([]);
  expect(ipv4.ports.map(({ port }: Manifest) => port)).toEqual([443, 587, 8443]);
  expect(ipv4.to).toEqual([{ ipBlock: { cidr: "0.0.0.0/0", except: ["169.254.169.254/32"] } }]);
  expect(ipv6.to).toEqual([{ ipBlock: { cidr: "::/0", except: ["fd00:ec2::254/128"] } }]);
  expect(dns.ports.map(({ port }: Manifest) => port)).toEqual([53, 53]);
});
