import { existsSync } from "node:fs";
import { arch, platform } from "node:os";
import { ClusterError } from "../cluster/cluster-error.ts";
import { target as words } from "../messages/target.ts";
import { kindNodes } from "./kind.ts";
import type { Engine } from "./node-image.ts";
import { run, type Surroundings } from "./process.ts";

/** Names of processors as images have them (Go's GOARCH), by those of Linux (`uname -m`) and Node. */
const NAMES: Readonly<Record<string, string>> = {
  x86_64: "amd64",
  x64: "amd64",
  aarch64: "arm64",
  armv7l: "arm",
  armv6l: "arm",
  i686: "386",
  i386: "386",
  ia32: "386",
};
/** A processor as images name it. @param name as Linux or Node name it */
export const processorOf = (name: string): string => NAMES[name] ?? name;

/** The processor of this machine, as images name it. */
export const ownProcessor = (): string => processorOf(arch());

/** Where an image goes. */
interface Place {
  readonly to: "kind" | "k3s" | "ssh";
  readonly engine: Engine;
  readonly remote?: { readonly processor: string };
}

interface Inspected {
  readonly Architecture?: string;
  readonly OCIv1?: { readonly architecture?: string };
}

/** The processor that an image is for, from what docker, podman or buildah print of it; undefined where they do not say. */
export function imageProcessor(inspected: string): string | undefined {
  try {
    const found = JSON.parse(inspected) as Inspected | readonly Inspected[];
    const one = Array.isArray(found) ? (found[0] as Inspected | undefined) : (found as Inspected);
    return one?.Architecture || one?.OCIv1?.architecture || undefined;
  } catch {
    return undefined;
  }
}

/** The processor of the node to which images go; undefined where it does not say. */
async function nodeProcessor(around: Surroundings, { to, engine, remote }: Place): Promise<string | undefined> {
  if (to === "ssh") return remote?.processor;
  if (to === "k3s") return ownProcessor();
  const [node] = await kindNodes(around, engine).catch(() => []);
  if (!node) return undefined;
  const { status, stdout } = await run(around, engine, ["exec", node.name, "uname", "-m"]);
  return status === 0 && stdout.trim() !== "" ? processorOf(stdout.trim()) : undefined;
}

/** Whether this machine runs programs of another processor: Docker Desktop does, and Linux with QEMU registered in binfmt_misc. */
function emulates(processor: string): boolean {
  if (platform() !== "linux") return true;
  const names = Object.keys(NAMES).filter((name) => NAMES[name] === processor);
  return [processor, ...names].some((name) => existsSync(`/proc/sys/fs/binfmt_misc/qemu-${name}`));
}

/**
 * Whether the node can run an image. One that runs by emulation is named only.
 *
 * @param inspected what its builder prints of it
 * @param advice what to do, by the node's processor
 * @throws ClusterError where the node cannot run it
 */
export async function checkProcessor(
  around: Surroundings,
  image: string,
  inspected: string,
  destination: Place,
  advice: (processor: string) => string,
): Promise<void> {
  const wanted = imageProcessor(inspected);
  const there = wanted === undefined ? undefined : await nodeProcessor(around, destination);
  if (wanted === undefined || there === undefined || wanted === there) return;
  // Of a server it is not known whether it emulates another processor.
  if (destination.to === "ssh" || !emulates(wanted)) throw new ClusterError(words.otherProcessor(image, wanted, there), advice(there));
  around.stderr.write(`${words.emulated(image, wanted, there)}\n`);
}
