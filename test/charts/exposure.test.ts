import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { EVERYTHING } from "../everything.ts";
import { containersOf, find, type Manifest, manifestsOf, podsOf, SHIPPED, synthesiseFile, synthesiseText } from "../manifests.ts";

// What can be reached from outside the cluster: the ingress alone, and by it the applications alone.

const everything = Object.entries(EVERYTHING).map(([name, text]) => [`every part on ${name}`, text] as const);
const environments = [...SHIPPED.map((file) => [file, readFileSync(file, "utf8")] as const), ...everything].map(([name, text]) => ({
  name,
  text,
  manifests: manifestsOf(SHIPPED.includes(name) ? synthesiseFile(name) : synthesiseText(text)),
}));
const named = ({ kind, metadata }: Manifest) => `${kind} ${metadata.namespace ?? metadata.name}/${metadata.name}`;

describe.each(environments)("$name", ({ text, manifests }) => {
  const { cluster, namespace = "cloudnova", applications = { webapp: { sample: {} } } } = parse(text);
  const ownTraefik = cluster !== "k3s";
  const ofKind = (kind: string) => manifests.filter((one) => one.kind === kind);
  const applicationNamespaces = new Map<string, Manifest>(
    Object.entries(applications).flatMap(([name, settings]) => (name === "webapp" ? [] : [[`${namespace}-${name}`, settings as Manifest]])),
  );

  test("one Service has ports of the node, the ingress's where the cluster brings none; no pod has one", () => {
    const open = ofKind("Service").filter(
      ({ spec }) => !["ClusterIP", undefined].includes(spec.type) || spec.externalIPs || spec.ports.some((port: Manifest) => port.nodePort),
    );
    expect(open.map((one) => [named(one), one.spec.type])).toEqual(
      ownTraefik ? [[`Service ${namespace}/traefik`, cluster === "kind" ? "NodePort" : "LoadBalancer"]] : [],
    );
    for (const pod of podsOf(manifests)) {
      const ports = containersOf(pod).flatMap(({ ports: list = [] }) => list.flatMap(({ hostPort }: Manifest) => hostPort ?? []));
      const host = [pod.spec.hostNetwork, pod.spec.hostPID, pod.spec.hostIPC].map(Boolean);
      const onNode = named(pod.owner) === `DaemonSet ${namespace}-host/node-exporter`;
      // node-exporter listens on the node's own address, where no NetworkPolicy applies: a firewall must shut it (docs/security.md).
      expect([named(pod.owner), host, ports]).toEqual([named(pod.owner), [onNode, false, false], []]);
    }
  });

  test("every route leads to an application, in its own namespace", () => {
    const backends = ofKind("Ingress").flatMap((ingress) => {
      expect(ingress.spec.defaultBackend).toBeUndefined();
      return ingress.spec.rules.flatMap((rule: Manifest) =>
        (rule.http?.paths ?? []).map(({ backend }: Manifest) => `${ingress.metadata.namespace}/${backend.service.name}`),
      );
    });
    const expected = [
      ...(applications.webapp ? [`${namespace}/webapp`] : []),
      ...[...applicationNamespaces.keys()].map((one) => `${one}/${one.slice(namespace.length + 1)}`),
    ];
    expect([...new Set(backends)].sort()).toEqual(expected.sort());
  });

  test("Traefik's own configuration adds no route but one to the sample, and neither its interface nor its dashboard is on", () => {
    const file = ownTraefik ? find(manifests, "ConfigMap", "traefik") : find(manifests, "ConfigMap", "cloudnova-traefik");
    const { http, tcp, udp } = parse(file.data["cloudnova.yaml"]);
    expect([http.services, tcp, udp]).toEqual([undefined, undefined, undefined]);
    const routes = Object.values<Manifest>(http.routers ?? {}).map(({ service }) => service);
    expect(routes).toEqual(applications.webapp ? [`${namespace}-webapp-80@kubernetes`] : []);
    const args: string[] = ownTraefik
      ? find(manifests, "Deployment", "traefik").spec.template.spec.containers[0].args
      : parse(find(manifests, "HelmChartConfig", "traefik").spec.valuesContent).additionalArguments;
    expect(args.filter((arg) => /^--api|insecure|dashboard/i.test(arg))).toEqual([]);
  });

  test("of all pods only Traefik's accept connections from addresses and from every namespace", () => {
    const everybody = ({ from }: Manifest) =>
      !from || from.some((peer: Manifest) => peer.ipBlock || (!peer.podSelector && peer.namespaceSelector));
    const open = ofKind("NetworkPolicy").filter(({ spec }) => spec.ingress?.some(everybody));
    expect(open.map(named)).toEqual(ownTraefik ? [`NetworkPolicy ${namespace}/traefik`] : []);
  });

  test("Grafana, which no route leads to, asks for a login nevertheless", () => {
    const grafana = ofKind("StatefulSet").find(({ metadata }) => metadata.name === "grafana");
    const env: { name: string; value?: string }[] = grafana.spec.template.spec.containers[0].env;
    expect(env.filter(({ name }) => /ANONYMOUS|AUTH_PROXY|DISABLE_LOGIN|ALLOW_EMBEDDING/.test(name))).toEqual([]);
    expect(env).toContainEqual({ name: "GF_USERS_ALLOW_SIGN_UP", value: "false" });
    expect(env.find(({ name }) => name === "GF_SECURITY_ADMIN_PASSWORD")?.value).toMatch(/^\$__file\{/);
  });

  test("every namespace enforces restricted, but that of an application that names another level, and node-exporter's", () => {
    const levels = ofKind("Namespace").map(({ metadata }) => [metadata.name, metadata.labels["pod-security.kubernetes.io/enforce"]]);
    expect(Object.fromEntries(levels)).toEqual({
      [namespace]: "restricted",
      [`${namespace}-host`]: "privileged",
      ...Object.fromEntries([...applicationNamespaces].map(([name, { podSecurity = "restricted" }]) => [name, podSecurity])),
    });
    const objects = manifests.filter(({ metadata }) => metadata.namespace === `${namespace}-host`);
    expect(objects.map(named)).toEqual([`NetworkPolicy ${namespace}-host/default-deny`, `DaemonSet ${namespace}-host/node-exporter`]);
    const used = new Set(manifests.flatMap(({ metadata }) => metadata.namespace ?? []));
    expect([...used].filter((name) => name !== "kube-system" && !levels.some(([one]) => one === name))).toEqual([]);
  });
});

test("the environments here have every level and every controller", () => {
  const clusters = environments.map(({ text }) => parse(text).cluster);
  expect(new Set(clusters)).toEqual(new Set(["kind", "k3s", "kubernetes"]));
  expect(EVERYTHING.kind).toContain("podSecurity: baseline");
});
