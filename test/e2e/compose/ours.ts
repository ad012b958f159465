import { join } from "node:path";
import { IMAGES } from "../../../src/versions.ts";
import { run } from "../../../tools/common/run.ts";
import { EnvironmentFile } from "../suite/environment-file.ts";
import { KindCluster } from "../suite/suite-cluster.ts";
import type { Part, Size, Stack, Weight } from "./stack.ts";

const CLUSTER = "cloudnova-bench";
/** Ports of 127.0.0.1 that no other cluster of ours uses. */
const PORTS = { http: 19_080, https: 19_443 } as const;
/** The highest that the environment takes: one client is all of the load. */
const NO_LIMIT = { average: 100_000, burst: 100_000 } as const;
/** Containers of the parts that both stacks have. */
const CONTAINERS: Readonly<Record<Part, string>> = {
  "reverse proxy": "traefik",
  application: "webapp",
  MySQL: "mysql",
  Prometheus: "prometheus",
  "node-exporter": "node-exporter",
};

/** The kubelet's summary, as far as it is read. */
interface Summary {
  readonly pods: readonly {
    readonly podRef: { readonly namespace: string };
    readonly containers?: readonly { readonly name: string; readonly memory?: { readonly workingSetBytes?: number } }[];
  }[];
}

/** Working set in MiB of each part's containers in the kubelet's summary; replicas are added up. */
export function partsOf({ pods }: Summary): Record<Part, number> {
  const containers = pods
    .filter(({ podRef: { namespace } }) => namespace.startsWith("cloudnova"))
    .flatMap(({ containers: own }) => own ?? []);
  const weigh = (wanted: string) =>
    containers.reduce((sum, { name, memory }) => sum + (name === wanted ? (memory?.workingSetBytes ?? 0) : 0), 0) / 1024 / 1024;
  const found = Object.entries(CONTAINERS).map(([part, name]) => [part, Math.round(weigh(name))]);
  return Object.fromEntries(found) as Record<Part, number>;
}

/** CloudNova on kind, in the memory of a small machine, with the defaults of a machine of 2 GiB. */
export class Ours implements Stack {
  readonly network = "kind";
  readonly port = PORTS.https;
  private constructor(
    private readonly cluster: KindCluster,
    private readonly environment: EnvironmentFile,
  ) {}

  /** Makes the cluster and deploys. @param folder for the files of this run */
  static async up(folder: string): Promise<Ours> {
    const environment = new EnvironmentFile(join(folder, "environment"));
    await environment.set(["machine", "memory"], "2Gi");
    await environment.set(["ingress", "ports"], PORTS);
    await environment.set(["ingress", "rateLimit"], NO_LIMIT);
    const ours = new Ours(await KindCluster.at(join(folder, "cluster"), CLUSTER), environment);
    await ours.down();
    await ours.cluster.limited(() => ours.cloudnova("up", "--target", "kind", "--yes", "--no-synth"));
    return ours;
  }

  get ingress(): string {
    return `${this.cluster.node}:30443`;
  }

  /** Deletes the cluster. */
  down(): Promise<void> {
    return this.cluster.delete();
  }

  private async cloudnova(command: string, ...args: readonly string[]): Promise<void> {
    const { file, dist } = this.environment;
    const line = [join("build", "cloudnova.cjs"), command, file, "--dist", dist, ...args];
    const { status, words } = await run(process.execPath, line, { env: { ...this.cluster.env, CLOUDNOVA_LANGUAGE: "en" } });
    if (status !== 0) throw new Error(`cloudnova ${command} ended with ${status}:\n${words}`);
  }

  /** What the manifests give the application, all replicas together. */
  async size(): Promise<Size> {
    const { spec } = JSON.parse(await this.cluster.kubectl("get", "deployment/webapp", "--namespace", "cloudnova", "--output", "json"));
    const env: { name: string; value?: string }[] = spec.template.spec.containers[0].env;
    const number = (name: string) => Number(env.find((one) => one.name === name)?.value);
    return { workers: spec.replicas * number("WEB_WORKERS"), threads: number("WEB_THREADS"), pool: number("DATABASE_POOL_SIZE") };
  }

  python(script: string): Promise<string> {
    const kubectl = "kubectl --kubeconfig /etc/kubernetes/admin.conf --namespace cloudnova";
    return this.cluster.inNode(`${kubectl} exec --stdin deployment/webapp --container webapp -- python -`, script);
  }

  async weight(): Promise<Weight> {
    const summary = await this.cluster.kubectl("get", "--raw", `/api/v1/nodes/${this.cluster.node}/proxy/stats/summary`);
    return { parts: partsOf(JSON.parse(summary)), whole: (await this.cluster.memory()).node.workingSet };
  }

  /** The image gets its new tag before: an image of this size is in the node by then, as with the other stack. */
  async prepareReplacement(): Promise<void> {
    const inDocker = (image: string) => `docker.io/library/${image}`;
    await this.cluster.inNode(`ctr --namespace k8s.io images tag --force ${inDocker(IMAGES.webapp)} ${inDocker(nextTag(IMAGES.webapp))}`);
    await this.environment.set(["images", "webapp"], nextTag(IMAGES.webapp));
  }

  replace(): Promise<void> {
    return this.cloudnova("apply", "--context", `kind-${CLUSTER}`, "--wait");
  }

  async killMysql(): Promise<void> {
    await this.cluster.inNode("pkill --signal KILL --exact mysqld");
  }
}

/** The image's name under the tag of the replacement. */
export const nextTag = (image: string): string => `${image}-next`;
