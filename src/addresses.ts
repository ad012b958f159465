import { contains, PRIVATE_RANGES } from "./config/ranges.ts";
import type { Config } from "./config/resolve.ts";

/** What policies allow by address: a range, and ranges in it that are not meant. */
export interface Block {
  readonly cidr: string;
  readonly except: readonly string[];
}

/** Where clouds give a machine its credentials: all link-local addresses for IPv4 (169.254.169.254 and its siblings), EC2's for IPv6. */
export const CLOUD_METADATA = { ipv4: "169.254.0.0/16", ipv6: "fd00:ec2::254/128" };

/** A cluster's addresses, as ranges. */
export interface Addresses {
  readonly nodes: readonly string[];
  readonly pods: readonly string[];
  readonly services: readonly string[];
  /** Whether policies may judge a connection by its Service's address. @default false */
  readonly seesServices?: boolean;
}

/** The addresses of an environment's cluster. */
export const addressesOf = ({ machine, network, facts }: Config): Addresses => ({
  nodes: machine.addresses,
  ...network,
  seesServices: facts.seesServices,
});

const without = (cidr: string, ...ranges: readonly string[]): Block => ({ cidr, except: ranges.filter((range) => contains(cidr, range)) });

/**
 * The nodes and the API server, which has a node's address: never a pod's nor a Service's. A policy for pods selects them by labels, and a
 * Service's address is replaced by an endpoint's before a policy sees it.
 */
export const nodeBlocks = ({ nodes, pods, services }: Addresses): Block[] =>
  nodes.map((cidr) => without(cidr, ...pods, ...services, CLOUD_METADATA.ipv4));

/** Where pods ask for the API server: at a node's address, and where policies see it also at a Service's. */
export const apiBlocks = (addresses: Addresses): Block[] => [
  ...nodeBlocks(addresses),
  ...(addresses.seesServices ? addresses.services.map((cidr) => without(cidr)) : []),
];

/**
 * Everything but the cluster and the cloud's metadata. Of the nodes' addresses those that stand alone (/32) are left out: a wider range of
 * nodes also holds other machines of the network, such as a mail server.
 */
export const outsideBlocks = ({ nodes, pods, services }: Addresses): { readonly ipv4: Block; readonly ipv6: Block } => ({
  ipv4: without("0.0.0.0/0", CLOUD_METADATA.ipv4, ...pods, ...services, ...nodes.filter((range) => range.endsWith("/32"))),
  ipv6: { cidr: "::/0", except: [CLOUD_METADATA.ipv6] },
});

/** Addresses of private networks; for IPv6 those of RFC 4193 and link-local ones. */
const PRIVATE = { ipv4: [...PRIVATE_RANGES], ipv6: ["fc00::/7", "fe80::/10"] };

/** Every public address: `outsideBlocks` without private networks. */
export function publicBlocks(addresses: Addresses): { readonly ipv4: Block; readonly ipv6: Block } {
  const { ipv4, ipv6 } = outsideBlocks(addresses);
  const others = ipv4.except.filter((range) => !PRIVATE.ipv4.some((one) => contains(one, range)));
  // EC2's metadata address, fd00:ec2::254, is a private one.
  return { ipv4: { ...ipv4, except: [...others, ...PRIVATE.ipv4] }, ipv6: { ...ipv6, except: PRIVATE.ipv6 } };
}

/** A range that an environment names, without what of the cluster's and of link-local addresses lies in it. */
export const rangeBlock = (cidr: string, { pods, services }: Addresses): Block => without(cidr, ...pods, ...services, CLOUD_METADATA.ipv4);
