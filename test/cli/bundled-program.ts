import { type ChildProcess, execFile, execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Synthesis } from "../../charts/synth.ts";
import { kubeconfigOf } from "../../tools/apiserver/settings.ts";
import { synthesiseFile, synthesiseText } from "../manifests.ts";

/** How a command ended. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Bundles a program of the repository as an ES module, for Node to run. */
export function bundle(entry: string, file: string): void {
  const banner = 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);';
  const endings: string[] = JSON.parse(readFileSync("text-files.json", "utf8"));
  const flags = [
    "--bundle",
    "--platform=node",
    "--target=node20",
    "--format=esm",
    "--log-level=error",
    ...endings.map((ending) => `--loader:.${ending}=text`),
    `--banner:js=${banner}`,
  ];
  execFileSync("node_modules/.bin/esbuild", [entry, `--outfile=${file}`, ...flags]);
}

/** What was synthesised before, by name and text: many tests begin with the same environment. */
const syntheses = new Map<string, Synthesis>();

function synthesised(name: string, text?: string): Synthesis {
  const key = `${name}\n${text ?? ""}`;
  const found = syntheses.get(key) ?? (text === undefined ? synthesiseFile(`environments/${name}.yaml`) : synthesiseText(text, name));
  syntheses.set(key, found);
  return found;
}

/** The command line as users run it: the real bundle, in a process of its own. */
export class Program {
  readonly folder = mkdtempSync(join(tmpdir(), "cloudnova-cli-"));
  readonly dist = join(this.folder, "dist");
  private readonly bundle = join(this.folder, "cloudnova.mjs");

  constructor() {
    bundle(join("src", "cli", "main.ts"), this.bundle);
  }

  /** Writes an environment's manifests, from its file or from text, where the commands read them. */
  synth(name: string, text?: string): string {
    const { files } = synthesised(name, text);
    const folder = join(this.dist, name);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    for (const [file, content] of files) writeFileSync(join(folder, file), content);
    return folder;
  }

  /** A kubeconfig with one context, `validate`. */
  kubeconfig(server: string, ca: string, token: string): string {
    const file = join(this.folder, `kubeconfig-${process.hrtime.bigint()}`);
    writeFileSync(file, kubeconfigOf(server, ca, token));
    return file;
  }

  /** Starts a command. @param more variables over this process's own @param cwd the folder with environments/ and webapp/ @default this one */
  start(
    args: readonly string[],
    more: Readonly<Record<string, string>> = {},
    cwd?: string,
  ): { readonly child: ChildProcess; readonly ended: Promise<Ended> } {
    const env = { ...process.env, CLOUDNOVA_ENV: "", KUBECONFIG: join(this.folder, "none"), ...more };
    const child = spawn(
      process.execPath,
      [this.bundle, ...args, ...(args[0] === "dashboards" || args.includes("--dist") ? [] : ["--dist", this.dist])],
      {
        env,
        cwd,
        stdio: ["ignore", "pipe", "pipe"],
      },
    );
    let [stdout, stderr] = ["", ""];
    child.stdout.on("data", (chunk) => (stdout += chunk));
    child.stderr.on("data", (chunk) => (stderr += chunk));
    return { child, ended: new Promise((resolve) => child.on("close", (code) => resolve({ code, stdout, stderr }))) };
  }

  /** Runs a command to its end. */
  run(...args: readonly string[]): Promise<Ended> {
    return this.start(args).ended;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** kubectl, as an administrator or another tool would use it. */
export async function kubectl(bin: string, kubeconfig: string, ...args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(join(bin, "kubectl"), ["--kubeconfig", kubeconfig, ...args]);
  return stdout;
}
