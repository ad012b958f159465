import { createHash } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { ClusterError } from "../cluster/cluster-error.ts";
import { machine as say } from "../messages/machine.ts";
import { printKindAs } from "../printed.ts";
import { KIND_MINIMUM, KIND_VERSION } from "../versions.ts";
import { has, knownAdvice, must, run, type Surroundings, USUAL_PATH } from "./process.ts";

/** The program `tools/cluster`, beside the bundle that runs. */
const toolFile = ({ tools }: Surroundings): string => join(tools ?? join(dirname(process.argv[1] ?? ""), "tools"), "cluster.mjs");

/** Runs `tools/cluster`, shows its standard error, and returns its standard output. @throws ClusterError, Interrupted */
export async function tool<T>(around: Surroundings, args: readonly string[], shown = true): Promise<T> {
  const command = `npm run cluster -- ${args.join(" ")}`;
  const { status, stdout, words } = await run(around, process.execPath, [toolFile(around), "--output", "json", ...args], { shown });
  if (status === 0) return JSON.parse(stdout);
  throw new ClusterError(`${command}: ${shown ? say.failedAbove : words}`, knownAdvice(words) ?? say.toolAgain(command));
}

/** Where this user keeps kind, of the pinned version, when it came by `up`. */
const kindFolder = ({ env }: Surroundings): string =>
  join(env.XDG_CACHE_HOME || join(env.HOME || homedir(), ".cache"), "cloudnova", `kind-${KIND_VERSION}`);

/** Numbers of a version such as `v0.33.0`, to compare. */
const numbersOf = (version: string): number[] => version.replace(/^v/, "").split(".").map(Number);

/** Whether a version is that old or newer; a development version counts by its numbers. */
export function isAtLeast(version: string, minimum: string): boolean {
  const [one, other] = [numbersOf(version.split("-")[0] ?? ""), numbersOf(minimum)];
  const at = other.findIndex((number, index) => number !== one[index]);
  return at < 0 || (one[at] ?? 0) > (other[at] ?? 0);
}

/**
 * The version of the kind that would run: the one on the PATH when it can use the pinned node image, else the pinned one when it is
 * there. Undefined when there is neither. `outdated` is a kind on the PATH that is too old.
 */
export interface Kind {
  readonly version?: string;
  readonly outdated?: string;
}

export async function findKind(around: Surroundings): Promise<Kind> {
  const own = join(kindFolder(around), "kind");
  const [there, pinned] = await Promise.all([versionOf(around, "kind"), existsSync(own) ? versionOf(around, own) : undefined]);
  if (there && isAtLeast(there, KIND_MINIMUM)) return { version: there };
  return { ...(pinned && { version: pinned }), ...(there && { outdated: there }) };
}

/** `kind v0.33.0 go1.26.0 linux/amd64`. */
async function versionOf(around: Surroundings, program: string): Promise<string | undefined> {
  const { status, stdout } = await run(around, program, ["version"]);
  return status === 0 ? /v\d+\.\d+\.\d+\S*/.exec(stdout)?.[0] : undefined;
}

/** The same machine, where `kind` is the pinned one unless the one on the PATH will do. */
export function withKind(around: Surroundings, { version, outdated }: Kind): Surroundings {
  const folder = kindFolder(around);
  const first = existsSync(join(folder, "kind")) && (outdated !== undefined || !version || !has(around, "kind"));
  printKindAs(first ? join(folder, "kind") : "kind");
  return first ? { ...around, env: { ...around.env, PATH: [folder, around.env.PATH ?? USUAL_PATH].join(delimiter) } } : around;
}

/** How kind gets here. */
export const kindComesBy = (around: Surroundings): "module" | "download" => (has(around, "go") ? "module" : "download");

/** Where kind's releases are. */
const RELEASES = "https://kind.sigs.k8s.io/dl";

/**
 * Brings the pinned kind: from its Go module where there is Go, else the release's binary with the checksum that is published
 * beside it.
 *
 * @throws ClusterError, Interrupted
 */
export async function fetchKind(around: Surroundings): Promise<void> {
  const folder = kindFolder(around);
  const file = join(folder, "kind");
  mkdirSync(folder, { recursive: true });
  if (kindComesBy(around) === "module") {
    const { path } = await tool<{ readonly path: string }>(around, ["kind"]);
    rmSync(file, { force: true });
    symlinkSync(path, file);
    return;
  }
  const system = `${process.platform}-${process.arch === "arm64" ? "arm64" : "amd64"}`;
  const url = `${RELEASES}/${KIND_VERSION}/kind-${system}`;
  const sum = await must(around, say.downloadFails(url), "curl", ["-fsSL", `${url}.sha256sum`], { shown: false });
  await must(around, say.downloadFails(url), "curl", ["-fL", "--output", `${file}.partial`, url], { drawn: true });
  const found = createHash("sha256")
    .update(readFileSync(`${file}.partial`))
    .digest("hex");
  if (!sum.startsWith(found)) {
    rmSync(`${file}.partial`);
    throw new ClusterError(say.wrongSum(url, found, sum.split(/\s/)[0] ?? ""), say.proxyBetween);
  }
  chmodSync(`${file}.partial`, 0o755);
  renameSync(`${file}.partial`, file);
}

/** Installs packages of Debian or Ubuntu; it was agreed to. @throws ClusterError, Interrupted */
export async function installPackages(around: Surroundings, packages: readonly string[]): Promise<void> {
  if (packages.length === 0) return;
  const quiet = { shown: true, env: { DEBIAN_FRONTEND: "noninteractive" } };
  await must(around, say.aptFails, "apt-get", ["update", "-q"], quiet);
  await must(around, say.aptFails, "apt-get", ["install", "-y", "-q", ...packages], quiet);
}
