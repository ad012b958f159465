import { cpSync, mkdirSync, rmSync, symlinkSync } from "node:fs";
import { join, resolve } from "node:path";
import { output, run } from "../../../tools/common/run.ts";
import { NAME } from "../suite/environment-file.ts";
import type { Stage } from "../suite/stage.ts";
import { CLUSTER } from "../suite/suite-cluster.ts";
import type { Written } from "./old-version.ts";

const BRANCH = "trial";
const SYNC = resolve("gitops/timer/sync.sh");

/** A fork that a timer applies: gitops/timer/sync.sh in a clone of its own. */
export class TimerClone {
  private constructor(private readonly folder: string) {}

  /** Makes the fork at a commit, with a user's environment and its manifests on top. */
  static async create(folder: string, commit: string, written: Written): Promise<TimerClone> {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    const clone = new TimerClone(folder);
    await output("git", ["clone", "--quiet", "--bare", ".", clone.at("fork.git")]);
    await clone.git("fork.git", "branch", "--force", BRANCH, commit);
    await output("git", ["clone", "--quiet", "--branch", BRANCH, clone.at("fork.git"), clone.at("user")]);
    await clone.commit(written, "Add my environment");
    await output("git", ["clone", "--quiet", "--branch", BRANCH, clone.at("fork.git"), clone.at("server")]);
    // The packages of this checkout are used as they are: what the branch becomes needs the same.
    symlinkSync(resolve("node_modules"), clone.at("server", "node_modules"));
    mkdirSync(clone.at("server", "build"));
    cpSync("package-lock.json", clone.at("server", "build", "installed.json"));
    return clone;
  }

  /** Merges the current version into the fork, as its user does, with what it makes of the environment; then the timer comes. */
  async upgrade({ cluster }: Stage, written: Written): Promise<void> {
    const head = (await output("git", ["rev-parse", "HEAD"])).trim();
    await this.git("user", "fetch", "--quiet", resolve("."), head);
    await this.git("user", "merge", "--quiet", "--no-edit", head);
    await this.commit(written, "Write the manifests anew");
    const args = [this.at("server"), NAME, "--context", `kind-${CLUSTER}`];
    const { status, words } = await run(SYNC, args, { env: { ...cluster.env, CLOUDNOVA_LANGUAGE: "en" } });
    if (status !== 0) throw new Error(`${SYNC} ended with ${status}: ${words}`);
  }

  private async commit({ file, dist }: Written, subject: string): Promise<void> {
    const manifests = this.at("user", "dist", NAME);
    rmSync(manifests, { recursive: true, force: true });
    cpSync(join(dist, NAME), manifests, { recursive: true });
    cpSync(file, this.at("user", "environments", `${NAME}.yaml`));
    await this.git("user", "add", "--all");
    await this.git("user", "commit", "--quiet", "--message", subject);
    await this.git("user", "push", "--quiet");
  }

  private at(...names: readonly string[]): string {
    return join(this.folder, ...names);
  }

  /** git without what the machine's user has set. */
  private git(where: string, ...args: readonly string[]): Promise<string> {
    const who = ["-c", "user.name=Trial", "-c", "user.email=trial@example.org", "-c", "commit.gpgsign=false"];
    const env = { GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_SYSTEM: "/dev/null" };
    return output("git", ["-C", this.at(where), ...who, ...args], { env });
  }
}
