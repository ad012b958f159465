import { isIPv4 } from "node:net";
import { addressesOf, type Block, nodeBlocks } from "../../addresses.ts";
import { contains } from "../../config/ranges.ts";
import { doctor as words } from "../../messages/doctor.ts";
import { PORTS } from "../../ports.ts";
import { ok, problem, warning } from "../finding.ts";
import { nodeAddresses } from "../objects/node-addresses.ts";
import type { Check } from "./facts.ts";

/** The /16 that an address lies in: as large as the networks that Docker makes. */
const surrounding = (address: string) => `${address.split(".").slice(0, 2).join(".")}.0.0/16`;
const isRange = (range: string) => isIPv4(range.split("/")[0] ?? "");
const unique = (texts: readonly string[]) => [...new Set(texts)];
const allows = (blocks: readonly Block[], address: string) =>
  blocks.some(({ cidr, except }) => contains(cidr, address) && !except.some((range) => contains(range, address)));

/**
 * Compares the addresses that the NetworkPolicies are made from with the cluster's own: nodes and API server, pods, Services.
 * What differs is proposed as the environment's key.
 */
export const addresses: Check = ({ config, nodes, apiServer, serviceRanges }) => {
  const allowed = addressesOf(config);
  const machines = unique([...nodes.flatMap((node) => nodeAddresses(node, "InternalIP")), ...apiServer.map(({ address }) => address)]);
  const real = {
    machines: machines.filter(isIPv4),
    pods: unique(nodes.flatMap(({ spec }) => (spec?.podCIDRs ?? []) as string[])).filter(isRange),
    services: serviceRanges.filter(isRange),
  };
  const within = (ranges: readonly string[], all: readonly string[]) => all.every((one) => ranges.some((range) => contains(range, one)));
  const key = (name: string, ranges: readonly string[]) => `${name}: [${ranges.join(", ")}]`;
  const { fixedAddress, apiPorts } = config.facts;
  const exact = unique(real.machines.map((address) => (fixedAddress ? `${address}/32` : surrounding(address))));

  const port = apiServer.find((one) => !apiPorts.includes(one.port))?.port;
  if (port !== undefined) return problem(words.apiPort(port, PORTS["api-server"]), words.listenThere(PORTS["api-server"]));
  const others = (["pods", "services"] as const).filter((name) => !within(allowed[name], real[name]));
  const shut = real.machines.filter((address) => !allows(nodeBlocks(allowed), address));
  // A node among the pods' default range is reached as soon as the environment names the cluster's own range.
  const corrected = { ...allowed, ...Object.fromEntries(others.map((name) => [name, real[name]])) };
  const stillShut = shut.some((address) => !allows(nodeBlocks(corrected), address));
  const keys = [...(stillShut ? [key("machine.addresses", exact)] : []), ...others.map((name) => key(`network.${name}`, real[name]))];
  if (shut.length > 0) return problem(words.shutMachines(shut.join(", ")), words.setKeys(keys.join("; ")));
  if (others.length > 0) {
    const saw = others.map((name) => words.otherRange(`network.${name}`, allowed[name].join(", "), real[name].join(", ")));
    return warning(saw.join("; "), words.setKeys(keys.join("; ")));
  }
  const saw = words.machines(real.machines.join(", ") || words.none, allowed.nodes.join(", "));
  const narrower = fixedAddress && exact.length > 0 && allowed.nodes.some((range) => !exact.includes(range));
  return ok(narrower ? `${saw}; ${words.narrower(key("machine.addresses", exact))}` : saw);
};
