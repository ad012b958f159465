import type { ResourceChange } from "@aws-sdk/client-cloudformation";
import { changeOf, reasonAdvice, unaskedReplacements } from "../../src/ec2/stack.ts";

const change = (ResourceChange: ResourceChange) => changeOf({ Type: "Resource", ResourceChange });
const detail = (Name: string, RequiresRecreation: "Never" | "Conditionally" | "Always") =>
  ({ Target: { Attribute: "Properties", Name, RequiresRecreation }, Evaluation: "Static" }) as const;
const instance = { LogicalResourceId: "Instance", ResourceType: "AWS::EC2::Instance", Action: "Modify" } as const;

describe("what a change does", () => {
  test("another instance type stops and starts the machine", () => {
    const found = change({ ...instance, Replacement: "Conditional", Details: [detail("InstanceType", "Conditionally")] });
    expect(found).toMatchObject({ effect: "interrupt", properties: ["InstanceType"] });
    expect(unaskedReplacements([found], [])).toEqual([]);
  });
  test("another image replaces it", () => {
    const details = [detail("ImageId", "Always"), detail("InstanceType", "Conditionally")];
    const found = change({ ...instance, Replacement: "True", Details: details });
    expect(found.effect).toBe("replace");
    expect(unaskedReplacements([found], [])).toEqual(["instance"]);
    expect(unaskedReplacements([found], ["instance"])).toEqual([]);
    expect(unaskedReplacements([found], ["volume"])).toEqual(["instance"]);
  });
  test("what may replace it counts as a replacement, unless it is known to interrupt alone", () => {
    const found = change({ ...instance, Replacement: "Conditional", Details: [detail("SubnetId", "Conditionally")] });
    expect(found.effect).toBe("replace");
  });
  test("a volume that grows is neither; one in another zone, or one that is removed, has to be named", () => {
    const volume = { LogicalResourceId: "DataVolume", ResourceType: "AWS::EC2::Volume" } as const;
    expect(change({ ...volume, Action: "Modify", Replacement: "False", Details: [detail("Size", "Never")] }).effect).toBe("none");
    const moved = change({ ...volume, Action: "Modify", Replacement: "True", Details: [detail("AvailabilityZone", "Always")] });
    const removed = change({ ...volume, Action: "Remove" });
    expect([moved, removed].map((one) => unaskedReplacements([one], ["instance"]))).toEqual([["volume"], ["volume"]]);
  });
  test("other resources may be replaced without a question", () => {
    const group = change({ LogicalResourceId: "KeyPair", ResourceType: "AWS::EC2::KeyPair", Action: "Modify", Replacement: "True" });
    expect(unaskedReplacements([group], [])).toEqual([]);
  });
});

test.each([
  ["You have requested more vCPU capacity than your current vCPU limit of 1 allows", /quota of vCPUs/],
  ["We currently do not have sufficient t3.small capacity in the Availability Zone you requested", /no such machine free/],
  ["The maximum number of addresses has been reached. (Service: Ec2, Status Code: 400)", /no Elastic IP left/],
  ["User: arn:aws:sts::1:assumed-role/voclabs is not authorized to perform: iam:CreateRole on resource: x", /ec2\.laboratory: true/],
  ["The specified instance type is not eligible for Free Tier.", /free plan/],
])("'%s' has an advice", (reason, advice) => {
  expect(reasonAdvice(reason)).toMatch(advice);
});
