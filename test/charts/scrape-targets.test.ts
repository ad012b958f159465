import { parse } from "yaml";
import { find, type Manifest, manifestsOf, synthesiseText } from "../manifests.ts";

const environment = (scrape: string, rest = "") =>
  `cluster: kind\nmachine: { memory: 4Gi, cpu: "2" }\nmonitoring:\n  scrape: ${scrape}\n${rest}`;
const TARGETS = `
    coredns: { namespace: kube-system, pods: { k8s-app: kube-dns }, port: 9153 }
    press: { address: 203.0.113.9, port: 9100, path: /stats }`;

describe("targets that are not of this project", () => {
  const manifests = manifestsOf(synthesiseText(environment(TARGETS)));
  const jobs = parse(find(manifests, "ConfigMap", "prometheus").data["prometheus.yml"]).scrape_configs as Manifest[];
  const job = (name: string) => jobs.find(({ job_name }) => job_name === name) as Manifest;

  test("pods are found by all of their labels, each at the port; a machine is one target", () => {
    const { metrics_path, kubernetes_sd_configs, relabel_configs } = job("coredns");
    expect(metrics_path).toBe("/metrics");
    expect(kubernetes_sd_configs).toEqual([{ role: "pod", namespaces: { names: ["kube-system"] } }]);
    expect(relabel_configs[0]).toEqual({
      source_labels: ["__meta_kubernetes_pod_label_k8s_app"],
      regex: "kube-dns",
      action: "keep",
    });
    expect(relabel_configs).toContainEqual(expect.objectContaining({ target_label: "__address__", replacement: "$1:9153" }));
    expect(job("press")).toMatchObject({ metrics_path: "/stats", static_configs: [{ targets: ["203.0.113.9:9100"] }] });
  });

  test("a dot in a label's value is a dot", () => {
    const [made] = parse(
      find(
        manifestsOf(synthesiseText(environment("{ api: { namespace: other, pods: { app.kubernetes.io/version: v1.2 }, port: 80 } }"))),
        "ConfigMap",
        "prometheus",
      ).data["prometheus.yml"],
    ).scrape_configs.slice(-1);
    expect(made.relabel_configs[0]).toMatchObject({
      source_labels: ["__meta_kubernetes_pod_label_app_kubernetes_io_version"],
      regex: "v1\\.2",
    });
  });

  test("Prometheus may read the pods there, and open these connections only", () => {
    const [role] = manifests.filter(({ kind, metadata }) => kind === "Role" && metadata.namespace === "kube-system");
    expect(role?.rules).toEqual([{ apiGroups: [""], resources: ["pods"], verbs: ["get", "list", "watch"] }]);
    const { egress } = find(manifests, "NetworkPolicy", "prometheus").spec;
    expect(egress).toContainEqual({
      ports: [{ port: 9153, protocol: "TCP" }],
      to: [
        {
          namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "kube-system" } },
          podSelector: { matchLabels: { "k8s-app": "kube-dns" } },
        },
      ],
    });
    expect(egress).toContainEqual({ ports: [{ port: 9100, protocol: "TCP" }], to: [{ ipBlock: { cidr: "203.0.113.9/32" } }] });
  });

  test("nothing but `up` is stored of them while no rule names more", () =>
    expect(job("coredns").metric_relabel_configs).toEqual([{ source_labels: ["__name__"], regex: ".+", action: "drop" }]));

  test.each([
    ["neither pods nor a machine", "{ queue: { port: 80 } }", /monitoring\.scrape\.queue: .*either namespace and pods, or address/],
    ["pods of every label", "{ queue: { namespace: other, pods: {}, port: 80 } }", /either namespace and pods, or address/],
    ["both", "{ queue: { namespace: other, pods: { a: b }, address: 203.0.113.9, port: 80 } }", /either namespace and pods, or address/],
    ["no port", "{ queue: { address: 203.0.113.9 } }", /monitoring\.scrape\.queue\.port/],
    ["a name in place of an address", "{ queue: { address: press.local, port: 80 } }", /queue\.address: .*an IPv4 address such as/],
    ["a wrong label", '{ queue: { namespace: other, pods: { "a b": c }, port: 80 } }', /the key of a label, such as/],
    ["a wrong label's value", '{ queue: { namespace: other, pods: { a: "b c" }, port: 80 } }', /the value of a label: /],
    ["the name of one of our jobs", "{ kubelet: { address: 203.0.113.9, port: 80 } }", /monitoring\.scrape\.kubelet: .*another name/],
    [
      "a namespace of ours",
      "{ queue: { namespace: cloudnova, pods: { a: b }, port: 80 } }",
      /queue\.namespace: .*belongs to this environment/,
    ],
  ])("%s is refused", (_, scrape, message) => expect(() => synthesiseText(environment(scrape))).toThrow(message));

  test("an application's name and namespace are refused", () => {
    const applications = "applications: { shop: { image: example.com/shop:1 } }\n";
    const named = environment("{ shop: { address: 203.0.113.9, port: 80 } }", applications);
    expect(() => synthesiseText(named)).toThrow(/monitoring\.scrape\.shop: .*another name/);
    const within = environment("{ queue: { namespace: cloudnova-shop, pods: { a: b }, port: 80 } }", applications);
    expect(() => synthesiseText(within)).toThrow(/cloudnova-shop belongs to this environment/);
  });
});
