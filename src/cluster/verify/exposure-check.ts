import { verify as words } from "../../messages/verify.ts";
import { PORTS } from "../../ports.ts";
import { judge, type Verdict, warning } from "../finding.ts";
import type { KubeObject } from "../objects/kube-object.ts";
import { askUnlimited } from "../transport/ingress-client.ts";
import type { Check, Subject } from "./subject.ts";

/** Components that may be reached directly: the ingress itself, and node-exporter, which measures the node from its own network. */
const INGRESS = "traefik";
const ON_THE_NODE = "node-exporter";

/** Paths that the ingress must not serve: metrics, consoles, fault injection, files. */
const PATHS = ["/metrics", "/debug/error", "/dashboard/", "/api/rawdata", "/graph", "/api/v1/query?query=up", "/-/healthy", "/.env"];

interface PodSpec {
  readonly hostNetwork?: boolean;
  readonly containers: readonly { readonly ports?: readonly { readonly hostPort?: number }[] }[];
}

const named = (object: KubeObject, name: string) => object.metadata.labels?.["app.kubernetes.io/name"] === name;

function ofServices(services: readonly KubeObject[]): string[] {
  return services
    .filter((one) => !named(one, INGRESS) && one.metadata.name !== INGRESS)
    .filter(({ spec }) => ["NodePort", "LoadBalancer"].includes(spec.type) || spec.externalIPs?.length > 0)
    .map(({ metadata, spec }) => words.openService(metadata.name, spec.type));
}

function ofPods(pods: readonly KubeObject[]): string[] {
  return pods
    .filter((pod) => !named(pod, INGRESS) && !named(pod, ON_THE_NODE))
    .flatMap(({ metadata, spec }) => {
      const { hostNetwork = false, containers } = spec as PodSpec;
      const taken = containers.flatMap(({ ports = [] }) => ports.flatMap(({ hostPort }) => (hostPort ? [hostPort] : [])));
      return [...(hostNetwork ? [words.onHost(metadata.name)] : []), ...taken.map((port) => words.openPod(metadata.name, port))];
    });
}

/** Whether an answer shows that a path is not served. With fault injection on, the application refuses /debug/* without a token. */
const isClosed = (path: string, status: number, { webapp }: Subject["config"]) =>
  status === 404 || (status === 403 && webapp.faultInjection && path.startsWith("/debug/"));

/** The paths that are answered, in words, and those of which the rate limit hides whether they are. */
async function ofPaths({ ingress, config }: Subject): Promise<{ readonly open: string[]; readonly unknown: string[] }> {
  const open: string[] = [];
  const unknown: string[] = [];
  // What the user's own application answers to them at / is its own affair.
  for (const path of config.sample ? PATHS : []) {
    const { status } = await askUnlimited(ingress, path);
    if (status === 429) unknown.push(path);
    else if (!isClosed(path, status, config)) open.push(words.openPath(path, status));
  }
  return { open, unknown };
}

/** The ports of our containers, except those that the ingress has. */
const portsToTry = ({ httpPort, httpsPort }: Subject["ingress"]) =>
  Object.entries(PORTS).filter(([name, port]) => name !== "kubelet" && port !== httpPort && port !== httpsPort);

async function exposed(subject: Subject): Promise<Verdict> {
  const [services, pods, paths] = await Promise.all([subject.services(), subject.pods(), ofPaths(subject)]);
  const tried = await Promise.all(
    portsToTry(subject.ingress).map(async ([name, port]) => ({ name, port, open: await subject.connects(port) })),
  );
  const open = tried.filter((one) => one.open).map(({ name, port }) => words.openPort(port, name));
  const faults = [...ofServices(services), ...ofPods(pods), ...paths.open, ...open];
  const looked = tried.some((one) => one.open === undefined) ? words.ownMachine : words.triedPorts(tried.length, subject.ingress.address);
  if (faults.length === 0 && paths.unknown.length > 0) return warning(words.limited(paths.unknown.join(", ")), words.askLater);
  return judge(faults.length === 0, `${faults.length > 0 ? faults.join("; ") : words.closed}; ${looked}`, words.close);
}

/** Nothing of ours is reachable that should not be. */
export const exposureChecks: readonly Check[] = [{ name: "exposure", run: exposed }];
