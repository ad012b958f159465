import type { PodAt, Table, Target } from "./expected.ts";

/** A table of a few rows in a cluster with kind's addresses. */
export const TABLE: Table = {
  namespace: "cloudnova",
  applicationNamespaces: ["cloudnova-shop"],
  traefikNamespace: "cloudnova",
  addresses: { nodes: ["10.0.0.0/8", "172.16.0.0/12"], pods: ["10.244.0.0/16"], services: ["10.96.0.0/16"] },
  flows: [
    { from: "anywhere", to: "traefik", ports: [8443] },
    { from: "traefik", to: "webapp", ports: [8000] },
    { from: "webapp", to: "mysql", ports: [3306] },
    { from: "webapp", to: "dns", ports: [53] },
    { from: "prometheus", to: "nodes", ports: [9100] },
    { from: "alertmanager", to: "outside", ports: [443] },
  ],
};

const pod = (namespace: string, name: string, last: number, labels: Record<string, string>): PodAt => ({
  uid: `uid-${namespace}-${name}`,
  namespace,
  name,
  labels,
  address: `10.244.0.${last}`,
  declared: [],
});
const component = (name: string, last: number, namespace = "cloudnova", labelled = name) =>
  pod(namespace, name, last, { "app.kubernetes.io/name": labelled });

/** Pods of that cluster. */
export const PODS = {
  traefik: component("traefik", 2),
  webapp: component("webapp", 3),
  webapp2: component("webapp2", 4, "cloudnova", "webapp"),
  mysql: component("mysql", 5),
  prometheus: component("prometheus", 6),
  alertmanager: component("alertmanager", 7),
  unlabelled: pod("cloudnova", "unlabelled", 8, {}),
  hostNamespace: pod("cloudnova-host", "unlabelled", 9, {}),
  dns: pod("kube-system", "coredns", 10, { "k8s-app": "kube-dns" }),
  falseDns: pod("others", "coredns", 11, { "k8s-app": "kube-dns" }),
  stranger: pod("others", "stranger", 12, {}),
  falsePrometheus: component("prometheus", 13, "others"),
  falseTraefik: component("traefik", 14, "others"),
  falseMysql: component("mysql", 15, "others"),
  shop: component("shop", 16, "cloudnova-shop"),
  shopFiller: component("shop-initialise", 17, "cloudnova-shop"),
  shopUnlabelled: pod("cloudnova-shop", "unlabelled", 18, {}),
  falseShop: component("shop", 19, "others"),
};

/** The rows of an application that may connect to public addresses and one private range, as src/network.ts makes them. */
export const SHOP: Table["flows"] = [
  { from: "traefik", to: "cloudnova-shop/shop", ports: [5000] },
  { from: "cloudnova-shop/shop", to: "mysql", ports: [3306] },
  { from: "cloudnova-shop/shop-initialise", to: "mysql", ports: [3306] },
  { from: "cloudnova-shop/shop", to: "dns", ports: [53] },
  { from: "cloudnova-shop/shop", to: "public", ports: [] },
  { from: "cloudnova-shop/shop", to: "10.200.0.0/16", ports: [] },
];

/** A port of a pod. */
export const at = (to: PodAt, port: number, protocol: Target["protocol"] = "tcp"): Target => ({
  name: `pod ${to.namespace}/${to.name} ${to.address}:${port}`,
  address: to.address,
  port,
  protocol,
  endpoints: [{ address: to.address, port, pod: to }],
});

/** A Service's port, with the endpoints behind it. */
export const service = (address: string, port: number, ...behind: readonly Target[]): Target => ({
  name: `Service ${address}:${port}`,
  address,
  port,
  protocol: "tcp",
  endpoints: behind.flatMap(({ endpoints }) => endpoints),
});

/** An address that no pod has. */
export const address = (where: string, port: number): Target => ({
  name: `${where}:${port}`,
  address: where,
  port,
  protocol: "tcp",
  endpoints: [{ address: where, port }],
});
