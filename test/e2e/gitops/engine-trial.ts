import { changes } from "../suite/rolled-pods.ts";
import type { Stage } from "../suite/stage.ts";
import { until } from "../suite/wait.ts";
import type { Fork } from "./fork.ts";

/** A commit that rolled out: how long it took in seconds, and which pods changed. */
interface RollOut {
  readonly seconds: number;
  readonly pods: readonly string[];
}

/** A fork, an engine that deploys it, and the cluster: what the steps need that every engine runs. */
export abstract class EngineTrial {
  protected constructor(
    /** The engine's name, as our commands say it. */
    readonly name: "Argo CD" | "Flux",
    readonly stage: Stage,
    readonly fork: Fork,
  ) {}

  /** What the engine says of the environment, in a line. @param object another object of the engine's than the environment's */
  abstract says(object?: string): Promise<string>;

  /** Has it look at the repository now. */
  abstract refresh(): Promise<void>;

  /** Waits until it says that a commit runs. @returns how long that took, in seconds */
  abstract runs(commit: string, limit?: number): Promise<number>;

  /** Takes the last commit back, has the engine look, and waits until the revert runs. @returns how long that took, in seconds */
  abstract takeBack(limit?: number): Promise<number>;

  /** How many objects it says that it has. */
  abstract count(): Promise<number>;

  /** Watches for a time that everything is as in git, and that the engine changes nothing. @param healthy whether it is healthy, too */
  abstract calm(seconds: number, healthy?: boolean): Promise<string>;

  /** Waits until it says something. @returns the words that fit, and how long that took, in seconds */
  async tells(pattern: RegExp, limit: number, object?: string): Promise<{ readonly words: string; readonly seconds: number }> {
    const begun = Date.now();
    const words = await until(`${this.name} says ${pattern}`, limit, async () => {
      const text = await this.says(object);
      const found = pattern.exec(text)?.[0];
      if (found === undefined) throw new Error(text);
      return found;
    });
    return { words, seconds: Math.round((Date.now() - begun) / 1000) };
  }

  /** Commits what the environment is now, and waits until it runs. */
  async rollOut(subject: string): Promise<RollOut> {
    const before = await this.stage.pods();
    const commit = await this.fork.commit(subject);
    await this.refresh();
    const seconds = await this.runs(commit);
    return { seconds, pods: changes(before, await this.stage.pods()) };
  }
}
