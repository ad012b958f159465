import type { KubeObject } from "../../../src/cluster/objects/kube-object.ts";
import type { Endpoint, PodAt, Protocol, Target } from "./expected.ts";

/** The pods that have an address of their own and run. */
export function podsAt(pods: readonly KubeObject[]): PodAt[] {
  return pods
    .filter(({ spec, metadata, status }) => !spec.hostNetwork && status?.phase === "Running" && metadata.deletionTimestamp === undefined)
    .map(({ metadata, spec, status }) => ({
      uid: metadata.uid ?? "",
      namespace: metadata.namespace ?? "",
      name: metadata.name,
      labels: metadata.labels ?? {},
      address: status?.podIP ?? "",
      declared: (spec.containers as { ports?: { containerPort: number; protocol?: string }[] }[]).flatMap(({ ports = [] }) =>
        ports.filter(({ protocol = "TCP" }) => protocol === "TCP").map(({ containerPort }) => containerPort),
      ),
    }));
}

const tcp = (name: string, address: string, port: number, endpoints: readonly Endpoint[] = [{ address, port }]): Target => ({
  name: `${name} ${address}:${port}`,
  address,
  port,
  protocol: "tcp",
  endpoints,
});

/** Addresses at which something listens, each with its ports. */
export type Listening = readonly { readonly address: string; readonly port: number }[];

/** Every port of a pod at which something listens. */
export const podTargets = (pod: PodAt, ports: readonly number[]): Target[] =>
  ports.map((port) => tcp(`pod ${pod.namespace}/${pod.name}`, pod.address, port, [{ address: pod.address, port, pod }]));

/** Every port of the node itself, at each of its addresses at which it listens; `0.0.0.0` and `*` mean all of them. */
export function nodeTargets(listening: Listening, addresses: readonly string[]): Target[] {
  return listening.flatMap(({ address, port }) => {
    const all = ["0.0.0.0", "*", "::"].includes(address);
    return addresses.filter((own) => all || own === address).map((own) => tcp("node", own, port));
  });
}

/** Addresses outside the cluster. */
export const outsideTargets = (listening: Listening): Target[] => listening.map(({ address, port }) => tcp("outside", address, port));

interface Slice {
  readonly addresses: readonly string[];
  readonly conditions?: { readonly ready?: boolean };
}
interface NamedPort {
  readonly name?: string;
  readonly port: number;
  readonly nodePort?: number;
  readonly protocol?: string;
}

/**
 * Every Service with endpoints, at its own address and at its node ports.
 * @param nodeAddress where node ports are asked for
 */
export function serviceTargets(
  services: readonly KubeObject[],
  slices: readonly KubeObject[],
  pods: readonly PodAt[],
  nodeAddress: string,
): Target[] {
  return services.flatMap(({ metadata, spec }) => {
    const own = slices.filter(
      (slice) => slice.metadata.namespace === metadata.namespace && slice.metadata.labels?.["kubernetes.io/service-name"] === metadata.name,
    );
    return ((spec.ports ?? []) as NamedPort[]).flatMap(({ name, port, nodePort, protocol = "TCP" }) => {
      const endpoints = own.flatMap((slice): Endpoint[] => {
        const ports = (slice.ports ?? []) as NamedPort[];
        const ready = (slice.endpoints as Slice[] | null)?.filter(({ conditions }) => conditions?.ready !== false) ?? [];
        return ports
          .filter((one) => (one.name ?? "") === (name ?? "") && (one.protocol ?? "TCP") === protocol)
          .flatMap((one) =>
            ready.flatMap(({ addresses }) =>
              addresses.map((address) => ({ address, port: one.port, pod: pods.find((pod) => pod.address === address) })),
            ),
          );
      });
      const doors: [what: string, address: string | undefined, port: number | undefined][] = [
        ["Service", spec.clusterIP === "None" ? undefined : spec.clusterIP, port],
        ["node port of", nodeAddress, nodePort],
      ];
      return doors.flatMap(([what, address, at]): Target[] => {
        // Without an endpoint kube-proxy refuses by itself.
        if (!address || at === undefined || endpoints.length === 0) return [];
        const words = `${what} ${metadata.namespace}/${metadata.name} ${address}:${at}`;
        return [
          {
            name: `${words}${protocol === "UDP" ? " UDP" : ""}`,
            address,
            port: at,
            protocol: protocol.toLowerCase() as Protocol,
            endpoints,
          },
        ];
      });
    });
  });
}

/** The DNS servers' own UDP ports: the only ones over UDP that are judged, because DNS answers. */
export const dnsTargets = (pods: readonly PodAt[]): Target[] =>
  pods
    .filter(({ labels }) => labels["k8s-app"] === "kube-dns")
    .map((pod) => ({
      name: `pod ${pod.namespace}/${pod.name} ${pod.address}:53 UDP`,
      address: pod.address,
      port: 53,
      protocol: "udp",
      endpoints: [{ address: pod.address, port: 53, pod }],
    }));
