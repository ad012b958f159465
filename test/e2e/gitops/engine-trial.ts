import { bringImages } from "../suite/bare-cluster.ts";
import { changes } from "../suite/rolled-pods.ts";
import type { Stage } from "../suite/stage.ts";
import { until } from "../suite/wait.ts";
import type { Fork } from "./fork.ts";
import type { Usage } from "./processes.ts";

/** An engine looks at once when it is asked to, s. */
export const TOLD_S = 120;
/** How long it is watched whether what runs stays, s. */
export const STAYS_S = 15;

/** The processes of an engine. */
interface Engine {
  readonly version: string;
  /** What each process takes now, by name. */
  usage(): Record<string, Usage>;
  /** @throws Error with the end of its log when one has ended */
  alive(): Promise<void>;
  stop(): Promise<void>;
}

/** A commit that rolled out: how long it took in seconds, and which pods changed. */
interface RollOut {
  readonly seconds: number;
  readonly pods: readonly string[];
}

/** A fork, an engine that deploys it, and the cluster: what the steps need that every engine runs. */
export abstract class EngineTrial<E extends Engine = Engine> {
  private started: E | undefined;

  protected constructor(
    /** The engine's name, as our commands say it. */
    readonly name: "Argo CD" | "Flux",
    readonly stage: Stage,
    readonly fork: Fork,
  ) {}

  /** Installs the engine in the cluster, and starts its processes. */
  protected abstract start(): Promise<E>;

  get engine(): E {
    if (!this.started) throw new Error("the engine was not started");
    return this.started;
  }

  /** Makes the cluster with its images as `up` does, without a single object of the environment, and starts the engine. */
  async begin(): Promise<void> {
    await this.stage.cluster.delete(); // what an earlier run left
    await bringImages(this.stage);
    this.started = await this.start();
  }

  /** Ends the engine, if it was started. */
  async end(): Promise<void> {
    await this.started?.stop();
  }

  /** The engine with its version, for a result. */
  abstract readonly title: string;

  /** What the engine calls an environment that is as in git and well. */
  abstract readonly well: string;

  /** Has the engine deploy the fork. */
  abstract deploy(): Promise<void>;

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

  /** Has it compare now, also where the repository is as it was. */
  abstract look(): Promise<void>;

  /** Notes what it has done. @returns what asks later whether it has changed nothing since: answers in a sentence, or throws an Error */
  abstract watch(): Promise<() => Promise<string>>;

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
