import { ApiObject, Chart, Duration, JsonPatch } from "cdk8s";
import * as kplus from "cdk8s-plus-27";
import type { Construct } from "constructs";
import type { Resources } from "../src/config/resources.ts";
import { clusterScoped, HardenedDeployment, selector } from "../src/constructs/index.ts";
import { exceptions, podExceptions } from "../src/exceptions.ts";
import { type Identity, labels } from "../src/labels.ts";
import { POLICY_SECONDS } from "../src/network.ts";
import { PORTS } from "../src/ports.ts";
import { DYNAMIC_FOLDER, dynamicConfiguration, type IngressSettings, staticArguments } from "../src/traefik.ts";
import { imageVersion } from "../src/versions.ts";
import { toYaml } from "../src/yaml.ts";

export interface TraefikProps {
  readonly namespace: string;
  readonly image: string;
  readonly resources: Resources;
  readonly ingress: IngressSettings;
  readonly nodePorts: { readonly http: number; readonly https: number };
}

const USER = 10_065;
const NAME = "traefik";

/** Traefik, for clusters that do not bring it. Reached by a NodePort, never by hostPort, which *restricted* forbids. */
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
    this.rights(identity, props.namespace);
    this.nodePort(identity, props.nodePorts);

    new HardenedDeployment(this, "pods", {
      name: NAME,
      labels: labels(identity),
      annotations: podExceptions({
        "deployment-replicas": "a second Traefik would take memory that one small machine lacks; an update starts the new one first",
      }),
      replicas: 1,
      serviceAccount: account,
      containers: [
        {
          name: NAME,
          image: props.image,
          user: USER,
          resources: props.resources,
          // The heap may grow by half of its live part, not to twice of it: under a light load 19 MiB of anonymous memory, not 25.
          env: { GOGC: "50" },
          args: staticArguments(props.namespace, props.ingress.host),
          ports: { web: PORTS["traefik-web"], websecure: PORTS["traefik-websecure"], metrics: PORTS["traefik-metrics"] },
          mounts: [
            { path: DYNAMIC_FOLDER, readOnly: true, volume: kplus.Volume.fromConfigMap(this, "files", config, { name: "dynamic" }) },
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
  }

  private nodePort(identity: Identity, { http, https }: TraefikProps["nodePorts"]): void {
    const service = new kplus.Service(this, "service", {
      metadata: {
        name: NAME,
        labels: labels(identity),
        annotations: exceptions({
          "service-type": "the only way in on a cluster without a load balancer, bound to the loopback address there",
        }),
      },
      selector: kplus.Pods.select(this, "service-pods", { labels: selector(NAME) }),
      type: kplus.ServiceType.NODE_PORT,
      ports: [
        { name: "web", port: 80, targetPort: PORTS["traefik-web"], nodePort: http },
        { name: "websecure", port: 443, targetPort: PORTS["traefik-websecure"], nodePort: https },
      ],
    });
    // The client's own address survives, so that the rate limit tells clients apart. cdk8s-plus has no property for it.
    ApiObject.of(service).addJsonPatch(JsonPatch.add("/spec/externalTrafficPolicy", "Local"));
  }

  /**
   * Reads Ingresses, their Services and certificates in this one namespace; of the cluster only classes and nodes.
   * L1 objects: cdk8s-plus' Role writes a rule for each resource.
   */
  private rights(identity: Identity, namespace: string): void {
    const read = ["get", "list", "watch"];
    const metadata = { name: NAME, labels: labels(identity) };
    const clusterMetadata = { ...metadata, name: `${namespace}-${NAME}` };
    const subjects = [{ kind: "ServiceAccount", name: NAME, namespace }];
    const apiGroup = "rbac.authorization.k8s.io";
    clusterScoped(new kplus.k8s.KubeIngressClass(this, "class", { metadata, spec: { controller: "traefik.io/ingress-controller" } }));
    new kplus.k8s.KubeRole(this, "role", {
      metadata,
      rules: [
        { apiGroups: [""], resources: ["services", "secrets"], verbs: read },
        { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: read },
        { apiGroups: ["networking.k8s.io"], resources: ["ingresses"], verbs: read },
        { apiGroups: ["networking.k8s.io"], resources: ["ingresses/status"], verbs: ["update"] },
      ],
    });
    new kplus.k8s.KubeRoleBinding(this, "binding", { metadata, roleRef: { apiGroup, kind: "Role", name: NAME }, subjects });
    clusterScoped(
      new kplus.k8s.KubeClusterRole(this, "cluster-role", {
        metadata: clusterMetadata,
        rules: [
          { apiGroups: [""], resources: ["nodes"], verbs: read },
          { apiGroups: ["networking.k8s.io"], resources: ["ingressclasses"], verbs: read },
        ],
      }),
    );
    clusterScoped(
      new kplus.k8s.KubeClusterRoleBinding(this, "cluster-binding", {
        metadata: clusterMetadata,
        roleRef: { apiGroup, kind: "ClusterRole", name: clusterMetadata.name },
        subjects,
      }),
    );
  }
}
