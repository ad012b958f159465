import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { output } from "../../../tools/common/run.ts";
import { ensure } from "../../../tools/toolchain/ensure.ts";
import type { KindCluster } from "./suite-cluster.ts";

const PORT = 7070;
const BUCKET = "backups";
const REGION = "us-east-1";
const [USER, PASSWORD] = ["e2e", "e2e-secret-key"];

/** An image of nothing but the server and an empty bucket, made on this machine. */
async function importImage(cluster: KindCluster, image: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "cloudnova-store-"));
  try {
    mkdirSync(join(folder, "data", BUCKET), { recursive: true });
    const archive = join(folder, "image.tar");
    await output("tar", ["-cf", archive, "-C", folder, "data", "-C", await ensure("versitygw"), "versitygw"]);
    await cluster.docker("import", archive, image);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A real S3 server (versitygw) in a container beside the node: it outlives the cluster, as a store elsewhere does. */
export class StoreContainer {
  /** Keys of the Secret with its credentials. */
  readonly credentials = { "access-key": USER, "secret-key": PASSWORD };

  private constructor(
    private readonly cluster: KindCluster,
    private readonly container: string,
    /** `backups.store` of the environment's file. */
    readonly settings: object,
  ) {}

  /** Starts it in kind's network, which is there once a cluster was made. */
  static async start(cluster: KindCluster): Promise<StoreContainer> {
    const container = `${cluster.name}-store`;
    const image = `cloudnova.local/${container}:1`;
    await remove(cluster, container); // what a run that was killed left
    await importImage(cluster, image);
    const variables = ["--env", `ROOT_ACCESS_KEY=${USER}`, "--env", `ROOT_SECRET_KEY=${PASSWORD}`];
    const server = ["/versitygw", "--port", `:${PORT}`, "--region", REGION, "posix", "/data"];
    await cluster.docker("run", "--detach", "--name", container, "--network", "kind", ...variables, image, ...server);
    const address = await cluster.docker("inspect", "--format", "{{ .NetworkSettings.Networks.kind.IPAddress }}", container);
    const settings = { endpoint: `http://${address.trim()}:${PORT}`, region: REGION, bucket: BUCKET, pathStyle: true };
    return new StoreContainer(cluster, container, settings);
  }

  /** Removes it with what it keeps. */
  stop(): Promise<void> {
    return remove(this.cluster, this.container);
  }
}

async function remove(cluster: KindCluster, container: string): Promise<void> {
  await cluster.docker("rm", "--force", "--volumes", container).catch(() => undefined); // older Docker fails where there is none
  await cluster.docker("rmi", "--force", `cloudnova.local/${container}:1`).catch(() => undefined);
}
