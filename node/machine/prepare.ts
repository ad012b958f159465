import { existsSync } from "node:fs";
import { chmod, copyFile, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { withProgress } from "../../tools/common/progress.ts";
import { repositoryRoot } from "../../tools/common/root.ts";
import { output } from "../../tools/common/run.ts";
import { kubeadmConfiguration, kubeletMemory } from "../cluster/kubeadm.ts";
import type { Parts } from "../images/build.ts";
import type { DebianRoot } from "../images/debian.ts";
import { PAUSE } from "../images/table.ts";
import { capabilitiesIn } from "./capabilities.ts";
import { containerdFiles } from "./containerd.ts";
import { ADDRESS, DATA, HOME, HOST, INSIDE, imageCache, NODE, SERVICES } from "./layout.ts";
import { type ForwardedPort, portList } from "./runc.ts";
import { containerSpec } from "./spec.ts";

/** Programs of the toolchain that run in the node itself rather than in an image. */
const NODE_PROGRAMS = ["kubelet", "kubeadm", "kubectl", "forward"];

/** Unpacks the node's root file system unless that very one is there. What was half unpacked is thrown away. */
export async function prepareRoot(root: DebianRoot): Promise<void> {
  const note = `${HOST.root}.from`;
  const wanted = JSON.stringify(root);
  if (existsSync(note) && (await readFile(note, "utf8")) === wanted) return;
  await withProgress("unpacking the node's root file system", "", async () => {
    const partial = `${HOST.root}.partial`;
    for (const path of [note, partial, HOST.root]) await rm(path, { recursive: true, force: true });
    await mkdir(partial, { recursive: true });
    await output("tar", ["--extract", "--numeric-owner", "--file", root.tar, "--directory", partial]);
    await mkdir(join(partial, "lib/modules"), { recursive: true });
    await rename(partial, HOST.root);
    await writeFile(note, wanted); // last: the proof that it is whole
  });
}

/** Writes everything that the container and the programs in it read. */
export async function writeConfiguration(parts: Parts, memoryMiB: number, ports: readonly ForwardedPort[]): Promise<void> {
  const meminfo = await readFile("/proc/meminfo", "utf8");
  const machineMiB = Math.floor(Number(/^MemTotal:\s+(\d+)/m.exec(meminfo)?.[1]) / 1024);
  await rm(HOST.config, { recursive: true, force: true });
  const node = join(repositoryRoot(), "node");
  const files = {
    "node.env": `NODE=${NODE}\nADDRESS=${ADDRESS}\nSERVICES=${SERVICES}\nPORTS=${portList(ports)}\nLAST_FD=${ports.length + 2}\n`,
    "kubeadm.yaml": kubeadmConfiguration({
      kubernetesVersion: parts.versions.kubernetes,
      etcd: parts.versions.etcd,
      coredns: parts.versions.coredns,
    }),
    "kubelet.d/10-memory.conf": kubeletMemory(memoryMiB, machineMiB),
    ...containerdFiles(INSIDE.config, PAUSE),
  };
  for (const [name, text] of Object.entries(files)) {
    const path = join(HOST.config, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  }
  for (const script of ["init.sh", "forget.sh", "shutdown.sh"]) await copyFile(join(node, "machine", script), join(HOST.config, script));
  await mkdir(join(HOST.config, "addons"), { recursive: true });
  for (const name of ["local-path.yaml", "metrics-server.yaml"]) {
    const text = await readFile(join(node, "cluster", name), "utf8");
    await writeFile(join(HOST.config, "addons", name), withTags(text, parts));
  }

  for (const name of Object.keys(DATA)) await mkdir(join(HOST.data, name), { recursive: true });
  await chmod(HOME, 0o700);
  await mkdir(HOST.bundle, { recursive: true });
  const programs = Object.fromEntries(NODE_PROGRAMS.map((name) => [name, parts.programs[name] ?? ""]));
  const spec = containerSpec({
    memoryMiB,
    capabilities: capabilitiesIn(await readFile("/proc/self/status", "utf8")),
    programs,
    images: imageCache(),
    modules: existsSync("/lib/modules"),
  });
  await writeFile(join(HOST.bundle, "config.json"), JSON.stringify(spec, null, 2));
}

/** Replaces `IMAGE:name` by the reference of that image. @throws Error for a name that no image has */
export function withTags(text: string, { archives }: Pick<Parts, "archives">): string {
  const references = archives.flatMap((archive) => Object.keys(archive.images));
  return text.replace(/IMAGE:([\w-]+)/g, (_, name: string) => {
    const found = references.find((reference) => basename(reference).startsWith(`${name}:`));
    if (!found) throw new Error(`no image is called ${name}: there are ${references.join(", ")}`);
    return found;
  });
}
