import { type Budget, budget } from "../budget.ts";
import type { Config } from "../config/resolve.ts";
import type { Client } from "./client.ts";
import { ClusterError } from "./errors.ts";
import type { KubeObject } from "./objects.ts";

/** What a check found. */
export interface Finding {
  readonly check: string;
  readonly state: "ok" | "warning" | "problem";
  /** What was seen, also when all is well. */
  readonly saw: string;
  readonly advice?: string;
}

/** Everything that the checks look at, read once. */
export interface Facts {
  readonly config: Config;
  readonly manifests: readonly KubeObject[];
  /** The server's version, such as v1.34.2. */
  readonly version: string;
  /** How far this machine's clock is ahead of the server's, ms. */
  readonly skewMs?: number;
  readonly nodes: readonly KubeObject[];
  readonly pods: readonly KubeObject[];
  readonly services: readonly KubeObject[];
  readonly storageClasses: readonly KubeObject[];
  readonly ingressClasses: readonly KubeObject[];
  /** API groups that the server has. */
  readonly groups: readonly string[];
  /** What this account may not do of what apply needs. */
  readonly forbidden: readonly string[];
}

type Check = (facts: Facts) => Omit<Finding, "check">;

const ok = (saw: string) => ({ state: "ok" as const, saw });
const warning = (saw: string, advice: string) => ({ state: "warning" as const, saw, advice });
const problem = (saw: string, advice: string) => ({ state: "problem" as const, saw, advice });

/** The oldest Kubernetes with all that the manifests use, and the newest that they were tried on. */
const VERSIONS = { oldest: 27, newest: 36 };
const MOST_SKEW_MS = 60_000;

const version: Check = ({ version: text }) => {
  const minor = Number(/^v1\.(\d+)/.exec(text)?.[1]);
  if (minor >= VERSIONS.oldest && minor <= VERSIONS.newest) return ok(text);
  if (minor > VERSIONS.newest)
    return warning(`${text}: newer than any that this was tried on (1.${VERSIONS.newest})`, "watch the first apply");
  return problem(`${text}: older than 1.${VERSIONS.oldest}`, "update the cluster");
};

const clock: Check = ({ skewMs }) => {
  if (skewMs === undefined) return warning("the server does not tell its time", "compare the clocks yourself");
  const words = `${Math.abs(Math.round(skewMs / 1000))} s between this machine and the cluster`;
  return Math.abs(skewMs) <= MOST_SKEW_MS ? ok(words) : problem(words, "set both by NTP: certificates and tokens are refused otherwise");
};

const rights: Check = ({ forbidden }) =>
  forbidden.length === 0
    ? ok("this account may do all that apply needs")
    : problem(`this account may not ${forbidden.join(", nor ")}`, "use an administrator's account, or have the rights given");

const nodes: Check = ({ nodes: all }) => {
  const told = all.map(({ metadata, status }) => {
    const bad = ((status?.conditions ?? []) as { type: string; status: string }[]).filter(
      (one) => (one.type === "Ready") !== (one.status === "True"),
    );
    const { kernelVersion = "?", osImage = "?", kubeletVersion = "?", architecture = "?" } = status?.nodeInfo ?? {};
    return {
      text: `${metadata.name}: ${osImage}, kernel ${kernelVersion}, ${architecture}, kubelet ${kubeletVersion}`,
      bad: bad.map(({ type, status: s }) => `${metadata.name}: ${type} is ${s}`),
    };
  });
  if (told.length === 0) return problem("no nodes", "add one: there is nothing to run on");
  const bad = told.flatMap((one) => one.bad);
  if (bad.length > 0) return problem(bad.join("; "), "look at it: kubectl describe node");
  return ok(told.map(({ text }) => text).join("; "));
};

/** What the nodes offer to pods, less what others' pods have asked for. Memory in MiB, CPU in millicores. */
export function room({ nodes: all, pods, config }: Pick<Facts, "nodes" | "pods" | "config">): { memory: number; cpu: number } {
  const offered = all.filter(({ spec }) => !spec?.unschedulable).map(({ status }) => status?.allocatable ?? {});
  const total = {
    memory: offered.reduce((sum, one) => sum + mib(one.memory), 0),
    cpu: offered.reduce((sum, one) => sum + milli(one.cpu), 0),
  };
  const ours = new Set([config.namespace, `${config.namespace}-host`]);
  const active = pods.filter(
    ({ metadata, status }) => !ours.has(metadata.namespace ?? "") && !["Succeeded", "Failed"].includes(status?.phase),
  );
  const requests = active.flatMap(({ spec }) =>
    (spec.containers as { resources?: { requests?: Record<string, string> } }[]).map((one) => one.resources?.requests ?? {}),
  );
  return {
    memory: Math.floor(total.memory - requests.reduce((sum, one) => sum + mib(one.memory), 0)),
    cpu: Math.floor(total.cpu - requests.reduce((sum, one) => sum + milli(one.cpu), 0)),
  };
}

const SUFFIXES: Readonly<Record<string, number>> = {
  "": 1,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 1024,
  Mi: 1024 ** 2,
  Gi: 1024 ** 3,
  Ti: 1024 ** 4,
  u: 1e-6,
  n: 1e-9,
};

/** A quantity of the API in its base unit (bytes, cores), in any of the forms that others' manifests have. */
export function amount(text: string | number = 0): number {
  const [, digits = "0", suffix = ""] = /^([\d.]+(?:[eE][-+]?\d+)?)([a-zA-Z]{0,2})$/.exec(String(text)) ?? [];
  return Number(digits) * (SUFFIXES[suffix] ?? Number.NaN);
}
const mib = (text?: string) => amount(text) / 1024 ** 2;
const milli = (text?: string) => amount(text) * 1000;

/** The manifests' own consumption; the machine that they are held against is the real nodes, not the environment's. */
const needs = (manifests: Facts["manifests"]): Budget => budget(manifests, { memory: 0, cpu: 0, disk: 0, system: { memory: 0, cpu: 0 } });

const size: Check = (facts) => {
  if (facts.nodes.length === 0) return problem("no nodes", "add one");
  const { total, transient } = needs(facts.manifests);
  const free = room(facts);
  const [memory, cpu] = [total.memory + transient.memory, total.cpu + transient.cpu];
  const saw = `${memory} MiB and ${cpu} m asked for, with one update under way; ${free.memory} MiB and ${free.cpu} m left for it on ${facts.nodes.length} node(s)`;
  const lack = [
    memory > free.memory ? `${memory - free.memory} MiB of memory` : "",
    cpu > free.cpu ? `${cpu - free.cpu} m of CPU` : "",
  ].filter(Boolean);
  return lack.length === 0
    ? ok(saw)
    : problem(`${saw}: ${lack.join(" and ")} too little`, "use a larger machine, fewer replicas, or smaller resources");
};

const storage: Check = ({ storageClasses, manifests }) => {
  const claims = manifests.filter(({ kind }) => kind === "PersistentVolumeClaim");
  const names = storageClasses.map(({ metadata }) => metadata.name);
  const asked = claims.map(({ spec }) => spec.storageClassName).filter((name) => name !== undefined && !names.includes(name));
  if (asked.length > 0)
    return problem(
      `no storage class ${[...new Set(asked)].join(", ")}; there are: ${names.join(", ") || "none"}`,
      "name one of these in the environment",
    );
  const standard = storageClasses.filter(
    ({ metadata }) => metadata.annotations?.["storageclass.kubernetes.io/is-default-class"] === "true",
  );
  if (claims.every(({ spec }) => spec.storageClassName !== undefined)) return ok("every volume names its storage class");
  const [first, ...others] = standard;
  if (!first)
    return problem(
      `no default storage class; there are: ${names.join(", ") || "none"}`,
      "make one the default, or install local-path-provisioner: volumes stay pending",
    );
  return others.length === 0
    ? ok(`default: ${first.metadata.name} (${first.provisioner})`)
    : warning(`several defaults: ${standard.map(({ metadata }) => metadata.name).join(", ")}`, "leave one: the newest is taken");
};

const controller: Check = ({ config, ingressClasses, groups, manifests }) => {
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

const ports: Check = ({ services, manifests, config }) => {
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

/** The checks, in the order in which they are told. */
const CHECKS: Readonly<Record<string, Check>> = { version, clock, rights, nodes, size, storage, controller, ports };

/** Judges what was read; every check tells what it saw. */
export function examine(facts: Facts): Finding[] {
  return Object.entries(CHECKS).map(([check, judge]) => ({ check, ...judge(facts) }));
}

/** What apply does, as the API names it. */
const NEEDED: readonly (readonly [verb: string, group: string, resource: string])[] = [
  ["patch", "", "namespaces"],
  ["patch", "", "configmaps"],
  ["patch", "apps", "deployments"],
  ["patch", "apps", "statefulsets"],
  ["patch", "batch", "jobs"],
  ["patch", "rbac.authorization.k8s.io", "clusterroles"],
  ["patch", "networking.k8s.io", "ingresses"],
  ["create", "coordination.k8s.io", "leases"],
  ["delete", "", "configmaps"],
  ["list", "", "pods"],
];

/** Reads what the checks look at. @throws ClusterError when the cluster cannot be reached or gives nothing away */
export async function readFacts(client: Client, config: Config, manifests: readonly KubeObject[]): Promise<Facts> {
  const sent = Date.now();
  const answer = await client.send({ path: "/version" });
  const { body, date } = client.expect(answer, "version of the cluster");
  // The header has whole seconds: the middle of that second against the middle of the request.
  const skewMs = date && (sent + Date.now()) / 2 - date.getTime() - 500;
  const list = async (path: string): Promise<KubeObject[]> => {
    const found = await client.send({ path });
    // Without the right to look, the check of rights says so; the others then see nothing.
    return found.status === 403 ? [] : (client.expect(found, `list of ${path.split("/").at(-1)}`).body.items ?? []);
  };
  const [nodeList, pods, services, storageClasses, ingressClasses, groups, forbidden] = await Promise.all([
    list("/api/v1/nodes"),
    list("/api/v1/pods"),
    list("/api/v1/services"),
    list("/apis/storage.k8s.io/v1/storageclasses"),
    list("/apis/networking.k8s.io/v1/ingressclasses"),
    client
      .send({ path: "/apis" })
      .then((one) => (client.expect(one, "list of the APIs").body.groups as { name: string }[]).map(({ name }) => name)),
    missingRights(client, config.namespace),
  ]);
  return {
    config,
    manifests,
    version: body.gitVersion,
    skewMs,
    nodes: nodeList,
    pods,
    services,
    storageClasses,
    ingressClasses,
    groups,
    forbidden,
  };
}

async function missingRights(client: Client, namespace: string): Promise<string[]> {
  const answers = await Promise.all(
    NEEDED.map(async ([verb, group, resource]) => {
      const body = {
        apiVersion: "authorization.k8s.io/v1",
        kind: "SelfSubjectAccessReview",
        spec: { resourceAttributes: { verb, group, resource, namespace } },
      };
      const answer = await client.send({ method: "POST", path: "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", body });
      if (answer.status === 401) client.expect(answer, "rights");
      if (answer.status >= 400)
        throw new ClusterError(`the cluster does not tell this account's rights: ${answer.body?.message ?? answer.status}`);
      return answer.body.status?.allowed ? undefined : `${verb} ${resource}`;
    }),
  );
  return answers.filter((one) => one !== undefined);
}
