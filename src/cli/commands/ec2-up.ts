import { mkdtempSync, rmSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { ClusterError } from "../../cluster/cluster-error.ts";
import { applyChanges, ensureRunning, removeStack, replaceMachine } from "../../ec2/lifecycle.ts";
import { type Owner, ownerName, ownerOf, publicRange } from "../../ec2/owners.ts";
import { type Proposal, proposeChange, proposeNew } from "../../ec2/proposal.ts";
import { ownRanges } from "../../ec2/public-address.ts";
import { type ChangeSet, discard, propose, type StackChange, type StackState, unaskedReplacements, untilIdle } from "../../ec2/stack.ts";
import { machineIn, type Subject } from "../../ec2/subject.ts";
import type { Template } from "../../ec2/template.ts";
import { ec2 as say } from "../../messages/ec2.ts";
import { printed } from "../../printed.ts";
import { agrees } from "../confirm.ts";
import { costLines, costsOf, sumOf } from "../ec2-costs.ts";
import { EXIT, type Io, json, line } from "../io.ts";
import { type Ec2Options, type Ec2Session, inEc2, ownerLines } from "./ec2.ts";
import { synth } from "./up.ts";

export interface Ec2UpOptions extends Ec2Options {
  readonly yes?: boolean;
  /** What may be replaced: `instance`, `volume`. */
  readonly replace?: readonly string[];
  /** Public addresses of this computer. @default what a service sees */
  readonly address?: readonly string[];
  /** Addresses that answer with the caller's address. */
  readonly service?: readonly string[];
  /** The data volume to use again, where there are several. */
  readonly volume?: string;
}

/** Refuses an environment that does not fit on its machine, as `synth` does, before anything is created. */
async function checkBudget(io: Io, { environment }: Subject, language: Ec2Options["language"]): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "cloudnova-ec2-"));
  try {
    await synth(io, environment.file, folder, language);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** This computer, with the addresses that were given or found. */
export async function thisComputer(
  { ec2 }: Subject,
  { address = [], service = [] }: Pick<Ec2UpOptions, "address" | "service">,
  signal: AbortSignal,
): Promise<Owner> {
  const ranges = address.length > 0 ? address.map((one) => publicRange(one)) : await ownRanges(service, signal);
  const owner = ownerOf(ownerName(hostname()), ranges);
  if (!owner.ipv4 && ec2.ssh === "own-address") throw new ClusterError(say.onlyIpv6, say.onlyIpv6Advice);
  return owner;
}

const changeLines = (changes: readonly StackChange[]): string[] => [
  say.changesHead,
  ...changes.map(({ effect, resource, type, properties }) => say.change(say.effects[effect], resource, type, properties.join(", "))),
];

/** What is proposed, and the change set for it. */
interface Prepared {
  readonly existing: StackState | undefined;
  readonly proposal: Proposal;
  /** Undefined when nothing changes, or in a plan where a failed stack has to be deleted first. */
  readonly changeSet: ChangeSet | undefined;
  readonly changes: readonly StackChange[];
}

/** A stack of a creation that failed: it cannot be updated, and has to go first. */
const FAILED_CREATION = /^(ROLLBACK_COMPLETE|ROLLBACK_FAILED|CREATE_FAILED|DELETE_FAILED)$/;

/** The stack as far as it can be changed; undefined where it has to be created. @param removes whether one that failed may be deleted */
async function usable({ aws, subject, report }: Ec2Session, removes: boolean): Promise<"failed" | StackState | undefined> {
  const stack = await untilIdle(aws, subject.stack, report);
  if (stack?.status === "UPDATE_ROLLBACK_FAILED") throw new ClusterError(say.rollbackFailed(stack.name), say.rollbackFailedAdvice);
  if (!stack || !FAILED_CREATION.test(stack.status)) return stack?.status === "REVIEW_IN_PROGRESS" ? undefined : stack;
  report(say.removesFailed(stack.name, stack.status));
  if (!removes) return "failed";
  await removeStack(aws, stack, report);
  return undefined;
}

/** What a template creates, where CloudFormation cannot be asked yet. */
const creations = ({ Resources }: Template): StackChange[] =>
  Object.entries(Resources).map(([resource, { Type: type }]) => ({ resource, type, action: "Add", effect: "add", properties: [] }));

/** Everything up to the question: budget, account, addresses, change set. */
async function prepare(session: Ec2Session, options: Ec2UpOptions, removes: boolean): Promise<Prepared> {
  const { io, aws, subject, signal } = session;
  await checkBudget(io, subject, options.language);
  const found = await usable(session, removes);
  const existing = found === "failed" ? undefined : found;
  const proposal = existing
    ? await proposeChange(aws, subject, existing, options.replace?.includes("instance") ?? false)
    : await proposeNew(aws, subject, [await thisComputer(subject, options, signal)], options.volume);
  if (found === "failed") return { existing, proposal, changeSet: undefined, changes: creations(proposal.template) };
  const changeSet = await propose(aws, { name: subject.stack, exists: existing !== undefined }, proposal.template, proposal.parameters);
  return { existing, proposal, changeSet, changes: changeSet?.changes ?? [] };
}

function show({ io, subject }: Ec2Session, { proposal, changeSet, changes }: Prepared, replaces = false): void {
  const lines = [
    say.subject(subject.stack, subject.instance, subject.ec2.region, proposal.account),
    ...costLines(subject),
    ...(proposal.adopted ? [say.adopted(proposal.adopted)] : []),
    ...ownerLines(proposal.owners),
    ...(changeSet || changes.length > 0 ? changeLines(changes) : replaces ? [] : [say.noChanges]),
  ];
  for (const text of lines) line(io.stdout, text);
}

const asJson = ({ subject }: Ec2Session, { proposal, changes }: Prepared) => ({
  stack: subject.stack,
  region: subject.ec2.region,
  costs: costsOf(subject),
  owners: proposal.owners,
  changes,
});

/** `cloudnova ec2 plan`: what `up` would change, and what it costs. */
export const ec2PlanCommand = (io: Io, name: string | undefined, options: Ec2UpOptions): Promise<number> =>
  inEc2(io, name, async (session) => {
    const prepared = await prepare(session, options, false);
    if (prepared.changeSet) await discard(session.aws, prepared.changeSet);
    if (options.output === "json") json(io, asJson(session, prepared));
    else {
      show(session, prepared);
      if (prepared.changes.length > 0) line(io.stdout, say.planned(printed("ec2 up")));
    }
    return EXIT.ok;
  });

/** Refuses what replaces unasked, then asks. @throws ClusterError without consent */
async function consent(
  session: Ec2Session,
  { existing, changeSet, changes }: Prepared,
  { yes, replace = [] }: Ec2UpOptions,
): Promise<void> {
  const { io, signal, subject, aws } = session;
  const named = existing ? replace : [];
  if (!changeSet && named.length === 0) return;
  for (const what of named) line(io.stderr, what === "volume" ? say.replacesVolume : say.replacesInstance);
  try {
    const unasked = unaskedReplacements(changes, named);
    if (unasked.length > 0) {
      const again = printed("ec2 up", ...unasked.flatMap((one) => ["--replace", one]));
      throw new ClusterError(say.replaces(unasked.join(", ")), say.replacesAdvice(again));
    }
    const question = existing ? say.ask(subject.stack) : say.askCreate(subject.stack, sumOf(costsOf(subject), "running"));
    if (!yes && !(await agrees(io, signal, question, say.yesAdvice))) throw new ClusterError(say.refused);
  } catch (error) {
    if (changeSet && !signal.aborted) await discard(aws, changeSet);
    throw error;
  }
}

/** Does what was agreed. @returns the stack, or undefined when it is gone */
async function carryOut(session: Ec2Session, { existing, proposal, changeSet }: Prepared, { replace = [] }: Ec2UpOptions) {
  const { aws, report } = session;
  if (!existing || replace.length === 0) return changeSet ? applyChanges(aws, changeSet, report) : existing;
  if (changeSet) await discard(aws, changeSet);
  return replaceMachine(aws, existing, proposal, report);
}

/** Whether the machine boots for the first time, and so has no k3s yet. */
const isNew = ({ existing, changes }: Prepared, { replace = [] }: Ec2UpOptions): boolean =>
  !existing || replace.includes("instance") || changes.some(({ resource, effect }) => resource === "Instance" && effect === "add");

/** `cloudnova ec2 up`: creates or changes the machine, and starts one that is stopped. */
export const ec2UpCommand = (io: Io, name: string | undefined, options: Ec2UpOptions): Promise<number> =>
  inEc2(io, name, async (session) => {
    const { aws, report, subject } = session;
    const prepared = await prepare(session, options, true);
    if (options.output === "text") show(session, prepared, (options.replace ?? []).length > 0);
    await consent(session, prepared, options);
    const stack = await carryOut(session, prepared, options);
    const found = stack && (await machineIn(aws, stack));
    if (!found) throw new ClusterError(say.noMachine(subject.stack, stack?.status ?? ""));
    const machine = await ensureRunning(aws, found, report);
    if (options.output === "json") {
      json(io, { ...asJson(session, prepared), machine });
      return EXIT.ok;
    }
    line(io.stdout, say.ready(machine.id, machine.address));
    if (isNew(prepared, options)) line(io.stdout, say.next(printed("up")));
    return EXIT.ok;
  });
