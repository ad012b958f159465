import { BlockList } from "node:net";

const split = (range: string): [address: string, bits: number] => {
  const [address = "", bits = "32"] = range.split("/");
  return [address, Number(bits)];
};

/** Whether an IPv4 range, such as 10.0.0.0/8, contains a whole other one, or an address. */
export function contains(range: string, other: string): boolean {
  const [address, bits] = split(range);
  const [inner, innerBits] = split(other);
  const list = new BlockList();
  list.addSubnet(address, bits);
  return bits <= innerBits && list.check(inner);
}

/** Addresses of private networks: RFC 1918, and RFC 6598 (shared address space of providers, also called CGNAT). */
export const PRIVATE_RANGES = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"] as const;

/** Other IPv4 ranges that no host on the Internet has (RFC 6890): this network, loopback, link-local, benchmarks, multicast and above. */
const SPECIAL_RANGES = ["0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "192.0.0.0/24", "198.18.0.0/15", "224.0.0.0/3"] as const;

/** Whether an IPv4 address is none of a host on the Internet. */
export const isReserved = (address: string): boolean => [...PRIVATE_RANGES, ...SPECIAL_RANGES].some((range) => contains(range, address));
