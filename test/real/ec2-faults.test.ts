import { execFile } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "../temporary.ts";
import { AwsStub, change, changeSet, event, events, NO_STACK, stack } from "./aws-stub.ts";

let aws: AwsStub;
let folder: string;
beforeAll(async () => {
  aws = await AwsStub.start();
  folder = temporaryFolder("ec2");
  mkdirSync(join(folder, ".ssh"));
  writeFileSync(join(folder, ".ssh", "id_ed25519.pub"), "ssh-ed25519 AAAA x\n");
  environment("mine", "");
});
afterAll(() => aws.stop());
beforeEach(() => aws.answering());

const environment = (name: string, ec2: string, instance = "t3.small") =>
  writeFileSync(join(folder, `${name}.yaml`), `cluster: k3s\nmachine: { instance: ${instance} }\nec2: { ${ec2} }\n`);

/** Runs the command line with the SDK's own settings: its endpoint, and its credentials. */
function ec2(command: string, args: readonly string[] = [], env: Readonly<Record<string, string>> = {}, name = "mine") {
  const all = { PATH: process.env.PATH ?? "", HOME: folder, LANG: "C", AWS_ENDPOINT_URL: aws.url, AWS_EC2_METADATA_DISABLED: "true" };
  const keys = { AWS_ACCESS_KEY_ID: "key", AWS_SECRET_ACCESS_KEY: "secret" };
  return new Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }>((resolve) => {
    execFile(
      process.execPath,
      ["bin/cloudnova.cjs", "ec2", command, join(folder, `${name}.yaml`), ...args],
      { env: { ...all, ...keys, ...env } },
      (error, stdout, stderr) => resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
    );
  });
}
const up = (args: readonly string[] = [], env?: Readonly<Record<string, string>>, name?: string) =>
  ec2("up", ["--address", "203.0.113.7", "--yes", ...args], env, name);

describe("what AWS refuses is a message with a way on", () => {
  test.each([
    ["ExpiredToken", "The security token included in the request is expired", /credentials have expired[\s\S]*it goes on/],
    ["InvalidClientTokenId", "The security token included in the request is invalid", /does not accept these credentials in us-east-1/],
    [
      "AccessDenied",
      "User: arn:aws:iam::1:user/ana is not authorized to perform: cloudformation:DescribeStacks on resource: x",
      /lacks a right: cloudformation:DescribeStacks/,
    ],
    ["OptInRequired", "You are not subscribed to this service", /account is not activated/],
  ])("%s", async (code, message, expected) => {
    aws.answering({ DescribeStacks: { code, message, status: 403 } });
    const ended = await ec2("status");
    expect(ended).toMatchObject({ code: 1, stdout: "" });
    expect(ended.stderr).toMatch(expected);
  });
  test("credentials that end halfway: the next run goes on", async () => {
    aws.answering({
      DescribeStacks: (_, count) => (count === 0 ? NO_STACK : { code: "ExpiredToken", status: 403 }),
      DescribeChangeSet: changeSet(),
    });
    expect(await up()).toMatchObject({ code: 1, stderr: expect.stringContaining("credentials have expired") });
  });
  test("throttling is waited for, and reported when it does not end", async () => {
    aws.answering({
      DescribeStacks: (_, count) => (count < 2 ? { code: "Throttling", message: "Rate exceeded" } : stack("CREATE_COMPLETE")),
    });
    expect((await ec2("status")).stdout).toContain("machine i-0123456789abcdef0: t3.small, running, 203.0.113.50");
    aws.answering({ DescribeStacks: { code: "Throttling", message: "Rate exceeded" } });
    const ended = await ec2("status", [], { AWS_MAX_ATTEMPTS: "2" });
    expect(ended.stderr).toContain("AWS refuses further requests for now (throttling)");
    expect(aws.count("DescribeStacks")).toBe(2);
  });
  test("no credentials, and no way to AWS", async () => {
    const none = { AWS_ACCESS_KEY_ID: "", AWS_SECRET_ACCESS_KEY: "" };
    expect((await ec2("status", [], none)).stderr).toContain("no AWS credentials were found");
    const nowhere = { AWS_ENDPOINT_URL: "http://127.0.0.1:9", AWS_MAX_ATTEMPTS: "1" };
    expect((await ec2("status", [], nowhere)).stderr).toContain("AWS does not answer for the region us-east-1");
  });
});

describe("what the account lacks is found before anything is created", () => {
  const beforeCreation = async (answers: Parameters<AwsStub["answering"]>[0], expected: RegExp, name?: string, env = {}) => {
    aws.answering({ DescribeStacks: NO_STACK, ...answers });
    const ended = await up([], env, name);
    expect(ended.code).toBe(1);
    expect(ended.stderr).toMatch(expected);
    expect(aws.count("CreateChangeSet")).toBe(0);
  };
  test("a default VPC", () => beforeCreation({ DescribeVpcs: "<vpcSet/>" }, /no default VPC in us-east-1[\s\S]*create-default-vpc/));
  test("a zone with the instance type", async () => {
    const none = "<instanceTypeOfferingSet/>";
    await beforeCreation({ DescribeInstanceTypeOfferings: none }, /us-east-1 has no instances of type t3\.small/);
  });
  test("a key pair", async () => {
    environment("keyed", "keyPair: laptop");
    await beforeCreation({}, /no key pair 'laptop' in us-east-1; there are: office, home/, "keyed");
  });
  test("a public key", () => beforeCreation({}, /has no public ssh key that EC2 takes/, "mine", { HOME: temporaryFolder("bare") }));
  test("an image", () => beforeCreation({ GetParameter: { code: "ParameterNotFound" } }, /has no Ubuntu image/));
  test("a machine that is large enough", async () => {
    environment("small", "", "t3.micro");
    await beforeCreation({}, /memory: /, "small");
    expect(aws.calls).toEqual([]);
  });
  test("several volumes of earlier machines", async () => {
    const volume = (id: string) =>
      `<item><volumeId>${id}</volumeId><size>20</size><availabilityZone>us-east-1a</availabilityZone><status>available</status></item>`;
    const two = `<volumeSet>${volume("vol-1")}${volume("vol-2")}</volumeSet>`;
    await beforeCreation({ DescribeVolumes: two }, /several data volumes behind: vol-1, vol-2[\s\S]*--volume ID/);
    await beforeCreation(
      { DescribeVolumes: `<volumeSet>${volume("vol-1").replace("20", "30")}</volumeSet>` },
      /vol-1 has 30 GiB, and machine\.disk asks for 20/,
    );
  });
});

test("a change that replaces the machine is refused unless it is named, and nothing is left", async () => {
  aws.answering({ DescribeChangeSet: changeSet(change("Instance", "AWS::EC2::Instance", "True", "ImageId")) });
  const ended = await up();
  expect(ended.code).toBe(1);
  expect(ended.stdout).toContain("REPLACES  Instance (AWS::EC2::Instance): ImageId");
  expect(ended.stderr).toMatch(/this would replace: instance[\s\S]*--replace instance/);
  expect([aws.count("DeleteChangeSet"), aws.count("ExecuteChangeSet")]).toEqual([1, 0]);
});

test("without --yes and without a terminal nothing is changed, and nothing is left", async () => {
  aws.answering({ DescribeStacks: (_, count) => (count === 0 ? NO_STACK : stack("REVIEW_IN_PROGRESS")), DescribeChangeSet: changeSet() });
  expect((await ec2("up", ["--address", "203.0.113.7"])).stderr).toContain("add --yes to confirm");
  expect([aws.count("DeleteChangeSet"), aws.count("DeleteStack"), aws.count("ExecuteChangeSet")]).toEqual([1, 1, 0]);
});

test("a creation that fails: the first reason, what to do, and the next run begins again", async () => {
  const reason = "You have requested more vCPU capacity than your current vCPU limit of 0 allows (Service: Ec2, Status Code: 400)";
  aws.answering({
    DescribeStacks: (_, count) => (count === 0 ? NO_STACK : stack("ROLLBACK_COMPLETE")),
    DescribeStackEvents: events(
      event("cloudnova-mine", "ROLLBACK_COMPLETE"),
      event("SecurityGroup", "CREATE_FAILED", "Resource creation cancelled"),
      event("Instance", "CREATE_FAILED", reason),
    ),
  });
  const failed = await up();
  expect(failed).toMatchObject({ code: 1 });
  expect(failed.stderr).toContain(`cloudnova-mine is ROLLBACK_COMPLETE: Instance: ${reason}`);
  expect(failed.stderr).toContain("the account's quota of vCPUs is used up");

  aws.answering({
    DescribeStacks: (_, count) => (count === 0 ? stack("ROLLBACK_COMPLETE") : count < 2 ? NO_STACK : stack("CREATE_COMPLETE")),
    DescribeChangeSet: changeSet(change("Role", "AWS::IAM::Role", "False", "Policies")),
  });
  const again = await up();
  expect(again.stderr).toContain("ROLLBACK_COMPLETE since its creation failed; it is deleted first");
  expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining("runs at 203.0.113.50") });
  expect([aws.count("DeleteStack"), aws.count("ExecuteChangeSet")]).toEqual([1, 1]);
});

describe("two runs at once", () => {
  test("the second waits for the first", async () => {
    aws.answering({ DescribeStacks: (_, count) => stack(count === 0 ? "UPDATE_IN_PROGRESS" : "UPDATE_COMPLETE") });
    const ended = await up();
    expect(ended.stderr).toContain("another run is changing cloudnova-mine (UPDATE_IN_PROGRESS); waiting for it");
    expect(ended.code).toBe(0);
  });
  test("a change set that the other has overtaken is not executed", async () => {
    aws.answering({
      DescribeChangeSet: changeSet(change("Role", "AWS::IAM::Role", "False", "Policies")),
      ExecuteChangeSet: { code: "InvalidChangeSetStatus", message: "ChangeSet is in OBSOLETE state" },
    });
    expect(await up()).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/was changed by another run meanwhile[\s\S]*run the same command/),
    });
  });
});

test("an environment without the key, and a stack that is not there", async () => {
  writeFileSync(join(folder, "none.yaml"), "cluster: k3s\nmachine: { instance: t3.small }\n");
  expect((await ec2("status", [], {}, "none")).stderr).toContain("describes no machine on EC2");
  aws.answering({ DescribeStacks: NO_STACK });
  expect((await ec2("ssh")).stderr).toContain("there is no stack cloudnova-mine in us-east-1");
  expect((await ec2("status")).stdout).toContain("cloudnova-mine does not exist in us-east-1, and none of its data is left");
});

test("a private address is refused before AWS is asked to change anything", async () => {
  const ended = await ec2("allow-my-ip", ["--address", "192.168.1.20"]);
  expect(ended.stderr).toContain("192.168.1.20 is a private address");
  expect(aws.count("UpdateStack")).toBe(0);
});

test("what a stopped machine costs names a fixed address only where there is one", async () => {
  environment("lab", "laboratory: true");
  const rests = "<instanceId>i-1</instanceId><instanceType>t3.small</instanceType><instanceState><name>stopped</name></instanceState>";
  aws.answering({
    DescribeInstances: `<reservationSet><item><instancesSet><item>${rests}</item></instancesSet></item></reservationSet>`,
  });
  expect((await ec2("stop", [], {}, "lab")).stdout).toMatch(/\$2\.44 a month: the disks and the snapshots, if any\n/);
  expect((await ec2("stop")).stdout).toMatch(/\$7\.09 a month: the disks, the fixed address and the snapshots, if any\n/);
});

test("a replacement alone is not called nothing to change", async () => {
  aws.answering({
    DescribeChangeSet: "<Status>FAILED</Status><StatusReason>The submitted information didn't contain changes.</StatusReason>",
  });
  expect((await ec2("up")).stdout).toContain("nothing to change");
  const ended = await ec2("up", ["--replace", "instance"]);
  expect(ended.stdout).not.toContain("nothing to change");
  expect(ended.stderr).toContain("the machine is stopped and deleted");
});

test("a change of a machine that runs k3s already asks for no wait", async () => {
  aws.answering({
    DescribeStacks: (_, count) => stack(count < 2 ? "CREATE_COMPLETE" : "UPDATE_COMPLETE"),
    DescribeChangeSet: changeSet(change("DataVolume", "AWS::EC2::Volume", "False", "Size")),
  });
  const ended = await ec2("up", ["--yes"]);
  expect([ended.stderr, ended.code]).toEqual([expect.any(String), 0]);
  expect(ended.stdout).toContain("i-0123456789abcdef0 runs at 203.0.113.50\n");
  expect(ended.stdout).not.toContain("in about three minutes");
});

describe("what goes over ssh", () => {
  /** A program that stands for ssh: it writes down its arguments, and prints what the machine would. */
  const withSsh = (prints: string, code = 0) => {
    const bin = temporaryFolder("bin");
    writeFileSync(join(bin, "prints"), prints);
    writeFileSync(join(bin, "ssh"), `#!/bin/sh\necho "$@" >> ${bin}/asked\ncat ${bin}/prints\nexit ${code}\n`, { mode: 0o755 });
    return { bin, env: { PATH: `${bin}:${process.env.PATH}` } };
  };
  const K3S =
    "clusters: [{ name: default, cluster: { certificate-authority-data: Y2E=, server: https://127.0.0.1:6443 } }]\nusers: [{ name: default, user: { client-key-data: a2V5 } }]\n";
  test("the kubeconfig gets a context with the machine's address", async () => {
    const { bin, env } = withSsh(K3S);
    const file = join(bin, "kubeconfig");
    const ended = await ec2("kubeconfig", ["--kubeconfig", file], env);
    expect(ended).toMatchObject({ code: 0, stdout: expect.stringContaining("kubectl --context cloudnova-mine get nodes") });
    expect(readFileSync(join(bin, "asked"), "utf8")).toMatch(
      /HostKeyAlias=cloudnova-mine-i-0123456789abcdef0 .*ubuntu@203\.0\.113\.50 sudo cat/,
    );
    expect(readFileSync(file, "utf8")).toContain("server: https://203.0.113.50:6443");
  });
  test("nothing is written when k3s is not ready, or ssh does not arrive", async () => {
    const early = withSsh("");
    const file = join(early.bin, "kubeconfig");
    expect((await ec2("kubeconfig", ["--kubeconfig", file], early.env)).stderr).toContain("k3s has not finished starting");
    const closed = withSsh("", 255);
    expect((await ec2("kubeconfig", ["--kubeconfig", file], closed.env)).stderr).toContain("allow-my-ip");
    expect(existsSync(file)).toBe(false);
  });
  test("a command runs there, and its exit code is the command's", async () => {
    const { bin, env } = withSsh("a node\n", 3);
    expect(await ec2("ssh", ["--", "sudo", "k3s", "kubectl", "get", "nodes"], env)).toMatchObject({ code: 3, stdout: "a node\n" });
    expect(readFileSync(join(bin, "asked"), "utf8")).toContain("ubuntu@203.0.113.50 sudo k3s kubectl get nodes");
  });
});

describe("other commands find the machine by themselves", () => {
  const calls = () => (existsSync(join(folder, "ssh-calls")) ? readFileSync(join(folder, "ssh-calls"), "utf8") : "");
  /** Made-up programs of ssh and Session Manager; ssh writes down how it is called, and reaches nothing. */
  const bin = () => join(folder, "bin");
  beforeEach(() => {
    rmSync(join(folder, "ssh-calls"), { force: true });
    mkdirSync(bin(), { recursive: true });
    const refuses = `echo "$*" >> ${join(folder, "ssh-calls")}\necho "ssh: connect to host: Connection refused" >&2\nexit 255`;
    for (const [name, body] of Object.entries({ ssh: refuses, aws: "exit 0", "session-manager-plugin": "exit 0" })) {
      writeFileSync(join(bin(), name), `#!/bin/sh\n${body}\n`);
      chmodSync(join(bin(), name), 0o755);
    }
  });
  const status = (file: string, args: readonly string[] = [], command = "status") =>
    new Promise<{ readonly code: number; readonly stderr: string }>((resolve) => {
      const keys = { AWS_ENDPOINT_URL: aws.url, AWS_ACCESS_KEY_ID: "key", AWS_SECRET_ACCESS_KEY: "secret", AWS_MAX_ATTEMPTS: "1" };
      const env = { PATH: `${bin()}:${process.env.PATH}`, HOME: folder, LANG: "C", ...keys };
      execFile(process.execPath, ["bin/cloudnova.cjs", command, file, ...args], { env }, (error, _, stderr) =>
        resolve({ code: error ? Number(error.code) : 0, stderr }),
      );
    });
  const fileOf = (name: string) => join(folder, `${name}.yaml`);

  test("at its address, with the host key of its id", async () => {
    const { code, stderr } = await status(fileOf("mine"));
    expect([code, stderr]).toEqual([1, expect.stringContaining("ubuntu@203.0.113.50: connection refused")]);
    expect(calls()).toContain("HostKeyAlias=cloudnova-mine-i-0123456789abcdef0");
    expect(calls()).toContain("127.0.0.1:6443");
  });

  test("or through Session Manager, and the command to type by hand is whole", async () => {
    environment("mine", "ssh: session-manager");
    const { stderr } = await status(fileOf("mine"));
    environment("mine", "");
    expect(calls()).toContain("ProxyCommand=aws ssm start-session --region us-east-1 --target i-0123456789abcdef0 ");
    expect(stderr).toMatch(/'ProxyCommand=aws ssm start-session [^']+' ubuntu@i-0123456789abcdef0/);
  });

  test("and say what is missing: the stack, or a machine that runs", async () => {
    aws.answering({ DescribeStacks: NO_STACK });
    for (const command of ["status", "up"]) {
      expect((await status(fileOf("mine"), [], command)).stderr).toMatch(/cloudnova-mine[\s\S]*'npx cloudnova ec2 up \S+\/mine\.yaml'/);
    }
    expect(calls()).toBe("");
  });

  test("AWS is not asked where a context is named, or the environment has no such machine", async () => {
    await status(fileOf("mine"), ["--context", "mine"]);
    writeFileSync(fileOf("other"), "cluster: k3s\nmachine: { instance: t3.small, ssh: ubuntu@203.0.113.9 }\n");
    expect((await status(fileOf("other"))).stderr).toContain("ubuntu@203.0.113.9");
    expect(aws.calls).toEqual([]);
  });
});
