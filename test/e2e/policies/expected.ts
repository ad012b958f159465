import { type Addresses, type Block, nodeBlocks, outsideBlocks, publicBlocks, rangeBlock } from "../../../src/addresses.ts";
import { contains } from "../../../src/config/ranges.ts";
import { type Flow, isRange, placeOf } from "../../../src/network.ts";

/** A pod with an address of its own. */
export interface PodAt {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly address: string;
  /** TCP ports that its containers declare. */
  readonly declared: readonly number[];
}

export type Protocol = "tcp" | "udp";

/** Where a connection arrives, after kube-proxy has replaced a Service's address or a node port. */
export interface Endpoint {
  readonly address: string;
  readonly port: number;
  readonly pod?: PodAt;
}

/** What a connection is opened to. */
export interface Target {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly protocol: Protocol;
  /** One of them answers. */
  readonly endpoints: readonly Endpoint[];
}

/** The table of flows, with what its names mean in a cluster. */
export interface Table {
  readonly flows: readonly Flow[];
  readonly addresses: Addresses;
  readonly namespace: string;
  /** Namespaces of the user's applications. */
  readonly applicationNamespaces: readonly string[];
  /** Where Traefik's pods are. */
  readonly traefikNamespace: string;
}

const DNS_PORT = 53;
const NAME_LABEL = "app.kubernetes.io/name";

/** The labels of pods that are not called by their component. */
const selectors = ({ flows }: Pick<Table, "flows">) => new Map(flows.flatMap(({ to, toLabels }) => (toLabels ? [[to, toLabels]] : [])));

/** The namespaces in which the table's policies deny by default. */
export const namespacesOf = ({ namespace, applicationNamespaces }: Omit<Table, "flows">): string[] => [
  namespace,
  `${namespace}-host`,
  ...applicationNamespaces,
];

/** Whether the table's policies select a pod. */
export const isOurs = (table: Table, pod: PodAt) => namespacesOf(table).includes(pod.namespace);

/** Whether a name of the table means this pod. */
function isComponent(table: Table, name: string, pod: PodAt): boolean {
  if (name === "dns") return pod.namespace === "kube-system" && pod.labels["k8s-app"] === "kube-dns";
  const place = placeOf(name, name === "traefik" ? table.traefikNamespace : table.namespace);
  const labels = selectors(table).get(name) ?? { [NAME_LABEL]: place.name };
  return pod.namespace === place.namespace && Object.entries(labels).every(([label, value]) => pod.labels[label] === value);
}

const within = (blocks: readonly Block[], address: string) =>
  blocks.some(({ cidr, except }) => contains(cidr, address) && !except.some((range) => contains(range, address)));

/** Whether a name of the table means this end of a connection. */
function means(table: Table, name: string, { address, pod }: Omit<Endpoint, "port">): boolean {
  if (isRange(name)) return within([rangeBlock(name, table.addresses)], address);
  switch (name) {
    case "anywhere":
      return true;
    case "public":
      return within([publicBlocks(table.addresses).ipv4], address);
    case "outside":
      return within([outsideBlocks(table.addresses).ipv4], address);
    case "api-server":
    case "nodes":
      return within(nodeBlocks(table.addresses), address);
    default:
      return pod !== undefined && isComponent(table, name, pod);
  }
}

/** Whether a row of the table is about a port: one without ports is about every TCP port. */
const isAbout = ({ ports }: Flow, port: number, protocol: Protocol): boolean =>
  ports.length === 0 ? protocol === "tcp" : ports.includes(port) && (protocol === "tcp" || port === DNS_PORT);

/** Whether the table allows a connection from a pod to where it arrives: the policies at both ends have to. */
function allows(table: Table, source: PodAt, endpoint: Endpoint, protocol: Protocol): boolean {
  const atPort = table.flows.filter((flow) => isAbout(flow, endpoint.port, protocol));
  const mayLeave = !isOurs(table, source) || atPort.some(({ from, to }) => isComponent(table, from, source) && means(table, to, endpoint));
  const { pod } = endpoint;
  const mayEnter =
    pod === undefined ||
    !isOurs(table, pod) ||
    atPort.some(({ from, to }) => isComponent(table, to, pod) && means(table, from, { address: source.address, pod: source }));
  return mayLeave && mayEnter;
}

/** Whether a connection may lead back to the pod that opened it: what policies do to it is left to the engine. */
const leadsBack = (source: PodAt, { endpoints }: Target) => endpoints.some(({ pod }) => pod?.uid === source.uid);

/**
 * Whether a pod's connection to a target has to be open by the table.
 * @returns undefined when it may lead back to the pod itself
 * @throws Error when the table allows some of the target's endpoints only, so that chance would decide
 */
export function expected(table: Table, source: PodAt, target: Target): boolean | undefined {
  if (leadsBack(source, target)) return undefined;
  const each = target.endpoints.map((endpoint) => allows(table, source, endpoint, target.protocol));
  const [first] = each;
  if (first === undefined) throw new Error(`${target.name} has no endpoint`);
  if (each.some((one) => one !== first)) throw new Error(`${target.name}: the table allows ${source.name} some of its endpoints only`);
  return first;
}

/** The components that the table names, of those that have pods in our namespaces: a name, or NAMESPACE/NAME. */
export function components(table: Table): string[] {
  const { flows, traefikNamespace, namespace } = table;
  const elsewhere = [...selectors(table).keys(), ...(traefikNamespace === namespace ? [] : ["traefik"])];
  const places = ["anywhere", "outside", "public", "dns", "api-server", "nodes", ...elsewhere];
  return [...new Set(flows.flatMap(({ from, to }) => [from, to]))].filter((name) => !places.includes(name) && !isRange(name));
}

/** Whether an attempt at a target tries one of the table's rows. @param port one of the row's; undefined: any, of a row without ports */
export function tries(table: Table, { from, to }: Flow, port: number | undefined, source: PodAt, { endpoints }: Target): boolean {
  return (
    means(table, from, { address: source.address, pod: source }) &&
    endpoints.every((end) => (port === undefined || end.port === port) && means(table, to, end))
  );
}
