import type { Environment } from "../config/load.ts";

/** How a server is prepared for an environment. */
export interface ServerSettings {
  /** Name of the node. It never changes: volumes are bound to it. */
  readonly nodeName: string;
  /** Names and addresses in the API server's certificate, besides the machine's own. */
  readonly tlsSans: readonly string[];
  /** Memory that the environment counts on, MiB. */
  readonly memory: number;
  /** Disk that the environment counts on, MiB. */
  readonly disk: number;
  /** Whether an autoscaler needs metrics-server. */
  readonly autoscaled: boolean;
  /**
   * Names of the volume for /var/lib/rancher, of which the first that exists is taken: an EBS volume's ID, or the path of a device.
   *
   * @default none: the data lies on the root disk
   */
  readonly dataVolume?: readonly string[];
  /** Where the encrypted backups are copied, by the rights of the machine's role. @default nowhere */
  readonly offsite?: {
    readonly bucket: string;
    readonly prefix: string;
    readonly region: string;
    /** The environment's name: a folder below the prefix. */
    readonly environment: string;
  };
}

/** The settings of an environment's server. @param more what is known of the machine */
export const serverSettings = (
  { config: { machine, ingress, webapp } }: Pick<Environment, "config">,
  more: Partial<ServerSettings> = {},
): ServerSettings => ({
  nodeName: "cloudnova",
  tlsSans: ingress.host === "localhost" ? [] : [ingress.host],
  memory: machine.memory,
  disk: machine.disk,
  autoscaled: webapp.autoscaling !== undefined,
  ...more,
});
