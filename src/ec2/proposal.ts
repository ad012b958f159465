import { ClusterError } from "../cluster/cluster-error.ts";
import { ec2 as say } from "../messages/ec2.ts";
import { cloudInit } from "../server/script.ts";
import { serverSettings } from "../server/settings.ts";
import { architectureOf, checkKeyPair, dataVolumes, findImage, findPlace, volume } from "./account.ts";
import { publicKey } from "./connection.ts";
import { type Owner, ownerParameters, ownersIn } from "./owners.ts";
import type { Aws } from "./sdk.ts";
import { resourceIds, type StackState, templateOf } from "./stack.ts";
import type { Subject } from "./subject.ts";
import { machineTemplate, type Template, type TemplateProps, type Value, VOLUME } from "./template.ts";

/** A template with its parameters, ready for a change set. */
export interface Proposal {
  readonly template: Template;
  /** The same without the machine: what comes first when the machine is replaced. */
  readonly withoutInstance: Template;
  readonly parameters: Readonly<Record<string, string>>;
  readonly owners: readonly Owner[];
  /** The number of the AWS account. */
  readonly account: string;
  /** A volume that a deleted stack left behind and that is used again. */
  readonly adopted: string | undefined;
}

/** EC2's limit of user data, bytes before its encoding as base64. */
const USER_DATA_LIMIT = 16 * 1024;

/** The data volume on t2, whose disks do not show their ids: /dev/sdf of the template has this name there. */
const T2_DEVICE = "/dev/xvdf";

/** cloud-init's text for the environment's machine. */
function userDataOf({ environment, ec2 }: Subject): string {
  const [bucket = "", ...prefix] = ec2.backups?.split("/") ?? [];
  const offsite = bucket ? { bucket, prefix: prefix.join("/"), region: ec2.region, environment: environment.name } : undefined;
  const text = cloudInit(serverSettings(environment, { dataVolume: [VOLUME, T2_DEVICE], ...(offsite ? { offsite } : {}) }));
  const bytes = Buffer.byteLength(text);
  if (bytes > USER_DATA_LIMIT) throw new ClusterError(say.userDataTooLong(bytes, USER_DATA_LIMIT));
  return text;
}

const props = (subject: Subject): TemplateProps => ({ ...subject, userData: userDataOf(subject) });

/** The volume that a deleted stack left behind. @throws ClusterError when there are several */
async function leftVolume(aws: Aws, { stack }: Subject, chosen: string | undefined) {
  const free = (await dataVolumes(aws, stack)).filter(({ state }) => state === "available");
  const found = chosen ? free.filter(({ id }) => id === chosen) : free;
  if (chosen && found.length === 0) throw new ClusterError(say.noSuchVolume(chosen, stack));
  if (found.length > 1) throw new ClusterError(say.severalVolumes(found.map(({ id }) => id).join(", ")), say.chooseVolume);
  return found[0];
}

function checkSize(have: { readonly id: string; readonly gib: number } | undefined, { dataGiB }: Subject): void {
  if (have && have.gib > dataGiB) throw new ClusterError(say.volumeShrinks(have.id, have.gib, dataGiB), say.volumeShrinksAdvice);
}

/**
 * A new stack.
 *
 * @param owners who may administer the machine
 * @param chosen the volume to use again, where there are several
 */
export async function proposeNew(aws: Aws, subject: Subject, owners: readonly Owner[], chosen: string | undefined): Promise<Proposal> {
  const { ec2, instance } = subject;
  const left = await leftVolume(aws, subject, chosen);
  checkSize(left, subject);
  const place = await findPlace(aws, ec2, instance, left?.zone);
  if (ec2.keyPair) await checkKeyPair(aws, ec2.keyPair);
  const given = { ...props(subject), adoptsVolume: left !== undefined };
  return {
    template: machineTemplate(given),
    withoutInstance: machineTemplate({ ...given, withInstance: false }),
    owners,
    account: place.account,
    adopted: left?.id,
    parameters: {
      ImageId: await findImage(aws, architectureOf(instance)),
      VpcId: place.vpc,
      SubnetId: place.subnet,
      AvailabilityZone: place.zone,
      DataVolumeId: left?.id ?? "",
      ...(ec2.keyPair ? {} : { PublicKey: publicKey(process.env) }),
      ...ownerParameters(owners),
    },
  };
}

/**
 * Today's environment for a stack that exists. Image, user data and network stay as they are, so that nothing is replaced which the
 * environment's file did not change.
 *
 * @param renews whether the machine will be replaced, so that it gets today's image and user data
 */
export async function proposeChange(aws: Aws, subject: Subject, stack: StackState, renews: boolean): Promise<Proposal> {
  const { ec2, instance } = subject;
  const before = await templateOf(aws, stack.name);
  const running = before.Resources.Instance?.Properties;
  const volumeId = stack.parameters.DataVolumeId || (await resourceIds(aws, stack.name)).DataVolume;
  checkSize(volumeId ? await volume(aws, volumeId) : undefined, subject);
  if (ec2.keyPair) await checkKeyPair(aws, ec2.keyPair);
  const architecture = architectureOf(instance);
  const sameProcessor = running?.InstanceType !== undefined && architectureOf(running.InstanceType as typeof instance) === architecture;
  const keeps = running !== undefined && !renews;
  const given = {
    ...props(subject),
    adoptsVolume: "DataVolumeId" in before.Parameters,
    ...(keeps && running.UserData ? { runningUserData: running.UserData as Value } : {}),
  };
  return {
    template: machineTemplate(given),
    withoutInstance: machineTemplate({ ...given, withInstance: false }),
    owners: ownersIn(stack.parameters),
    account: stack.id.split(":")[4] ?? "",
    adopted: undefined,
    parameters: {
      ...stack.parameters,
      ...(keeps && sameProcessor ? {} : { ImageId: await findImage(aws, architecture) }),
      ...(ec2.keyPair || stack.parameters.PublicKey ? {} : { PublicKey: publicKey(process.env) }),
    },
  };
}
