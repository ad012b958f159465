import { readFileSync } from "node:fs";
import { release } from "node:os";
import { gunzipSync } from "node:zlib";

/** Options of Linux that something which enforces NetworkPolicies needs. */
export const KERNEL_OPTIONS = ["NFT_QUEUE", "NETFILTER_NETLINK_QUEUE", "IP_SET"] as const;
export type KernelOption = (typeof KERNEL_OPTIONS)[number];

/** The options that a kernel's configuration leaves out; an option is on when it is built in or a module. */
export const optionsMissing = (configuration: string): KernelOption[] =>
  KERNEL_OPTIONS.filter((name) => !new RegExp(`^CONFIG_${name}=[ym]$`, "m").test(configuration));

/** Those that this machine's kernel lacks, as far as its configuration can be read. */
export function kernelMissing(): KernelOption[] {
  for (const read of [() => gunzipSync(readFileSync("/proc/config.gz")), () => readFileSync(`/boot/config-${release()}`)]) {
    try {
      return optionsMissing(read().toString());
    } catch {
      // not readable there
    }
  }
  return [];
}
