import type { KubeObject } from "../cluster/objects/kube-object.ts";
import { RELEASE_MANAGER } from "../cluster/objects/managers.ts";
import { SAMPLE_PRIORITY, traefikService } from "../traefik.ts";
import { toYaml } from "../yaml.ts";

/**
 * What a release puts beside an application that runs. Nothing that git or an apply owns is changed: the pods of the new version are a
 * Deployment of their own, two Services tell the versions apart, an Ingress makes Traefik know both, and a file of Traefik's file provider
 * leads the application's requests to them by weight (docs/decisions/0023).
 */

/** The label of the new version's pods, beside those by which network policies, Prometheus and the disruption budget know the application's. */
export const TRACK = "cloudnova.dev/track";
const CANARY = { [TRACK]: "canary" };
/** What tells the pods of one version of a Deployment from those of another; Kubernetes sets it. */
const HASH = "pod-template-hash";
/** Not CloudNova's own value: `apply`, `down` and `verify` take what has that for theirs. */
const OWN = { "app.kubernetes.io/managed-by": RELEASE_MANAGER };
/** A domain that never resolves (RFC 6761), for routes that no visitor can reach. */
const NOWHERE = "release.invalid";

/** The file's key in the ConfigMap of Traefik's file provider. */
export const FILE_KEY = "cloudnova-release.yaml";
/** The header of an answer that shows that Traefik has read the file. */
export const READ_HEADER = "x-cloudnova-release";

/** An application that can be released: its objects, as the manifests have them. */
export interface Released {
  readonly name: string;
  readonly namespace: string;
  readonly deployment: KubeObject;
}

export const canaryName = ({ name }: Pick<Released, "name">): string => `${name}-canary`;
export const stableName = ({ name }: Pick<Released, "name">): string => `${name}-stable`;

const ROUTER = "traefik.ingress.kubernetes.io/router.";
const SERVICE = "traefik.ingress.kubernetes.io/service.";
const isEntrance = ({ kind, metadata }: KubeObject): boolean =>
  kind === "Ingress" && metadata.annotations?.[`${ROUTER}entrypoints`] === "websecure";

interface Path {
  readonly path: string;
  readonly pathType: string;
  readonly backend: { readonly service: { readonly name: string } };
}
/** The one path of an application's Ingress. */
function routeOf({ spec }: KubeObject): { readonly host?: string; readonly path: string; readonly service: string } | undefined {
  const [rule] = (spec.rules ?? []) as { host?: string; http?: { paths: Path[] } }[];
  const [path] = rule?.http?.paths ?? [];
  return path && { ...(rule?.host !== undefined && { host: rule.host }), path: path.path, service: path.backend.service.name };
}

/** The applications of an environment that answer requests: those whose Deployment has the name of an Ingress' Service. */
export function releasable(objects: readonly KubeObject[]): Released[] {
  return objects.filter(isEntrance).flatMap((ingress) => {
    const { namespace = "" } = ingress.metadata;
    const name = routeOf(ingress)?.service;
    const deployment = objects.find(
      ({ kind, metadata }) => kind === "Deployment" && metadata.namespace === namespace && metadata.name === name,
    );
    return name && deployment ? [{ name, namespace, deployment }] : [];
  });
}

const metadata = ({ namespace, deployment }: Released, name: string) => ({
  name,
  namespace,
  labels: { ...deployment.metadata.labels, ...OWN },
});

/** One pod of the new version. It has the application's labels too, so that whatever holds for its pods holds for this one. */
export function canaryDeployment(released: Released): KubeObject {
  const { apiVersion, kind, spec } = released.deployment;
  const { template, selector } = spec;
  return {
    apiVersion,
    kind,
    metadata: metadata(released, canaryName(released)),
    spec: {
      ...spec,
      replicas: 1,
      selector: { matchLabels: { ...selector.matchLabels, ...CANARY } },
      template: { ...template, metadata: { ...template.metadata, labels: { ...template.metadata.labels, ...OWN, ...CANARY } } },
    },
  };
}

/** What selects the pods of a version. @param hash of the stable version's pods */
export const selectorOf = ({ deployment }: Released, version: "canary" | "stable", hash: string): Record<string, string> => ({
  ...deployment.spec.selector.matchLabels,
  ...(version === "canary" ? CANARY : { [HASH]: hash }),
});

/** The hash that the pods of the stable version have; undefined when there is more than one version, or none. */
export function stableHash(pods: readonly KubeObject[]): string | undefined {
  const own = pods.filter(({ metadata: { labels, deletionTimestamp } }) => labels?.[TRACK] === undefined && !deletionTimestamp);
  const hashes = new Set(own.map(({ metadata: { labels } }) => labels?.[HASH]));
  return hashes.size === 1 ? [...hashes][0] : undefined;
}

/**
 * The Services of both versions; at first both lead to the stable one, so that no weight leads nowhere.
 *
 * @param service the application's own, with Traefik's settings of it
 */
export const servicesOf = (released: Released, service: KubeObject, hash: string): KubeObject[] =>
  [stableName(released), canaryName(released)].map((name) => ({
    apiVersion: "v1",
    kind: "Service",
    metadata: {
      ...metadata(released, name),
      annotations: Object.fromEntries(Object.entries(service.metadata.annotations ?? {}).filter(([key]) => key.startsWith(SERVICE))),
    },
    spec: { ports: service.spec.ports, selector: selectorOf(released, "stable", hash) },
  }));

/** An Ingress that nobody's name leads to: Traefik knows the Services that an Ingress names, and no others. */
export function releaseIngress(released: Released): KubeObject {
  const path = (name: string) => ({ path: `/${name}`, pathType: "Prefix", backend: { service: { name, port: { number: 80 } } } });
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "Ingress",
    metadata: {
      ...metadata(released, `${released.name}-release`),
      annotations: { [`${ROUTER}entrypoints`]: "websecure", [`${ROUTER}tls`]: "true" },
    },
    spec: {
      ingressClassName: "traefik",
      rules: [{ host: `services.${NOWHERE}`, http: { paths: [path(stableName(released)), path(canaryName(released))] } }],
    },
  };
}

/** The name to ask for to learn whether Traefik has read the file. */
export const readHost = (id: string): string => `${id}.${NOWHERE}`;

/** The name of the router and of the weighted service. */
export const weightedName = ({ name }: Pick<Released, "name">): string => `cloudnova-release-${name}`;

const ruleOf = (host: string | undefined, path: string): string =>
  [...(host === undefined ? [] : [`Host(\`${host}\`)`]), `PathPrefix(\`${path}\`)`].join(" && ");

/**
 * How much stronger than the Ingress' own a route of the release is: also stronger than the sample's route for what changes something.
 * So the new version gets its share of every method; slow bodies are not kept back meanwhile.
 */
const STRONGER = SAMPLE_PRIORITY.bodies - SAMPLE_PRIORITY.pages + 1;

/** Above every priority that an application's router may have: nothing else has that name. */
const ABOVE_ALL = 1_000_000;

/**
 * The file: the application's own route once more, stronger than that, to both versions by weight; and a route by which its reading is seen.
 *
 * @param ingresses those of the cluster now: Traefik, which runs already, knows their middlewares
 * @param weight the canary's share, in %
 * @param id of this release: an answer that names it came by this file
 */
export function trafficFile(
  released: Released,
  ingresses: readonly KubeObject[],
  { weight, id, sticky }: { readonly weight: number; readonly id: string; readonly sticky: boolean },
): string {
  const { name, namespace } = released;
  const entrances = ingresses.filter(isEntrance);
  const own = entrances.find((one) => one.metadata.namespace === namespace && routeOf(one)?.service === name);
  const route = own && routeOf(own);
  if (!route) throw new Error(`no Ingress leads to ${name}`);
  const annotation = (key: string) => own.metadata.annotations?.[`${ROUTER}${key}`];
  const rule = ruleOf(route.host, route.path);
  const others = entrances
    .flatMap((one) => routeOf(one) ?? [])
    .filter(({ host, path }) => host === route.host && path !== route.path && path.startsWith(route.path));
  // Being stronger, it might be as strong as the route of a longer path.
  const without = others.map(({ path }) => ` && !PathPrefix(\`${path}\`)`).join("");
  const middlewares = annotation("middlewares")?.split(",") ?? [];
  const service = weightedName(released);
  const common = { entryPoints: ["websecure"], tls: {}, service };
  const versions = [
    { name: traefikService(namespace, stableName(released)), weight: 100 - weight },
    { name: traefikService(namespace, canaryName(released)), weight },
  ];
  return toYaml({
    http: {
      routers: {
        [service]: {
          ...common,
          rule: `${rule}${without}`,
          priority: Number(annotation("priority") ?? rule.length) + STRONGER,
          middlewares,
        },
        [`${service}-read`]: {
          ...common,
          rule: `Host(\`${readHost(id)}\`)`,
          priority: ABOVE_ALL,
          middlewares: [...middlewares, `${service}-read`],
        },
      },
      middlewares: { [`${service}-read`]: { headers: { customResponseHeaders: { [READ_HEADER]: id } } } },
      services: {
        [service]: {
          weighted: {
            services: versions,
            ...(sticky && { sticky: { cookie: { name: service, secure: true, httpOnly: true, sameSite: "lax" } } }),
          },
        },
      },
    },
  });
}

/** Whether Traefik keeps a visitor at one pod of the application: then it keeps it at one version too. */
export const isSticky = ({ metadata: { annotations } }: KubeObject): boolean => annotations?.[`${SERVICE}sticky.cookie`] === "true";
