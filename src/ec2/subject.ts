import { ClusterError } from "../cluster/cluster-error.ts";
import type { Ec2 } from "../config/ec2.ts";
import type { Environment } from "../config/load.ts";
import type { Instance } from "../config/machines.ts";
import { ec2 as say } from "../messages/ec2.ts";
import { printed } from "../printed.ts";
import { type Machine, readMachine } from "./account.ts";
import type { Aws } from "./sdk.ts";
import { readStack, resourceIds, type StackState } from "./stack.ts";

/** An environment's machine on EC2, as its file describes it. */
export interface Subject {
  readonly environment: Environment;
  /** Name of the stack, `cloudnova-<environment>`; also that of the context in a kubeconfig. */
  readonly stack: string;
  readonly instance: Instance;
  readonly ec2: Ec2;
  /** Size of the data volume, GiB: `machine.disk`. */
  readonly dataGiB: number;
  /** Recipients of alarms: those of `alerting.mail`. */
  readonly mail: readonly string[];
}

/** The machine that an environment describes. @throws ClusterError when it describes none */
export function subjectOf(environment: Environment): Subject {
  const { config, name, file } = environment;
  const { instance } = config.machine;
  if (!config.ec2 || !instance) throw new ClusterError(say.noEc2(file), say.noEc2Advice);
  return {
    environment,
    stack: `cloudnova-${name}`,
    instance,
    ec2: config.ec2,
    dataGiB: Math.ceil(config.machine.disk / 1024),
    mail: config.alerting.mail?.to ?? [],
  };
}

/** A stack that exists, and its machine. */
export interface Running {
  readonly stack: StackState;
  readonly machine: Machine;
}

/** That a stack does not exist. */
export const noStack = ({ region }: Aws, name: string): ClusterError =>
  new ClusterError(say.noStack(name, region), say.noStackAdvice(printed("ec2 up")));

/** The machine of a stack; undefined where it has none at the moment. */
export async function machineIn(aws: Aws, stack: StackState): Promise<Machine | undefined> {
  const { Instance: id } = await resourceIds(aws, stack.name);
  return id ? readMachine(aws, id) : undefined;
}

/** The machine of a stack that exists. @throws ClusterError when there is none */
export async function findMachine(aws: Aws, { stack: name }: Subject): Promise<Running> {
  const stack = await readStack(aws, name);
  if (!stack || stack.status === "REVIEW_IN_PROGRESS") throw noStack(aws, name);
  const machine = await machineIn(aws, stack);
  if (!machine) throw new ClusterError(say.noMachine(name, stack.status), say.noMachineAdvice(printed("ec2 up")));
  return { stack, machine };
}
