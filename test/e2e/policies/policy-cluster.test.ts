import { parseEnvironment } from "../../../src/config/load.ts";
import { PODS, SHOP, TABLE } from "./cases.ts";
import { resultsOf, seen, tableOf } from "./policy-cluster.ts";
import { strangers } from "./strangers.ts";
import { openFor } from "./window.ts";

test("what the node printed", () => {
  const text =
    "engine kube-router\naddress 10.244.0.1\naddress 172.18.0.2\nnode * 6443\nnode 172.18.0.2 9100\npod u1 77\nlistens u1 8000\npod u2 78\n";
  expect(seen(text)).toEqual({
    engines: ["kube-router"],
    addresses: ["10.244.0.1", "172.18.0.2"],
    node: [
      { address: "*", port: 6443 },
      { address: "172.18.0.2", port: 9100 },
    ],
    pods: new Map([
      ["u1", { pid: "77", ports: [8000] }],
      ["u2", { pid: "78", ports: [] }],
    ]),
  });
});

test("results come in any order, and one that is missing is a failure", () =>
  expect(resultsOf("2 dropped\n0 open\n3 failed: 1 nsenter: no such file\n", 4)).toEqual([
    "open",
    "failed: no result",
    "dropped",
    "failed: 1 nsenter: no such file",
  ]));

test("strangers: other namespaces, borrowed labels, no labels, and components without a running pod", () => {
  const running = Object.values(PODS).filter(({ name }) => name !== "mysql");
  const made = strangers(TABLE, running, "pause:1").filter(({ kind }) => kind === "Pod");
  expect(made.map(({ metadata }) => [metadata.namespace, metadata.labels?.["app.kubernetes.io/name"]])).toEqual([
    ["policies-strangers", undefined],
    ["policies-strangers", "prometheus"],
    ["policies-strangers", "traefik"],
    ["policies-strangers", "webapp"],
    ["cloudnova", undefined],
    ["cloudnova-host", undefined],
    ["cloudnova-shop", undefined],
    ["cloudnova", "mysql"],
  ]);
});

test("strangers: an application's pods in its own namespace, where none runs", () => {
  const flows = [...TABLE.flows, ...SHOP];
  const made = strangers(
    { ...TABLE, flows },
    Object.values(PODS).filter(({ name }) => name !== "shop-initialise"),
    "pause:1",
  );
  expect(made.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`)).toContain("cloudnova-shop/policies-shop-initialise");
  expect(made.map(({ metadata }) => metadata.name)).not.toContain("policies-shop");
});

test("the table of an environment with applications", () => {
  const { config } = parseEnvironment(
    "cluster: kind\nmachine: { memory: 4Gi, cpu: '2' }\napplications: { shop: { image: shop:1, outgoing: [10.200.0.0/16] } }\n",
    "a.yaml",
  );
  const table = tableOf(config);
  expect(table.applicationNamespaces).toEqual(["cloudnova-shop"]);
  expect(table.flows).toContainEqual({ from: "cloudnova-shop/shop", to: "10.200.0.0/16", ports: [] });
});

describe("the time until a new pod's policies are in force", () => {
  test.each([
    [{ open: 40, lastOpen: 610, firstShut: 620 }, 620],
    [{ open: 0, lastOpen: 0, firstShut: 3 }, 0],
  ])("%j: %i ms", (found, ms) => expect(openFor(found)).toBe(ms));

  test.each([
    ["never", { open: 400, lastOpen: 5990, firstShut: null }, "still reached a forbidden address after 5990 ms, by 400 connections"],
    ["too late", { open: 100, lastOpen: 2040, firstShut: 2050 }, "for 2050 ms; at most 2000 ms are allowed"],
    ["not for good", { open: 3, lastOpen: 900, firstShut: 600 }, "was refused after 600 ms and reached the address again after 900 ms"],
  ])("%s is an error", (_, found, message) => expect(() => openFor(found)).toThrow(message));
});
