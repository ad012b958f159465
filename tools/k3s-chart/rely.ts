import { isDeepStrictEqual } from "node:util";
import { ACME_FOLDER } from "../../src/acme.ts";
import { ACCEPT_GRACE } from "../../src/traefik.ts";
import { type KubeObject, nameOf } from "../common/manifests.ts";

// What is read of the values that we set, of the chart's objects and of our own.
interface OurValues {
  readonly additionalArguments: readonly string[];
  readonly metrics: { readonly prometheus: { readonly buckets: string } };
  readonly ports: Readonly<Record<string, { readonly transport: { readonly lifeCycle: { readonly requestAcceptGraceTimeout: string } } }>>;
  readonly volumes: readonly { readonly name: string; readonly mountPath: string }[];
  readonly service: { readonly spec: { readonly externalTrafficPolicy: string } };
  readonly resources: unknown;
  /** Only where Traefik orders certificates. */
  readonly persistence?: { readonly enabled: boolean };
}
interface Container {
  readonly args: readonly string[];
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  readonly resources: unknown;
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
}
interface Deployment {
  readonly strategy?: { readonly type?: string };
  readonly template: {
    readonly metadata: { readonly labels: Readonly<Record<string, string>> };
    readonly spec: {
      readonly containers: readonly [Container];
      readonly terminationGracePeriodSeconds: number;
      readonly volumes: readonly {
        readonly name: string;
        readonly configMap?: { readonly name: string };
        readonly persistentVolumeClaim?: object;
      }[];
    };
  };
}
interface Service {
  readonly type: string;
  readonly externalTrafficPolicy: string;
  readonly ports: readonly { readonly port: number; readonly targetPort: string }[];
}
interface Peer {
  readonly namespaceSelector?: { readonly matchLabels?: Readonly<Record<string, string>> };
  readonly podSelector?: { readonly matchLabels?: Readonly<Record<string, string>> };
}
interface Policy {
  readonly egress?: readonly { readonly to?: readonly Peer[]; readonly ports?: readonly { readonly port: number }[] }[];
  readonly ingress?: readonly { readonly from?: readonly Peer[] }[];
}

/** k3s' Traefik is a Helm release in this namespace. */
export const NAMESPACE = "kube-system";
/** Seconds that Traefik gives requests under way after the grace time: the default of its option `graceTimeOut`. */
const GRACE_SECONDS = 10;

/** The arguments that the chart's template makes of the values that we set (traefik/traefik-helm-chart, _podtemplate.tpl). */
export function chartArguments({ metrics, ports }: Pick<OurValues, "metrics" | "ports">): string[] {
  return [
    ...Object.entries(ports).map(
      ([name, { transport }]) =>
        `--entryPoints.${name}.transport.lifeCycle.requestAcceptGraceTimeout=${transport.lifeCycle.requestAcceptGraceTimeout}`,
    ),
    "--metrics.prometheus.entrypoint=metrics",
    `--metrics.prometheus.buckets=${metrics.prometheus.buckets}`,
  ];
}

/** The arguments that the chart sets by itself or that k3s' values set: nothing of ours works without them. */
const CHART_OWN = [
  "--metrics.prometheus=true",
  "--providers.kubernetesingress",
  // Without a ready replica the answer is 503 and not 404.
  "--providers.kubernetesingress.allowEmptyServices=true",
  "--entryPoints.websecure.http.tls=true",
];

/**
 * What we rely on in k3s' Traefik and its chart does not do, one line each; none when all holds.
 *
 * @param rendered the chart's objects, with k3s' values and ours
 * @param ours our values
 * @param environment the objects that we apply beside it
 */
export function unmet(rendered: readonly KubeObject[], ours: OurValues, environment: readonly KubeObject[]): string[] {
  const spec = <T>(kind: string) =>
    rendered.find((object) => object.kind === kind && object.metadata.name === "traefik")?.spec as T | undefined;
  const deployment = spec<Deployment>("Deployment");
  const service = spec<Service>("Service");
  if (!deployment || !service) return [`the chart makes no ${deployment ? "Service" : "Deployment"} named traefik`];
  return [
    ...ofArguments(deployment, ours),
    ...ofPod(deployment, ours, environment),
    ...(ours.persistence?.enabled ? ofCertificates(deployment) : []),
    ...ofService(service, ours),
    ...ofIngresses(rendered, environment),
    ...ofPolicies(deployment, environment),
  ];
}

function ofArguments({ template }: Deployment, ours: OurValues): string[] {
  const { args } = template.spec.containers[0];
  const wanted = [...ours.additionalArguments, ...chartArguments(ours), ...CHART_OWN];
  const names = args.map((arg) => arg.split("=")[0]?.toLowerCase() ?? "");
  const twice = names.filter((name, index) => names.indexOf(name) !== index);
  return [
    ...wanted.filter((arg) => !args.includes(arg)).map((arg) => `Traefik does not get the argument ${arg}`),
    // Traefik joins the values of a repeated argument.
    ...twice.map((name) => `Traefik gets the argument ${name} twice`),
  ];
}

function ofPod({ template }: Deployment, ours: OurValues, environment: readonly KubeObject[]): string[] {
  const { containers, volumes, terminationGracePeriodSeconds } = template.spec;
  const { resources, volumeMounts } = containers[0];
  const mounted = ours.volumes.filter(({ name, mountPath }) => {
    const exists = environment.some(
      (one) => one.kind === "ConfigMap" && one.metadata.name === name && one.metadata.namespace === NAMESPACE,
    );
    const volume = volumes.find(({ configMap }) => configMap?.name === name);
    return exists && volumeMounts.some((mount) => mount.mountPath === mountPath && mount.name === volume?.name);
  });
  const needed = Number.parseInt(ACCEPT_GRACE, 10) + GRACE_SECONDS;
  return [
    ...ours.volumes
      .filter((volume) => !mounted.includes(volume))
      .map(({ name, mountPath }) => `the ConfigMap ${name} is not mounted at ${mountPath}`),
    ...(isDeepStrictEqual(resources, ours.resources) ? [] : [`the resources are ${JSON.stringify(resources)}`]),
    ...(terminationGracePeriodSeconds > needed
      ? []
      : [`the pod has ${terminationGracePeriodSeconds} s to end; Traefik takes up to ${needed}`]),
  ];
}

/** The file of certificates has to outlive the pod, and two pods must not write it at once. */
function ofCertificates({ strategy, template }: Deployment): string[] {
  const { containers, volumes } = template.spec;
  const mount = containers[0].volumeMounts.find(({ mountPath }) => mountPath === ACME_FOLDER);
  const volume = volumes.find(({ name }) => name === mount?.name);
  return [
    ...(volume?.persistentVolumeClaim ? [] : [`no claimed volume is mounted at ${ACME_FOLDER}, where Traefik keeps its certificates`]),
    ...(strategy?.type === "Recreate" ? [] : [`the strategy is ${strategy?.type}: two Traefiks would write the certificates`]),
  ];
}

function ofService({ type, externalTrafficPolicy, ports }: Service, ours: OurValues): string[] {
  const wanted = ours.service.spec.externalTrafficPolicy;
  const leads = (port: number, target: string) => ports.some((one) => one.port === port && one.targetPort === target);
  return [
    ...(type === "LoadBalancer" ? [] : [`the Service is a ${type}: ServiceLB serves a LoadBalancer only`]),
    ...(externalTrafficPolicy === wanted ? [] : [`the Service's externalTrafficPolicy is ${externalTrafficPolicy}, not ${wanted}`]),
    ...(
      [
        [80, "web"],
        [443, "websecure"],
      ] as const
    )
      .filter(([port, target]) => !leads(port, target))
      .map(([port, target]) => `the Service's port ${port} does not lead to ${target}`),
  ];
}

function ofIngresses(rendered: readonly KubeObject[], environment: readonly KubeObject[]): string[] {
  const classes = rendered.filter(({ kind }) => kind === "IngressClass").map(({ metadata }) => metadata.name);
  return environment
    .filter(({ kind }) => kind === "Ingress")
    .map((object) => ({ name: nameOf(object), wanted: String((object.spec as { ingressClassName?: string }).ingressClassName) }))
    .filter(({ wanted }) => !classes.includes(wanted))
    .map(({ name, wanted }) => `${name} is of the class ${wanted}, which the chart does not make (${classes.join(", ") || "none"})`);
}

/** The policies find Traefik's pods by labels, and Prometheus its port by name; a policy's port is the container's. */
function ofPolicies({ template }: Deployment, environment: readonly KubeObject[]): string[] {
  const { labels } = template.metadata;
  const { ports } = template.spec.containers[0];
  const name = "app.kubernetes.io/name";
  const isTraefik = ({ namespaceSelector, podSelector }: Peer) =>
    namespaceSelector?.matchLabels?.["kubernetes.io/metadata.name"] === NAMESPACE && podSelector?.matchLabels?.[name] === "traefik";
  const policies = environment
    .filter(({ kind }) => kind === "NetworkPolicy")
    .map((object) => ({ policy: nameOf(object), ...(object.spec as Policy) }));
  const asked = policies.flatMap(({ policy, egress = [] }) =>
    egress.filter(({ to = [] }) => to.some(isTraefik)).flatMap((rule) => (rule.ports ?? []).map(({ port }) => ({ policy, port }))),
  );
  return [
    ...(labels[name] === "traefik" ? [] : [`the pods are labelled ${name}: ${labels[name]}; policies and Prometheus look for traefik`]),
    ...(ports.some((one) => one.name === "metrics") ? [] : ["no port of the pods is named metrics: Prometheus finds none to scrape"]),
    ...asked
      .filter(({ port }) => !ports.some(({ containerPort }) => containerPort === port))
      .map(({ policy, port }) => `${policy} opens port ${port} of Traefik, which no container has`),
  ];
}
