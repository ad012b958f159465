import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { machineTemplate } from "../../src/ec2/template.ts";
import { props } from "../ec2/example.ts";

/** What a request is answered: a part of the XML, or an error of AWS. */
type Answer = string | { readonly code: string; readonly message?: string; readonly status?: number };
type Parameters = Readonly<Record<string, string>>;
/** Answers of one action. @param count how often it was asked before */
type Answers = Readonly<Record<string, Answer | ((parameters: Parameters, count: number) => Answer)>>;

const escaped = (text: string) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;");
const member = (...parts: readonly string[]) => parts.map((part) => `<member>${part}</member>`).join("");
const item = (...parts: readonly string[]) => parts.map((part) => `<item>${part}</item>`).join("");

export const STACK_ID = "arn:aws:cloudformation:us-east-1:123456789012:stack/cloudnova-mine/1";

/** A stack as DescribeStacks lists it. */
export const stack = (status: string, parameters: Parameters = {}): string =>
  `<Stacks>${member(
    `<StackName>cloudnova-mine</StackName><StackId>${STACK_ID}</StackId><StackStatus>${status}</StackStatus><CreationTime>2026-01-01T00:00:00Z</CreationTime><Parameters>${member(
      ...Object.entries(parameters).map(
        ([key, value]) => `<ParameterKey>${key}</ParameterKey><ParameterValue>${escaped(value)}</ParameterValue>`,
      ),
    )}</Parameters>`,
  )}</Stacks>`;

export const NO_STACK: Answer = { code: "ValidationError", message: "Stack with id cloudnova-mine does not exist" };

/** An event of the stack, of now. */
export const event = (resource: string, status: string, reason = ""): string =>
  `<EventId>${resource}-${status}</EventId><StackId>${STACK_ID}</StackId><StackName>cloudnova-mine</StackName><LogicalResourceId>${resource}</LogicalResourceId><ResourceStatus>${status}</ResourceStatus><ResourceStatusReason>${escaped(
    reason,
  )}</ResourceStatusReason><Timestamp>${new Date(Date.now() + 60_000).toISOString()}</Timestamp>`;

export const events = (...all: readonly string[]): string => `<StackEvents>${member(...all)}</StackEvents>`;

/** A change set that has been worked out. */
export const changeSet = (...changes: readonly string[]): string =>
  `<Status>CREATE_COMPLETE</Status><Changes>${member(...changes)}</Changes>`;

export const change = (resource: string, type: string, replacement: string, property: string): string =>
  `<Type>Resource</Type><ResourceChange><Action>Modify</Action><LogicalResourceId>${resource}</LogicalResourceId><ResourceType>${type}</ResourceType><Replacement>${replacement}</Replacement><Details>${member(
    `<Target><Attribute>Properties</Attribute><Name>${property}</Name><RequiresRecreation>Always</RequiresRecreation></Target>`,
  )}</Details></ResourceChange>`;

/** An account with a default VPC, a key pair, and a machine that runs. */
const ACCOUNT: Answers = {
  DescribeStacks: stack("CREATE_COMPLETE", { ImageId: "ami-1", PublicKey: "ssh-ed25519 AAAA x" }),
  DescribeStackResources: `<StackResources>${member(
    `<LogicalResourceId>Instance</LogicalResourceId><PhysicalResourceId>i-0123456789abcdef0</PhysicalResourceId><ResourceStatus>CREATE_COMPLETE</ResourceStatus>`,
  )}</StackResources>`,
  DescribeStackEvents: events(),
  GetTemplate: () => `<TemplateBody>${escaped(JSON.stringify(machineTemplate(props())))}</TemplateBody>`,
  CreateChangeSet: `<Id>change</Id><StackId>${STACK_ID}</StackId>`,
  DescribeChangeSet: changeSet(),
  DeleteChangeSet: "",
  ExecuteChangeSet: "",
  DeleteStack: "",
  UpdateStack: `<StackId>${STACK_ID}</StackId>`,
  DescribeVpcs: `<vpcSet>${item("<vpcId>vpc-1</vpcId><isDefault>true</isDefault>")}</vpcSet>`,
  DescribeSubnets: `<subnetSet>${item(
    "<subnetId>subnet-1</subnetId><vpcId>vpc-1</vpcId><availabilityZone>us-east-1a</availabilityZone><defaultForAz>true</defaultForAz><ownerId>123456789012</ownerId>",
  )}</subnetSet>`,
  DescribeInstanceTypeOfferings: `<instanceTypeOfferingSet>${item(
    "<instanceType>t3.small</instanceType><locationType>availability-zone</locationType><location>us-east-1a</location>",
  )}</instanceTypeOfferingSet>`,
  DescribeKeyPairs: `<keySet>${item("<keyName>office</keyName>", "<keyName>home</keyName>")}</keySet>`,
  DescribeVolumes: "<volumeSet/>",
  DescribeSnapshots: "<snapshotSet/>",
  DescribeInstances: `<reservationSet>${item(
    `<instancesSet>${item(
      "<instanceId>i-0123456789abcdef0</instanceId><instanceType>t3.small</instanceType><instanceState><name>running</name></instanceState><ipAddress>203.0.113.50</ipAddress><architecture>x86_64</architecture>",
    )}</instancesSet>`,
  )}</reservationSet>`,
  GetParameter: "ami-1",
};

const EC2 = /^2016-11-15$/;

/** AWS' answer in the form of the service: EC2 and CloudFormation write XML, each its own, Systems Manager JSON. */
function written(action: string, version: string, answer: Answer): { readonly status: number; readonly body: string } {
  const json = version === "json";
  if (typeof answer !== "string") {
    const { code, message = "", status = 400 } = answer;
    if (json) return { status, body: JSON.stringify({ __type: code, message }) };
    const error = `<Code>${code}</Code><Message>${escaped(message)}</Message>`;
    const whole = EC2.test(version)
      ? `<Response><Errors><Error>${error}</Error></Errors><RequestID>1</RequestID></Response>`
      : `<ErrorResponse><Error><Type>Sender</Type>${error}</Error><RequestId>1</RequestId></ErrorResponse>`;
    return { status, body: whole };
  }
  if (json) return { status: 200, body: JSON.stringify({ Parameter: { Value: answer } }) };
  const inner = EC2.test(version) ? answer : `<${action}Result>${answer}</${action}Result>`;
  return { status: 200, body: `<${action}Response>${inner}</${action}Response>` };
}

/** A server on the loopback address that answers as AWS documents it, for what moto cannot be brought to answer. */
export class AwsStub {
  readonly calls: { readonly action: string; readonly parameters: Parameters }[] = [];
  private constructor(
    private readonly server: Server,
    private answers: Answers,
  ) {}

  static async start(): Promise<AwsStub> {
    const server = createServer();
    const stub = new AwsStub(server, ACCOUNT);
    server.on("request", (request, response) => {
      let text = "";
      request.on("data", (chunk) => (text += chunk));
      request.on("end", () => {
        const target = String(request.headers["x-amz-target"] ?? "");
        const parameters = target ? JSON.parse(text) : Object.fromEntries(new URLSearchParams(text));
        const action = target ? (target.split(".")[1] ?? "") : parameters.Action;
        const { status, body } = stub.answer(action, target ? "json" : parameters.Version, parameters);
        response.writeHead(status, { "content-type": target ? "application/x-amz-json-1.1" : "text/xml" }).end(body);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return stub;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Answers differently from here on, and forgets what was asked. */
  answering(answers: Answers = {}): void {
    this.answers = { ...ACCOUNT, ...answers };
    this.calls.splice(0);
  }

  count(action: string): number {
    return this.calls.filter((call) => call.action === action).length;
  }

  private answer(action: string, version: string, parameters: Parameters) {
    const given = this.answers[action] ?? { code: "InvalidAction", message: action };
    const answer = typeof given === "function" ? given(parameters, this.count(action)) : given;
    this.calls.push({ action, parameters });
    return written(action, version, answer);
  }

  stop(): Promise<void> {
    return new Promise((resolve) => {
      this.server.close(() => resolve());
      this.server.closeAllConnections();
    });
  }
}
