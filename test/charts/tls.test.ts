import { parse } from "yaml";
import { find, type Manifest, manifestsOf, synthesiseText } from "../manifests.ts";

const HOST = "shop.cloudnova.dev";
const SHOP = "applications: { webapp: { sample: {} }, shop: { image: 'shop:1', port: 80, ingress: { host: other.cloudnova.dev } } }\n";
const made = (cluster: "kind" | "k3s", tls: string, more = ""): Manifest[] =>
  manifestsOf(synthesiseText(`cluster: ${cluster}\nmachine: { memory: 4Gi, cpu: "2" }\ningress: { host: ${HOST}, tls: ${tls} }\n${more}`));
const has = (manifests: readonly Manifest[], kind: string, name: string) =>
  manifests.some((one) => one.kind === kind && one.metadata.name === name);
const traefik = (manifests: readonly Manifest[]) => find(manifests, "Deployment", "traefik").spec;
const argumentsOf = (manifests: readonly Manifest[]): string[] => traefik(manifests).template.spec.containers[0].args;
const policy = (manifests: readonly Manifest[], name: string) => find(manifests, "NetworkPolicy", name).spec;
const ports = ({ ports: list }: Manifest) => list.map(({ port }: Manifest) => port);
const certificates = (manifests: readonly Manifest[]) =>
  Object.keys(JSON.parse(find(manifests, "ConfigMap", "bootstrap").data["plan.json"]).certificates);
const rules = (manifests: readonly Manifest[]) => Object.values(find(manifests, "ConfigMap", "prometheus-rules-ingress").data).join("\n");
const alerts = (manifests: readonly Manifest[]): string[] =>
  parse(rules(manifests)).groups.flatMap((group: Manifest) => group.rules.map(({ alert }: Manifest) => alert));

describe("without an issuer", () => {
  const plain = made("kind", "{}");

  test("nothing is ordered, the way out stays shut, and an update loses no request", () => {
    expect(argumentsOf(plain).join(" ")).not.toContain("acme");
    expect(has(plain, "PersistentVolumeClaim", "traefik-acme")).toBe(false);
    expect(policy(plain, "traefik").egress.flatMap(ports)).not.toContain(443);
    expect(traefik(plain).strategy.type).toBe("RollingUpdate");
    expect(alerts(plain)).not.toContain("CertificateNotIssued");
  });
});

describe("Let's Encrypt by CloudNova's Traefik", () => {
  const all = made("kind", "{ letsEncrypt: { email: ops@cloudnova.dev } }", SHOP);
  const acme = (manifests: readonly Manifest[]) =>
    Object.fromEntries(
      argumentsOf(manifests)
        .filter((arg) => arg.includes(".acme."))
        .map((arg) => arg.replace("--certificatesResolvers.letsencrypt.acme.", "").split("=")),
    );

  test("it orders from the test server, by the port that redirects", () => {
    expect(acme(all)).toEqual({
      caServer: "https://acme-staging-v02.api.letsencrypt.org/directory",
      storage: "/data/letsencrypt-staging.json",
      keyType: "EC256",
      disableCommonName: "true",
      email: "ops@cloudnova.dev",
      "httpChallenge.entryPoint": "web",
      "httpChallenge.delay": "15s",
    });
  });

  test("production has a file of its own, so that certificates of staging do not stay; the other challenge is at port 443", () => {
    expect(acme(made("kind", "{ letsEncrypt: { staging: false, challenge: tls-alpn-01 } }"))).toMatchObject({
      caServer: "https://acme-v02.api.letsencrypt.org/directory",
      storage: "/data/letsencrypt-production.json",
      tlsChallenge: "true",
      "tlsChallenge.delay": "15s",
    });
  });

  test("certificates outlive the pod, GitOps never prunes them, and only one Traefik runs at a time", () => {
    const { template, strategy } = traefik(all);
    expect(strategy).toEqual({ type: "Recreate" });
    const mount = template.spec.containers[0].volumeMounts.find(({ mountPath }: Manifest) => mountPath === "/data");
    const volume = template.spec.volumes.find(({ name }: Manifest) => name === mount.name);
    const claim = find(all, "PersistentVolumeClaim", volume.persistentVolumeClaim.claimName);
    expect(claim.metadata.annotations["argocd.argoproj.io/sync-options"]).toContain("Prune=false");
    expect(claim.spec.resources.requests.storage).toBe("16Mi");
    // Traefik refuses a file that others can read, and its user owns the volume.
    expect(template.spec.securityContext).toMatchObject({ fsGroup: 10_065, fsGroupChangePolicy: "OnRootMismatch" });
  });

  test("the default certificate is the ordered one, and an application's own host gets one of its own", () => {
    const { tls } = parse(find(all, "ConfigMap", "traefik").data["cloudnova.yaml"]);
    expect(tls.stores.default.defaultGeneratedCert).toEqual({ resolver: "letsencrypt", domain: { main: HOST } });
    const resolver = (name: string) =>
      find(all, "Ingress", name).metadata.annotations["traefik.ingress.kubernetes.io/router.tls.certresolver"];
    expect(resolver("shop")).toBe("letsencrypt");
    expect(resolver("webapp")).toBeUndefined();
    expect(find(all, "Ingress", "webapp").spec.tls).toBeUndefined();
  });

  test("CloudNova makes no certificate beside it: Traefik would find the name there and order none", () => {
    expect(certificates(all)).toEqual(["mysql-certificate"]);
  });

  test("Traefik reaches public addresses at port 443 and the cluster's DNS, and nothing private", () => {
    const rules = policy(all, "traefik").egress.filter((rule: Manifest) => ports(rule).includes(443));
    const blocks = rules.flatMap(({ to }: Manifest) => to.map(({ ipBlock }: Manifest) => ipBlock));
    expect(blocks.map(({ cidr }: Manifest) => cidr)).toEqual(["0.0.0.0/0", "::/0"]);
    expect(blocks[0].except).toEqual(expect.arrayContaining(["10.0.0.0/8", "169.254.0.0/16", "192.168.0.0/16"]));
    expect(rules.map(ports)).toEqual([[443], [443]]);
    expect(policy(all, "traefik").egress.flatMap(ports)).toContain(53);
  });

  test("an alert fires while Traefik has no certificate for the host", () => {
    expect(alerts(all)).toContain("CertificateNotIssued");
    // Both hosts are looked for; `rules` has YAML's line breaks in it.
    for (const host of [HOST, "other.cloudnova.dev"]) expect(rules(all).replace(/\s+/g, " ")).toContain(`"host", "${host}"`);
  });

  test("without the sample there is no Ingress for it, and no empty file", () => {
    const alone = synthesiseText(
      `cluster: kind\nmachine: { memory: 4Gi, cpu: "2" }\ningress: { host: ${HOST}, tls: { letsEncrypt: {} } }\n${SHOP.replace("webapp: { sample: {} }, ", "")}`,
    );
    expect([...alone.files.keys()]).not.toContain("45-ingress.k8s.yaml");
    expect([...alone.files.values()].every((text) => text.trim() !== "")).toBe(true);
  });

  test("of an address: profile shortlived, renewed two days before the end, and the Ingresses' status is an address", () => {
    const address = manifestsOf(
      synthesiseText(`cluster: kind\nmachine: { memory: 4Gi, cpu: "2" }\ningress: { host: 198.51.100.7, tls: { letsEncrypt: {} } }\n`),
    );
    expect(acme(address)).toMatchObject({ profile: "shortlived", certificatesDuration: "160" });
    expect(argumentsOf(address)).toContain("--providers.kubernetesIngress.ingressEndpoint.ip=198.51.100.7");
    expect(rules(address)).toContain("< 1.5 and");
    expect(rules(address)).not.toContain("< 21");
  });
});

describe("Let's Encrypt by k3s' Traefik", () => {
  const all = made("k3s", "{ letsEncrypt: {} }");
  const values = parse(find(all, "HelmChartConfig", "traefik").spec.valuesContent);

  test("the chart's keys give it a volume and one Traefik at a time; the arguments are those of CloudNova's own", () => {
    expect(values.persistence).toEqual({ enabled: true, size: "16Mi" });
    expect(values.updateStrategy).toEqual({ type: "Recreate" });
    const own = argumentsOf(made("kind", "{ letsEncrypt: {} }"));
    expect(values.additionalArguments.filter((arg: string) => arg.includes(".acme."))).toEqual(own.filter((arg) => arg.includes(".acme.")));
  });

  test("its namespace has no policies of ours to open", () => {
    expect(has(all, "NetworkPolicy", "traefik")).toBe(false);
  });
});

describe("cert-manager", () => {
  const all = made("kind", "{ certManager: { issuer: letsencrypt } }", SHOP);
  const ingress = find(all, "Ingress", "webapp");

  test("issues for all names into a Secret that CloudNova does not make", () => {
    expect(ingress.metadata.annotations["cert-manager.io/cluster-issuer"]).toBe("letsencrypt");
    expect(ingress.spec.tls).toEqual([{ hosts: [HOST, "other.cloudnova.dev"], secretName: "ingress-certificate" }]);
    expect(certificates(all)).toEqual(["mysql-certificate"]);
    expect(argumentsOf(all).join(" ")).not.toContain("acme");
  });

  test("an Issuer of the namespace has another annotation", () => {
    const annotations = find(made("k3s", "{ certManager: { issuer: mine, kind: Issuer } }"), "Ingress", "webapp").metadata.annotations;
    expect(annotations["cert-manager.io/issuer"]).toBe("mine");
    expect(annotations["cert-manager.io/cluster-issuer"]).toBeUndefined();
  });

  test("Traefik reaches the pods that answer its challenges, and nobody else does", () => {
    const solver = policy(all, "acme-http-solver");
    expect(solver.podSelector.matchLabels).toEqual({ "acme.cert-manager.io/http01-solver": "true" });
    expect(solver.ingress.map(ports)).toEqual([[8089]]);
    expect(solver.ingress[0].from[0].podSelector.matchLabels).toEqual({ "app.kubernetes.io/name": "traefik" });
    expect(solver.egress).toBeUndefined();
    const towards = policy(all, "traefik").egress.filter((rule: Manifest) => ports(rule).includes(8089));
    expect(towards[0].to[0].podSelector.matchLabels).toEqual({ "acme.cert-manager.io/http01-solver": "true" });
  });
});
