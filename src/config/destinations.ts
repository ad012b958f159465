import { isIPv4 } from "node:net";
import { type Addresses, type Block, publicBlocks, rangeBlock } from "../addresses.ts";
import { placeholdersIn } from "./placeholders.ts";
import { contains } from "./ranges.ts";
import type { Application } from "./resolve-applications.ts";

/** A host outside of the application that one of its variables names. */
export interface Destination {
  readonly variable: string;
  readonly host: string;
  readonly port?: number;
}

/** A URL's host and port. */
const URL = /^[a-z][\w+.-]*:\/\/(?:[^@/\s]*@)?([A-Za-z0-9._-]+)(?::(\d+))?(?=[/?#]|$)/i;
const HOST_NAME = /^(.*?)_?(HOST(?:NAME)?|SERVER|ADDR(?:ESS)?|ENDPOINT)$/i;
const HOST = /^([A-Za-z0-9][A-Za-z0-9._-]*)(?::(\d+))?$/;
/** The container itself, or every address of it. */
const OWN = /^(localhost|127(\.\d+){3}|0\.0\.0\.0)$/i;
/** A version, a number or a word is no host: a name of the Internet or the cluster has a dot and ends in a letter. */
const isHost = (text: string): boolean => isIPv4(text) || (/\.[a-z][a-z0-9-]*$/i.test(text) && !OWN.test(text));

const portOf = (text: string | undefined): Pick<Destination, "port"> => (text === undefined ? {} : { port: Number(text) });

/** The hosts that URLs and variables such as SMTP_HOST, REDIS_SERVER name; not those of its own database, nor the container itself. */
export function destinationsOf({ env }: Pick<Application, "env">): Destination[] {
  return Object.entries(env).flatMap(([variable, value]): Destination[] => {
    if (placeholdersIn(value).length > 0) return [];
    const [, inUrl, urlPort] = URL.exec(value) ?? [];
    const [, prefix] = HOST_NAME.exec(variable) ?? [];
    const [, host, port = env[`${prefix}_PORT`]] = prefix === undefined ? [] : (HOST.exec(value) ?? []);
    const found = inUrl === undefined ? { host, port } : { host: inUrl, port: urlPort };
    const isOutside = found.host !== undefined && isHost(found.host) && !OWN.test(found.host);
    return isOutside ? [{ variable, host: found.host ?? "", ...portOf(found.port) }] : [];
  });
}

/** Whether a name is one of the cluster's own, which only its DNS knows. */
export const isInCluster = (host: string): boolean => /\.(svc|cluster\.local|svc\.cluster)$|\.svc\./.test(host);

/** Whether an IPv4 address belongs to a pod or a Service: no key of an application opens it. */
export const isPodOrService = (address: string, { pods, services }: Addresses): boolean =>
  [...pods, ...services].some((range) => contains(range, address));

const isWithin = ({ cidr, except }: Block, address: string): boolean =>
  contains(cidr, address) && !except.some((range) => contains(range, address));

/** Whether an application's `outgoing` lets it connect to an IPv4 address. */
export function mayReach({ outgoing }: Pick<Application, "outgoing">, address: string, addresses: Addresses): boolean {
  if (outgoing === "none") return false;
  const blocks = outgoing === "public" ? [publicBlocks(addresses).ipv4] : outgoing.map((range) => rangeBlock(range, addresses));
  return blocks.some((block) => isWithin(block, address));
}
