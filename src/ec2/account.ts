import type { Instance as Ec2Instance, Snapshot, Volume } from "@aws-sdk/client-ec2";
import { ClusterError } from "../cluster/cluster-error.ts";
import type { Ec2 } from "../config/ec2.ts";
import type { Instance } from "../config/machines.ts";
import { ec2 as say } from "../messages/ec2.ts";
import { type Aws, hasCode } from "./sdk.ts";
import { DATA_TAG } from "./template.ts";

export type Architecture = "amd64" | "arm64";

/** The processor of an instance type: t4g is AWS' own, the others are Intel's or AMD's. */
export const architectureOf = (instance: Instance): Architecture => (instance.startsWith("t4g.") ? "arm64" : "amd64");

/** Where the machine goes. */
export interface Place {
  /** The account's number. */
  readonly account: string;
  readonly vpc: string;
  readonly subnet: string;
  readonly zone: string;
}

/** The network: the default VPC's, or that of the subnet that the environment names. @throws ClusterError when there is none */
async function subnets(aws: Aws, given: string | undefined) {
  if (given) {
    const { Subnets = [] } = await aws
      .ec2(
        (client, { DescribeSubnetsCommand }, abort) => client.send(new DescribeSubnetsCommand({ SubnetIds: [given] }), abort),
        /^InvalidSubnetI[Dd]/,
      )
      .catch((error) => {
        throw hasCode(error, /^InvalidSubnetI[Dd]/) ? new ClusterError(say.noSubnet(given, aws.region), say.regionAdvice) : error;
      });
    return Subnets;
  }
  const { Vpcs = [] } = await aws.ec2((client, { DescribeVpcsCommand }, abort) =>
    client.send(new DescribeVpcsCommand({ Filters: [{ Name: "is-default", Values: ["true"] }] }), abort),
  );
  const [vpc] = Vpcs;
  if (!vpc?.VpcId) throw new ClusterError(say.noDefaultVpc(aws.region), say.noDefaultVpcAdvice(aws.region));
  const { Subnets = [] } = await aws.ec2((client, { DescribeSubnetsCommand }, abort) =>
    client.send(new DescribeSubnetsCommand({ Filters: [{ Name: "vpc-id", Values: [vpc.VpcId ?? ""] }] }), abort),
  );
  return Subnets.filter(({ DefaultForAz }) => DefaultForAz);
}

/**
 * A subnet in a zone that has the instance type; some zones have no newer types. @param zone that of an existing data volume
 *
 * @throws ClusterError when there is none
 */
export async function findPlace(aws: Aws, { subnet }: Ec2, instance: Instance, zone: string | undefined): Promise<Place> {
  const all = await subnets(aws, subnet);
  const { InstanceTypeOfferings = [] } = await aws.ec2((client, { DescribeInstanceTypeOfferingsCommand }, abort) =>
    client.send(
      new DescribeInstanceTypeOfferingsCommand({
        LocationType: "availability-zone",
        Filters: [{ Name: "instance-type", Values: [instance] }],
      }),
      abort,
    ),
  );
  const zones = new Set(InstanceTypeOfferings.map(({ Location }) => Location));
  const fitting = all
    .filter(({ AvailabilityZone }) => zones.has(AvailabilityZone) && (zone === undefined || AvailabilityZone === zone))
    .sort((one, other) => (one.AvailabilityZone ?? "").localeCompare(other.AvailabilityZone ?? ""));
  const [found] = fitting;
  if (!found) {
    if (zones.size === 0) throw new ClusterError(say.noSuchInstance(instance, aws.region), say.regionAdvice);
    throw new ClusterError(zone ? say.noSubnetIn(zone, instance) : say.noSubnetWith(instance, aws.region), say.subnetAdvice);
  }
  const { VpcId: vpc = "", SubnetId: id = "", AvailabilityZone = "", OwnerId: account = "" } = found;
  return { account, vpc, subnet: id, zone: AvailabilityZone };
}

/** The Ubuntu image of today, from the parameter that Canonical publishes. */
export async function findImage(aws: Aws, architecture: Architecture): Promise<string> {
  const name = `/aws/service/canonical/ubuntu/server/24.04/stable/current/${architecture}/hvm/ebs-gp3/ami-id`;
  const { Parameter } = await aws
    .ssm((client, { GetParameterCommand }, abort) => client.send(new GetParameterCommand({ Name: name }), abort), /^ParameterNotFound/)
    .catch((error) => {
      throw hasCode(error, /^ParameterNotFound/) ? new ClusterError(say.noImage(name, aws.region), say.regionAdvice) : error;
    });
  return Parameter?.Value ?? "";
}

/** Checks that the region has the key pair. @throws ClusterError that names those that it has */
export async function checkKeyPair(aws: Aws, name: string): Promise<void> {
  const { KeyPairs = [] } = await aws.ec2((client, { DescribeKeyPairsCommand }, abort) =>
    client.send(new DescribeKeyPairsCommand({}), abort),
  );
  const names = KeyPairs.map(({ KeyName = "" }) => KeyName);
  if (!names.includes(name)) throw new ClusterError(say.noKeyPair(name, aws.region, names.join(", ")), say.noKeyPairAdvice);
}

/** A data volume as far as the commands need it. */
export interface DataVolume {
  readonly id: string;
  readonly gib: number;
  readonly zone: string;
  readonly state: string;
}

const volumeOf = ({ VolumeId: id = "", Size: gib = 0, AvailabilityZone: zone = "", State }: Volume): DataVolume => ({
  id,
  gib,
  zone,
  state: State ?? "",
});

/** The data volumes of a stack of this name, of today's and of deleted ones. */
export async function dataVolumes(aws: Aws, stack: string): Promise<DataVolume[]> {
  const { Volumes = [] } = await aws.ec2((client, { DescribeVolumesCommand }, abort) =>
    client.send(new DescribeVolumesCommand({ Filters: [{ Name: `tag:${DATA_TAG}`, Values: [stack] }] }), abort),
  );
  return Volumes.map(volumeOf).filter(({ state }) => state !== "deleting" && state !== "deleted");
}

/** The volume of that id; undefined where there is none. */
export async function volume(aws: Aws, id: string): Promise<DataVolume | undefined> {
  const { Volumes = [] } = await aws
    .ec2(
      (client, { DescribeVolumesCommand }, abort) => client.send(new DescribeVolumesCommand({ VolumeIds: [id] }), abort),
      /^InvalidVolume/,
    )
    .catch((error) => {
      if (hasCode(error, /^InvalidVolume/)) return { Volumes: [] };
      throw error;
    });
  return Volumes.map(volumeOf)[0];
}

export interface DataSnapshot {
  readonly id: string;
  readonly gib: number;
  readonly at: Date | undefined;
  readonly state: string;
}

/** The snapshots of a stack's data volumes, the newest first. */
export async function dataSnapshots(aws: Aws, stack: string): Promise<DataSnapshot[]> {
  const { Snapshots = [] } = await aws.ec2((client, { DescribeSnapshotsCommand }, abort) =>
    client.send(new DescribeSnapshotsCommand({ OwnerIds: ["self"], Filters: [{ Name: `tag:${DATA_TAG}`, Values: [stack] }] }), abort),
  );
  const of = ({ SnapshotId: id = "", VolumeSize: gib = 0, StartTime: at, State }: Snapshot): DataSnapshot => ({
    id,
    gib,
    at,
    state: State ?? "",
  });
  return Snapshots.map(of).sort((one, other) => (other.at?.getTime() ?? 0) - (one.at?.getTime() ?? 0));
}

/** Begins a snapshot of a stack's data volume; EC2 finishes it by itself. Returns its id. */
export async function createSnapshot(aws: Aws, stack: string, volumeId: string): Promise<string> {
  const { SnapshotId = "" } = await aws.ec2((client, { CreateSnapshotCommand }, abort) =>
    client.send(
      new CreateSnapshotCommand({
        VolumeId: volumeId,
        Description: `${stack}: before its deletion`,
        TagSpecifications: [
          {
            ResourceType: "snapshot",
            Tags: [
              { Key: DATA_TAG, Value: stack },
              { Key: "Name", Value: `${stack} data` },
            ],
          },
        ],
      }),
      abort,
    ),
  );
  return SnapshotId;
}

export async function deleteVolume(aws: Aws, id: string): Promise<void> {
  await aws.ec2((client, { DeleteVolumeCommand }, abort) => client.send(new DeleteVolumeCommand({ VolumeId: id }), abort));
}

export async function deleteSnapshot(aws: Aws, id: string): Promise<void> {
  await aws.ec2((client, { DeleteSnapshotCommand }, abort) => client.send(new DeleteSnapshotCommand({ SnapshotId: id }), abort));
}

/** The machine of a stack. */
export interface Machine {
  readonly id: string;
  readonly type: string;
  /** EC2's word: pending, running, stopping, stopped. */
  readonly state: string;
  /** Public IPv4 address; undefined while it is stopped without a fixed one. */
  readonly address: string | undefined;
  readonly architecture: Architecture;
  readonly zone: string;
}

const machineOf = ({
  InstanceId: id = "",
  InstanceType,
  State,
  PublicIpAddress: address,
  Architecture,
  Placement,
}: Ec2Instance): Machine => ({
  id,
  type: InstanceType ?? "",
  state: State?.Name ?? "",
  address,
  architecture: Architecture === "arm64" ? "arm64" : "amd64",
  zone: Placement?.AvailabilityZone ?? "",
});

/** The machine of that id; undefined where there is none any more. */
export async function readMachine(aws: Aws, id: string): Promise<Machine | undefined> {
  const { Reservations = [] } = await aws
    .ec2(
      (client, { DescribeInstancesCommand }, abort) => client.send(new DescribeInstancesCommand({ InstanceIds: [id] }), abort),
      /^InvalidInstanceI[Dd]/,
    )
    .catch((error) => {
      if (hasCode(error, /^InvalidInstanceI[Dd]/)) return { Reservations: [] };
      throw error;
    });
  const machine = Reservations.flatMap(({ Instances = [] }) => Instances).map(machineOf)[0];
  return machine && machine.state !== "terminated" ? machine : undefined;
}

/** Longest wait for a machine to start or stop, s: a stop waits for its services, ten minutes at most. */
const CHANGE_S = 600;

/** Stops the machine and waits until its volumes are written and free. */
export async function stopMachine(aws: Aws, id: string): Promise<void> {
  await aws.ec2((client, { StopInstancesCommand }, abort) => client.send(new StopInstancesCommand({ InstanceIds: [id] }), abort));
  await aws.ec2((client, { waitUntilInstanceStopped }, { abortSignal }) =>
    waitUntilInstanceStopped({ client, abortSignal, maxWaitTime: CHANGE_S, minDelay: 2, maxDelay: 10 }, { InstanceIds: [id] }),
  );
}

/** Starts the machine and waits until it runs. */
export async function startMachine(aws: Aws, id: string): Promise<void> {
  await aws.ec2((client, { StartInstancesCommand }, abort) => client.send(new StartInstancesCommand({ InstanceIds: [id] }), abort));
  await aws.ec2((client, { waitUntilInstanceRunning }, { abortSignal }) =>
    waitUntilInstanceRunning({ client, abortSignal, maxWaitTime: CHANGE_S, minDelay: 2, maxDelay: 10 }, { InstanceIds: [id] }),
  );
}
