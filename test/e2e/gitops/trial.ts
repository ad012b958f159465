import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { argoCd } from "../../../tools/generate/gitops.ts";
import { NAME } from "../suite/environment-file.ts";
import type { Stage } from "../suite/stage.ts";
import { expect, until } from "../suite/wait.ts";
import { ARGO_NAMESPACE, ArgoCd } from "./argo-cd.ts";
import { EngineTrial } from "./engine-trial.ts";
import { BARE, BRANCH, Fork } from "./fork.ts";
import { GitServer } from "./git-server.ts";

/** What Argo CD says of an Application. */
export interface ApplicationStatus {
  readonly sync?: { readonly status: string; readonly revision?: string };
  readonly health?: { readonly status: string };
  readonly conditions?: readonly { readonly type: string; readonly message: string }[];
  readonly operationState?: {
    readonly phase: string;
    readonly message?: string;
    readonly finishedAt?: string;
    readonly syncResult?: {
      readonly revision?: string;
      readonly resources?: readonly { readonly status?: string; readonly message?: string }[];
    };
  };
  readonly resources?: readonly {
    readonly kind: string;
    readonly name: string;
    readonly status?: string;
    readonly health?: { readonly status: string };
  }[];
}

/** The name of the Application, by the generator. */
const APPLICATION = `cloudnova-${NAME}`;
const LOOK_S = 5;

/** A fork, the Argo CD that deploys it, and the cluster. */
export class Trial extends EngineTrial<ArgoCd> {
  readonly well = "Synced and Healthy";

  private constructor(
    stage: Stage,
    private readonly folder: string,
    readonly server: GitServer,
    fork: Fork,
  ) {
    super("Argo CD", stage, fork);
  }

  /** Makes the fork and serves it; the engine starts with `begin`. @param folder for the repository and the engine */
  static async set(stage: Stage, folder: string): Promise<Trial> {
    const served = join(folder, "git");
    const fork = await Fork.of(stage, served);
    return new Trial(stage, folder, await GitServer.start(served), fork);
  }

  get title(): string {
    return `Argo CD ${this.engine.version}`;
  }

  protected start(): Promise<ArgoCd> {
    return ArgoCd.start(this.stage.cluster, join(this.folder, "argo-cd"));
  }

  /** Applies the Application that `npm run generate` makes for a fork. @param name another one for the same folder */
  async deploy(name = APPLICATION): Promise<void> {
    const file = join(this.folder, `${name}.yaml`);
    writeFileSync(file, argoCd(NAME, { url: this.server.url(BARE), branch: BRANCH }).replace(`name: ${APPLICATION}\n`, `name: ${name}\n`));
    await this.stage.kubectl("apply", "--filename", file);
  }

  /** What Argo CD says. */
  async status(name = APPLICATION): Promise<ApplicationStatus> {
    await this.engine.alive();
    const text = await this.stage.kubectl("get", "application", name, "--namespace", ARGO_NAMESPACE, "--output", "json");
    return JSON.parse(text).status ?? {};
  }

  async says(name?: string): Promise<string> {
    return told(await this.status(name));
  }

  /** Has Argo CD look now, as a webhook or its button does; by itself it looks every three minutes. */
  async refresh(): Promise<void> {
    const where = ["--namespace", ARGO_NAMESPACE, "--overwrite"];
    await this.stage.kubectl("annotate", "application", APPLICATION, "argocd.argoproj.io/refresh=normal", ...where);
  }

  /**
   * Waits until Argo CD says that a commit runs.
   *
   * @param ended how its last operation ended; a revert to what runs already needs none, so that of the commit before stays the last
   * @returns how long that took, in seconds
   */
  async runs(commit: string, limit = 240, ended: readonly string[] = ["Succeeded"]): Promise<number> {
    const begun = Date.now();
    await until(`Argo CD calls ${commit.slice(0, 7)} Synced and Healthy`, limit, async () => {
      const status = await this.status();
      const { sync, health, operationState } = status;
      const done = ended.includes(operationState?.phase ?? "");
      if (done && sync?.revision === commit && sync.status === "Synced" && health?.status === "Healthy") return true;
      throw new Error(told(status));
    });
    return Math.round((Date.now() - begun) / 1000);
  }

  async count(): Promise<number> {
    return (await this.status()).resources?.length ?? 0;
  }

  look(): Promise<void> {
    return this.refresh();
  }

  async watch(): Promise<() => Promise<string>> {
    const done = async () => [await this.engine.syncs(), (await this.status()).operationState?.finishedAt];
    const before = await done();
    return async () => {
      expect("syncs, and when the last one ended", await done(), before);
      return "no sync";
    };
  }

  async calm(seconds: number, healthy = true): Promise<string> {
    const unchanged = await this.watch();
    const wanted = healthy ? ["Synced", "Healthy"] : ["Synced"];
    let looks = 0;
    for (const end = Date.now() + seconds * 1000; Date.now() < end; looks++, await sleep(LOOK_S * 1000)) {
      const status = await this.status();
      const seen = [status.sync?.status, status.health?.status].slice(0, wanted.length);
      if (seen.join() !== wanted.join()) throw new Error(`expected ${wanted.join(", ")}: ${told(status)}`);
      if (status.conditions?.length) throw new Error(`a condition: ${told(status)}`);
    }
    return `${wanted.join(" and ")} in ${looks} of ${looks} looks, ${await unchanged()}`;
  }

  async takeBack(limit = 240): Promise<number> {
    const commit = await this.fork.revert();
    await this.refresh();
    return this.runs(commit, limit, ["Succeeded", "Failed"]);
  }

  /** Ends the engine and the git server. */
  override async end(): Promise<void> {
    await super.end();
    await this.server.stop();
  }
}

/** What Argo CD says, in a line. */
function told({ sync, health, conditions = [], operationState, resources = [] }: ApplicationStatus): string {
  const bad = resources.filter(({ status, health: own }) => status === "OutOfSync" || (own && own.status !== "Healthy"));
  const parts = [
    `${sync?.status ?? "no status"}, ${health?.status ?? "no health"}, commit ${sync?.revision?.slice(0, 7) ?? "none"}`,
    `operation ${operationState?.phase ?? "none"}: ${operationState?.message ?? ""}`,
    ...conditions.map(({ type, message }) => `${type}: ${message}`),
    ...bad.slice(0, 12).map(({ kind, name, status, health: own }) => [kind, name, status, own?.status].filter(Boolean).join(" ")),
  ];
  return parts.join("; ");
}
