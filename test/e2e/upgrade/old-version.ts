import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Document, parse } from "yaml";
import { BUILT_HERE, type BuiltHere } from "../../../src/versions.ts";
import { output, type Run, run } from "../../../tools/common/run.ts";
import { NAME, PORTS } from "../suite/environment-file.ts";
import type { Release } from "./releases.ts";

/** Where an environment file and its manifests are. */
export interface Written {
  readonly file: string;
  readonly dist: string;
}

/** An earlier version in a folder of its own: its manifests and its command line are made by its own code, with its own packages. */
export class OldVersion {
  private constructor(
    readonly release: Release,
    private readonly folder: string,
    /** The environment as a user of that version wrote it, and its manifests. */
    readonly written: Written,
  ) {}

  /** Checks it out and installs its packages, as a user does. What an earlier run has checked out is used again. @param folder for it and its files */
  static async checkOut(release: Release, folder: string): Promise<OldVersion> {
    const code = join(folder, "code");
    const installed = join(folder, "installed");
    if (!existsSync(installed)) {
      process.stderr.write(`… ${release.name} is checked out, with its own packages\n`);
      rmSync(folder, { recursive: true, force: true });
      mkdirSync(folder, { recursive: true });
      await output("git", ["clone", "--quiet", "--no-checkout", ".", code]);
      await output("git", ["-C", code, "checkout", "--quiet", "--detach", release.commit]);
      await output("npm", ["ci", "--silent", "--omit=dev"], { cwd: code });
      writeFileSync(installed, "");
    }
    const written = { file: join(folder, `${NAME}.yaml`), dist: join(folder, "dist") };
    const own = BUILT_HERE.filter((component) => existsSync(join(code, component)));
    writeFileSync(written.file, environmentOf(readFileSync(join(code, "environments", "stand-ins.yaml"), "utf8"), own));
    const old = new OldVersion(release, code, written);
    const { status, words } = await old.run("synth", ["--quiet", "--outdir", written.dist, written.file], {});
    if (status !== 0) throw new Error(`${release.name} does not write its manifests:\n${words}`);
    return old;
  }

  /** Runs its command line. @throws Error with what it said when its exit code is another than 0 @returns what it printed */
  async must(env: Readonly<Record<string, string>>, command: string, ...args: readonly string[]): Promise<string> {
    const { file, dist } = this.written;
    const { status, stdout, stderr } = await this.run("cloudnova", [...command.split(" "), file, "--dist", dist, ...args], env);
    if (status !== 0)
      throw new Error(`${this.release.name}: cloudnova ${[command, ...args].join(" ")} ended with ${status}:\n${stdout}${stderr}`);
    return stdout;
  }

  private run(program: string, args: readonly string[], env: Readonly<Record<string, string>>): Promise<Run> {
    const options = { cwd: this.folder, env: { ...env, CLOUDNOVA_LANGUAGE: "en" } };
    return run(process.execPath, [join("bin", `${program}.cjs`), ...args], options);
  }
}

/**
 * The environment of a user of an earlier version, from that version's own: with the suite's ports, and with room for a second replica. The
 * images of our own have a tag that no other run builds meanwhile.
 *
 * @param own the images that this version builds
 */
export function environmentOf(text: string, own: readonly BuiltHere[]): string {
  const document = new Document(parse(text));
  document.setIn(["ingress", "ports"], PORTS);
  document.setIn(["machine", "memory"], "3Gi");
  for (const component of own) document.setIn(["images", component], `cloudnova-${component}:upgraded`);
  return document.toString();
}
