import Table from "cli-table3";
import { INSTANCES } from "../config/machines.ts";
import { type Cost, monthlyCosts, PRICES_OF, surplusAtMost } from "../ec2/costs.ts";
import type { Subject } from "../ec2/subject.ts";
import { ec2 as say } from "../messages/ec2.ts";

export const sumOf = (costs: readonly Cost[], key: "running" | "stopped" | "down") => costs.reduce((sum, cost) => sum + cost[key], 0);

export const costsOf = ({ instance, ec2, dataGiB }: Subject): Cost[] => monthlyCosts(instance, ec2, dataGiB);

/** The table of costs, and what is not in it. */
export function costLines(subject: Subject): string[] {
  const costs = costsOf(subject);
  const { region, cpuCredits, laboratory } = subject.ec2;
  const usd = (...values: readonly number[]) => values.map((value) => ({ content: value.toFixed(2), hAlign: "right" as const }));
  const table = new Table({
    head: [...say.costColumns],
    style: { head: [], border: [], compact: true },
  });
  for (const { name, running, stopped, down } of costs) table.push([say.cost[name], ...usd(running, stopped, down)]);
  table.push([say.cost.total, ...usd(sumOf(costs, "running"), sumOf(costs, "stopped"), sumOf(costs, "down"))]);
  return [
    say.costsHead(PRICES_OF),
    table.toString(),
    say.traffic,
    ...(region === "us-east-1" ? [] : [say.otherRegion(region)]),
    ...(cpuCredits === "unlimited" ? [say.surplus(surplusAtMost(INSTANCES[subject.instance].cpu / 1000))] : []),
    ...(laboratory ? [say.laboratoryNote] : []),
  ];
}
