import { mkdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { output } from "../../../tools/common/run.ts";
import type { Stage } from "../suite/stage.ts";

/** The branch that the engine reads. */
export const BRANCH = "main";
/** Folder of the bare repository, by which the server names it. */
export const BARE = "fork.git";

/** A user's fork: a work tree with the environment and its manifests, pushed to a bare repository that the git server serves. */
export class Fork {
  private constructor(private readonly folder: string) {}

  /** Makes the repository, with the environment and its manifests as its first commit. @param served folder of the git server */
  static async of({ environment }: Stage, served: string): Promise<Fork> {
    // Not in the middle of a run: its pod would be one that no commit brought.
    const noon = new Date().getUTCHours() < 6 || new Date().getUTCHours() > 18;
    await environment.set(["backups", "schedule"], noon ? "0 12 * * *" : "0 0 * * *");
    rmSync(served, { recursive: true, force: true });
    mkdirSync(served, { recursive: true });
    const fork = new Fork(dirname(environment.dist));
    await fork.git("init", "--quiet", "--initial-branch", BRANCH);
    await output("git", ["init", "--quiet", "--bare", "--initial-branch", BRANCH, join(served, BARE)]);
    await fork.git("remote", "add", "origin", join(served, BARE));
    await fork.commit("Add the environment");
    return fork;
  }

  /** Commits everything that the folder holds, and pushes it. @returns the commit */
  async commit(subject: string): Promise<string> {
    await this.git("add", "--all");
    await this.git("commit", "--quiet", "--message", subject);
    return this.push();
  }

  /** Commits the opposite of the last commit, and pushes it, as a user rolls back. @returns the commit */
  async revert(): Promise<string> {
    await this.git("revert", "--no-edit", "HEAD");
    return this.push();
  }

  private async push(): Promise<string> {
    await this.git("push", "--quiet", "origin", BRANCH);
    return this.head();
  }

  /** The last commit. */
  async head(): Promise<string> {
    return (await this.git("rev-parse", "HEAD")).trim();
  }

  /** git in the work tree, without what the machine's user has set. */
  private git(...args: readonly string[]): Promise<string> {
    const who = ["-c", "user.name=Trial", "-c", "user.email=trial@example.org", "-c", "commit.gpgsign=false"];
    return output("git", ["-C", this.folder, ...who, ...args], { env: { GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_SYSTEM: "/dev/null" } });
  }
}
