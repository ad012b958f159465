import { doctor as words } from "../../messages/doctor.ts";
import { ok, problem, warning } from "../finding.ts";
import type { KubeObject } from "../objects/kube-object.ts";
import { nodeAddresses } from "../objects/node-addresses.ts";
import type { Check } from "./facts.ts";

/** The API group that only k3s has. */
const K3S_GROUP = "helm.cattle.io";

export const controller: Check = ({ config, ingressClasses, groups, manifests }) => {
  const classes = ingressClasses.map(({ metadata, spec }) => `${metadata.name} (${spec?.controller})`).join(", ") || words.none;
  const isK3s = groups.includes(K3S_GROUP);
  if (config.facts.ingressController === "bundled") {
    if (!isK3s) return problem(words.noK3s, words.otherCluster);
    return ingressClasses.length > 0 ? ok(words.bundled(classes)) : problem(words.noTraefik, words.startTraefik);
  }
  if (isK3s) return warning(words.isK3s(classes), words.useK3s);
  const own = new Set(manifests.filter(({ kind }) => kind === "IngressClass").map(({ metadata }) => metadata.name));
  const foreign = ingressClasses.filter(
    ({ metadata }) => own.has(metadata.name) && metadata.labels?.["app.kubernetes.io/managed-by"] !== "cloudnova",
  );
  return foreign.length === 0
    ? ok(words.own(classes))
    : problem(words.foreign(foreign.map(({ metadata }) => metadata.name).join(", ")), words.removeIt);
};

/**
 * Whether k3s' Traefik sees the addresses of clients. With `--node-external-ip` k3s gives its LoadBalancer Services that address alone. Where
 * a cloud's NAT sends traffic to the internal address, kube-proxy's rule does not match it, and it arrives from ServiceLB's pod instead
 * (k3s' documentation, "Service Load Balancer", and k3s-io/docs#351).
 */
export const clients: Check = ({ config, nodes }) => {
  if (config.facts.ingressController !== "bundled") return ok(words.clientsSeen);
  const behind = nodes.flatMap((node) => {
    const internal = nodeAddresses(node, "InternalIP");
    const other = nodeAddresses(node, "ExternalIP").filter((address) => !internal.includes(address));
    return other.length > 0 ? [words.externalAddress(node.metadata.name, other.join(", "), internal.join(", "))] : [];
  });
  return behind.length > 0 ? warning(`${behind.join("; ")}: ${words.oneClient}`, words.noExternalIp) : ok(words.clientsSeen);
};

const nodePortsOf = (services: readonly KubeObject[]) =>
  services.flatMap(({ metadata, spec }) =>
    ((spec?.ports ?? []) as { nodePort?: number }[]).flatMap(({ nodePort }) =>
      nodePort ? [{ nodePort, name: `${metadata.namespace}/${metadata.name}` }] : [],
    ),
  );

export const ports: Check = ({ services, manifests, config }) => {
  const wanted = nodePortsOf(manifests.filter(({ kind }) => kind === "Service"));
  const mine = new Set(wanted.map(({ name }) => name));
  const taken = nodePortsOf(services).filter(({ nodePort, name }) => !mine.has(name) && wanted.some((one) => one.nodePort === nodePort));
  if (taken.length > 0) return problem(taken.map(({ nodePort, name }) => words.taken(nodePort, name)).join("; "), words.otherNodePorts);
  const balancers = services.filter(({ metadata, spec }) => spec?.type === "LoadBalancer" && metadata.name !== "traefik");
  const clash = balancers.filter(({ spec }) => spec.ports?.some(({ port }: { port: number }) => port === 80 || port === 443));
  if (config.facts.ingressController === "bundled" && clash.length > 0) {
    return problem(words.taken80(clash.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`).join(", ")), words.otherPort);
  }
  return ok(wanted.length > 0 ? words.nodePorts(wanted.map(({ nodePort }) => nodePort).join(", ")) : words.free80);
};
