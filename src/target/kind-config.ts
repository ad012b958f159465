import { readFileSync } from "node:fs";
import { parse, YAMLParseError } from "yaml";
import { ClusterError } from "../cluster/cluster-error.ts";
import type { Config } from "../config/resolve.ts";
import { machine as say } from "../messages/machine.ts";
import type { Surroundings } from "./process.ts";

/** What of an environment decides which ports of this machine lead into the cluster. */
export type Ingress = Pick<Config, "ingress">;

/** The file that a cluster is made from, in the working directory. */
const FILE = "kind.yaml";

interface Mapping {
  readonly containerPort?: number;
  readonly hostPort?: number;
  readonly [key: string]: unknown;
}
interface Node {
  readonly role?: string;
  readonly image?: string;
  readonly extraPortMappings?: readonly Mapping[];
  readonly [key: string]: unknown;
}

/** kind's configuration of a cluster, as far as it is read here; everything else is kept as it is. */
export interface KindConfiguration {
  readonly kind: string;
  readonly apiVersion: string;
  readonly name?: string;
  readonly nodes?: readonly Node[];
  readonly [key: string]: unknown;
}

/** What kind takes for a cluster when no file says anything else. */
const PLAIN: KindConfiguration = { kind: "Cluster", apiVersion: "kind.x-k8s.io/v1alpha4" };

/** Ports of this machine, and the NodePorts that they lead to. */
export const portMappings = ({ ingress: { nodePorts, ports } }: Ingress) => [
  { containerPort: nodePorts.http, hostPort: ports.http, listenAddress: "127.0.0.1" },
  { containerPort: nodePorts.https, hostPort: ports.https, listenAddress: "127.0.0.1" },
];

/** The mappings that kind.yaml is shipped with: an environment with other ports replaces them. */
const SHIPPED: readonly (readonly [containerPort: number, hostPort: number])[] = [
  [30_080, 8080],
  [30_443, 8443],
];

/**
 * A configuration with the name, the environment's ports and the node image set; everything else is kept. A node that names an
 * image of its own keeps that.
 */
export function completed(base: KindConfiguration, name: string, ingress: Ingress, image: string): KindConfiguration {
  const ours = portMappings(ingress);
  const nodes = base.nodes?.length ? base.nodes : [{ role: "control-plane" }];
  const first = nodes.findIndex(isControlPlane);
  const replaced = ({ containerPort, hostPort }: Mapping) =>
    SHIPPED.some(([inside, outside]) => inside === containerPort && outside === hostPort) ||
    ours.some((one) => one.containerPort === containerPort || one.hostPort === hostPort);
  return {
    ...base,
    name,
    nodes: nodes.map((node, index) => ({
      image,
      ...node,
      ...(index === first && { extraPortMappings: [...ours, ...(node.extraPortMappings ?? []).filter((one) => !replaced(one))] }),
    })),
  };
}

/** kind takes a node without a role for a control plane. */
const isControlPlane = ({ role = "control-plane" }: Node): boolean => role === "control-plane";

/**
 * The configuration that the user's file holds: `$CLOUDNOVA_KIND_CONFIG`, else kind.yaml in the working directory, else kind's own.
 *
 * @throws ClusterError when the file cannot be read, is no Cluster of kind's, or has no control plane
 */
export function readKindConfiguration({ env }: Pick<Surroundings, "env">): KindConfiguration {
  const named = env.CLOUDNOVA_KIND_CONFIG;
  const file = named || FILE;
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (!named && code === "ENOENT") return PLAIN;
    throw new ClusterError(say.kindFileUnreadable(file, code), named ? say.kindFileNamed : undefined);
  }
  return checked(file, text);
}

function checked(file: string, text: string): KindConfiguration {
  let found: unknown;
  try {
    found = parse(text);
  } catch (error) {
    throw new ClusterError(
      say.kindFileBroken(file, error instanceof YAMLParseError ? (error.message.split("\n")[0] ?? "") : String(error)),
    );
  }
  if (typeof found !== "object" || found === null || Array.isArray(found))
    throw new ClusterError(say.noKindCluster(file, say.noMapping), say.kindFileShould);
  const { kind, apiVersion, nodes } = found as Partial<KindConfiguration>;
  if (kind !== "Cluster" || !String(apiVersion).startsWith("kind.x-k8s.io/")) {
    throw new ClusterError(say.noKindCluster(file, `kind: ${kind}, apiVersion: ${apiVersion}`), say.kindFileShould);
  }
  const isList =
    nodes === undefined || nodes === null || (Array.isArray(nodes) && nodes.every((one) => typeof one === "object" && one !== null));
  if (!isList) throw new ClusterError(say.nodesNoList(file), say.kindFileShould);
  if (nodes?.length && !nodes.some(isControlPlane)) throw new ClusterError(say.noControlPlane(file), say.addControlPlane);
  return found as KindConfiguration;
}
