import { ApiObject, Chart, Duration, JsonPatch } from "cdk8s";
import * as kplus from "cdk8s-plus-27";
import { Construct } from "constructs";
import { ACME_FOLDER, ACME_VOLUME } from "../src/acme.ts";
import type { Resources } from "../src/config/resources.ts";
import { mebibytes } from "../src/config/units.ts";
import { clusterScoped, DataVolume, DisruptionBudget, HardenedDeployment, selector, spread } from "../src/constructs/index.ts";
import { exceptions, podExceptions } from "../src/exceptions.ts";
import { type Identity, labels } from "../src/labels.ts";
import { POLICY_SECONDS } from "../src/network.ts";
import { PORTS } from "../src/ports.ts";
import { DYNAMIC_FOLDER, dynamicConfiguration, type IngressSettings, type RoutedApplication, staticArguments } from "../src/traefik.ts";
import { imageVersion } from "../src/versions.ts";
import { toYaml } from "../src/yaml.ts";

export interface TraefikProps {
  readonly namespace: string;
  readonly image: string;
  readonly resources: Resources;
  readonly ingress: IngressSettings;
  /** Namespaces of applications, which have Ingresses too. */
  readonly applicationNamespaces: readonly string[];
  readonly nodePorts: { readonly http: number; readonly https: number };
  /** Whether the cluster has several nodes: two Traefiks, so that one may be away. */
  readonly severalNodes: boolean;
  /** The load balancer that leads to it. @default none: it is reached at the nodePorts */
  readonly loadBalancer?: { readonly annotations: Readonly<Record<string, string>> } | undefined;
}

const USER = 10_065;
const NAME = "traefik";
/**
 * A load balancer asks a node's health port every ten seconds, and takes it for ill after two failures (AWS, "Health checks for Network Load
 * Balancer target groups"). So long the node's proxy still sends new connections to a Traefik that ends.
 */
const DRAIN = Duration.seconds(30);
/** Uploads of the largest allowed size that have room at once. */
const UPLOADS_AT_ONCE = 4;

/** Traefik, for clusters that do not bring it. Reached by a NodePort or a load balancer, never by hostPort, which *restricted* forbids. */
export class TraefikChart extends Chart {
  constructor(scope: Construct, id: string, props: TraefikProps) {
    super(scope, id, { namespace: props.namespace, disableResourceNameHashes: true });
    const identity: Identity = { name: NAME, component: "ingress", version: imageVersion(props.image) };
    const config = new kplus.ConfigMap(this, "dynamic", {
      metadata: { name: NAME, labels: labels(identity) },
      data: { "cloudnova.yaml": toYaml(dynamicConfiguration(props.ingress)) },
    });
    const account = new kplus.ServiceAccount(this, "account", {
      metadata: { name: NAME, labels: labels(identity) },
      automountToken: false,
    });
    this.rights(identity, account, props.namespace);
    for (const [index, namespace] of props.applicationNamespaces.entries())
      this.reads(new Construct(this, `in-${index}`), identity, account, namespace);
    const { letsEncrypt } = props.ingress;
    const uploads = this.uploads(props.ingress.applications ?? []);
    this.service(identity, props);

    // With Let's Encrypt one alone may write the file of certificates.
    const several = props.severalNodes && !letsEncrypt;
    const { workload } = new HardenedDeployment(this, "pods", {
      name: NAME,
      labels: labels(identity),
      annotations: podExceptions(
        several
          ? {}
          : {
              "deployment-replicas": letsEncrypt
                ? "only one Traefik may write the file of certificates, which the volume holds"
                : "a second Traefik would take memory that one small machine lacks; an update starts the new one first",
            },
      ),
      replicas: several ? 2 : 1,
      recreate: letsEncrypt !== undefined,
      ...(props.loadBalancer && { drain: DRAIN, grace: Duration.seconds(DRAIN.toSeconds() + 20) }),
      serviceAccount: account,
      containers: [
        {
          name: NAME,
          image: props.image,
          user: USER,
          resources: { ...props.resources, ...uploads?.resources },
          // The heap may grow by half of its live part, not to twice of it: under a light load 19 MiB of anonymous memory, not 25.
          env: { GOGC: "50" },
          args: staticArguments([props.namespace, ...props.applicationNamespaces], props.ingress),
          ports: { web: PORTS["traefik-web"], websecure: PORTS["traefik-websecure"], metrics: PORTS["traefik-metrics"] },
          mounts: [
            { path: DYNAMIC_FOLDER, readOnly: true, volume: kplus.Volume.fromConfigMap(this, "files", config, { name: "dynamic" }) },
            ...(uploads?.mounts ?? []),
            ...(letsEncrypt ? [{ path: ACME_FOLDER, volume: this.certificates(identity) }] : []),
          ],
          // Not before the application's policy admits this pod: six of 280 requests during a roll-out were answered 502 otherwise.
          readiness: kplus.Probe.fromHttpGet("/ping", {
            port: PORTS["traefik-metrics"],
            initialDelaySeconds: Duration.seconds(POLICY_SECONDS),
            periodSeconds: Duration.seconds(5),
          }),
          liveness: kplus.Probe.fromTcpSocket({
            port: PORTS["traefik-websecure"],
            periodSeconds: Duration.seconds(20),
            failureThreshold: 3,
          }),
        },
      ],
    });
    if (several) {
      spread(workload, NAME, true);
      new DisruptionBudget(this, "disruption-budget", { name: NAME, labels: labels(identity) });
    }
  }

  /** Where request bodies wait that have a limit: Traefik's buffering keeps up to 1 MiB in memory, and the rest in files. */
  private uploads(applications: readonly RoutedApplication[]) {
    const largest = Math.max(0, ...applications.map(({ ingress }) => (ingress.maxUpload ? mebibytes(ingress.maxUpload) : 0)));
    if (largest === 0) return;
    return {
      resources: { storageLimit: `${256 + UPLOADS_AT_ONCE * largest}Mi` },
      mounts: [{ path: "/tmp", volume: kplus.Volume.fromEmptyDir(this, "tmp", "tmp") }],
    };
  }

  /** Where Traefik keeps the account's key and the certificates. */
  private certificates(identity: Identity): kplus.Volume {
    return new DataVolume(this, "acme", { name: NAME, purpose: "acme", labels: labels(identity), size: ACME_VOLUME }).volume;
  }

  private service(identity: Identity, { nodePorts, loadBalancer, severalNodes }: TraefikProps): void {
    const annotations = loadBalancer
      ? { ...loadBalancer.annotations }
      : exceptions({ "service-type": "the only way in on a cluster without a load balancer, bound to the loopback address there" });
    const port = (name: "http" | "https") => (loadBalancer ? {} : { nodePort: nodePorts[name] });
    const service = new kplus.Service(this, "service", {
      metadata: { name: NAME, labels: labels(identity), annotations },
      selector: kplus.Pods.select(this, "service-pods", { labels: selector(NAME) }),
      type: loadBalancer ? kplus.ServiceType.LOAD_BALANCER : kplus.ServiceType.NODE_PORT,
      ports: [
        { name: "web", port: 80, targetPort: PORTS["traefik-web"], ...port("http") },
        { name: "websecure", port: 443, targetPort: PORTS["traefik-websecure"], ...port("https") },
      ],
    });
    // Without a load balancer that knows which nodes have a Traefik, each node must lead to one.
    if (severalNodes && !loadBalancer) return;
    // The client's own address survives, so that the rate limit tells clients apart. cdk8s-plus has no property for it.
    ApiObject.of(service).addJsonPatch(JsonPatch.add("/spec/externalTrafficPolicy", "Local"));
  }

  /**
   * Reads Ingresses, their Services and certificates in one namespace. Traefik watches the Secrets of every namespace that it reads, also
   * where no Ingress names one.
   */
  private reads(scope: Construct, identity: Identity, account: kplus.ServiceAccount, namespace: string): void {
    const metadata = { name: NAME, labels: labels(identity), namespace };
    const { SERVICES, SECRETS, ENDPOINT_SLICES, INGRESSES } = kplus.ApiResource;
    const role = new kplus.Role(scope, "role", { metadata });
    role.allowRead(SERVICES, SECRETS, ENDPOINT_SLICES, INGRESSES);
    role.allowUpdate(kplus.ApiResource.custom({ apiGroup: INGRESSES.apiGroup, resourceType: "ingresses/status" }));
    new kplus.RoleBinding(scope, "binding", { metadata, role }).addSubjects(account);
  }

  /** What it reads in its own namespace; of the cluster only classes and nodes. The IngressClass is an L1 object: cdk8s-plus has no other. */
  private rights(identity: Identity, account: kplus.ServiceAccount, namespace: string): void {
    const metadata = { name: NAME, labels: labels(identity) };
    clusterScoped(new kplus.k8s.KubeIngressClass(this, "class", { metadata, spec: { controller: "traefik.io/ingress-controller" } }));
    this.reads(this, identity, account, namespace);
    const { NODES, INGRESS_CLASSES } = kplus.ApiResource;
    const clusterMetadata = { ...metadata, name: `${namespace}-${NAME}` };
    const clusterRole = new kplus.ClusterRole(this, "cluster-role", { metadata: clusterMetadata });
    clusterRole.allowRead(NODES, INGRESS_CLASSES);
    const binding = new kplus.ClusterRoleBinding(this, "cluster-binding", { metadata: clusterMetadata, role: clusterRole });
    binding.addSubjects(account);
    for (const one of [clusterRole, binding]) clusterScoped(one);
  }
}
