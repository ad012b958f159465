import { ec2 as say } from "../messages/ec2.ts";
import { type Machine, readMachine, startMachine, stopMachine } from "./account.ts";
import type { Proposal } from "./proposal.ts";
import type { Aws } from "./sdk.ts";
import { type ChangeSet, execute, propose, readStack, requestDeletion, type StackState, settle } from "./stack.ts";
import { machineIn } from "./subject.ts";
import type { Template } from "./template.ts";

type Report = (text: string) => void;

/** Deletes a stack and waits until it is gone. */
export async function removeStack(aws: Aws, stack: StackState, report: Report): Promise<void> {
  const since = new Date();
  await requestDeletion(aws, stack.name);
  await settle(aws, stack, since, report);
}

/** Executes a change set and waits for it. */
export async function applyChanges(aws: Aws, changeSet: ChangeSet, report: Report): Promise<StackState | undefined> {
  const since = new Date();
  await execute(aws, changeSet);
  const stack = await readStack(aws, changeSet.stack);
  return stack && (await settle(aws, stack, since, report));
}

/** Stops a stack's machine, so that nothing writes to the data volume when it is taken away. */
export async function stopFor(aws: Aws, stack: StackState, report: Report): Promise<void> {
  const machine = await machineIn(aws, stack);
  if (!machine || machine.state === "stopped") return;
  report(say.stopping(machine.id));
  await stopMachine(aws, machine.id);
}

/** Starts a machine that does not run. @returns it as it is then, with its address */
export async function ensureRunning(aws: Aws, machine: Machine, report: Report): Promise<Machine> {
  if (machine.state === "running") return machine;
  report(say.starting(machine.id));
  await startMachine(aws, machine.id);
  return (await readMachine(aws, machine.id)) ?? machine;
}

/** Replaces the machine. The old one goes first: CloudFormation would attach the volume to the new one while the old one holds it. */
export async function replaceMachine(
  aws: Aws,
  existing: StackState,
  { withoutInstance, template, parameters }: Proposal,
  report: Report,
): Promise<StackState | undefined> {
  report(say.replacing);
  await stopFor(aws, existing, report);
  const step = async (next: Template) => {
    const changeSet = await propose(aws, { name: existing.name, exists: true }, next, parameters);
    return changeSet && applyChanges(aws, changeSet, report);
  };
  await step(withoutInstance);
  return step(template);
}
