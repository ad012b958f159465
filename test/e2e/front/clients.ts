import { realpathSync } from "node:fs";
import { join } from "node:path";
import { repositoryRoot } from "../../../tools/common/root.ts";
import { run } from "../../../tools/common/run.ts";
import type { KindCluster } from "../suite/suite-cluster.ts";
import type { Result, Task } from "./task.ts";

/** The port of the node that leads to Traefik's HTTPS: default of `ingress.nodePorts.https`. */
const NODE_PORT = 30_443;
/** Processors of one client. A flood is to be shed, not to be outrun: the node has the same two processors as its clients. */
const PROCESSORS = "0.5";
const LIMITS = ["--cpus", PROCESSORS, "--memory", "256m", "--pids-limit", "64", "--ulimit", "nofile=8192:8192"];

/** Clients in containers of their own beside the node, each with an address of its own; they end by themselves. */
export class Clients {
  private constructor(
    private readonly cluster: KindCluster,
    private readonly image: string,
    private readonly node: string,
  ) {}

  static async of(cluster: KindCluster): Promise<Clients> {
    const asked = "{{ .Image }} {{ .NetworkSettings.Networks.kind.IPAddress }}";
    const [image = "", node = ""] = (await cluster.docker("inspect", "--format", asked, cluster.node)).trim().split(" ");
    return new Clients(cluster, image, node);
  }

  /** Lets a new client do something. @throws Error with its words when it fails */
  async one(task: Task): Promise<Result> {
    // The node's image, because no other is there; this machine's Node.js, because the image has none.
    const program = [realpathSync(process.execPath), join(repositoryRoot(), "build", "test", "e2e", "client.mjs")];
    const where = ["--network", "kind", "--volume", "/:/host:ro", "--entrypoint", "chroot", this.image, "/host"];
    const input = JSON.stringify({ target: { address: this.node, port: NODE_PORT }, task });
    const args = ["run", "--rm", "--interactive", ...LIMITS, ...where, ...program];
    const { status, stdout, words } = await run("docker", args, { env: this.cluster.env, input });
    if (status !== 0) throw new Error(`a client that is to ${task.kind} ended with ${status}: ${words}`);
    return JSON.parse(stdout);
  }
}
