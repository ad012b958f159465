import type { Ec2 } from "../config/ec2.ts";
import type { Instance } from "../config/machines.ts";
import { ROOT_GIB } from "./template.ts";

/** Hours of an average month: 8760 / 12. */
const HOURS = 730;

/**
 * On-demand prices of Linux in us-east-1, USD an hour, as aws/karpenter-provider-aws has them from AWS' price list
 * (pkg/providers/pricing/zz_generated.pricing_aws.go, generated on 2026-01-19).
 */
export const HOURLY: Readonly<Record<Instance, number>> = {
  "t2.micro": 0.0116,
  "t3.micro": 0.0104,
  "t2.small": 0.023,
  "t3.small": 0.0208,
  "t3a.small": 0.0188,
  "t4g.small": 0.0168,
  "t2.medium": 0.0464,
  "t3.medium": 0.0416,
  "t4g.medium": 0.0336,
};

/** When the prices were looked up. Other regions cost up to twice as much (São Paulo). */
export const PRICES_OF = "2026-01-19";

/** A public IPv4 address, in use or not, USD an hour: since 2024-02-01, in every region (AWS' announcement of 2023-07-28). */
const ADDRESS = 0.005;
/** gp3, USD a GiB and month in us-east-1 (aws.amazon.com/ebs/pricing). */
const GP3 = 0.08;
/** Snapshots, USD a GiB of used blocks and month in us-east-1 (aws.amazon.com/ebs/pricing). */
const SNAPSHOT = 0.05;
/** An alarm, USD a month; the first ten of an account are free (aws.amazon.com/cloudwatch/pricing). */
const ALARM = 0.1;
/** Surplus CPU credits of t2, t3 and t3a (t4g: 0.04), USD a vCPU hour (aws.amazon.com/ec2/pricing/on-demand). */
const SURPLUS = 0.05;

export type CostName = "instance" | "address" | "root" | "data" | "snapshots" | "alarms";

/** One line of the table, USD a month. */
export interface Cost {
  readonly name: CostName;
  /** While the machine runs. */
  readonly running: number;
  /** While it is stopped. */
  readonly stopped: number;
  /** After `down`, which keeps the data. */
  readonly down: number;
}

/**
 * What an environment's machine costs a month, about. Traffic is not in it: 100 GB a month out to the internet are free, and each
 * further one costs 0.09 (aws.amazon.com/ec2/pricing/on-demand).
 *
 * @param dataGiB size of the data volume
 */
export function monthlyCosts(instance: Instance, { elasticIp, snapshots }: Ec2, dataGiB: number): Cost[] {
  const data = dataGiB * GP3;
  // Snapshots hold used blocks once and then what changed; as an upper bound the whole volume once.
  const kept = dataGiB * SNAPSHOT;
  return [
    { name: "instance", running: HOURLY[instance] * HOURS, stopped: 0, down: 0 },
    { name: "address", running: ADDRESS * HOURS, stopped: elasticIp ? ADDRESS * HOURS : 0, down: 0 },
    { name: "root", running: ROOT_GIB * GP3, stopped: ROOT_GIB * GP3, down: 0 },
    { name: "data", running: data, stopped: data, down: data },
    { name: "snapshots", running: snapshots > 0 ? kept : 0, stopped: snapshots > 0 ? kept : 0, down: kept },
    { name: "alarms", running: 2 * ALARM, stopped: 2 * ALARM, down: 0 },
  ];
}

/** The most that `cpuCredits: unlimited` can add, USD a month: every vCPU busy all the time, less the baseline of 20 %. */
export const surplusAtMost = (vcpus: number): number => vcpus * 0.8 * HOURS * SURPLUS;

/** What a volume, or a snapshot of it, of this size costs a month, USD. */
export const volumeCost = (gib: number): number => gib * GP3;
export const snapshotCost = (gib: number): number => gib * SNAPSHOT;
