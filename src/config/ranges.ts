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
