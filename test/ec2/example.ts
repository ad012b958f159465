import type { Ec2 } from "../../src/config/ec2.ts";
import { resolveEc2 } from "../../src/config/ec2.ts";
import { environmentSchema } from "../../src/config/schema.ts";
import { machineTemplate, type TemplateProps, VOLUME } from "../../src/ec2/template.ts";

/** The settings that an environment's key `ec2` stands for. */
export function settings(ec2: object = {}): Ec2 {
  const parsed = environmentSchema.parse({ cluster: "k3s", machine: { instance: "t3.small" }, ec2 });
  return resolveEc2(
    parsed.ec2 ??
      (() => {
        throw new Error("no ec2");
      })(),
  );
}

/** What a template is made from, for tests. */
export const props = (ec2: object = {}, more: Partial<TemplateProps> = {}): TemplateProps => ({
  stack: "cloudnova-mine",
  instance: "t3.small",
  ec2: settings(ec2),
  dataGiB: 20,
  userData: `#cloud-config\nvolume: ${VOLUME}\n`,
  mail: [],
  ...more,
});

/** Templates of every kind that the commands make, by what distinguishes them. */
export const TEMPLATES = {
  default: machineTemplate(props()),
  "everything on": machineTemplate(
    props(
      { keyPair: "mine", backups: "bucket/some/prefix", cpuCredits: "unlimited" },
      { mail: ["one@example.com"], instance: "t4g.medium" },
    ),
  ),
  laboratory: machineTemplate(props({ laboratory: true, keyPair: "vockey" })),
  "Session Manager": machineTemplate(props({ ssh: "session-manager", elasticIp: false, snapshots: 0 }, { instance: "t2.small" })),
  "an adopted volume": machineTemplate(props({}, { adoptsVolume: true })),
  "without the machine": machineTemplate(props({}, { withInstance: false })),
};
