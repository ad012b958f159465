import { readFileSync } from "node:fs";
import type { ClusterFacts } from "../../../src/cluster/doctor/facts.ts";
import { examine } from "../../../src/cluster/doctor/index.ts";
import { room } from "../../../src/cluster/doctor/nodes-check.ts";
import type { KubeObject } from "../../../src/cluster/objects/kube-object.ts";
import { amount } from "../../../src/cluster/objects/quantity.ts";
import { loadEnvironment, parseEnvironment } from "../../../src/config/load.ts";
import { manifestsOf, synthesiseFile } from "../../manifests.ts";

const of = (object: object): KubeObject => object as KubeObject;
const node = (memory: string, cpu: string, more: object = {}) =>
  of({
    metadata: { name: "one" },
    status: {
      allocatable: { memory, cpu },
      conditions: [
        { type: "Ready", status: "True" },
        { type: "MemoryPressure", status: "False" },
      ],
      nodeInfo: { kernelVersion: "6.8.0", osImage: "Ubuntu 24.04", kubeletVersion: "v1.34.2", architecture: "amd64" },
      ...more,
    },
  });
const standard = of({
  metadata: { name: "local-path", annotations: { "storageclass.kubernetes.io/is-default-class": "true" } },
  provisioner: "rancher.io/local-path",
});

const facts = (environment: string, more: Partial<ClusterFacts> = {}): ClusterFacts => ({
  config: loadEnvironment(`environments/${environment}.yaml`).config,
  manifests: manifestsOf(synthesiseFile(`environments/${environment}.yaml`)),
  version: "v1.34.2",
  skewMs: 400,
  nodes: [node("4013000Ki", "2")],
  pods: [],
  services: [],
  apiServer: [],
  serviceRanges: [],
  storageClasses: [standard],
  ingressClasses: [],
  groups: ["apps"],
  forbidden: [],
  ...more,
});
const check = (name: string, environment: string, more: Partial<ClusterFacts> = {}) =>
  examine(facts(environment, more)).find((one) => one.check === name);

test("a cluster that fits is well in every respect, and every check tells what it saw", () => {
  const findings = examine(facts("kind"));
  // The shipped environments have no receiver, no store and no key: nobody else's address is known.
  expect(findings.filter(({ state }) => state !== "ok").map(({ check }) => check)).toEqual(["alerting", "backups"]);
  for (const { saw } of findings) expect(saw).not.toBe("");
});

test("on k3s metrics-server that nothing needs is named: the budget does not count it", () => {
  const pods = [
    of({
      metadata: { name: "metrics-server-1", namespace: "kube-system", labels: { "k8s-app": "metrics-server" } },
      spec: { containers: [{ resources: { requests: { memory: "70Mi", cpu: "100m" } } }] },
      status: { phase: "Running" },
    }),
  ];
  expect(check("size", "k3s-ec2", { pods })).toMatchObject({ state: "warning", saw: expect.stringContaining("70 MiB") });
  expect(check("size", "kind", { pods })).toMatchObject({ state: "ok" });
});

test("room is what the nodes offer less what others' pods ask for; ours do not count against ourselves", () => {
  const pod = (namespace: string, phase: string, memory: string) =>
    of({
      metadata: { name: "p", namespace },
      spec: { containers: [{ resources: { requests: { memory, cpu: "100m" } } }] },
      status: { phase },
    });
  const pods = [pod("kube-system", "Running", "100Mi"), pod("cloudnova", "Running", "500Mi"), pod("kube-system", "Succeeded", "900Mi")];
  expect(room({ ...facts("kind"), nodes: [node("1024Mi", "1")], pods })).toEqual({ memory: 924, cpu: 900 });
});

test("too small a node is told in numbers", () => {
  expect(check("size", "kind", { nodes: [node("300Mi", "2")] })).toMatchObject({
    state: "problem",
    saw: expect.stringMatching(/\d+ MiB of memory missing/),
  });
  expect(check("size", "kind", { nodes: [node("4Gi", "100m")] })).toMatchObject({
    state: "problem",
    saw: expect.stringMatching(/\d+ m of CPU missing/),
  });
});

test("the version that doctor calls run is the one that the tests build", () => {
  const [, built = ""] = /^\tk8s\.io\/kubernetes (v\S+)/m.exec(readFileSync("tools/go/kubernetes/go.mod", "utf8")) ?? [];
  expect(check("version", "kind", { version: built })?.saw).toBe(`${built}: the end-to-end tests use ${built.replace(/^v|\.\d+$/g, "")}`);
});

test("versions, clocks, rights, nodes", () => {
  expect(check("version", "kind", { version: "v1.20.1+k3s1" })).toMatchObject({ state: "problem" });
  const saw = (version: string) => check("version", "kind", { version });
  expect(saw("v1.34.9+k3s1")).toMatchObject({ state: "ok", saw: "v1.34.9+k3s1: the end-to-end tests use 1.34" });
  for (const version of ["v1.33.1", "v1.35.0"])
    expect(saw(version)).toMatchObject({ state: "ok", saw: expect.stringContaining("the end-to-end tests do not use it") });
  for (const version of ["v1.27.0", "v1.32.8", "v1.36.0", "v1.99.0"]) {
    expect(saw(version)).toMatchObject({
      state: "warning",
      saw: `${version}: not tested; the end-to-end tests use 1.34, the manifests are validated against the schemas of 1.33, 1.34, 1.35`,
    });
  }
  expect(check("clock", "kind", { skewMs: -120_000 })).toMatchObject({ state: "problem", saw: expect.stringContaining("120 s") });
  expect(check("rights", "kind", { forbidden: ["patch namespaces"] })).toMatchObject({ state: "problem" });
  const pressed = node("4Gi", "2", {
    conditions: [
      { type: "Ready", status: "True" },
      { type: "DiskPressure", status: "True" },
    ],
  });
  expect(check("nodes", "kind", { nodes: [pressed] })).toMatchObject({ state: "problem", saw: "one: DiskPressure is True" });
  const info = (more: object) =>
    node("4Gi", "2", { conditions: [], nodeInfo: { kernelVersion: "6.8.0", kubeletVersion: "v1.34.2", ...more } });
  const nodesWith = (more: object) => check("nodes", "kind", { nodes: [info(more)] });
  expect(nodesWith({ kernelVersion: "4.18.0-553.el8" })).toMatchObject({ state: "warning", saw: expect.stringContaining("(4.19)") });
  expect(nodesWith({ kubeletVersion: "v1.35.0" })).toMatchObject({ state: "warning", saw: expect.stringContaining("server v1.34.2") });
  expect(nodesWith({ kubeletVersion: "v1.30.9" })).toMatchObject({ state: "warning" });
  expect(nodesWith({ kubeletVersion: "v1.31.0" })).toMatchObject({ state: "ok" });
});

test("storage: no default class leaves volumes pending", () => {
  expect(check("storage", "kind", { storageClasses: [of({ metadata: { name: "gp2" } })] })).toMatchObject({
    state: "problem",
    saw: "no default storage class; available: gp2",
  });
});

test("the ingress controller must be the one that the environment expects", () => {
  expect(check("controller", "k3s-ec2")).toMatchObject({ state: "problem", saw: expect.stringContaining("is not k3s") });
  const k3s = { groups: ["helm.cattle.io"] };
  expect(check("controller", "k3s-ec2", k3s)).toMatchObject({ state: "problem", saw: "k3s runs without Traefik" });
  expect(check("controller", "kind", k3s)).toMatchObject({ state: "warning" });
  const foreign = of({ metadata: { name: "traefik" }, spec: { controller: "x" } });
  expect(check("controller", "kind", { ingressClasses: [foreign] })).toMatchObject({ state: "problem" });
});

test("ports: another Service on ours is told by name; our own is not", () => {
  const service = (namespace: string, name: string) =>
    of({ metadata: { namespace, name }, spec: { type: "NodePort", ports: [{ port: 443, nodePort: 30_443 }] } });
  expect(check("ports", "kind", { services: [service("other", "front")] })).toMatchObject({
    state: "problem",
    saw: "NodePort 30443 belongs to Service other/front",
  });
  expect(check("ports", "kind", { services: [service("cloudnova", "traefik")] })).toMatchObject({ state: "ok" });
  const balancer = of({ metadata: { namespace: "other", name: "front" }, spec: { type: "LoadBalancer", ports: [{ port: 443 }] } });
  expect(check("ports", "k3s-ec2", { services: [balancer] })).toMatchObject({ state: "problem" });
});

describe("alerting", () => {
  const text = "cluster: kind\nmachine: { memory: 4Gi, cpu: '2' }\nalerting: { webhook: {}, heartbeat: {} }\n";
  const { config } = parseEnvironment(text, "trial.yaml");

  test("without a receiver it is said that nobody is told", () =>
    expect(check("alerting", "kind")).toMatchObject({ state: "warning", saw: expect.stringContaining("nobody will be notified") }));
  test("a Secret without what receivers need is told with the command that makes it", () =>
    expect(check("alerting", "kind", { config, receiverKeys: ["webhook-url"] })).toMatchObject({
      state: "warning",
      saw: "webhook and a heartbeat service; the Secret alerting lacks heartbeat-url, so its receivers deliver NOTHING",
      advice: expect.stringContaining("create secret generic alerting --from-file=heartbeat-url"),
    }));
  test("with all of them it is well", () =>
    expect(check("alerting", "kind", { config, receiverKeys: ["webhook-url", "heartbeat-url"] })).toEqual({
      check: "alerting",
      state: "ok",
      saw: "webhook and a heartbeat service",
    }));
  test("what may not be read is not called good", () => expect(check("alerting", "kind", { config })).toMatchObject({ state: "warning" }));
});

test.each([
  ["1Ki", 1024],
  ["1M", 1e6],
  ["500m", 0.5],
  ["2", 2],
  ["1e3", 1000],
  ["1.5Gi", 1.5 * 1024 ** 3],
])("amount %s", (text, number) => {
  expect(amount(text)).toBe(number);
});

describe("client addresses", () => {
  const at = (...addresses: readonly (readonly [type: string, address: string])[]) =>
    node("4Gi", "2", { addresses: addresses.map(([type, address]) => ({ type, address })) });
  const k3s = (nodes: KubeObject[]) => check("clients", "k3s-ec2", { nodes });

  test("k3s with --node-external-ip is told that all clients may be one address", () => {
    const found = k3s([at(["InternalIP", "10.0.0.7"], ["ExternalIP", "203.0.113.7"])]);
    expect(found).toMatchObject({
      state: "warning",
      saw: expect.stringMatching(/one has the ExternalIP 203\.0\.113\.7 in addition to 10\.0\.0\.7.*rate limit/),
    });
    expect(found?.advice).toContain("--node-external-ip");
  });

  test.each([
    ["without an ExternalIP", [at(["InternalIP", "10.0.0.7"], ["Hostname", "one"])]],
    ["whose ExternalIP is the InternalIP", [at(["InternalIP", "203.0.113.7"], ["ExternalIP", "203.0.113.7"])]],
  ])("a k3s node %s is well", (_, nodes) => expect(k3s(nodes)).toMatchObject({ state: "ok" }));

  test("a Traefik of our own is reached by NodePort, whatever addresses the node has", () => {
    const nodes = [at(["InternalIP", "10.0.0.7"], ["ExternalIP", "203.0.113.7"])];
    expect(check("clients", "kind", { nodes })).toMatchObject({ state: "ok" });
  });
});

describe("cluster addresses", () => {
  const at = (address: string, podCIDR: string) =>
    of({ metadata: { name: "one" }, spec: { podCIDRs: [podCIDR, "fd00::/64"] }, status: { addresses: [{ type: "InternalIP", address }] } });
  const seen = (environment: string, address: string, podCIDR: string, serviceRange: string, port = 6443) =>
    check("addresses", environment, { nodes: [at(address, podCIDR)], apiServer: [{ address, port }], serviceRanges: [serviceRange] });

  test("a k3s node keeps its address, so the range that allows nothing else is proposed", () =>
    expect(seen("k3s-ec2", "172.31.4.5", "10.42.0.0/24", "10.43.0.0/16")).toEqual({
      check: "addresses",
      state: "ok",
      saw: "nodes and API server: 172.31.4.5; the NetworkPolicies allow 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16; to allow fewer addresses, set machine.addresses: [172.31.4.5/32]",
    }));

  test("kind's node changes its address: none is proposed", () =>
    expect(seen("kind", "172.18.0.2", "10.244.0.0/24", "10.96.0.0/16")).toEqual({
      check: "addresses",
      state: "ok",
      saw: "nodes and API server: 172.18.0.2; the NetworkPolicies allow 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16",
    }));

  test.each([
    ["a node outside the ranges", "k3s-ec2", "100.64.3.4", "10.42.0.0/24", "10.43.0.0/16", "machine.addresses: [100.64.3.4/32]"],
    ["kind's node outside the ranges", "kind", "100.64.3.4", "10.244.0.0/24", "10.96.0.0/16", "machine.addresses: [100.64.0.0/16]"],
    ["a network with the default range of pods", "k3s-ec2", "10.42.7.1", "10.52.0.0/24", "10.43.0.0/16", "network.pods: [10.52.0.0/24]"],
    [
      "a network with the default range of Services, and others for them",
      "k3s-ec2",
      "10.43.7.1",
      "10.52.0.0/24",
      "10.53.0.0/16",
      "network.pods: [10.52.0.0/24]; network.services: [10.53.0.0/16]",
    ],
  ])("%s is a problem, with the keys to set", (_, environment, address, pods, services, keys) =>
    expect(seen(environment, address, pods, services)).toMatchObject({
      state: "problem",
      saw: expect.stringContaining(`do not let pods reach ${address}`),
      advice: `set in the environment: ${keys}`,
    }),
  );

  test("other ranges of pods and Services are a warning: pods could be reached by their addresses", () =>
    expect(seen("k3s-ec2", "172.31.4.5", "10.52.0.0/24", "10.53.0.0/16")).toMatchObject({
      state: "warning",
      saw: expect.stringContaining("network.pods is 10.42.0.0/16, the cluster's range is 10.52.0.0/24"),
      advice: "set in the environment: network.pods: [10.52.0.0/24]; network.services: [10.53.0.0/16]",
    }));

  test("an API server at another port is a problem: no policy allows it", () =>
    expect(seen("k3s-ec2", "172.31.4.5", "10.42.0.0/24", "10.43.0.0/16", 8443)).toMatchObject({
      state: "problem",
      saw: expect.stringContaining("listens at port 8443"),
    }));
});

test("an application of the user's that may run as root, or connect to MySQL without TLS, is told; without applications nothing is", () => {
  const { config } = parseEnvironment(
    `cluster: kind
machine: { memory: 4Gi, cpu: "2" }
applications:
  shop: { image: "ghcr.io/me/shop:1", user: 0, podSecurity: baseline, database: { requireTls: true } }
  blog: { image: "ghcr.io/me/blog:1", ingress: { path: /blog } }
`,
    "mine.yaml",
  );
  expect(check("pod security", "kind", { config })).toMatchObject({
    state: "warning",
    saw: expect.stringMatching(/^WEAKER PROTECTION: shop may run as root/),
  });
  expect(check("database TLS", "kind", { config })).toMatchObject({
    state: "warning",
    saw: expect.stringMatching(/without TLS from blog;/),
  });
  const good = {
    ...config,
    applications: config.applications.map((one) => ({ ...one, podSecurity: "restricted" as const, database: false as const })),
  };
  expect([check("pod security", "kind", { config: good }), check("database TLS", "kind", { config: good })]).toMatchObject([
    { state: "ok" },
    { state: "ok" },
  ]);
  expect(check("pod security", "kind")).toBeUndefined();
});

describe("connections of applications that a policy refuses", () => {
  const judged = (entry: string, more: Partial<ClusterFacts> = {}) => {
    const text = `cluster: kind\nmachine: { memory: 4Gi, cpu: "2" }\napplications: { shop: { image: "shop:1", ${entry} } }\n`;
    return check("outgoing", "kind", { config: parseEnvironment(text, "mine.yaml").config, ...more });
  };
  const env = (values: string, rule = "public") => judged(`env: { ${values} }, outgoing: ${rule}`);

  test.each([
    [
      'CACHE_URL: "redis://:hunter2@10.0.0.5:6379/0"',
      "public",
      /^shop: CACHE_URL leads to 10\.0\.0\.5:6379, which its policy refuses \(outgoing: public\)$/,
    ],
    ["SMTP_HOST: 192.168.1.20, SMTP_PORT: 587", "public", /^shop: SMTP_HOST leads to 192\.168\.1\.20:587, which/],
    ["API_ENDPOINT: 203.0.113.7", "none", /^shop: API_ENDPOINT leads to 203\.0\.113\.7, which its policy refuses \(outgoing: none\)$/],
    ["API_HOST: api.example.com", "none", /^shop: API_HOST leads to api\.example\.com, which/],
    ["API_HOST: 203.0.113.7", "[198.51.100.0/24]", /\(outgoing: \[198\.51\.100\.0\/24\]\)$/],
    ["META: 'http://169.254.169.254/latest'", "[0.0.0.0/0]", /^shop: META leads to 169\.254\.169\.254, which/],
    ["OTHER: 'http://blog.cloudnova-blog.svc:80/'", "public", /^shop: OTHER leads to blog\.cloudnova-blog\.svc:80, which/],
  ])("%s with outgoing %s", (values, rule, saw) => {
    const found = env(values, rule);
    expect(found).toMatchObject({ state: "warning", saw: expect.stringMatching(saw) });
    expect(JSON.stringify(found)).not.toContain("hunter2");
  });
  test.each([
    ["API_URL: 'https://203.0.113.7/v1', LOCAL_HOST: 127.0.0.1, HOST: 0.0.0.0", "public"],
    ['DB_HOST: "{database.host}", URL: "{database.url}", DB2_HOST: mysql.cloudnova.svc', "none"],
    ["SMTP_HOST: 10.0.0.5", "[10.0.0.0/8]"],
    ["NAME_SERVER: gunicorn, VERSION_HOST: '1.10'", "none"],
  ])("%s with outgoing %s is well", (values, rule) => expect(env(values, rule)).toMatchObject({ state: "ok" }));

  test("names count by the addresses that DNS has for them", () => {
    const at = (address: string) => judged("env: { CACHE_HOST: cache.example.com }", { hostAddresses: { "cache.example.com": [address] } });
    expect(at("203.0.113.7")).toMatchObject({ state: "ok" });
    expect(at("10.0.0.5")).toMatchObject({
      saw: expect.stringContaining("CACHE_HOST leads to cache.example.com (10.0.0.5), which its policy refuses"),
      advice:
        "if the connection is meant, write applications.shop.outgoing: [10.0.0.5/32], with every other range that it needs: a list replaces public",
    });
  });
  test("time-outs in the output are held against the policy", () => {
    const output = (line: string) => judged("database: false", { outputs: { shop: line } });
    expect(output("Error: connect ETIMEDOUT 10.0.0.5:6379")).toMatchObject({
      state: "warning",
      saw: "shop: its output says that 10.0.0.5:6379 did not answer in time: its policy refuses it (outgoing: public)",
    });
    expect(output("Error: connect ETIMEDOUT 203.0.113.7:443")).toMatchObject({
      state: "warning",
      saw: "shop: its output says that 203.0.113.7:443 did not answer in time; no policy is known to refuse it",
      advice: "check the host, its port and its firewall",
    });
    expect(output("Error: connect ECONNREFUSED 10.244.0.9:5000")).toMatchObject({
      saw: expect.stringContaining("10.244.0.9:5000 refused a connection: its policy refuses it"),
      advice: expect.stringContaining("use the other application's public name"),
    });
    expect(output("TimeoutError: [Errno 110] Connection timed out")).toMatchObject({
      saw: expect.stringMatching(/^shop: its output says that a connection was not answered, but not to where; its policy allows/),
    });
    expect(output("GET / 200")).toMatchObject({ state: "ok" });
  });
  test("its own database is another check's matter", () =>
    expect(
      judged("port: 5000", {
        outputs: {
          shop: "(2003, \"Can't connect to MySQL server on 'mysql.cloudnova.svc' (timed out)\")\nconnect ECONNREFUSED 10.244.0.9:3306",
        },
      }),
    ).toMatchObject({ state: "ok" }));
});
