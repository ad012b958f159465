import { BlockList, isIP } from "node:net";
import { ClusterError } from "../cluster/cluster-error.ts";
import { ec2 as say } from "../messages/ec2.ts";

/** How many computers or networks may administer the machine at a time: each has its own rules in the security group, which holds 60. */
export const OWNER_SLOTS = 4;

/** Name of a stack parameter of an owner. @param slot from 1 */
export const ownerParameter = (slot: number, what: "Name" | "Ipv4" | "Ipv6"): string => `Owner${slot}${what}`;

/** A computer or network that may administer the machine. Ranges are empty where it has none. */
export interface Owner {
  readonly name: string;
  readonly ipv4: string;
  readonly ipv6: string;
}

/** Addresses that no packet from the internet carries, as RFC 6890 lists them, with carrier-grade NAT's. */
const PRIVATE = new BlockList();
for (const [network, bits] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
  ["224.0.0.0", 3],
] as const)
  PRIVATE.addSubnet(network, bits, "ipv4");

/** The IPv6 addresses that are routed in the internet. */
const GLOBAL6 = new BlockList();
GLOBAL6.addSubnet("2000::", 3, "ipv6");

/** The widest range that is accepted, bits: a wider one opens the machine to whole countries. */
const WIDEST = { 4: 16, 6: 32 } as const;

/** The network of an IPv4 address: EC2 wants the host's bits to be zero. */
function network4(address: string, bits: number): string {
  const number = address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
  const first = Math.floor(number / 2 ** (32 - bits)) * 2 ** (32 - bits);
  return [24, 16, 8, 0].map((shift) => Math.floor(first / 2 ** shift) % 256).join(".");
}

/** The eight groups of an IPv6 address. */
function groups6(address: string): number[] {
  const [head = "", tail] = address.split("::");
  const parse = (part: string) => (part ? part.split(":").map((group) => Number.parseInt(group, 16)) : []);
  const [before, after] = [parse(head), parse(tail ?? "")];
  const zeros = tail === undefined ? 0 : 8 - before.length - after.length;
  return [...before, ...Array<number>(zeros).fill(0), ...after];
}

function network6(address: string, bits: number): string {
  const groups = groups6(address).map((group, index) => {
    const kept = Math.min(16, Math.max(0, bits - 16 * index));
    return Math.floor(group / 2 ** (16 - kept)) * 2 ** (16 - kept);
  });
  return new URL(`http://[${groups.map((group) => group.toString(16)).join(":")}]/`).hostname.slice(1, -1);
}

/**
 * An address or a range of the internet, as EC2 takes it: `203.0.113.7` becomes `203.0.113.7/32`.
 *
 * @param bits6 size of the network that an IPv6 address without one stands for
 * @throws ClusterError for a private address, a range that is too wide, or none at all
 */
export function publicRange(text: string, bits6 = 128): { readonly family: 4 | 6; readonly range: string } {
  const [, address = "", given] = /^([^/\s]+)(?:\/(\d{1,3}))?$/.exec(text.trim()) ?? [];
  const family = isIP(address);
  if ((family !== 4 && family !== 6) || address.includes("%") || (family === 6 && address.includes(".")))
    throw new ClusterError(say.noAddress(text), say.addressForm);
  const all = family === 4 ? 32 : 128;
  const bits = given === undefined ? (family === 4 ? 32 : bits6) : Number(given);
  if (bits > all) throw new ClusterError(say.noAddress(text), say.addressForm);
  if (family === 4 ? PRIVATE.check(address, "ipv4") : !GLOBAL6.check(address, "ipv6"))
    throw new ClusterError(say.privateAddress(text), say.privateAdvice);
  if (bits < WIDEST[family]) throw new ClusterError(say.tooWide(text, WIDEST[family]), say.addressForm);
  return { family, range: `${family === 4 ? network4(address, bits) : network6(address, bits)}/${bits}` };
}

/** The owner of these ranges. @throws ClusterError for two of one family */
export function ownerOf(name: string, ranges: readonly ReturnType<typeof publicRange>[]): Owner {
  const of = (family: 4 | 6) => {
    const [first, second] = ranges.filter((one) => one.family === family);
    if (second && first?.range !== second.range) throw new ClusterError(say.twoAddresses(first?.range ?? "", second.range), say.useAlso);
    return first?.range ?? "";
  };
  return { name, ipv4: of(4), ipv6: of(6) };
}

/** A computer's name as the description of a rule may hold it: EC2 allows few characters there. */
export const ownerName = (hostname: string): string => hostname.replace(/[^a-zA-Z0-9._:/ -]/g, "-").slice(0, 60) || "computer";

/**
 * The owners after some were added; one of the same name is replaced, so that a computer's old address goes.
 *
 * @throws ClusterError when there are more than fit
 */
export function allow(owners: readonly Owner[], added: readonly Owner[]): Owner[] {
  const kept = owners.map((owner) => added.find(({ name }) => name === owner.name) ?? owner);
  const all = [...kept, ...added.filter(({ name }) => !owners.some((owner) => owner.name === name))];
  if (all.length > OWNER_SLOTS)
    throw new ClusterError(say.tooManyOwners(OWNER_SLOTS, all.map(({ name }) => name).join(", ")), say.forgetOne);
  return all;
}

/** The owners without one. @throws ClusterError when there is none of this name */
export function forget(owners: readonly Owner[], name: string): Owner[] {
  if (!owners.some((owner) => owner.name === name)) throw new ClusterError(say.noOwner(name, owners.map((owner) => owner.name).join(", ")));
  return owners.filter((owner) => owner.name !== name);
}

/**
 * The stack parameters of the owners; those that are left are empty. EC2 refuses two rules of one range, as two computers behind one
 * router have it: the first of them has the rule for both.
 */
export function ownerParameters(owners: readonly Owner[]): Record<string, string> {
  const first = (family: "ipv4" | "ipv6", owner: Owner | undefined): string => {
    const range = owner?.[family] ?? "";
    return owners.find((one) => one[family] === range) === owner ? range : "";
  };
  return Object.fromEntries(
    Array.from({ length: OWNER_SLOTS }, (_, index) => [index + 1, owners[index]] as const).flatMap(([slot, owner]) => [
      [ownerParameter(slot, "Name"), owner?.name ?? ""],
      [ownerParameter(slot, "Ipv4"), first("ipv4", owner)],
      [ownerParameter(slot, "Ipv6"), first("ipv6", owner)],
    ]),
  );
}

/** The owners, from the stack's parameters. */
export function ownersIn(parameters: Readonly<Record<string, string>>): Owner[] {
  return Array.from({ length: OWNER_SLOTS }, (_, index) => index + 1)
    .map((slot) => ({
      name: parameters[ownerParameter(slot, "Name")] ?? "",
      ipv4: parameters[ownerParameter(slot, "Ipv4")] ?? "",
      ipv6: parameters[ownerParameter(slot, "Ipv6")] ?? "",
    }))
    .filter(({ name, ipv4, ipv6 }) => name || ipv4 || ipv6);
}
