import { address, at, PODS, SHOP, service, TABLE } from "./cases.ts";
import { components, expected } from "./expected.ts";

const { traefik, webapp, webapp2, mysql, prometheus, alertmanager, unlabelled, hostNamespace, dns, falseDns, stranger } = PODS;
const { falsePrometheus, falseTraefik, falseMysql } = PODS;

test.each([
  ["a row of the table", traefik, at(webapp, 8000), true],
  ["another port of the same pod", traefik, at(webapp, 9000), false],
  ["the other direction", webapp, at(traefik, 8000), false],
  ["a pod beside the row's", prometheus, at(webapp, 8000), false],
  ["a sibling", webapp, at(webapp2, 8000), false],
  ["anywhere is a stranger too", stranger, at(traefik, 8443), true],
  ["a pod of ours needs a row of its own to leave", mysql, at(traefik, 8443), false],
  ["a stranger", stranger, at(mysql, 3306), false],
  ["borrowed labels in another namespace", falseTraefik, at(webapp, 8000), false],
  ["to borrowed labels in another namespace", webapp, at(falseMysql, 3306), false],
  ["no labels, out", unlabelled, at(stranger, 80), false],
  ["no labels, in", stranger, at(unlabelled, 80), false],
  ["the host's namespace, out", hostNamespace, at(dns, 53), false],
  ["the host's namespace, in", stranger, at(hostNamespace, 80), false],
  ["between others", stranger, at(falsePrometheus, 9090), true],
  ["DNS", webapp, at(dns, 53), true],
  ["DNS over UDP", webapp, at(dns, 53, "udp"), true],
  ["another port of DNS", webapp, at(dns, 9153), false],
  ["DNS of another namespace", webapp, at(falseDns, 53), false],
  ["another protocol of a row", webapp, at(mysql, 3306, "udp"), false],
  ["a node", prometheus, address("172.18.0.2", 9100), true],
  ["another port of a node", prometheus, address("172.18.0.2", 10_250), false],
  ["the node's address among the pods'", prometheus, address("10.244.0.1", 9100), false],
  ["a pod's address is no node's", prometheus, at(stranger, 9100), false],
  ["a node, from another pod", webapp, address("172.18.0.2", 9100), false],
  ["outside", alertmanager, address("198.51.100.1", 443), true],
  ["another port outside", alertmanager, address("198.51.100.1", 80), false],
  ["outside, from another pod", webapp, address("198.51.100.1", 443), false],
  ["outside is no pod", alertmanager, at(stranger, 443), false],
  ["outside is no metadata address", alertmanager, address("169.254.169.254", 443), false],
  ["a Service, by its endpoint's port", webapp, service("10.96.7.7", 3307, at(mysql, 3306)), true],
  ["a Service with a row's port before another", webapp, service("10.96.7.7", 3306, at(mysql, 9104)), false],
  ["a node port, by its endpoint", stranger, service("172.18.0.2", 30_443, at(traefik, 8443)), true],
  ["a Service of two replicas", traefik, service("10.96.7.8", 80, at(webapp, 8000), at(webapp2, 8000)), true],
])("%s", (_, source, target, open) => {
  expect(expected(TABLE, source, target)).toBe(open);
});

describe("applications of the user's", () => {
  const { shop, shopFiller, shopUnlabelled, falseShop } = PODS;
  const table = { ...TABLE, flows: [...TABLE.flows, ...SHOP] };
  test.each([
    ["Traefik, at its port", traefik, at(shop, 5000), true],
    ["Traefik, at another port", traefik, at(shop, 5001), false],
    ["a stranger", stranger, at(shop, 5000), false],
    ["its name in another namespace", falseShop, at(mysql, 3306), false],
    ["a pod without labels in its namespace, in", traefik, at(shopUnlabelled, 5000), false],
    ["a pod without labels in its namespace, out", shopUnlabelled, address("198.51.100.1", 443), false],
    ["its database", shop, at(mysql, 3306), true],
    ["the Job that fills it", shopFiller, at(mysql, 3306), true],
    ["that Job, elsewhere", shopFiller, address("198.51.100.1", 443), false],
    ["another pod of ours", shop, at(prometheus, 9090), false],
    ["the sample beside it", shop, at(webapp, 8000), false],
    ["DNS over UDP", shop, at(dns, 53, "udp"), true],
    ["a public address, at any port", shop, address("198.51.100.1", 587), true],
    ["a public address, at another", shop, address("198.51.100.1", 9100), true],
    ["a public address over UDP", shop, { ...address("198.51.100.1", 443), protocol: "udp" as const }, false],
    ["a private address in its range", shop, address("10.200.0.1", 25), true],
    ["another private address", shop, address("10.201.0.1", 25), false],
    ["a node", shop, address("172.18.0.2", 10_250), false],
    ["the cloud's metadata", shop, address("169.254.169.254", 80), false],
    ["a pod of others", shop, at(stranger, 80), false],
  ])("%s", (_, source, target, open) => expect(expected(table, source, target)).toBe(open));
  test("its pods are components; public addresses and ranges are none", () =>
    expect(components({ ...TABLE, flows: SHOP })).toEqual(["traefik", "cloudnova-shop/shop", "mysql", "cloudnova-shop/shop-initialise"]));
});

test("what may lead back to the pod itself is not judged", () =>
  expect(expected(TABLE, webapp, service("10.96.7.8", 80, at(webapp, 8000), at(webapp2, 8000)))).toBeUndefined());

test("a target of which the table allows one endpoint only cannot be judged", () =>
  expect(() => expected(TABLE, traefik, service("10.96.7.8", 80, at(webapp, 8000), at(mysql, 8000)))).toThrow(
    "Service 10.96.7.8:80: the table allows traefik some of its endpoints only",
  ));

test("the components are the table's names but places; where Traefik is the cluster's, it is none of ours", () => {
  expect(components(TABLE)).toEqual(["traefik", "webapp", "mysql", "prometheus", "alertmanager"]);
  expect(components({ ...TABLE, traefikNamespace: "kube-system" })).toEqual(["webapp", "mysql", "prometheus", "alertmanager"]);
});
