import type { Ec2 } from "../config/ec2.ts";
import type { Instance } from "../config/machines.ts";
import { OWNER_SLOTS, ownerParameter } from "./owners.ts";

/** A value of a template: a literal, or one of CloudFormation's functions (`{ Ref: … }`). */
export type Value = string | number | boolean | readonly Value[] | { readonly [key: string]: Value };

interface Parameter {
  readonly Type: string;
  readonly Description: string;
  readonly Default?: string;
  readonly AllowedPattern?: string;
  readonly ConstraintDescription?: string;
}

/** A resource of a template. Policies say what becomes of it when the stack is deleted or it is replaced. */
export interface Resource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, Value>>;
  readonly DeletionPolicy?: "Delete" | "Retain" | "RetainExceptOnCreate" | "Snapshot";
  readonly UpdateReplacePolicy?: "Delete" | "Retain" | "Snapshot";
  readonly DependsOn?: readonly string[];
  readonly Metadata?: { readonly checkov: { readonly skip: readonly { readonly id: string; readonly comment: string }[] } };
}

export interface Template {
  readonly AWSTemplateFormatVersion: "2010-09-09";
  readonly Description: string;
  readonly Parameters: Readonly<Record<string, Parameter>>;
  readonly Conditions: Readonly<Record<string, Value>>;
  readonly Resources: Readonly<Record<string, Resource>>;
}

/** What a template is made from. */
export interface TemplateProps {
  /** Name of the stack, `cloudnova-<environment>`. */
  readonly stack: string;
  readonly instance: Instance;
  readonly ec2: Ec2;
  /** Size of the data volume, GiB. */
  readonly dataGiB: number;
  /** cloud-init's text, which runs at the first boot; `VOLUME` in it stands for the data volume's id. */
  readonly userData: string;
  /** Recipients of the alarms. */
  readonly mail: readonly string[];
  /** Without the instance and what is bound to it: the first half of a replacement. @default true */
  readonly withInstance?: boolean;
  /** User data of the machine that runs: another text would stop it, and cloud-init would not run again. @default userData */
  readonly runningUserData?: Value;
  /** Mount a volume that an earlier stack left behind (parameter DataVolumeId) instead of creating one. @default false */
  readonly adoptsVolume?: boolean;
}

/**
 * Size of the root disk, GiB: Ubuntu server (about 2.5), swap (2), packages and the journal. k3s, its images and all volumes are on
 * the data volume.
 */
export const ROOT_GIB = 8;

/** Tag of a data volume and its snapshots; its value is the stack's name. `up` finds a volume that a deleted stack left behind by it. */
export const DATA_TAG = "cloudnova:data";

/** Tag of everything that the stack creates; its value is the stack's name. */
export const STACK_TAG = "cloudnova:stack";

/** Logical names whose replacement must be asked for by name, each with the word for it on the command line. */
export const GUARDED: Readonly<Record<string, "instance" | "volume">> = { Instance: "instance", DataVolume: "volume" };

const ref = (name: string): Value => ({ Ref: name });
const attribute = (name: string, of: string): Value => ({ "Fn::GetAtt": [name, of] });
/** An ARN in the partition of the region: China's and the government's are others. */
const arn = (rest: string): Value => ({ "Fn::Sub": `arn:\${AWS::Partition}:${rest}` });
const ifSet = (condition: string, value: Value): Value => ({ "Fn::If": [condition, value, ref("AWS::NoValue")] });

const named = (stack: string, name: string): Value => [
  { Key: "Name", Value: name },
  { Key: STACK_TAG, Value: stack },
];

const slots = Array.from({ length: OWNER_SLOTS }, (_, index) => index + 1);

/** Whoever may administer the machine: four computers or networks, each with an IPv4 and an IPv6 range. Empty: nobody. */
function ownerParameters(): Template["Parameters"] {
  return Object.fromEntries(
    slots.flatMap((slot): [string, Parameter][] => [
      [
        ownerParameter(slot, "Name"),
        {
          Type: "String",
          Default: "",
          Description: `Name of the computer that may administer the machine (${slot})`,
          AllowedPattern: "[a-zA-Z0-9._:/ -]{0,60}",
        },
      ],
      [
        ownerParameter(slot, "Ipv4"),
        {
          Type: "String",
          Default: "",
          Description: "Its public IPv4 range",
          AllowedPattern: "|(\\d{1,3}\\.){3}\\d{1,3}/\\d{1,2}",
          ConstraintDescription: "an IPv4 range such as 203.0.113.7/32, or empty",
        },
      ],
      [
        ownerParameter(slot, "Ipv6"),
        {
          Type: "String",
          Default: "",
          Description: "Its public IPv6 range",
          AllowedPattern: "|[0-9a-f:]+/\\d{1,3}",
          ConstraintDescription: "an IPv6 range such as 2001:db8:1:2::/64, or empty",
        },
      ],
    ]),
  );
}

const FAMILIES = [
  ["Ipv4", "CidrIp", "0.0.0.0/0"],
  ["Ipv6", "CidrIpv6", "::/0"],
] as const;

const tcp = (port: number, range: Readonly<Record<string, Value>>, description: Value): Value => ({
  IpProtocol: "tcp",
  FromPort: port,
  ToPort: port,
  ...range,
  Description: description,
});

/** 80 and 443 for everyone; ssh, where it is direct, and the API server for the owners alone. */
function securityGroup({ stack, ec2 }: TemplateProps): Resource {
  const web = [80, 443].flatMap((port) => FAMILIES.map(([, key, all]) => tcp(port, { [key]: all }, "the application")));
  const administration = ec2.ssh === "own-address" ? [22, 6443] : [6443];
  const owners = slots.flatMap((slot) =>
    FAMILIES.flatMap(([family, key]) =>
      administration.map((port) =>
        ifSet(
          `${ownerParameter(slot, family)}Given`,
          tcp(port, { [key]: ref(ownerParameter(slot, family)) }, ref(ownerParameter(slot, "Name"))),
        ),
      ),
    ),
  );
  return {
    Type: "AWS::EC2::SecurityGroup",
    Properties: {
      GroupDescription: `${stack}: the application for everyone, administration for its owners`,
      VpcId: ref("VpcId"),
      SecurityGroupIngress: [...web, ...owners],
      SecurityGroupEgress: [
        { IpProtocol: "-1", CidrIp: "0.0.0.0/0", Description: "packages, images, certificates, mail" },
        { IpProtocol: "-1", CidrIpv6: "::/0", Description: "packages, images, certificates, mail" },
      ],
      Tags: named(stack, stack),
    },
    Metadata: {
      checkov: {
        skip: [
          { id: "CKV_AWS_23", comment: "each rule has a description; those within Fn::If are not read" },
          { id: "CKV_AWS_260", comment: "port 80 redirects to HTTPS and answers Let's Encrypt's challenge" },
          { id: "CKV_AWS_382", comment: "images, packages, certificates and notifications go to addresses that nobody knows beforehand" },
        ],
      },
    },
  };
}

const assumedBy = (service: string): Value => ({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole" }],
});

/** Rights of the instance: Session Manager, and the one prefix for backups. */
function rights({ backups }: Ec2): Value[] {
  // The least that Session Manager needs ("Add Session Manager permissions to an existing IAM role" in its documentation).
  const sessions: Value = {
    Effect: "Allow",
    Action: [
      "ssm:UpdateInstanceInformation",
      "ssmmessages:CreateControlChannel",
      "ssmmessages:CreateDataChannel",
      "ssmmessages:OpenControlChannel",
      "ssmmessages:OpenDataChannel",
    ],
    Resource: "*", // these actions know no resources
  };
  if (!backups) return [sessions];
  const [bucket = "", ...rest] = backups.split("/");
  const prefix = rest.join("/");
  const bucketArn = arn(`s3:::${bucket}`);
  return [
    sessions,
    {
      Effect: "Allow",
      Action: ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"],
      Resource: arn(`s3:::${bucket}/${prefix}/*`),
    },
    {
      Effect: "Allow",
      Action: "s3:ListBucket",
      Resource: bucketArn,
      Condition: { StringLike: { "s3:prefix": [prefix, `${prefix}/*`] } },
    },
    { Effect: "Allow", Action: "s3:GetBucketLocation", Resource: bucketArn },
  ];
}

/** The instance's role. In a laboratory an existing instance profile takes its place. */
function role({ stack, ec2 }: TemplateProps): Template["Resources"] {
  if (ec2.instanceProfile) return {};
  return {
    Role: {
      Type: "AWS::IAM::Role",
      Properties: {
        Description: `${stack}: Session Manager${ec2.backups ? `, backups in ${ec2.backups}` : ""}`,
        AssumeRolePolicyDocument: assumedBy("ec2.amazonaws.com"),
        Policies: [{ PolicyName: "machine", PolicyDocument: { Version: "2012-10-17", Statement: rights(ec2) } }],
        Tags: named(stack, stack),
      },
      Metadata: { checkov: { skip: [{ id: "CKV_AWS_111", comment: "Session Manager's actions know no resources" }] } },
    },
    InstanceProfile: { Type: "AWS::IAM::InstanceProfile", Properties: { Roles: [ref("Role")] } },
  };
}

/** Stands in user data for the id of the data volume. */
export const VOLUME = "@@VOLUME@@";

const userDataOf = (text: string, volume: Value): Value => ({
  "Fn::Join": ["", text.split(VOLUME).flatMap((part, index) => (index === 0 ? [part] : [volume, part]))],
});

/** What is bound to the machine itself, and goes with it when it is replaced. */
function instance(props: TemplateProps): Template["Resources"] {
  const { stack, ec2, userData, runningUserData } = props;
  const isT2 = props.instance.startsWith("t2.");
  return {
    Instance: {
      Type: "AWS::EC2::Instance",
      Properties: {
        ImageId: ref("ImageId"),
        InstanceType: props.instance,
        KeyName: ec2.keyPair ?? ref("KeyPair"),
        SubnetId: ref("SubnetId"),
        SecurityGroupIds: [attribute("SecurityGroup", "GroupId")],
        IamInstanceProfile: ec2.instanceProfile ?? ref("InstanceProfile"),
        // A pod is one hop further, so it gets no token and none of the role's rights.
        MetadataOptions: { HttpEndpoint: "enabled", HttpTokens: "required", HttpPutResponseHopLimit: 1 },
        BlockDeviceMappings: [
          {
            DeviceName: "/dev/sda1", // the root device of Ubuntu's images
            Ebs: { VolumeSize: ROOT_GIB, VolumeType: "gp3", Encrypted: true, DeleteOnTermination: true },
          },
        ],
        CreditSpecification: { CPUCredits: ec2.cpuCredits },
        ...(isT2 ? {} : { EbsOptimized: true }), // t2 has no such option
        UserData: runningUserData ?? { "Fn::Base64": userDataOf(userData, dataVolumeOf(props)) },
        PropagateTagsToVolumeOnCreation: true,
        Tags: named(stack, stack),
      },
      Metadata: {
        checkov: {
          skip: [
            { id: "CKV_AWS_126", comment: "detailed monitoring costs extra; Prometheus measures every 15 s" },
            ...(isT2 ? [{ id: "CKV_AWS_135", comment: "t2 cannot be EBS-optimized" }] : []),
          ],
        },
      },
    },
    DataVolumeAttachment: {
      Type: "AWS::EC2::VolumeAttachment",
      Properties: { Device: "/dev/sdf", InstanceId: ref("Instance"), VolumeId: dataVolumeOf(props) },
    },
    ...alarms(props),
  };
}

const dataVolumeOf = ({ adoptsVolume }: TemplateProps): Value => ref(adoptsVolume ? "DataVolumeId" : "DataVolume");

/** CPU credits below which the machine will soon run at its baseline: 30 are half an hour of one vCPU. */
const FEW_CREDITS = 30;

function alarms({ ec2, mail }: TemplateProps): Template["Resources"] {
  const alarm = (description: string, rest: Readonly<Record<string, Value>>): Resource => ({
    Type: "AWS::CloudWatch::Alarm",
    Properties: {
      AlarmDescription: description,
      Namespace: "AWS/EC2",
      Dimensions: [{ Name: "InstanceId", Value: ref("Instance") }],
      TreatMissingData: "notBreaching", // a stopped machine reports nothing
      ...(mail.length > 0 && !ec2.laboratory ? { AlarmActions: [ref("Notifications")], OKActions: [ref("Notifications")] } : {}),
      ...rest,
    },
  });
  return {
    StatusAlarm: alarm("The machine, or the hardware below it, does not answer EC2's checks", {
      MetricName: "StatusCheckFailed",
      Statistic: "Maximum",
      Period: 60,
      EvaluationPeriods: 3,
      Threshold: 1,
      ComparisonOperator: "GreaterThanOrEqualToThreshold",
    }),
    // Two hours: a new t3 begins without credits and earns 24 an hour.
    CpuCreditAlarm:
      ec2.cpuCredits === "standard"
        ? alarm("The machine has few CPU credits and will soon be limited to its baseline", {
            MetricName: "CPUCreditBalance",
            Statistic: "Maximum",
            Period: 300,
            EvaluationPeriods: 24,
            Threshold: FEW_CREDITS,
            ComparisonOperator: "LessThanThreshold",
          })
        : alarm("The machine uses more CPU than its price includes; the surplus is charged", {
            MetricName: "CPUSurplusCreditsCharged",
            Statistic: "Maximum",
            Period: 300,
            EvaluationPeriods: 1,
            Threshold: 0,
            ComparisonOperator: "GreaterThanThreshold",
          }),
  };
}

/** Daily snapshots by Amazon Data Lifecycle Manager; they stay when the stack is deleted. */
function snapshots({ stack, ec2 }: TemplateProps): Template["Resources"] {
  if (ec2.snapshots === 0) return {};
  return {
    SnapshotRole: {
      Type: "AWS::IAM::Role",
      Properties: {
        Description: `${stack}: snapshots of the data volume`,
        AssumeRolePolicyDocument: assumedBy("dlm.amazonaws.com"),
        ManagedPolicyArns: [arn("iam::aws:policy/service-role/AWSDataLifecycleManagerServiceRole")],
        Tags: named(stack, stack),
      },
    },
    SnapshotPolicy: {
      Type: "AWS::DLM::LifecyclePolicy",
      Properties: {
        Description: `${stack} daily snapshots`,
        ExecutionRoleArn: attribute("SnapshotRole", "Arn"),
        State: "ENABLED",
        PolicyDetails: {
          ResourceTypes: ["VOLUME"],
          TargetTags: [{ Key: DATA_TAG, Value: stack }],
          Schedules: [
            {
              Name: "daily",
              CopyTags: true,
              CreateRule: { Interval: 24, IntervalUnit: "HOURS", Times: ["07:00"] }, // UTC: at night in America
              RetainRule: { Count: ec2.snapshots },
            },
          ],
        },
        Tags: named(stack, stack),
      },
    },
  };
}

function dataVolume({ stack, dataGiB }: TemplateProps): Resource {
  return {
    Type: "AWS::EC2::Volume",
    // A creation that fails leaves nothing behind; later the data outlives stack and instance.
    DeletionPolicy: "RetainExceptOnCreate",
    UpdateReplacePolicy: "Snapshot",
    Properties: {
      AvailabilityZone: ref("AvailabilityZone"),
      Size: dataGiB,
      VolumeType: "gp3",
      Encrypted: true,
      Tags: [
        { Key: "Name", Value: `${stack} data` },
        { Key: STACK_TAG, Value: stack },
        { Key: DATA_TAG, Value: stack },
      ],
    },
    Metadata: { checkov: { skip: [{ id: "CKV_AWS_189", comment: "a key of one's own costs $1 a month; AWS' own key encrypts it" }] } },
  };
}

/** A fixed address. It stays when the machine is replaced. */
const elasticIp = (stack: string, withInstance: boolean): Resource => ({
  Type: "AWS::EC2::EIP",
  Properties: { Domain: "vpc", ...(withInstance ? { InstanceId: ref("Instance") } : {}), Tags: named(stack, stack) },
});

const notifications = ({ stack, mail }: TemplateProps): Resource => ({
  Type: "AWS::SNS::Topic",
  Properties: {
    DisplayName: stack,
    Subscription: mail.map((address) => ({ Protocol: "email", Endpoint: address })),
    Tags: named(stack, stack),
  },
  Metadata: {
    checkov: {
      skip: [{ id: "CKV_AWS_26", comment: "CloudWatch cannot publish to a topic that AWS' own key encrypts; alarms hold no secrets" }],
    },
  },
});

function parameters({ ec2, adoptsVolume }: TemplateProps): Template["Parameters"] {
  return {
    ImageId: { Type: "AWS::EC2::Image::Id", Description: "Ubuntu 24.04, as resolved when the machine was created" },
    VpcId: { Type: "AWS::EC2::VPC::Id", Description: "Network of the machine" },
    SubnetId: { Type: "AWS::EC2::Subnet::Id", Description: "Subnet of the machine" },
    ...(adoptsVolume
      ? { DataVolumeId: { Type: "AWS::EC2::Volume::Id", Description: "Data volume that an earlier stack left behind" } }
      : { AvailabilityZone: { Type: "AWS::EC2::AvailabilityZone::Name", Description: "Zone of machine and data volume" } }),
    ...(ec2.keyPair ? {} : { PublicKey: { Type: "String", Description: "Public ssh key of the owner" } }),
    ...ownerParameters(),
  };
}

/**
 * The CloudFormation template of one EC2 machine with k3s. Everything that the environment says is in the template; what the account
 * says (image, network, key) and who may administer the machine are parameters, so that these change without a new template.
 */
export function machineTemplate(props: TemplateProps): Template {
  const { stack, ec2, mail, withInstance = true, adoptsVolume = false } = props;
  const given = slots.flatMap((slot) =>
    FAMILIES.map(([family]) => {
      const name = ownerParameter(slot, family);
      return [`${name}Given`, { "Fn::Not": [{ "Fn::Equals": [ref(name), ""] }] }] as const;
    }),
  );
  return {
    AWSTemplateFormatVersion: "2010-09-09",
    Description: `CloudNova: one machine with k3s (${stack})`,
    Parameters: parameters(props),
    Conditions: Object.fromEntries(given),
    Resources: {
      SecurityGroup: securityGroup(props),
      ...(ec2.keyPair
        ? {}
        : {
            KeyPair: {
              Type: "AWS::EC2::KeyPair",
              Properties: { KeyName: stack, PublicKeyMaterial: ref("PublicKey"), Tags: named(stack, stack) },
            } satisfies Resource,
          }),
      ...(ec2.elasticIp ? { ElasticIp: elasticIp(stack, withInstance) } : {}),
      ...role(props),
      ...(adoptsVolume ? {} : { DataVolume: dataVolume(props) }),
      ...snapshots(props),
      ...(mail.length > 0 && !ec2.laboratory ? { Notifications: notifications(props) } : {}),
      ...(withInstance ? instance(props) : {}),
    },
  };
}
