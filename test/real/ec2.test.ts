import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { hostname } from "node:os";
import { join } from "node:path";
import {
  DescribeInstancesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSnapshotsCommand,
  DescribeVolumesCommand,
  EC2Client,
  ImportKeyPairCommand,
} from "@aws-sdk/client-ec2";
import { ownerName } from "../../src/ec2/owners.ts";
import { type Daemon, startDaemon } from "../../tools/common/daemon.ts";
import { freePorts } from "../../tools/common/ports.ts";
import { run } from "../../tools/common/run.ts";
import { ensure } from "../../tools/toolchain/ensure.ts";
import { TEMPLATES } from "../ec2/example.ts";
import { temporaryFolder } from "../temporary.ts";

jest.setTimeout(5 * 60_000);

// moto answers as AWS does; what it lacks, and what was added to it for these tests, is at the top of test/real/moto/serve.py. It works
// out no replacements, does not fail, and knows no waiting: test/real/ec2-faults.test.ts has these, with answers as AWS documents them.
/** A public key; nobody has its private half. */
const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIErNU27z9tbwaOTicTYTcLEcS/AwAA7E+sAG3SMBzvqE";

let moto: Daemon;
let url: string;
let bin: string;
let client: EC2Client;
let folder: string;
beforeAll(async () => {
  bin = await ensure("aws");
  folder = temporaryFolder("ec2");
  const [port] = await freePorts(1);
  url = `http://127.0.0.1:${port}`;
  moto = startDaemon(join(bin, "python"), ["test/real/moto/serve.py", "-p", String(port)], join(folder, "moto.log"));
  const answers = async (): Promise<void> => {
    while (!(await fetch(`${url}/moto-api/`).catch(() => undefined))?.ok) await new Promise((resolve) => setTimeout(resolve, 200));
  };
  await Promise.race([answers(), moto.died]);
  client = new EC2Client({ endpoint: url, region: "us-east-1", credentials: { accessKeyId: "key", secretAccessKey: "secret" } });
  mkdirSync(join(folder, ".ssh"));
  writeFileSync(join(folder, ".ssh", "id_ed25519.pub"), `${KEY} ana@laptop\n`);
});
afterAll(() => moto?.stop());

/** Writes an environment's file. */
function environment(name: string, ec2: string): string {
  const file = join(folder, `${name}.yaml`);
  writeFileSync(file, `cluster: k3s\nmachine: { instance: t3.small }\ningress: { host: app.example.com }\nec2: { ${ec2} }\n`);
  return file;
}

/** Runs `cloudnova ec2` as a user would, and reads its JSON. */
async function ec2(command: string, file: string, ...args: readonly string[]) {
  const env = {
    PATH: process.env.PATH,
    HOME: folder,
    LANG: "C",
    AWS_ENDPOINT_URL: url,
    AWS_ACCESS_KEY_ID: "key",
    AWS_SECRET_ACCESS_KEY: "secret",
  };
  const output = ["bin/cloudnova.cjs", "ec2", command, file, "--output", "json", ...args];
  const { error, stdout, stderr } = await new Promise<{ error: Error | null; stdout: string; stderr: string }>((resolve) => {
    execFile(process.execPath, output, { env }, (failure, out, text) => resolve({ error: failure, stdout: out, stderr: text }));
  });
  if (error) throw new Error(stderr);
  return JSON.parse(stdout);
}

/** The ranges that may reach each port. */
async function openTo(stack: string): Promise<Record<number, string[]>> {
  const { SecurityGroups = [] } = await client.send(new DescribeSecurityGroupsCommand({}));
  const group = SecurityGroups.find(({ Description = "" }) => Description.startsWith(`${stack}:`));
  const rules = (group?.IpPermissions ?? []).map(({ FromPort = 0, IpRanges = [], Ipv6Ranges = [] }) => [
    FromPort,
    [...IpRanges.map(({ CidrIp }) => CidrIp), ...Ipv6Ranges.map(({ CidrIpv6 }) => CidrIpv6)].sort(),
  ]);
  return Object.fromEntries(rules);
}

// moto creates no rules for IPv6 from a template; test/ec2/template.test.ts has them.
const EVERYONE = ["0.0.0.0/0"];

test("a machine's life: created, reached from another house, replaced, stopped, deleted, and created again with its data", async () => {
  const mine = environment("mine", "");
  const plan = await ec2("plan", mine, "--address", "203.0.113.7");
  expect(plan.changes.filter(({ effect }: { effect: string }) => effect !== "add")).toEqual([]);
  expect((await ec2("status", mine)).status).toBeUndefined();

  const created = await ec2("up", mine, "--address", "203.0.113.7", "--yes");
  expect(created.machine).toMatchObject({ type: "t3.small", state: "running", address: expect.any(String) });
  expect(await openTo("cloudnova-mine")).toEqual({
    22: ["203.0.113.7/32"],
    80: EVERYONE,
    443: EVERYONE,
    6443: ["203.0.113.7/32"],
  });
  const [volume] = (await ec2("status", mine)).volumes;
  expect(volume).toMatchObject({ gib: 20, state: "in-use", zone: created.machine.zone });
  expect(await ec2("up", mine, "--yes")).toMatchObject({ changes: [], machine: { id: created.machine.id } });

  // Another house: a service tells the address, as checkip.amazonaws.com does.
  const service = createServer((_, response) => response.end("198.51.100.9\n")).listen(0, "127.0.0.1");
  await once(service, "listening");
  const address = `http://127.0.0.1:${(service.address() as AddressInfo).port}/`;
  const moved = await ec2("allow-my-ip", mine, "--service", address, "--also", "2a02:1:2:3::/64");
  expect(moved).toMatchObject({ changed: true, owners: [{ name: ownerName(hostname()) }, { name: "2a02:1:2:3::/64" }] });
  expect(await openTo("cloudnova-mine")).toMatchObject({ 22: ["198.51.100.9/32"], 443: EVERYONE });
  expect(await ec2("allow-my-ip", mine, "--service", address)).toMatchObject({ changed: false });
  service.close();
  await expect(ec2("allow-my-ip", mine, "--service", address)).rejects.toThrow("the public address of this computer could not be found");

  const replaced = await ec2("up", mine, "--replace", "instance", "--yes");
  expect(replaced.machine.id).not.toBe(created.machine.id);
  const attached = await client.send(new DescribeVolumesCommand({ VolumeIds: [volume.id] }));
  expect(attached.Volumes?.[0]?.Attachments).toMatchObject([{ InstanceId: replaced.machine.id, Device: "/dev/sdf" }]);
  const old = await client.send(new DescribeInstancesCommand({ InstanceIds: [created.machine.id] }));
  expect(old.Reservations?.[0]?.Instances?.[0]?.State?.Name).toBe("terminated");

  await ec2("stop", mine);
  expect((await ec2("status", mine)).machine.state).toBe("stopped");
  await expect(ec2("kubeconfig", mine)).rejects.toThrow("the machine is stopped");
  expect((await ec2("up", mine, "--yes")).machine).toMatchObject({ id: replaced.machine.id, state: "running" });

  const down = await ec2("down", mine, "--yes");
  expect(down).toMatchObject({ volumes: [{ id: volume.id, state: "available" }], snapshots: [{ gib: 20 }] });
  const again = await ec2("up", mine, "--address", "203.0.113.7", "--yes");
  expect((await ec2("status", mine)).volumes).toMatchObject([{ id: volume.id, state: "in-use" }]);
  expect(again.machine.id).not.toBe(replaced.machine.id);

  expect(await ec2("down", mine, "--delete-data", "--yes")).toMatchObject({ volumes: [], snapshots: [] });
  const snapshots = await client
    .send(new DescribeSnapshotsCommand({ SnapshotIds: down.snapshots.map(({ id }: { id: string }) => id) }))
    .catch(() => ({
      Snapshots: [],
    }));
  expect(snapshots.Snapshots).toEqual([]);
});

test("a student laboratory: no role is created, and the same commands work", async () => {
  await client.send(new ImportKeyPairCommand({ KeyName: "vockey", PublicKeyMaterial: Buffer.from(KEY) }));
  const iam = (action: string, rest: string) =>
    fetch(url, {
      method: "POST",
      headers: {
        "content-type": "application/x-www-form-urlencoded",
        authorization: "AWS4-HMAC-SHA256 Credential=key/20260101/us-east-1/iam/aws4_request, SignedHeaders=host, Signature=0",
      },
      body: `Action=${action}&Version=2010-05-08&${rest}`,
    }).then((answer) => answer.text());
  await iam("CreateInstanceProfile", "InstanceProfileName=LabInstanceProfile");
  const roles = await iam("ListRoles", "");

  const lab = environment("lab", "laboratory: true, keyPair: vockey");
  const { changes, machine } = await ec2("up", lab, "--address", "203.0.113.7", "--yes");
  expect(changes.filter(({ type }: { type: string }) => /IAM|DLM|EIP/.test(type))).toEqual([]);
  expect((await iam("ListRoles", "")).match(/<RoleName>/g)).toEqual(roles.match(/<RoleName>/g));
  const { Reservations = [] } = await client.send(new DescribeInstancesCommand({ InstanceIds: [machine.id] }));
  const arn = Reservations[0]?.Instances?.[0]?.IamInstanceProfile?.Arn;
  expect(arn === undefined || arn.endsWith("LabInstanceProfile")).toBe(true);
  await ec2("stop", lab);
  expect((await ec2("start", lab)).machine).toMatchObject({ id: machine.id, state: "running" });
  await ec2("down", lab, "--delete-data", "--yes");
});

describe("the templates", () => {
  const files = Object.entries(TEMPLATES).map(([name, template]) => [name, template, `${name.replaceAll(" ", "-")}.json`] as const);
  let written: string;
  beforeAll(() => {
    written = temporaryFolder("templates");
    for (const [, template, file] of files) writeFileSync(join(written, file), JSON.stringify(template));
  });
  test.each(files)("%s: cfn-lint finds nothing", async (name, _, file) => {
    // The first half of a replacement keeps the parameters of the second.
    const ignored = name === "without the machine" ? ["--ignore-checks", "W2001"] : [];
    const { status, stdout } = await run(join(bin, "cfn-lint"), ["--regions", "us-east-1", ...ignored, "--", join(written, file)]);
    expect([status, stdout]).toEqual([0, ""]);
  });
  test("checkov finds nothing but what the templates explain", async () => {
    const checkov = join(await ensure("checkov"), "checkov");
    const args = ["--framework", "cloudformation", "--skip-download", "--compact", "--quiet", "--output", "json", "--directory", written];
    const { stdout } = await run(checkov, args, { env: { LOG_LEVEL: "ERROR" } });
    const { results, summary } = JSON.parse(stdout);
    expect(
      results.failed_checks.map(({ check_id, resource }: { check_id: string; resource: string }) => `${check_id} ${resource}`),
    ).toEqual([]);
    expect(summary).toMatchObject({ failed: 0, parsing_errors: 0, resource_count: expect.any(Number) });
    expect(summary.passed).toBeGreaterThan(50);
  });
});
