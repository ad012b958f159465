import { ok, problem, warning } from "../finding.ts";
import type { KubeObject } from "../objects.ts";
import type { Check } from "./facts.ts";

export const controller: Check = ({ config, ingressClasses, groups, manifests }) => {
  const classes = ingressClasses.map(({ metadata, spec }) => `${metadata.name} (${spec?.controller})`).join(", ") || "none";
  if (config.facts.ingressController === "bundled") {
    if (!groups.includes("helm.cattle.io"))
      return problem(
        "the cluster is no k3s: it has no HelmChartConfig",
        "choose an environment with 'cluster: kind' or 'node', or another context",
      );
    return ingressClasses.length > 0
      ? ok(`k3s' own; ingress classes: ${classes}`)
      : problem("k3s runs without its Traefik", "start k3s without --disable=traefik");
  }
  if (groups.includes("helm.cattle.io"))
    return warning(
      `this looks like k3s, which brings a Traefik of its own; ingress classes: ${classes}`,
      "use an environment with 'cluster: k3s'",
    );
  const own = new Set(manifests.filter(({ kind }) => kind === "IngressClass").map(({ metadata }) => metadata.name));
  const foreign = ingressClasses.filter(
    ({ metadata }) => own.has(metadata.name) && metadata.labels?.["app.kubernetes.io/managed-by"] !== "cloudnova",
  );
  return foreign.length === 0
    ? ok(`CloudNova brings its own; ingress classes: ${classes}`)
    : problem(
        `another installation owns the ingress class ${foreign.map(({ metadata }) => metadata.name).join(", ")}`,
        "remove it, or use a cluster of its own",
      );
};

export const ports: Check = ({ services, manifests, config }) => {
  const portsOf = (list: readonly KubeObject[]) =>
    list.flatMap(({ metadata, spec }) =>
      ((spec?.ports ?? []) as { nodePort?: number }[]).flatMap(({ nodePort }) =>
        nodePort ? [{ nodePort, name: `${metadata.namespace}/${metadata.name}` }] : [],
      ),
    );
  const wanted = portsOf(manifests.filter(({ kind }) => kind === "Service"));
  const mine = new Set(wanted.map(({ name }) => name));
  const taken = portsOf(services).filter(({ nodePort, name }) => !mine.has(name) && wanted.some((one) => one.nodePort === nodePort));
  if (taken.length > 0)
    return problem(
      taken.map(({ nodePort, name }) => `NodePort ${nodePort} belongs to Service ${name}`).join("; "),
      "choose others under ingress.nodePorts",
    );
  const balancers = services.filter(({ metadata, spec }) => spec?.type === "LoadBalancer" && metadata.name !== "traefik");
  const clash = balancers.filter(({ spec }) => spec.ports?.some(({ port }: { port: number }) => port === 80 || port === 443));
  if (config.facts.ingressController === "bundled" && clash.length > 0) {
    return problem(
      `ports 80/443 belong to Service ${clash.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`).join(", ")}`,
      "remove it or give it other ports",
    );
  }
  return ok(
    wanted.length > 0
      ? `NodePorts ${wanted.map(({ nodePort }) => nodePort).join(", ")} are free or ours`
      : "ports 80 and 443 are free or Traefik's",
  );
};
