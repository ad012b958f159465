import { setTimeout as sleep } from "node:timers/promises";
import type { Stage } from "../suite/stage.ts";
import type { Fault, Scene } from "./fault.ts";

const CUT_S = 5;

interface Address {
  readonly name: string;
  readonly ip: string;
}

async function addresses(stage: Stage, component: string): Promise<Address[]> {
  const pods = await stage.objects("pods");
  return pods
    .filter(({ metadata }) => metadata.labels?.["app.kubernetes.io/name"] === component)
    .flatMap(({ metadata, status }) => (status?.podIP ? [{ name: metadata.name, ip: status.podIP }] : []));
}

/** Drops every packet between the pods of two components for some seconds, in the network namespace of the first. */
async function cut({ stage }: Scene, from: string, to: string): Promise<void> {
  const [one] = await addresses(stage, from);
  if (!one) throw new Error(`no pod of ${from} has an address`);
  const others = (await addresses(stage, to)).map(({ ip }) => ip).join(" ");
  const rules = (how: string, then: string) =>
    `for ip in ${others}; do nsenter --target $pid --net iptables -w ${how} INPUT -s $ip -j DROP ${then}; nsenter --target $pid --net iptables -w ${how} OUTPUT -d $ip -j DROP ${then}; done`;
  const pid = `pid=$(crictl inspectp --output go-template --template '{{.info.pid}}' $(crictl pods --quiet --state ready --name '^${one.name}$'))`;
  await stage.inNode(`set -e; ${pid}; ${rules("-I", "")}`);
  try {
    await sleep(CUT_S * 1000);
  } finally {
    // The namespace goes with its pod: where that was replaced meanwhile there is no rule left.
    await stage.inNode(`${pid}; ${rules("-D", "2>/dev/null || true")}`);
  }
}

const cutBetween =
  (from: string, to: string): Fault["strike"] =>
  async (scene) => {
    await cut(scene, from, to);
    return undefined;
  };

/** Faults of the network between pods. */
export const NETWORK_FAULTS: readonly Fault[] = [
  {
    name: "the network cut between the application and the database",
    does: `every packet between their pods dropped for ${CUT_S} s`,
    weight: 8,
    short: 1,
    strike: cutBetween("mysql", "webapp"),
  },
  {
    name: "the network cut between Traefik and the application",
    does: `every packet between their pods dropped for ${CUT_S} s`,
    weight: 7,
    strike: cutBetween("traefik", "webapp"),
  },
];
