import { ownerOf, ownerParameters, publicRange } from "../../src/ec2/owners.ts";
import { GUARDED, machineTemplate, type Template, type Value } from "../../src/ec2/template.ts";
import { props, TEMPLATES } from "./example.ts";

const resource = (template: Template, name: string) => {
  const found = template.Resources[name];
  if (!found) throw new Error(`no ${name}`);
  return found;
};
const text = (value: unknown) => JSON.stringify(value);

/** Every parameter, resource and condition that a value names. */
function references(value: Value): string[] {
  if (Array.isArray(value)) return value.flatMap(references);
  if (typeof value !== "object") return [];
  return Object.entries(value as Record<string, Value>).flatMap(([key, inner]) => {
    if (key === "Ref") return [String(inner)];
    if (key === "Fn::GetAtt") return [String((inner as Value[])[0])];
    if (key === "Fn::If") return [`condition ${String((inner as Value[])[0])}`, ...references((inner as Value[]).slice(1))];
    return references(inner);
  });
}

test.each(Object.entries(TEMPLATES))("%s: what is named exists", (_, template) => {
  const known = [
    ...Object.keys(template.Parameters),
    ...Object.keys(template.Resources),
    ...Object.keys(template.Conditions).map((name) => `condition ${name}`),
    "AWS::NoValue",
  ];
  const named = Object.values(template.Resources).flatMap(({ Properties }) => references(Properties));
  expect(named.filter((one) => !known.includes(one))).toEqual([]);
});

test("each check that a template skips has its reason", () => {
  const skipped = Object.values(TEMPLATES).flatMap(({ Resources }) =>
    Object.values(Resources).flatMap(({ Metadata }) => Metadata?.checkov.skip ?? []),
  );
  expect(skipped.length).toBeGreaterThan(0);
  expect(skipped.filter(({ comment }) => comment.length < 20)).toEqual([]);
});

test("pods get no token of the metadata service, and the disks are encrypted", () => {
  const { Properties } = resource(TEMPLATES.default, "Instance");
  expect(Properties.MetadataOptions).toEqual({ HttpEndpoint: "enabled", HttpTokens: "required", HttpPutResponseHopLimit: 1 });
  expect(Properties.BlockDeviceMappings).toMatchObject([{ Ebs: { Encrypted: true, VolumeType: "gp3" } }]);
  expect(resource(TEMPLATES.default, "DataVolume").Properties).toMatchObject({ Encrypted: true, Size: 20 });
});

test("the data outlives the stack, and a creation that failed leaves nothing", () => {
  expect(resource(TEMPLATES.default, "DataVolume")).toMatchObject({
    DeletionPolicy: "RetainExceptOnCreate",
    UpdateReplacePolicy: "Snapshot",
  });
  expect(Object.keys(GUARDED)).toEqual(["Instance", "DataVolume"]);
});

describe("the security group", () => {
  const rules = (template: Template) =>
    resource(template, "SecurityGroup").Properties.SecurityGroupIngress as readonly Record<string, Value>[];
  const open = (template: Template) => rules(template).filter((rule) => !("Fn::If" in rule));
  const guarded = (template: Template) => rules(template).filter((rule) => "Fn::If" in rule);
  test("opens 80 and 443 to everyone, and nothing else", () => {
    for (const template of Object.values(TEMPLATES)) {
      expect([...new Set(open(template).map(({ FromPort }) => FromPort))]).toEqual([80, 443]);
    }
  });
  test("opens ssh and Kubernetes to the owners, of both families, while their parameters are set", () => {
    expect(guarded(TEMPLATES.default)).toHaveLength(4 * 2 * 2);
    expect(guarded(TEMPLATES.default)[0]).toEqual({
      "Fn::If": [
        "Owner1Ipv4Given",
        { IpProtocol: "tcp", FromPort: 22, ToPort: 22, CidrIp: { Ref: "Owner1Ipv4" }, Description: { Ref: "Owner1Name" } },
        { Ref: "AWS::NoValue" },
      ],
    });
    expect(TEMPLATES.default.Conditions.Owner1Ipv4Given).toEqual({ "Fn::Not": [{ "Fn::Equals": [{ Ref: "Owner1Ipv4" }, ""] }] });
  });
  test("opens no ssh where it goes through Session Manager", () => {
    expect(text(rules(TEMPLATES["Session Manager"]))).not.toContain('"FromPort":22,');
    expect(text(rules(TEMPLATES["Session Manager"]))).toContain('"FromPort":6443,');
  });
  test("the owners' parameters are those of the template", () => {
    const values = ownerParameters([ownerOf("laptop", [publicRange("203.0.113.7")])]);
    expect(Object.keys(values).filter((name) => !(name in TEMPLATES.default.Parameters))).toEqual([]);
    for (const [name, value] of Object.entries(values)) {
      expect(value).toMatch(new RegExp(`^(${TEMPLATES.default.Parameters[name]?.AllowedPattern})$`));
    }
  });
});

test("the role may use Session Manager, and one prefix of one bucket", () => {
  expect(text(resource(TEMPLATES.default, "Role"))).not.toContain("s3:");
  const { Policies } = resource(TEMPLATES["everything on"], "Role").Properties;
  const [, ...s3] = ((Policies as Value[])[0] as { PolicyDocument: { Statement: readonly Record<string, Value>[] } }).PolicyDocument
    .Statement;
  const arns = s3.map(({ Resource }) => (Resource as { "Fn::Sub": string })["Fn::Sub"].replace(/^.*:s3:::/, ""));
  expect(arns).toEqual(["bucket/some/prefix/*", "bucket", "bucket"]);
  expect(s3[1]?.Condition).toEqual({ StringLike: { "s3:prefix": ["some/prefix", "some/prefix/*"] } });
});

test("a laboratory creates no role, no snapshot policy and no address", () => {
  const types = Object.values(TEMPLATES.laboratory.Resources).map(({ Type }) => Type);
  expect(types.filter((type) => /IAM|DLM|EIP/.test(type))).toEqual([]);
  expect(resource(TEMPLATES.laboratory, "Instance").Properties).toMatchObject({
    IamInstanceProfile: "LabInstanceProfile",
    KeyName: "vockey",
  });
});

test("the first boot learns the data volume's id, and a machine that runs keeps its user data", () => {
  expect(resource(TEMPLATES.default, "Instance").Properties.UserData).toEqual({
    "Fn::Base64": { "Fn::Join": ["", ["#cloud-config\nvolume: ", { Ref: "DataVolume" }, "\n"]] },
  });
  const kept = { "Fn::Base64": "of an earlier version" };
  const changed = machineTemplate(props({}, { userData: "of today", runningUserData: kept }));
  expect(resource(changed, "Instance").Properties.UserData).toEqual(kept);
});

test("an adopted volume is attached and not created; without the machine the volume and the address stay", () => {
  expect(resource(TEMPLATES["an adopted volume"], "DataVolumeAttachment").Properties.VolumeId).toEqual({ Ref: "DataVolumeId" });
  expect(TEMPLATES["an adopted volume"].Resources).not.toHaveProperty("DataVolume");
  expect(Object.keys(TEMPLATES["without the machine"].Resources)).toEqual([
    "SecurityGroup",
    "KeyPair",
    "ElasticIp",
    "Role",
    "InstanceProfile",
    "DataVolume",
    "SnapshotRole",
    "SnapshotPolicy",
  ]);
});

test("the alarms notify the mail addresses of the environment", () => {
  expect(resource(TEMPLATES.default, "StatusAlarm").Properties).not.toHaveProperty("AlarmActions");
  expect(resource(TEMPLATES["everything on"], "CpuCreditAlarm").Properties).toMatchObject({
    MetricName: "CPUSurplusCreditsCharged",
    AlarmActions: [{ Ref: "Notifications" }],
  });
  expect(resource(TEMPLATES["everything on"], "Notifications").Properties.Subscription).toEqual([
    { Protocol: "email", Endpoint: "one@example.com" },
  ]);
});
