import { lstat, opendir } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { ClusterError } from "../cluster/cluster-error.ts";
import type { Ended, Run } from "../cluster/transport/exec.ts";
import type { Project } from "../compose/model.ts";
import type { Application } from "../config/resolve-applications.ts";
import { data as words } from "../messages/data.ts";
import { lastLines, type Surroundings } from "../target/process.ts";
import script from "./files/volume.sh";
import { failedIn, inService, type Running, runIn } from "./running.ts";
import { streamed } from "./streamed.ts";

/** How much there is in a folder. */
export interface Amount {
  readonly files: number;
  readonly bytes: number;
}

/** A folder whose files are copied. */
export interface Source {
  /** What a message calls it. */
  readonly name: string;
  readonly amount: () => Promise<Amount>;
  /** A tar archive of it. */
  readonly archive: () => AsyncGenerator<Buffer>;
}

/** A volume of an application, and where its files come from. */
export interface Copy {
  readonly volume: string;
  /** Where the application has it. */
  readonly path: string;
  readonly source: Source;
}

const amountOf = (text: string): Amount => {
  const [files = Number.NaN, bytes = Number.NaN] = text.trim().split(/\s+/).map(Number);
  return { files, bytes };
};

/** @throws ClusterError where the image lacks a program, or the command fails */
function checked({ status, stdout, stderr }: Ended, where: string): string {
  if (status === 0) return stdout;
  if (status === 126 || status === 127) throw new ClusterError(words.noTar(where), words.noTarAdvice);
  throw new ClusterError(words.volumeFailed(where, lastLines(stderr.trim())), words.volumeAdvice);
}

async function* filesIn(folder: string): AsyncGenerator<string> {
  for await (const entry of await opendir(folder)) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesIn(path);
    else if (entry.isFile()) yield path;
  }
}

async function amountIn(folder: string): Promise<Amount> {
  let [files, bytes] = [0, 0];
  for await (const file of filesIn(folder)) {
    files++;
    bytes += (await lstat(file)).size;
  }
  return { files, bytes };
}

/** A folder of this machine. */
const folderSource = (folder: string, around: Surroundings): Source => ({
  name: folder,
  amount: () => amountIn(folder),
  archive: () =>
    streamed(around, ["tar", "-cf", "-", "-C", folder, "."], (said) => new ClusterError(words.volumeFailed(folder, lastLines(said)))),
});

/** A folder in a running service's container. */
const serviceSource = (running: Running, service: string, path: string): Source => ({
  name: `${service}:${path}`,
  amount: async () =>
    amountOf(checked(await runIn(running, service)(["sh", "-c", script, "volume.sh", "count", path]), `${service}:${path}`)),
  archive: () => streamed(running.around, inService(running, service, ["tar", "-cf", "-", "-C", path, "."]), failedIn(service)),
});

/**
 * The volumes that `--volume NAME=FOLDER` names.
 *
 * @throws ClusterError where the application has none of that name, or there is no such folder
 */
export async function givenCopies(pairs: readonly string[], { volumes, name }: Application, around: Surroundings): Promise<Copy[]> {
  const names = Object.keys(volumes);
  return Promise.all(
    pairs.map(async (pair) => {
      const [, volume = "", folder = ""] = /^([^=]+)=(.+)$/.exec(pair) ?? [];
      const path = volumes[volume]?.path;
      if (path === undefined) throw new ClusterError(words.noVolume(pair, name), words.volumesAre(names.join(", ")));
      const isFolder = await lstat(folder).then(
        (found) => found.isDirectory(),
        () => false,
      );
      if (!isFolder) throw new ClusterError(words.noFolder(folder), words.giveFolder);
      return { volume, path, source: folderSource(folder, around) };
    }),
  );
}

/** The volumes of an application that a service of the project mounts at the same path; a service of its name comes first. */
export function composeCopies(running: Running, { volumes, name }: Application): Copy[] {
  const services = Object.entries((running.project as Project).services);
  const sorted = [...services.filter(([service]) => service === name), ...services.filter(([service]) => service !== name)];
  return Object.entries(volumes).flatMap(([volume, { path }]) => {
    const [service] = sorted.find(([, { volumes: mounts = [] }]) => mounts.some(({ target }) => target.replace(/\/$/, "") === path)) ?? [];
    return service === undefined ? [] : [{ volume, path, source: serviceSource(running, service, path) }];
  });
}

/** What was copied. */
export interface Copied {
  readonly volume: string;
  readonly source: string;
  readonly old: Amount;
  readonly new: Amount;
}

/** A volume as the application's container has it. */
export class TargetVolume {
  /** What was begun: `accept` moves files that were there before. */
  state: "untouched" | "received" | "moving" = "untouched";
  private old: Amount = { files: 0, bytes: 0 };

  constructor(
    private readonly run: Run,
    private readonly copy: Copy,
    /** What a message calls it. */
    readonly where: string,
  ) {}

  private async call(run: Run, what: string, input?: Readable): Promise<string> {
    return checked(await run(["sh", "-c", script, "volume.sh", what, this.copy.path], input), this.where);
  }

  async amount(): Promise<Amount> {
    return amountOf(await this.call(this.run, "count"));
  }

  /**
   * Copies the files into a folder of their own, and compares.
   *
   * @throws ClusterError where not as many arrived
   */
  async receive(): Promise<void> {
    const { source } = this.copy;
    this.old = await source.amount();
    this.state = "received";
    const arrived = amountOf(await this.call(this.run, "receive", Readable.from(source.archive(), { objectMode: false })));
    if (arrived.files !== this.old.files || arrived.bytes !== this.old.bytes)
      throw new ClusterError(words.otherAmount(source.name, this.old, arrived), words.otherAmountAdvice);
  }

  /**
   * Puts what was received in the place of what is there.
   *
   * @param run what Ctrl-C does not break off: it is a matter of moments
   * @throws ClusterError; then `discard` puts back what is away
   */
  async accept(run: Run): Promise<Copied> {
    this.state = "moving";
    await this.call(run, "accept");
    this.state = "untouched";
    const { volume, source } = this.copy;
    return { volume, source: source.name, old: this.old, new: amountOf(await this.call(run, "count")) };
  }

  /** Removes what was received, and puts back what `accept` moved away before it failed. @throws ClusterError */
  async discard(run: Run): Promise<void> {
    await this.call(run, "discard");
  }
}
