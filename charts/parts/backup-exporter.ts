import { Duration } from "cdk8s";
import * as kplus from "cdk8s-plus-27";
import type { Construct } from "constructs";
import type { BackupUnit } from "../../src/backups.ts";
import type { Backups } from "../../src/config/backups.ts";
import type { Resources } from "../../src/config/resources.ts";
import { type ContainerProps, configMount } from "../../src/constructs/index.ts";
import { type Identity, labels } from "../../src/labels.ts";
import { PORTS } from "../../src/ports.ts";

/** What is done for the backups beside a MySQL server: accounts, tables of results, and the exporter of those. */
export interface BackedUpServer {
  readonly settings: Backups;
  readonly units: readonly BackupUnit[];
  readonly helperImage: string;
  readonly exporterResources: Resources;
}

/** The exporters' user. Beside mysqld it is another one than its, so that it cannot read root's password. */
export const EXPORTER_USER = 10_998;

const NAME = "backup-exporter";

/**
 * The container that exports the results of the backups, for Prometheus to store.
 *
 * @param identity of what its ConfigMap belongs to @param plan from which it works (`exporterPlanOf`)
 * @param mounts of what the plan names: a socket, a password, an authority
 */
export function backupExporter(
  scope: Construct,
  { helperImage, exporterResources }: BackedUpServer,
  identity: Omit<Identity, "name">,
  plan: Readonly<Record<string, unknown>>,
  mounts: readonly kplus.VolumeMount[],
): ContainerProps {
  const config = new kplus.ConfigMap(scope, NAME, {
    metadata: { name: NAME, labels: labels({ ...identity, name: NAME }) },
    data: { "plan.json": `${JSON.stringify(plan, undefined, 2)}\n` },
  });
  const folder = configMount(config, `/etc/${NAME}`);
  const port = PORTS[NAME];
  return {
    name: NAME,
    image: helperImage,
    user: EXPORTER_USER,
    resources: exporterResources,
    args: ["backup", "exporter", `${folder.path}/plan.json`],
    ports: { backups: port },
    mounts: [folder, ...mounts],
    readiness: kplus.Probe.fromTcpSocket({ port, periodSeconds: Duration.seconds(10) }),
    liveness: kplus.Probe.fromHttpGet("/", { port, periodSeconds: Duration.seconds(30) }),
  };
}
