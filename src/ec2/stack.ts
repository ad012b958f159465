import type { Change, Parameter, Stack, StackEvent } from "@aws-sdk/client-cloudformation";
import { ClusterError } from "../cluster/cluster-error.ts";
import { pause } from "../cluster/transport/until.ts";
import { ec2 as say } from "../messages/ec2.ts";
import { type Aws, hasCode } from "./sdk.ts";
import { GUARDED, STACK_TAG, type Template } from "./template.ts";

/** What is known of a stack. */
export interface StackState {
  readonly name: string;
  readonly id: string;
  /** CloudFormation's word, such as UPDATE_COMPLETE. */
  readonly status: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/** One thing that a change set will do. */
export interface StackChange {
  readonly resource: string;
  readonly type: string;
  readonly action: "Add" | "Modify" | "Remove" | "Import" | "Dynamic" | "SyncWithActual";
  /** `interrupt`: the machine is stopped and started for it. */
  readonly effect: "none" | "interrupt" | "replace" | "remove" | "add";
  /** Names of the properties that change. */
  readonly properties: readonly string[];
}

export interface ChangeSet {
  readonly name: string;
  readonly stack: string;
  readonly creates: boolean;
  readonly changes: readonly StackChange[];
}

/** Between two questions. */
const POLL_MS = 3000;

const isBusy = (status: string) => status.endsWith("_IN_PROGRESS") && status !== "REVIEW_IN_PROGRESS";

const stateOf = ({ StackName: name = "", StackId: id = "", StackStatus, Parameters = [] }: Stack): StackState => ({
  name,
  id,
  status: StackStatus ?? "",
  parameters: Object.fromEntries(Parameters.map(({ ParameterKey = "", ParameterValue = "" }) => [ParameterKey, ParameterValue])),
});

/** CloudFormation answers that a stack does not exist with a ValidationError. */
const isMissing = (error: unknown) => hasCode(error, /^ValidationError/) && /does not exist/.test((error as Error).message);

/** The stack of that name or id; undefined where there is none. A deleted one is found by its id alone. */
export async function readStack(aws: Aws, name: string): Promise<StackState | undefined> {
  try {
    const { Stacks = [] } = await aws.cloudFormation(
      (client, { DescribeStacksCommand }, abort) => client.send(new DescribeStacksCommand({ StackName: name }), abort),
      /^ValidationError/,
    );
    const [stack] = Stacks;
    return stack && stateOf(stack);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw hasCode(error, /^ValidationError/) ? new ClusterError(say.awsSays("ValidationError", (error as Error).message)) : error;
  }
}

/** AWS' ids of a stack's resources, by their names in the template. */
export async function resourceIds(aws: Aws, stack: string): Promise<Readonly<Record<string, string>>> {
  const { StackResources = [] } = await aws.cloudFormation((client, { DescribeStackResourcesCommand }, abort) =>
    client.send(new DescribeStackResourcesCommand({ StackName: stack }), abort),
  );
  const there = StackResources.filter(({ ResourceStatus }) => ResourceStatus !== "DELETE_COMPLETE");
  return Object.fromEntries(there.map(({ LogicalResourceId = "", PhysicalResourceId = "" }) => [LogicalResourceId, PhysicalResourceId]));
}

/** The events of a stack since a time, the oldest first. */
async function eventsSince(aws: Aws, id: string, since: Date): Promise<StackEvent[]> {
  const { StackEvents = [] } = await aws.cloudFormation((client, { DescribeStackEventsCommand }, abort) =>
    client.send(new DescribeStackEventsCommand({ StackName: id }), abort),
  );
  return StackEvents.filter(({ Timestamp }) => Timestamp && Timestamp >= since).reverse();
}

const REASONS: readonly (readonly [RegExp, () => string])[] = [
  [/VcpuLimitExceeded|InstanceLimitExceeded|vCPU limit/i, () => say.quota],
  [/AddressLimitExceeded|maximum number of addresses/i, () => say.addressQuota],
  [/VolumeLimitExceeded|VolumeStorageLimit/i, () => say.volumeQuota],
  [/InsufficientInstanceCapacity|do not have sufficient .* capacity/i, () => say.noCapacity],
  [/not supported in your requested Availability Zone/i, () => say.notInZone],
  [/not eligible for Free Tier/i, () => say.freePlan],
  [/not authorized to perform: iam:|iam:(CreateRole|PassRole)/i, () => say.noRoles],
  [/AccessDenied|UnauthorizedOperation|not authorized/i, () => say.deniedAdvice],
];

/** What a failure's words mean; undefined where they are not known. */
export const reasonAdvice = (text: string): string | undefined => REASONS.find(([pattern]) => pattern.test(text))?.[1]();

const isFailure = ({ ResourceStatus, ResourceStatusReason = "" }: StackEvent) =>
  ResourceStatus?.endsWith("_FAILED") === true && !/cancelled/i.test(ResourceStatusReason);

const seconds = (since: Date) => Math.round((Date.now() - since.getTime()) / 1000);

/** The events of one run, each reported once. */
class Events {
  private readonly shown = new Set<string | undefined>();
  /** The first failure: the others follow from it. */
  failure: StackEvent | undefined;

  constructor(
    private readonly aws: Aws,
    private readonly since: Date,
    private readonly report: (text: string) => void,
  ) {}

  async read(stack: string): Promise<void> {
    for (const event of await eventsSince(this.aws, stack, this.since)) {
      if (this.shown.has(event.EventId)) continue;
      this.shown.add(event.EventId);
      if (isFailure(event)) this.failure ??= event;
      const { LogicalResourceId = "", ResourceStatus = "", ResourceStatusReason = "" } = event;
      this.report(say.event(seconds(this.since), LogicalResourceId, ResourceStatus, ResourceStatusReason));
    }
  }

  /** What the stack's failure is reported as. */
  error({ name, status }: StackState): ClusterError {
    const { LogicalResourceId, ResourceStatusReason, ResourceStatus } = this.failure ?? {};
    const why = this.failure ? `${LogicalResourceId}: ${ResourceStatusReason ?? ResourceStatus}` : status;
    return new ClusterError(say.stackFailed(name, status, why), reasonAdvice(why) ?? say.stackFailedAdvice(status));
  }
}

/**
 * Waits until the stack rests, and reports each event of it. @param since events before this time are of an earlier run
 *
 * @returns its state; undefined when it has been deleted
 * @throws ClusterError with the first failure's reason when it did not succeed; Interrupted
 */
export async function settle(aws: Aws, stack: StackState, since: Date, report: (text: string) => void): Promise<StackState | undefined> {
  const events = new Events(aws, since, report);
  for (;;) {
    const now = await readStack(aws, stack.id);
    if (!now || now.status === "DELETE_COMPLETE") return undefined;
    await events.read(now.id);
    if (/^(CREATE|UPDATE|IMPORT)_COMPLETE$/.test(now.status)) return now;
    if (!isBusy(now.status)) throw events.error(now);
    await pause(POLL_MS, aws.signal);
  }
}

/** Waits until no other run changes the stack, and says so. */
export async function untilIdle(aws: Aws, name: string, report: (text: string) => void): Promise<StackState | undefined> {
  let said = false;
  for (;;) {
    const stack = await readStack(aws, name);
    if (!stack || !isBusy(stack.status)) return stack;
    if (!said) report(say.busy(name, stack.status));
    said = true;
    await pause(POLL_MS, aws.signal);
  }
}

/**
 * Properties of an instance that CloudFormation calls conditional: with a root disk on EBS, as Ubuntu's images have it, it stops and
 * starts the machine for them (AWS::EC2::Instance, "Update requires: Some interruptions").
 */
const INTERRUPTING = new Set(["InstanceType", "UserData", "EbsOptimized", "CreditSpecification", "KernelId", "RamdiskId", "Tenancy"]);

/** What a change does to its resource. */
export function changeOf({ ResourceChange: change }: Change): StackChange {
  const { LogicalResourceId: resource = "", ResourceType: type = "", Action: action = "Modify", Replacement, Details = [] } = change ?? {};
  const properties = [...new Set(Details.map(({ Target }) => Target?.Name ?? Target?.Attribute ?? "").filter(Boolean))];
  const conditional = Details.filter(({ Target }) => Target?.RequiresRecreation && Target.RequiresRecreation !== "Never");
  const interrupts =
    type === "AWS::EC2::Instance" && conditional.length > 0 && conditional.every(({ Target }) => INTERRUPTING.has(Target?.Name ?? ""));
  const modified = Replacement === "True" || (Replacement === "Conditional" && !interrupts) ? "replace" : interrupts ? "interrupt" : "none";
  return { resource, type, action, properties, effect: action === "Add" ? "add" : action === "Remove" ? "remove" : modified };
}

/** The guarded resources that the changes would replace or remove, by their words on the command line, less those that were named. */
export function unaskedReplacements(changes: readonly StackChange[], named: readonly string[]): string[] {
  const found = changes.filter(({ effect }) => effect === "replace" || effect === "remove").map(({ resource }) => GUARDED[resource]);
  return [...new Set(found.filter((one) => one !== undefined))].filter((one) => !named.includes(one));
}

/** How CloudFormation says that nothing changes. */
const NOTHING = /didn't contain changes|No updates are to be performed/i;

/** Sends what changes a stack. @returns whether there is anything to change @throws ClusterError when CloudFormation does not accept it */
async function unlessNothing(send: () => Promise<unknown>): Promise<boolean> {
  try {
    await send();
    return true;
  } catch (error) {
    if (!hasCode(error, /^ValidationError/)) throw error;
    const { message } = error as Error;
    if (NOTHING.test(message)) return false;
    throw new ClusterError(say.notAccepted(message), reasonAdvice(message));
  }
}

/**
 * Lets CloudFormation work out what a template and parameters would change. Nothing is changed yet, but a first change set leaves an
 * empty stack behind until it is executed or discarded.
 *
 * @returns undefined when there is nothing to change
 * @throws ClusterError when CloudFormation does not accept it
 */
export async function propose(
  aws: Aws,
  stack: { readonly name: string; readonly exists: boolean },
  template: Template,
  parameters: Readonly<Record<string, string>>,
): Promise<ChangeSet | undefined> {
  const name = `cloudnova-${Date.now()}`;
  const given: Parameter[] = Object.keys(template.Parameters).map((key) => ({ ParameterKey: key, ParameterValue: parameters[key] ?? "" }));
  const input = {
    StackName: stack.name,
    ChangeSetName: name,
    ChangeSetType: stack.exists ? ("UPDATE" as const) : ("CREATE" as const),
    TemplateBody: JSON.stringify(template),
    Parameters: given,
    Capabilities: ["CAPABILITY_IAM" as const],
    Tags: [{ Key: STACK_TAG, Value: stack.name }],
  };
  const accepted = await unlessNothing(() =>
    aws.cloudFormation(
      (client, { CreateChangeSetCommand }, abort) => client.send(new CreateChangeSetCommand(input), abort),
      /^ValidationError/,
    ),
  );
  if (!accepted) return undefined;
  const changeSet = { name, stack: stack.name, creates: !stack.exists };
  const { Status, StatusReason = "", Changes } = await worked(aws, changeSet);
  if (Status !== "FAILED") return { ...changeSet, changes: Changes.map(changeOf) };
  await discard(aws, changeSet);
  if (NOTHING.test(StatusReason)) return undefined;
  throw new ClusterError(say.notAccepted(StatusReason), reasonAdvice(StatusReason));
}

/** A change set once CloudFormation has worked it out, with the changes of all its pages. */
async function worked(aws: Aws, { name, stack }: Pick<ChangeSet, "name" | "stack">) {
  const Changes: Change[] = [];
  for (let token: string | undefined; ; ) {
    const page = await aws.cloudFormation((client, { DescribeChangeSetCommand }, abort) =>
      client.send(new DescribeChangeSetCommand({ StackName: stack, ChangeSetName: name, NextToken: token }), abort),
    );
    if (page.Status === "CREATE_PENDING" || page.Status === "CREATE_IN_PROGRESS") {
      await pause(POLL_MS, aws.signal);
      continue;
    }
    Changes.push(...(page.Changes ?? []));
    token = page.NextToken;
    if (!token) return { ...page, Changes };
  }
}

/** Deletes a change set, and the empty stack that a first one leaves. */
export async function discard(aws: Aws, { name, stack, creates }: Pick<ChangeSet, "name" | "stack" | "creates">): Promise<void> {
  await aws.cloudFormation((client, { DeleteChangeSetCommand }, abort) =>
    client.send(new DeleteChangeSetCommand({ StackName: stack, ChangeSetName: name }), abort),
  );
  if (creates && (await readStack(aws, stack))?.status === "REVIEW_IN_PROGRESS") await requestDeletion(aws, stack);
}

/** Executes a change set. @throws ClusterError when another run has changed the stack meanwhile */
export async function execute(aws: Aws, { name, stack }: ChangeSet): Promise<void> {
  try {
    await aws.cloudFormation(
      (client, { ExecuteChangeSetCommand }, abort) =>
        client.send(new ExecuteChangeSetCommand({ StackName: stack, ChangeSetName: name }), abort),
      /^(InvalidChangeSetStatus|ChangeSetNotFound)/,
    );
  } catch (error) {
    if (hasCode(error, /^(InvalidChangeSetStatus|ChangeSetNotFound)/)) throw new ClusterError(say.obsolete(stack), say.obsoleteAdvice);
    throw error;
  }
}

/** Gives a stack other parameters, and leaves its template as it is. @returns whether anything changes */
export async function updateParameters(
  aws: Aws,
  { name, parameters }: StackState,
  changed: Readonly<Record<string, string>>,
): Promise<boolean> {
  const all = Object.entries({ ...parameters, ...changed }).map(([ParameterKey, ParameterValue]) => ({ ParameterKey, ParameterValue }));
  const input = { StackName: name, UsePreviousTemplate: true, Parameters: all, Capabilities: ["CAPABILITY_IAM" as const] };
  return unlessNothing(() =>
    aws.cloudFormation((client, { UpdateStackCommand }, abort) => client.send(new UpdateStackCommand(input), abort), /^ValidationError/),
  );
}

/** Asks CloudFormation to delete a stack; `settle` waits for it. */
export async function requestDeletion(aws: Aws, stack: string): Promise<void> {
  await aws.cloudFormation((client, { DeleteStackCommand }, abort) => client.send(new DeleteStackCommand({ StackName: stack }), abort));
}

/** The template that a stack was made from. */
export async function templateOf(aws: Aws, stack: string): Promise<Template> {
  const { TemplateBody = "{}" } = await aws.cloudFormation((client, { GetTemplateCommand }, abort) =>
    client.send(new GetTemplateCommand({ StackName: stack, TemplateStage: "Original" }), abort),
  );
  return JSON.parse(TemplateBody);
}
