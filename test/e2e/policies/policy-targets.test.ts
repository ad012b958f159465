import type { KubeObject } from "../../../src/cluster/objects/kube-object.ts";
import { nodeTargets, podsAt, podTargets, serviceTargets } from "./policy-targets.ts";

const object = (kind: object): KubeObject => kind as KubeObject;
const pod = (name: string, more: object = {}, status: object = {}) =>
  object({
    metadata: { name, namespace: "cloudnova", uid: `uid-${name}`, labels: { "app.kubernetes.io/name": name } },
    spec: { containers: [{ ports: [{ containerPort: 8000 }, { containerPort: 53, protocol: "UDP" }] }, {}], ...more },
    status: { phase: "Running", podIP: "10.244.0.3", ...status },
  });

test("pods are those with an address of their own that run", () => {
  const ending = pod("ending");
  const pods = podsAt([
    pod("webapp"),
    pod("node-exporter", { hostNetwork: true }),
    pod("bootstrap", {}, { phase: "Succeeded" }),
    { ...ending, metadata: { ...ending.metadata, deletionTimestamp: "2026-11-26T12:00:00Z" } },
  ]);
  expect(pods).toEqual([
    {
      uid: "uid-webapp",
      namespace: "cloudnova",
      name: "webapp",
      labels: { "app.kubernetes.io/name": "webapp" },
      address: "10.244.0.3",
      declared: [8000],
    },
  ]);
});

test("the node is asked at each of its addresses at which it listens", () => {
  const targets = nodeTargets(
    [
      { address: "*", port: 6443 },
      { address: "172.18.0.2", port: 9100 },
      { address: "192.0.2.1", port: 1 },
    ],
    ["172.18.0.2", "10.244.0.1"],
  );
  expect(targets.map(({ name }) => name)).toEqual(["node 172.18.0.2:6443", "node 10.244.0.1:6443", "node 172.18.0.2:9100"]);
});

describe("Services", () => {
  const [webapp] = podsAt([pod("webapp")]);
  const service = (spec: object) =>
    object({ metadata: { name: "webapp", namespace: "cloudnova" }, spec: { clusterIP: "10.96.1.2", ...spec } });
  const slice = (endpoints: object[], namespace = "cloudnova") =>
    object({
      metadata: { name: "webapp-x", namespace, labels: { "kubernetes.io/service-name": "webapp" } },
      ports: [
        { name: "http", port: 8000, protocol: "TCP" },
        { name: "metrics", port: 9000, protocol: "TCP" },
      ],
      endpoints,
    });
  const ready = { addresses: ["10.244.0.3"], conditions: { ready: true } };
  const of = (spec: object, ...slices: KubeObject[]) => serviceTargets([service(spec)], slices, webapp ? [webapp] : [], "172.18.0.2");

  test("lead to the endpoints of their port's name, by their address and by the node port", () => {
    const found = of({ ports: [{ name: "http", port: 80, nodePort: 30_080 }] }, slice([ready]), slice([ready], "others"));
    expect(found).toEqual([
      {
        name: "Service cloudnova/webapp 10.96.1.2:80",
        address: "10.96.1.2",
        port: 80,
        protocol: "tcp",
        endpoints: [{ address: "10.244.0.3", port: 8000, pod: webapp }],
      },
      {
        name: "node port of cloudnova/webapp 172.18.0.2:30080",
        address: "172.18.0.2",
        port: 30_080,
        protocol: "tcp",
        endpoints: [{ address: "10.244.0.3", port: 8000, pod: webapp }],
      },
    ]);
  });

  test.each([
    ["without a ready endpoint", of({ ports: [{ name: "http", port: 80 }] }, slice([{ ...ready, conditions: { ready: false } }]))],
    ["without an endpoint", of({ ports: [{ name: "http", port: 80 }] })],
    ["without an address of their own", of({ clusterIP: "None", ports: [{ name: "http", port: 80 }] }, slice([ready]))],
    ["with another protocol than their endpoints", of({ ports: [{ name: "http", port: 80, protocol: "UDP" }] }, slice([ready]))],
  ])("%s are no target", (_, found) => expect(found).toEqual([]));

  test("whose endpoint is no pod, as the API server's, lead to its address", () => {
    const found = of({ ports: [{ name: "http", port: 443 }] }, slice([{ addresses: ["172.18.0.2"], conditions: {} }]));
    expect(found.map(({ endpoints }) => endpoints)).toEqual([[{ address: "172.18.0.2", port: 8000, pod: undefined }]]);
  });
});

test("a pod is asked at each port at which it listens", () => {
  const [webapp] = podsAt([pod("webapp")]);
  expect(webapp && podTargets(webapp, [8000, 9000]).map(({ name }) => name)).toEqual([
    "pod cloudnova/webapp 10.244.0.3:8000",
    "pod cloudnova/webapp 10.244.0.3:9000",
  ]);
});
