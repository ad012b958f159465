import { ClusterError } from "../../cluster/cluster-error.ts";
import { createSnapshot, dataSnapshots, dataVolumes, deleteSnapshot, deleteVolume, type Machine, stopMachine } from "../../ec2/account.ts";
import { monthlyCosts, snapshotCost, volumeCost } from "../../ec2/costs.ts";
import { ensureRunning, removeStack, stopFor } from "../../ec2/lifecycle.ts";
import { ownersIn } from "../../ec2/owners.ts";
import { readStack, untilIdle } from "../../ec2/stack.ts";
import { findMachine, machineIn, type Subject } from "../../ec2/subject.ts";
import { ec2 as say } from "../../messages/ec2.ts";
import { printed } from "../../printed.ts";
import { ask } from "../confirm.ts";
import { EXIT, type Io, json, line } from "../io.ts";
import { type Ec2Options, type Ec2Session, inEc2, ownerLines } from "./ec2.ts";

const lines = (io: Io, texts: readonly string[]): void => {
  for (const text of texts) line(io.stdout, text);
};

/** What the machine costs a month in its state, USD. */
function costNow({ instance, ec2, dataGiB }: Subject, state: "running" | "stopped"): number {
  return monthlyCosts(instance, ec2, dataGiB).reduce((sum, cost) => sum + cost[state], 0);
}

/** The stack's data in the account. */
async function dataOf({ aws, subject }: Ec2Session) {
  const [volumes, snapshots] = await Promise.all([dataVolumes(aws, subject.stack), dataSnapshots(aws, subject.stack)]);
  return { volumes, snapshots };
}

function machineLines({ subject }: Ec2Session, machine: Machine | undefined): string[] {
  if (!machine) return [];
  return [
    say.machineLine(machine.id, machine.type, machine.state, machine.address),
    ...(machine.type === subject.instance ? [] : [say.otherMachine(machine.type, subject.instance, printed("ec2 plan"))]),
    say.costLine(costNow(subject, machine.state === "running" ? "running" : "stopped")),
  ];
}

/** `cloudnova ec2 status`: stack, machine, who may reach it, and everything that costs money. */
export const ec2StatusCommand = (io: Io, name: string | undefined, options: Ec2Options): Promise<number> =>
  inEc2(io, name, async (session) => {
    const { aws, subject } = session;
    const [stack, { volumes, snapshots }] = await Promise.all([readStack(aws, subject.stack), dataOf(session)]);
    const machine = stack && (await machineIn(aws, stack));
    const owners = ownersIn(stack?.parameters ?? {});
    if (options.output === "json") {
      json(io, { stack: subject.stack, region: aws.region, status: stack?.status, machine, owners, volumes, snapshots });
      return EXIT.ok;
    }
    const [newest] = snapshots;
    const texts = [
      ...(stack ? [say.stackLine(stack.name, stack.status), ...machineLines(session, machine), ...ownerLines(owners)] : []),
      ...volumes.map(({ id, gib, state }) => say.volumeLine(id, gib, state)),
      ...(newest ? [say.snapshotsLine(snapshots.length, newest.at?.toISOString().slice(0, 16).replace("T", " ") ?? "", newest.gib)] : []),
    ];
    lines(io, texts.length > 0 ? texts : [say.nothingLeft(subject.stack, aws.region)]);
    return EXIT.ok;
  });

/** `cloudnova ec2 stop`: the machine rests; its disks stay. */
export const ec2StopCommand = (io: Io, name: string | undefined, options: Ec2Options): Promise<number> =>
  inEc2(io, name, async ({ aws, subject, report }) => {
    const { machine } = await findMachine(aws, subject);
    const was = machine.state === "stopped";
    if (!was) {
      report(say.stopping(machine.id));
      await stopMachine(aws, machine.id);
    }
    const usd = costNow(subject, "stopped");
    if (options.output === "json") json(io, { machine: machine.id, state: "stopped", usdPerMonth: usd });
    else {
      const state = was ? say.alreadyStopped(machine.id) : say.stopped(machine.id);
      lines(io, [state, say.stillCosts(usd, subject.ec2.elasticIp), ...(subject.ec2.elasticIp ? [] : [say.addressWillChange])]);
    }
    return EXIT.ok;
  });

/** `cloudnova ec2 start` */
export const ec2StartCommand = (io: Io, name: string | undefined, options: Ec2Options): Promise<number> =>
  inEc2(io, name, async ({ aws, subject, report }) => {
    const { machine } = await findMachine(aws, subject);
    const now = await ensureRunning(aws, machine, report);
    if (options.output === "json") json(io, { machine: now });
    else line(io.stdout, say.ready(now.id, now.address));
    return EXIT.ok;
  });

export interface Ec2DownOptions extends Ec2Options {
  readonly yes?: boolean;
  readonly deleteData?: boolean;
}

type Data = Awaited<ReturnType<typeof dataOf>>;

const ids = (all: readonly { readonly id: string }[]): string => all.map(({ id }) => id).join(", ");

/** Asks for the environment's name. @throws ClusterError when another is given, or there is no terminal; Interrupted */
async function confirm({ io, signal, subject, aws }: Ec2Session, { volumes, snapshots }: Data, deleteData: boolean): Promise<void> {
  const { name } = subject.environment;
  const data = deleteData ? say.downDeletes(ids(volumes), snapshots.length) : say.downKeeps(ids(volumes));
  const answer = await ask(io, signal, say.typeName(`${say.downHead(subject.stack, aws.region)}; ${data}`), say.yesAdvice);
  if (answer !== name) throw new ClusterError(say.otherName(answer, name));
}

/** Deletes volumes and snapshots, or takes a last snapshot of what is kept. */
async function settleData(session: Ec2Session, { deleteData = false }: Ec2DownOptions, wasThere: boolean): Promise<void> {
  const { aws, subject, report } = session;
  const { volumes, snapshots } = await dataOf(session);
  if (deleteData) {
    for (const { id } of volumes) await deleteVolume(aws, id).then(() => report(say.deleted(id)));
    for (const { id } of snapshots) await deleteSnapshot(aws, id).then(() => report(say.deleted(id)));
    return;
  }
  // Only of a machine that ran until now: a second `down` would make a second one of the same data.
  for (const { id } of wasThere ? volumes : []) report(say.snapshotBegun(await createSnapshot(aws, subject.stack, id), id));
}

/** What is left of the data, and what it costs. */
function leftLines({ volumes, snapshots }: Data): string[] {
  if (volumes.length + snapshots.length === 0) return [say.nothingCosts];
  return [
    say.left,
    ...volumes.map(({ id, gib }) => say.leftVolume(id, gib, volumeCost(gib))),
    ...snapshots.map(({ id, gib }) => say.leftSnapshot(id, gib, snapshotCost(gib))),
    say.leftAgain(printed("ec2 up"), printed("ec2 down", "--delete-data")),
  ];
}

/** `cloudnova ec2 down`: everything but the data, and with --delete-data also that. */
export const ec2DownCommand = (io: Io, name: string, options: Ec2DownOptions): Promise<number> =>
  inEc2(io, name, async (session) => {
    const { aws, subject, report } = session;
    const stack = await untilIdle(aws, subject.stack, report);
    const before = await dataOf(session);
    if (!stack && before.volumes.length + before.snapshots.length === 0) {
      line(io.stdout, say.nothingLeft(subject.stack, aws.region));
      return EXIT.ok;
    }
    if (!options.yes) await confirm(session, before, options.deleteData ?? false);
    if (stack) {
      await stopFor(aws, stack, report);
      await removeStack(aws, stack, report);
    }
    await settleData(session, options, stack !== undefined);
    const left = await dataOf(session);
    if (options.output === "json") json(io, { stack: subject.stack, ...left });
    else lines(io, [...(stack ? [say.deleted(subject.stack)] : []), ...leftLines(left)]);
    return EXIT.ok;
  });
