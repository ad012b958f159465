import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import type { KubeObject } from "../../../src/cluster/objects/kube-object.ts";
import { repositoryRoot } from "../../../tools/common/root.ts";
import { type Run, run } from "../../../tools/common/run.ts";
import { EnvironmentFile } from "./environment-file.ts";
import { Load } from "./load.ts";
import { processorShare } from "./processors.ts";
import { type Pod, podOf } from "./rolled-pods.ts";
import { CLUSTER, KindCluster, type Shape } from "./suite-cluster.ts";
import { until } from "./wait.ts";

/** How hard the suite is. */
export interface Intensity {
  /** Requests a second. */
  readonly rate: number;
  /** How often each fault is repeated. */
  readonly repeats: number;
  /** How long no alert but Watchdog may fire, in seconds. */
  readonly calm: number;
  /** Alerts to drill; none named means all. */
  readonly drills: readonly string[];
}

/** Another cluster than that of one node, and another environment. */
export interface Other extends Shape {
  readonly environment?: EnvironmentFile;
  /** The load on it, where that is not usual. */
  readonly load?: Load;
  /** The beginning of a command line that runs the rest where the cluster's addresses are reached. @default none */
  readonly enter?: readonly string[];
}

/** What the steps act on: the cluster, the command line, the environment, and the load on its ingress. */
export class Stage {
  /** When `up` was asked for, in ms since 1970. */
  asked = 0;
  /** Since when everything is green, in ms since 1970. */
  green = 0;
  /** What the drills saw, as the command line said it. */
  drills = "";
  /** Asks for the node's share of the machine's processors since then, in %. */
  processorShare: () => Promise<number> = async () => Number.NaN;

  private constructor(
    readonly cluster: KindCluster,
    readonly load: Load,
    readonly intensity: Intensity,
    readonly environment: EnvironmentFile,
    private readonly enter: readonly string[],
  ) {}

  /** @param other what differs from one node and its environment */
  static async set(port: number, intensity: Intensity, other: Other = {}): Promise<Stage> {
    const folder = join(repositoryRoot(), "build", "e2e");
    const { environment = new EnvironmentFile(join(folder, "work")), load = new Load(port), enter = [] } = other;
    return new Stage(await KindCluster.at(join(folder, "cluster"), CLUSTER, other), load, intensity, environment, enter);
  }

  /** From now on nothing may be noticed: the load begins, and so does the time without an alert. */
  async begin(): Promise<void> {
    this.green = Date.now();
    this.processorShare = await processorShare(this.cluster);
    this.load.start(this.intensity.rate);
  }

  /** Runs the command line that users have, on the suite's environment and cluster. @param command such as `up`, or `backup now` */
  cloudnova(command: string, ...args: readonly string[]): Promise<Run> {
    return this.cloudnovaOn(this.environment.file, command, ...args);
  }

  /** Runs it on the file of another environment. */
  cloudnovaOn(file: string, command: string, ...args: readonly string[]): Promise<Run> {
    const [program = "", ...rest] = [...this.enter, process.execPath, ...this.commandLine(command, args, file)];
    return run(program, rest, { env: { ...this.cluster.env, CLOUDNOVA_LANGUAGE: "en" } });
  }

  private commandLine(command: string, args: readonly string[], file = this.environment.file): string[] {
    const { dist } = this.environment;
    // Named as a cluster of a kubeconfig, it is not started by a step that finds it stopped.
    const target = args.includes("--target") ? [] : ["--context", `kind-${CLUSTER}`];
    return [join("build", "cloudnova.cjs"), ...command.split(" "), file, "--dist", dist, ...target, ...args];
  }

  /** Starts a command, for whoever ends it before its time. */
  start(command: string, ...args: readonly string[]): ChildProcess {
    return spawn(process.execPath, this.commandLine(command, args), { stdio: "ignore", env: { ...process.env, ...this.cluster.env } });
  }

  /** Runs a command that goes on until Ctrl-C, does `work` meanwhile, then ends it. @throws Error when it ends with another code than 0 */
  async during<T>(command: readonly string[], work: () => Promise<T>): Promise<T> {
    const [name = "", ...args] = command;
    const child = spawn(process.execPath, this.commandLine(name, args), {
      stdio: ["ignore", "ignore", "inherit"],
      env: { ...process.env, ...this.cluster.env },
    });
    const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
    const end = () => {
      child.kill("SIGINT");
      return ended;
    };
    const result = await work().catch(async (error: Error) => {
      await end();
      throw error;
    });
    const code = await end();
    if (code !== 0) throw new Error(`cloudnova ${command.join(" ")} ended with ${code}`);
    return result;
  }

  /** Runs it, and returns what it printed. @throws Error with that when its exit code is another than 0 */
  async must(command: string, ...args: readonly string[]): Promise<string> {
    const { status, stdout, stderr } = await this.cloudnova(command, ...args);
    if (status !== 0) throw new Error(`cloudnova ${[command, ...args].join(" ")} ended with ${status}:\n${stdout}${stderr}`);
    return stdout;
  }

  /** Runs a script in the node. @throws Error with its words */
  inNode(script: string, input?: string): Promise<string> {
    return this.cluster.inNode(script, input);
  }

  /** kubectl, as an administrator would use it beside. */
  kubectl(...args: readonly string[]): Promise<string> {
    return this.cluster.kubectl(...args);
  }

  /** Objects of a kind in our namespaces. */
  async objects(kind: string): Promise<KubeObject[]> {
    const lists = ["cloudnova", "cloudnova-host"].map((namespace) =>
      this.kubectl("get", kind, "--namespace", namespace, "--output", "json"),
    );
    return (await Promise.all(lists)).flatMap((text) => JSON.parse(text).items);
  }

  /** Our pods as they are. */
  async everyPod(): Promise<Pod[]> {
    return (await this.objects("pods")).map(podOf);
  }

  /** Our pods, once none of them is ending any more. */
  pods(): Promise<Pod[]> {
    return until("pods that end have ended", 90, async () => {
      const pods = await this.everyPod();
      return pods.some(({ ending }) => ending) ? undefined : pods;
    });
  }

  /** An answer of Prometheus' API. */
  async prometheus(path: string): Promise<unknown> {
    const text = await this.kubectl("get", "--raw", `/api/v1/namespaces/cloudnova/pods/prometheus-0:9090/proxy/api/v1/${path}`);
    return JSON.parse(text).data;
  }

  /** The result of a query. */
  async query(promql: string): Promise<{ metric: Record<string, string>; value: [number, string] }[]> {
    return ((await this.prometheus(`query?query=${encodeURIComponent(promql)}`)) as { result: [] }).result;
  }
}
