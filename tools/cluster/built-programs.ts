import { existsSync } from "node:fs";
import { mkdir, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { repositoryRoot } from "../common/root.ts";
import { run } from "../common/run.ts";
import { definitionHash } from "../toolchain/definition.ts";
import { ensure } from "../toolchain/ensure.ts";
import type { ProgramName } from "../toolchain/programs.ts";
import { imageCache } from "./cache.ts";

/**
 * What the node image is made of besides Debian packages, with the seconds that each took to build on two cores (Go 1.26).
 * Measured on this project's machine, beside other work: kube-controller-manager to kube-scheduler in this order after
 * kube-apiserver, whose packages they share; kube-apiserver, kubectl and coredns are from an earlier machine of the same kind.
 */
const PROGRAMS: readonly { readonly program: ProgramName; readonly seconds: Readonly<Record<string, number>> }[] = [
  {
    program: "kubernetes",
    seconds: {
      "kube-apiserver": 300,
      "kube-controller-manager": 89,
      kubelet: 69,
      kubeadm: 17,
      "kube-proxy": 15,
      "kube-scheduler": 11,
      kubectl: 20,
    },
  },
  { program: "local-path-provisioner", seconds: { "local-path-provisioner": 80 } },
  { program: "coredns", seconds: { coredns: 193 } },
  { program: "etcd", seconds: { etcd: 50 } },
  { program: "kube-router", seconds: { "kube-router": 150 } },
  { program: "containerd", seconds: { containerd: 60, ctr: 15, "containerd-shim-runc-v2": 10 } },
  { program: "crictl", seconds: { crictl: 40 } },
  { program: "kind", seconds: { kind: 20 } },
  { program: "traefik", seconds: { traefik: 15 } },
];

/** Programs by name: their paths on this machine. */
export type Programs = Readonly<Record<string, string>>;

/** How long building these takes on two idle cores, in minutes. */
export function buildMinutes(missing: readonly string[]): number {
  const known: Readonly<Record<string, number>> = Object.assign({}, ...PROGRAMS.map(({ seconds }) => seconds));
  return Math.ceil(missing.reduce((sum, name) => sum + (known[name] ?? 0), 0) / 60);
}

/** The programs that no run has built yet. */
export async function missingPrograms(): Promise<string[]> {
  const missing = [];
  for (const { program, seconds } of PROGRAMS) {
    const bin = program === "traefik" ? undefined : await ensure(program, []); // Python programs install as a whole
    missing.push(...Object.keys(seconds).filter((name) => bin && !existsSync(join(bin, name))));
  }
  return missing;
}

/** How long building these takes, for a person; empty when there is nothing to build. */
export function buildEstimate(missing: readonly string[]): string {
  return missing.length === 0
    ? ""
    : `building ${missing.join(", ")}: about ${buildMinutes(missing)} min on two idle cores, once; it can be cut off and goes on where it was`;
}

/** Builds what is missing, one program at a time, and tells where each lies. @throws Error with the compiler's own words */
export async function buildPrograms(): Promise<Programs> {
  const programs: Record<string, string> = {};
  const estimate = buildEstimate(await missingPrograms());
  if (estimate) process.stderr.write(`… ${estimate}\n`);
  for (const { program, seconds } of PROGRAMS) {
    const names = Object.keys(seconds);
    const bin = await ensure(program, names);
    for (const name of names) programs[name] = join(bin, name);
  }
  for (const name of ["pause", "ballast"]) programs[name] = await compile(name);
  return programs;
}

/** Compiles tools/cluster/NAME.c: static and small, for an image with nothing else in it. */
async function compile(name: string): Promise<string> {
  const source = join(repositoryRoot(), "tools", "cluster", `${name}.c`);
  const flags = ["-static", "-Os", "-Wall", "-Wextra", "-Werror", "-s"];
  const hash = definitionHash({ [name]: await readFile(source, "utf8") }, [process.arch, ...flags]);
  const target = join(imageCache(), `${name}-${hash}`);
  if (existsSync(target)) return target;
  await mkdir(imageCache(), { recursive: true });
  const { status, missing, words } = await run("gcc", [...flags, "-o", `${target}.partial`, source]);
  if (missing) throw new Error("gcc is missing: install it with the C library's headers (Debian, Ubuntu: apt-get install gcc libc6-dev)");
  if (status !== 0) throw new Error(`gcc could not compile ${source}:\n${words}`);
  await rename(`${target}.partial`, target);
  return target;
}

/** What making the node image needs: a shell command that succeeds where it is there, and Debian's packages of it. */
const NEEDS: readonly (readonly [there: string, packages: string])[] = [
  ["command -v mmdebstrap", "mmdebstrap"],
  ["test -e /usr/share/keyrings/debian-archive-keyring.gpg", "debian-archive-keyring"],
  ["command -v gcc", "gcc"],
  // gcc prints a path where it finds the static C library, else the bare name.
  ['test -e "$(gcc -print-file-name=libc.a)"', "libc6-dev"],
  ["command -v flock", "util-linux"],
  ["command -v jq", "jq"],
  ["python3 -c 'import ensurepip'", "python3-venv"],
];

/** Packages of Debian that are missing for the node image. */
export async function missingPackages(): Promise<string[]> {
  const there = await Promise.all(NEEDS.map(async ([command]) => (await run("sh", ["-c", command])).status === 0));
  return NEEDS.filter((_, index) => !there[index]).map(([, packages]) => packages);
}
