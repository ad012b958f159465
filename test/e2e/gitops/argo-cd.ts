import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createConnection } from "node:net";
import { join } from "node:path";
import { type Daemon, startDaemon } from "../../../tools/common/daemon.ts";
import { freePorts } from "../../../tools/common/ports.ts";
import { repositoryRoot } from "../../../tools/common/root.ts";
import { output } from "../../../tools/common/run.ts";
import { ensure } from "../../../tools/toolchain/ensure.ts";
import type { KindCluster } from "../suite/suite-cluster.ts";
import { until } from "../suite/wait.ts";
import { type Usage, usageOf } from "./processes.ts";

const MODULE = "github.com/argoproj/argo-cd/v2";
/** Its namespace, as its own manifests have it. */
export const ARGO_NAMESPACE = "argocd";

/** How often it asks git by itself (timeout.reconciliation): three times as often as by default, so that a run sees it happen. */
export const EVERY_S = 60;

/** The project that Argo CD's API server makes at its first start; here runs none. */
const DEFAULT_PROJECT = {
  apiVersion: "argoproj.io/v1alpha1",
  kind: "AppProject",
  metadata: { name: "default", namespace: ARGO_NAMESPACE },
  spec: {
    sourceRepos: ["*"],
    destinations: [{ namespace: "*", server: "*" }],
    clusterResourceWhitelist: [{ group: "*", kind: "*" }],
  },
};

/**
 * Argo CD as its "core" installation has it: application controller, repo-server and Redis, with the settings of its own manifests.
 * The three run as processes of this machine beside the cluster, so that the node's memory is CloudNova's alone, and theirs is measured apart.
 */
export class ArgoCd {
  private readonly daemons = new Map<string, Daemon>();
  private readonly starts = new Map<string, () => void>();
  private metrics = "";

  private constructor(
    readonly version: string,
    private readonly folder: string,
  ) {}

  /** Installs its definitions and settings in the cluster, and starts its processes. @param folder for logs and what it clones */
  static async start(cluster: KindCluster, folder: string): Promise<ArgoCd> {
    rmSync(folder, { recursive: true, force: true });
    for (const name of ["tls", "ssh", "tmp", "home"]) mkdirSync(join(folder, name), { recursive: true });
    const definition = join(repositoryRoot(), "tools", "go", "argo-cd");
    const [path = "", version = ""] = (await output("go", ["list", "-m", "-f", "{{.Dir}} {{.Version}}", MODULE], { cwd: definition }))
      .trim()
      .split(" ");
    await cluster.kubectl("create", "namespace", ARGO_NAMESPACE);
    const apply = (...what: readonly string[]) => cluster.kubectl("apply", "--server-side", "--namespace", ARGO_NAMESPACE, ...what);
    await apply("--kustomize", join(path, "manifests", "crds"));
    await apply("--kustomize", join(path, "manifests", "base", "config"));
    const project = join(folder, "project.json");
    writeFileSync(project, JSON.stringify(DEFAULT_PROJECT));
    await until("Argo CD's definitions are served", 30, () => apply("--filename", project));
    const engine = new ArgoCd(version, folder);
    await engine.run(cluster.env.KUBECONFIG ?? "");
    return engine;
  }

  private async run(kubeconfig: string): Promise<void> {
    const program = join(await ensure("argo-cd"), "argocd");
    const [redis = 0, repository = 0, ...metrics] = await freePorts(4);
    const env = {
      // What Argo CD's own Procfile sets to run it outside of a cluster.
      ARGOCD_FAKE_IN_CLUSTER: "true",
      ARGOCD_GPG_ENABLED: "false",
      ARGOCD_TLS_DATA_PATH: join(this.folder, "tls"),
      ARGOCD_SSH_DATA_PATH: join(this.folder, "ssh"),
      ARGOCD_RECONCILIATION_TIMEOUT: `${EVERY_S}s`,
      KUBECONFIG: kubeconfig,
      HOME: join(this.folder, "home"),
      TMPDIR: join(this.folder, "tmp"),
    };
    const start = (name: string, command: string, args: readonly string[], variables: Readonly<Record<string, string>> = {}) => {
      const assignments = Object.entries(variables).map(([key, value]) => `${key}=${value}`);
      const all = [...assignments, command, ...args];
      let times = 0;
      this.starts.set(name, () => this.daemons.set(name, startDaemon("env", all, join(this.folder, `${name}-${++times}.log`))));
      this.again(name);
    };
    const argo = (name: string, ...args: readonly string[]) => {
      const common = ["--redis", `127.0.0.1:${redis}`, "--loglevel", "info"];
      start(name, program, [...common, ...args], { ...env, ARGOCD_BINARY_NAME: `argocd-${name}` });
    };
    start("redis", "redis-server", ["--bind", "127.0.0.1", "--port", String(redis), "--save", "", "--dir", this.folder]);
    await this.listens("redis", redis);
    argo("repo-server", "--address=127.0.0.1", `--port=${repository}`, "--metrics-address=127.0.0.1", `--metrics-port=${metrics[0]}`);
    await this.listens("repo-server", repository);
    const where = ["--namespace", ARGO_NAMESPACE, "--repo-server", `127.0.0.1:${repository}`];
    argo("application-controller", ...where, `--metrics-port=${metrics[1]}`);
    this.metrics = `http://127.0.0.1:${metrics[1]}/metrics`;
  }

  /** Kills one of its processes, which stays away until `again`. */
  async kill(name: string): Promise<void> {
    await this.daemons.get(name)?.stop();
  }

  /** Starts a process again. */
  again(name: string): void {
    this.starts.get(name)?.();
  }

  /** How many syncs its application controller has ended since it started, well or not, by its own counter. */
  async syncs(): Promise<number> {
    const text = await (await fetch(this.metrics)).text();
    return [...text.matchAll(/^argocd_app_sync_total\{.*\} (\d+)$/gm)].reduce((sum, [, count]) => sum + Number(count), 0);
  }

  private async listens(name: string, port: number): Promise<void> {
    const connected = () =>
      new Promise<true>((resolve, reject) => {
        const socket = createConnection(port, "127.0.0.1", () => resolve(true)).on("error", reject);
        socket.on("connect", () => socket.destroy());
      });
    await Promise.race([until(`${name} listens`, 60, connected), this.daemons.get(name)?.died]);
  }

  /** @throws Error with the end of its log when one of its processes has ended */
  async alive(): Promise<void> {
    await Promise.race([...[...this.daemons.values()].map(({ died }) => died), Promise.resolve()]);
  }

  /** What each of its processes takes now, by name. */
  usage(): Record<string, Usage> {
    return Object.fromEntries([...this.daemons].map(([name, { pid }]) => [name, usageOf(pid ?? 0)]));
  }

  /** Ends its processes. */
  async stop(): Promise<void> {
    for (const daemon of [...this.daemons.values()].reverse()) await daemon.stop();
  }
}
