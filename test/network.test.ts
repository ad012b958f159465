import { nodeBlocks, outsideBlocks } from "../src/addresses.ts";
import { CLUSTERS } from "../src/config/clusters.ts";
import { loadEnvironment } from "../src/config/load.ts";
import { flows, isRange } from "../src/network.ts";
import { find, type Manifest, manifestsOf, podsOf, SHIPPED, synthesiseFile, synthesiseText } from "./manifests.ts";

const PRIVATE = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"];
/** What pods may reach by address: the nodes; on a cluster whose policies see Services also those, and the external MySQL server. */
const INSIDE = {
  kind: PRIVATE,
  k3s: PRIVATE,
  kubernetes: ["10.0.0.0/16", "10.100.0.0/16", "172.20.0.0/16", "10.0.64.0/20", "10.0.80.0/20"],
};
/** Where Prometheus writes samples: everywhere but in the cluster and at the cloud's metadata. */
const OUTSIDE = ["0.0.0.0/0", "::/0"];

describe.each(SHIPPED)("%s", (file) => {
  const { cluster } = loadEnvironment(file).config;
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
    const isWriting = (name: string, cidr: string) => cluster === "kubernetes" && name === "prometheus" && OUTSIDE.includes(cidr);
    for (const { metadata, spec } of own) {
      const open = blocks(spec.ingress, "from").length > 0;
      expect([metadata.name, open]).toEqual([metadata.name, metadata.name === "traefik"]);
      for (const cidr of blocks(spec.egress, "to")) if (!isWriting(metadata.name, cidr)) expect(INSIDE[cluster]).toContain(cidr);
    }
  });

  test("by address pods reach the nodes and the API server, and no pod, no Service and no other port of those", () => {
    const { ranges, apiPorts } = CLUSTERS[cluster];
    const cut = { "10.0.0.0/8": [...ranges.pods, ...ranges.services] };
    const byAddress = own.flatMap(({ metadata, spec }) =>
      (spec.egress ?? [])
        .filter(({ to }: Manifest) => to[0].ipBlock && !OUTSIDE.includes(to[0].ipBlock.cidr))
        .map(({ to, ports }: Manifest) => ({ name: metadata.name, ...to[0].ipBlock, ports: ports.map(({ port }: Manifest) => port) })),
    );
    expect(byAddress.length).toBeGreaterThan(0);
    for (const { name, cidr, except, ports } of byAddress) {
      expect([name, cidr, except]).toEqual([name, cidr, cut[cidr as keyof typeof cut]]);
      expect([[...apiPorts], [9100, 10_250], ...(cluster === "kubernetes" ? [[3306]] : [])]).toContainEqual(ports);
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
      backups: { pods: ["backup"], storePort: undefined },
      grafana: true,
      scrapedGrafana: find(manifests, "StatefulSet", "grafana").spec.replicas === 1,
      receivers: [],
      ...(cluster === "kubernetes" && { externalDatabase: { addresses: ["10.0.64.0/20"], port: 3306 } }),
    })) {
      if (isRange(to) || ["dns", "api-server", "nodes"].includes(to) || (to === "traefik" && !ownTraefik)) continue;
      for (const port of ports) expect(containers).toContain(`${to}:${port}`);
    }
  });

  (cluster === "kubernetes" ? test.skip : test)(
    "MySQL opens no connection, and accepts only those of the application, Prometheus and the backups",
    () => {
      const { spec } = find(own, "NetworkPolicy", "mysql");
      expect(spec.egress ?? []).toEqual([]);
      expect(
        spec.ingress.map((rule: Manifest) => [rule.from[0].podSelector.matchLabels["app.kubernetes.io/name"], rule.ports[0].port]),
      ).toEqual([
        ["webapp", 3306],
        ["prometheus", 9104],
        ["prometheus", 9105],
        ["backup", 3306],
      ]);
    },
  );
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
  expect(ipv4.to).toEqual([{ ipBlock: { cidr: "0.0.0.0/0", except: ["169.254.0.0/16", "10.42.0.0/16", "10.43.0.0/16"] } }]);
  expect(ipv6.to).toEqual([{ ipBlock: { cidr: "::/0", except: ["fd00:ec2::254/128"] } }]);
  expect(dns.ports.map(({ port }: Manifest) => port)).toEqual([53, 53]);
});

describe("ranges of addresses", () => {
  const cluster = { pods: ["10.42.0.0/16"], services: ["10.43.0.0/16"] };

  test("the nodes' leave out what of the cluster's own and of link-local addresses lies in them", () => {
    expect(nodeBlocks({ ...cluster, nodes: ["10.0.0.0/8", "172.31.4.5/32", "10.42.0.0/15", "0.0.0.0/0"] })).toEqual([
      { cidr: "10.0.0.0/8", except: ["10.42.0.0/16", "10.43.0.0/16"] },
      { cidr: "172.31.4.5/32", except: [] },
      { cidr: "10.42.0.0/15", except: ["10.42.0.0/16", "10.43.0.0/16"] },
      { cidr: "0.0.0.0/0", except: ["10.42.0.0/16", "10.43.0.0/16", "169.254.0.0/16"] },
    ]);
  });

  test("outside is not the cluster, nor a node whose address is known; a range of nodes also holds other machines", () => {
    expect(outsideBlocks({ ...cluster, nodes: ["172.31.4.5/32", "192.168.0.0/16"] }).ipv4).toEqual({
      cidr: "0.0.0.0/0",
      except: ["169.254.0.0/16", "10.42.0.0/16", "10.43.0.0/16", "172.31.4.5/32"],
    });
  });

  test("an environment names its machine and its cluster's ranges, and the policies follow", () => {
    const text =
      "cluster: k3s\nmachine: { instance: t3.small, addresses: [10.1.0.0/16] }\nnetwork: { pods: [10.1.64.0/18], services: [10.96.0.0/12] }\n";
    const { spec } = find(manifestsOf(synthesiseText(text)), "NetworkPolicy", "bootstrap");
    expect(spec.egress).toEqual([
      { ports: [{ port: 6443, protocol: "TCP" }], to: [{ ipBlock: { cidr: "10.1.0.0/16", except: ["10.1.64.0/18"] } }] },
    ]);
  });
});

describe("an external MySQL server", () => {
  const text = `cluster: kind
machine: { memory: 8Gi, cpu: "4" }
applications:
  webapp: { sample: {} }
  shop: { image: "shop:1", ingress: { path: /shop }, database: {} }
database: { external: { host: db.example.com, port: 3307, addresses: [203.0.113.0/28], ca: { secret: db-ca }, credentialsSecret: admin } }
`;
  const policies = manifestsOf(synthesiseText(text)).filter(({ kind }) => kind === "NetworkPolicy");
  const clients = ["webapp", "database-accounts", "mysqld-exporter", "backup", "shop"];

  test("only its clients reach it, at its addresses and its port alone", () => {
    const ways = policies.flatMap(({ metadata: { name }, spec }) =>
      ((spec.egress ?? []) as Manifest[])
        .filter(({ to }) => to[0].ipBlock?.cidr === "203.0.113.0/28")
        .map(({ ports }) => [name, ports.map(({ port }: Manifest) => port)]),
    );
    expect(new Map(ways as [string, number[]][])).toEqual(new Map(clients.map((name) => [name, [3307]])));
  });

  test("no policy names a MySQL pod of ours", () => {
    expect(policies.map(({ metadata }) => metadata.name)).not.toContain("mysql");
    expect(JSON.stringify(policies)).not.toContain('"app.kubernetes.io/name":"mysql"');
  });
});
