import type { Answer, Call } from "../../../src/cluster/transport/client.ts";
import { ingressAddress } from "../../../src/cluster/verify/ingress-address.ts";
import { loadEnvironment } from "../../../src/config/load.ts";

const configOf = (name: string) => loadEnvironment(`environments/${name}.yaml`).config;

/** An API server that has one object at each path. */
const server = (objects: Readonly<Record<string, object>>) => ({
  send: async ({ path }: Call): Promise<Answer> => ({ status: objects[path] ? 200 : 404, body: objects[path], warnings: [] }),
  expect: (answer: Answer) => answer,
  find: async (path: string) => objects[path],
});
const SERVICE = "/api/v1/namespaces/cloudnova/services/traefik";
const balanced = (...ingress: readonly object[]) => server({ [SERVICE]: { status: { loadBalancer: { ingress } } } });

describe("a cluster with a load balancer", () => {
  const config = configOf("eks");
  test.each([
    ["its name", balanced({ hostname: "lb-1.elb.amazonaws.com" }), "lb-1.elb.amazonaws.com"],
    ["its address", balanced({ ip: "192.0.2.7" }), "192.0.2.7"],
    ["the environment's host while the cluster has given none", balanced(), "cloudnova.example.com"],
    ["the environment's host without the Service", server({}), "cloudnova.example.com"],
  ])("%s", async (_, client, address) => expect(await ingressAddress(client, config)).toBe(address));
});

test("k3s is reached at its first node, by the address that others see", async () => {
  const addresses = [
    { type: "InternalIP", address: "10.0.0.7" },
    { type: "ExternalIP", address: "203.0.113.7" },
  ];
  const client = (items: readonly object[]) => server({ "/api/v1/nodes": { items } });
  expect(await ingressAddress(client([{ status: { addresses } }]), configOf("k3s-ec2"))).toBe("203.0.113.7");
  expect(await ingressAddress(client([{ status: { addresses: addresses.slice(0, 1) } }]), configOf("k3s-ec2"))).toBe("10.0.0.7");
  expect(await ingressAddress(client([]), configOf("k3s-ec2"))).toBe("127.0.0.1");
});

test("kind is reached on this machine", async () => expect(await ingressAddress(server({}), configOf("kind"))).toBe("127.0.0.1"));
