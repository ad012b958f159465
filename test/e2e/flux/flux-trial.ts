import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { flux } from "../../../tools/generate/gitops.ts";
import { EngineTrial } from "../gitops/engine-trial.ts";
import { BARE, BRANCH, Fork } from "../gitops/fork.ts";
import { NAME } from "../suite/environment-file.ts";
import type { Stage } from "../suite/stage.ts";
import { expect, until } from "../suite/wait.ts";
import { FLUX_NAMESPACE, KustomizeController } from "./kustomize-controller.ts";
import { SourceStandIn } from "./source-stand-in.ts";

/** The name of the Kustomization, by the generator. */
const KUSTOMIZATION = `cloudnova-${NAME}`;
/** How often it looks for drift by itself, and how long it waits for health: less than the generated one, so that a run sees both. */
export const EVERY = "1m";
export const TIMEOUT = "2m";
/** What every result says of it. */
export const STAND_IN = "a stand-in of this suite ran in the place of Flux' source-controller";
const LOOK_S = 5;

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}

/** What Flux says of a Kustomization. */
interface KustomizationStatus {
  readonly conditions?: readonly Condition[];
  readonly lastAppliedRevision?: string;
  readonly inventory?: { readonly entries: readonly object[] };
}

const ready = ({ conditions = [] }: KustomizationStatus): boolean =>
  conditions.some(({ type, status }) => type === "Ready" && status === "True");

/** A fork, Flux' kustomize-controller that deploys it, a stand-in for its source-controller, and the cluster. */
export class FluxTrial extends EngineTrial<KustomizeController> {
  readonly well = "Ready";

  private constructor(
    stage: Stage,
    private readonly folder: string,
    fork: Fork,
    private readonly source: SourceStandIn,
  ) {
    super("Flux", stage, fork);
  }

  /** Makes the fork; the controller starts with `begin`. @param folder for the repository and the controller */
  static async set(stage: Stage, folder: string): Promise<FluxTrial> {
    const served = join(folder, "git");
    const fork = await Fork.of(stage, served);
    return new FluxTrial(stage, folder, fork, await SourceStandIn.start(join(served, BARE)));
  }

  get title(): string {
    return `kustomize-controller ${this.engine.version} (${STAND_IN})`;
  }

  protected start(): Promise<KustomizeController> {
    return KustomizeController.start(this.stage.cluster, join(this.folder, "flux"));
  }

  /** Applies what `npm run generate` makes for a fork. */
  async deploy(): Promise<void> {
    const file = join(this.folder, "flux.yaml");
    const generated = flux(NAME, { url: "https://git.example.org/fork.git", branch: BRANCH });
    const [source = "", kustomization = ""] = generated.split("---\n");
    const shorter = kustomization
      .replace(/^ {2}interval: .*$/m, `  interval: ${EVERY}`)
      .replace(/^ {2}timeout: .*$/m, `  timeout: ${TIMEOUT}`);
    writeFileSync(file, `${source}---\n${shorter}`);
    await this.stage.kubectl("apply", "--filename", file);
    await this.refresh();
  }

  private async status(): Promise<KustomizationStatus> {
    await this.engine.alive();
    const where = ["--namespace", FLUX_NAMESPACE, "--output", "json"];
    return JSON.parse(await this.stage.kubectl("get", "kustomization.kustomize.toolkit.fluxcd.io", KUSTOMIZATION, ...where)).status ?? {};
  }

  async says(): Promise<string> {
    return told(await this.status()).replaceAll(join(this.folder, "flux", "tmp", "/"), "");
  }

  /** As source-controller does when a webhook or its interval has it look. */
  refresh(): Promise<void> {
    return this.source.publish(this.stage.cluster, KUSTOMIZATION);
  }

  async runs(commit: string, limit = 240): Promise<number> {
    const begun = Date.now();
    await until(`Flux calls ${commit.slice(0, 7)} applied and Ready`, limit, async () => {
      const status = await this.status();
      if (status.lastAppliedRevision === `${BRANCH}@sha1:${commit}` && ready(status)) return true;
      throw new Error(told(status));
    });
    return Math.round((Date.now() - begun) / 1000);
  }

  async takeBack(limit?: number): Promise<number> {
    const commit = await this.fork.revert();
    await this.refresh();
    return this.runs(commit, limit);
  }

  async count(): Promise<number> {
    return (await this.status()).inventory?.entries.length ?? 0;
  }

  /** As `flux reconcile kustomization` does. */
  async look(): Promise<void> {
    const where = ["--namespace", FLUX_NAMESPACE, "--overwrite"];
    const asked = `reconcile.fluxcd.io/requestedAt=${new Date().toISOString()}`;
    await this.stage.kubectl("annotate", "kustomization.kustomize.toolkit.fluxcd.io", KUSTOMIZATION, asked, ...where);
  }

  async watch(): Promise<() => Promise<string>> {
    const before = this.engine.applies().length;
    return async () => {
      const { applies, changed, left } = this.did(before);
      if (applies === 0) throw new Error("Flux applied nothing: nothing was seen");
      expect("objects that Flux changed", changed, []);
      return `it compared ${applies} times and changed nothing${left.length > 0 ? `, left alone ${left.join(", ")}` : ""}`;
    };
  }

  async calm(seconds: number): Promise<string> {
    const unchanged = await this.watch();
    await this.look();
    for (const end = Date.now() + seconds * 1000; Date.now() < end; await sleep(LOOK_S * 1000)) {
      const status = await this.status();
      const failed = status.conditions?.find(({ type, status: is }) => type === "Ready" && is === "False");
      if (failed) throw new Error(told(status));
    }
    return unchanged();
  }

  /** What its applies did, and which objects they changed and left alone. @param since how many applies there were before */
  did(since: number): { readonly applies: number; readonly changed: readonly string[]; readonly left: readonly string[] } {
    const applies = this.engine.applies().slice(since);
    const objects = applies.flatMap(({ output }) => Object.entries(output));
    const those = (done: readonly string[]) => [...new Set(objects.filter(([, what]) => done.includes(what)).map(([name]) => name))];
    return { applies: applies.length, changed: those(["created", "configured", "deleted"]), left: those(["skipped"]) };
  }

  /** Ends the controller and the stand-in. */
  override async end(): Promise<void> {
    await super.end();
    await this.source.stop();
  }
}

/** What Flux says, in a line. */
function told({ conditions = [], lastAppliedRevision }: KustomizationStatus): string {
  const each = conditions.map(({ type, status, reason, message }) => `${type} ${status}, ${reason}: ${message.trim()}`);
  return [`applied ${lastAppliedRevision ?? "nothing"}`, ...each].join("; ").replaceAll("\n", " ");
}
