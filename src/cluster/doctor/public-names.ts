import { Resolver } from "node:dns/promises";
import { isIPv4 } from "node:net";
import { isReserved } from "../../config/ranges.ts";
import type { Config } from "../../config/resolve.ts";
import { hostsOf } from "../../config/tls.ts";
import type { KubeObject } from "../objects/kube-object.ts";
import { nodeAddresses } from "../objects/node-addresses.ts";
import type { Connection } from "../transport/connection.ts";
import { handshake } from "../transport/ingress-client.ts";

/** A name for which a certificate is ordered, as public DNS and its server show it. */
export interface PublicName {
  readonly host: string;
  readonly ipv4: readonly string[];
  readonly ipv6: readonly string[];
  /** Why no DNS server answered, as an error code. */
  readonly failure?: string;
  /** Organization that issued the certificate shown at port 443; undefined where none was looked for, or none is shown. */
  readonly issuedBy?: string;
}

/** What decides whether Let's Encrypt will issue a certificate. */
export interface PublicFacts {
  readonly names: readonly PublicName[];
  /** Public IPv4 addresses by which the kubeconfig and the nodes know the machine; none where they know private ones only. */
  readonly machine: readonly string[];
}

/** Time for an answer of a DNS server, ms, and attempts for each server. */
const DNS = { timeout: 3000, tries: 2 };

/** Codes with which a DNS server says that there is no such record. */
const NO_RECORD = new Set(["ENOTFOUND", "ENODATA"]);

/**
 * The addresses of a name by DNS alone: Let's Encrypt does not read this machine's hosts file.
 *
 * @param servers addresses of DNS servers. @default the system's
 */
export async function lookUp(host: string, servers: readonly string[] = []): Promise<PublicName> {
  if (isIPv4(host)) return { host, ipv4: [host], ipv6: [] };
  const resolver = new Resolver(DNS);
  if (servers.length > 0) resolver.setServers(servers);
  let failure: string | undefined;
  const records = (asked: Promise<string[]>) =>
    asked.catch(({ code }: NodeJS.ErrnoException) => {
      if (!NO_RECORD.has(code ?? "")) failure = code;
      return [];
    });
  const [ipv4, ipv6] = await Promise.all([records(resolver.resolve4(host)), records(resolver.resolve6(host))]);
  return { host, ipv4, ipv6, ...(failure !== undefined && ipv4.length === 0 && { failure }) };
}

/** The organization that issued the certificate at port 443 of a name. */
async function issuerOf({ host, ipv4 }: PublicName): Promise<string | undefined> {
  const [address] = ipv4;
  if (!address) return undefined;
  const shown = await handshake({ address, host, httpPort: 80, httpsPort: 443 }, "TLSv1.2", "TLSv1.3");
  return "refused" in shown ? undefined : shown.organization;
}

/** The public IPv4 addresses of the machine. @param host its name or address for the commands */
async function machineAddresses(host: string, nodes: readonly KubeObject[]): Promise<string[]> {
  const { ipv4 } = await lookUp(host);
  const all = [...ipv4, ...nodes.flatMap((node) => nodeAddresses(node, "ExternalIP"))];
  return [...new Set(all)].filter((address) => isIPv4(address) && !isReserved(address));
}

/** Reads what Let's Encrypt and visitors will see; undefined where no certificate is ordered, and no server is reached by ssh. */
export async function publicFacts(
  { server, ingress: machineHost }: Pick<Connection, "server" | "ingress">,
  config: Config,
  nodes: readonly KubeObject[],
): Promise<PublicFacts | undefined> {
  const { letsEncrypt } = config.ingress.tls;
  if (!letsEncrypt && !machineHost) return undefined;
  const hosts = hostsOf(config).filter((host) => host !== "localhost");
  const read = async (host: string): Promise<PublicName> => {
    const found = await lookUp(host);
    return !letsEncrypt || letsEncrypt.staging ? found : { ...found, issuedBy: await issuerOf(found) };
  };
  const [names, machine] = await Promise.all([
    Promise.all(hosts.map(read)),
    machineAddresses(machineHost ?? new URL(server).hostname, nodes),
  ]);
  return { names, machine };
}
