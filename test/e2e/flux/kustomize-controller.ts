import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type Daemon, startDaemon } from "../../../tools/common/daemon.ts";
import { freePorts } from "../../../tools/common/ports.ts";
import { repositoryRoot } from "../../../tools/common/root.ts";
import { output } from "../../../tools/common/run.ts";
import { ensure } from "../../../tools/toolchain/ensure.ts";
import { type Usage, usageOf } from "../gitops/processes.ts";
import type { KindCluster } from "../suite/suite-cluster.ts";
import { until } from "../suite/wait.ts";

const MODULE = "github.com/fluxcd/kustomize-controller";
/** Its definitions come with source-controller, whose version kustomize-controller names by the module of its types. */
const SOURCE = "github.com/fluxcd/source-controller";
/** Flux' namespace, as its own manifests have it. */
export const FLUX_NAMESPACE = "flux-system";

/** What an apply of the controller did with one object. */
interface Applied {
  readonly revision: string;
  /** Object and what was done: created, configured, unchanged, skipped. */
  readonly output: Readonly<Record<string, string>>;
}

/**
 * Flux' kustomize-controller with the flags of its own manifests, and the definitions of both controllers' objects. It runs as a process of
 * this machine beside the cluster, so that the node's memory is CloudNova's alone, and its own is measured apart.
 */
export class KustomizeController {
  private constructor(
    readonly version: string,
    private readonly log: string,
    private readonly daemon: Daemon,
  ) {}

  /** Installs the definitions in the cluster, and starts the controller. @param folder for its log and what it unpacks */
  static async start(cluster: KindCluster, folder: string): Promise<KustomizeController> {
    rmSync(folder, { recursive: true, force: true });
    for (const name of ["tmp", "home"]) mkdirSync(join(folder, name), { recursive: true });
    const definition = join(repositoryRoot(), "tools", "go", "kustomize-controller");
    const versionOf = (module: string) => output("go", ["list", "-m", "-f", "{{.Version}}", module], { cwd: definition });
    const version = (await versionOf(MODULE)).trim();
    const modules = [`${MODULE}@${version}`, `${SOURCE}@${(await versionOf(`${SOURCE}/api`)).trim()}`];
    await cluster.kubectl("create", "namespace", FLUX_NAMESPACE);
    for (const module of modules) {
      const { Dir } = JSON.parse(await output("go", ["mod", "download", "-json", module], { cwd: "/" }));
      await cluster.kubectl("apply", "--server-side", "--filename", join(Dir, "config", "crd", "bases"));
    }
    const program = join(await ensure("kustomize-controller"), "kustomize-controller");
    const [metrics, health] = await freePorts(2);
    const env = {
      KUBECONFIG: cluster.env.KUBECONFIG ?? "",
      RUNTIME_NAMESPACE: FLUX_NAMESPACE,
      HOME: join(folder, "home"),
      TMPDIR: join(folder, "tmp"),
    };
    const assignments = Object.entries(env).map(([key, value]) => `${key}=${value}`);
    // Its manifests' flags but the election of a leader, which needs a second controller to mean anything.
    const flags = ["--watch-all-namespaces", "--log-level=info", "--log-encoding=json"];
    const addresses = [`--metrics-addr=127.0.0.1:${metrics}`, `--health-addr=127.0.0.1:${health}`];
    const log = join(folder, "kustomize-controller.log");
    const daemon = startDaemon("env", [...assignments, program, ...flags, ...addresses], log);
    const ready = async () => ((await fetch(`http://127.0.0.1:${health}/readyz`)).ok ? true : undefined);
    await Promise.race([until("kustomize-controller is ready", 60, ready), daemon.died]);
    return new KustomizeController(version, log, daemon);
  }

  /** What its applies did since it started, by its own log. */
  applies(): Applied[] {
    const lines = readFileSync(this.log, "utf8").split("\n");
    return lines.filter((line) => line.includes('"server-side apply completed"')).map((line) => JSON.parse(line));
  }

  /** @throws Error with the end of its log when it has ended */
  async alive(): Promise<void> {
    await Promise.race([this.daemon.died, Promise.resolve()]);
  }

  /** What it takes now. */
  usage(): Record<string, Usage> {
    return { "kustomize-controller": usageOf(this.daemon.pid ?? 0) };
  }

  /** Ends it. */
  stop(): Promise<void> {
    return this.daemon.stop();
  }
}
