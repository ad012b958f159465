import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type ApiServer, startApiServer } from "../../tools/apiserver/server.ts";
import { type Ended, kubectl, Program } from "../cli/bundled-program.ts";
import { FaultyProxy } from "../cluster/transport/proxy.ts";

const token = (kubeconfig: string): string => JSON.parse(readFileSync(kubeconfig, "utf8")).users[0].user.token;

/** The real command line against a real API server, through a proxy that can do it harm. */
export class CommandLine {
  readonly program = new Program();
  /** Of an administrator, through the proxy. */
  readonly kubeconfig: string;
  private empty: () => Promise<void> = () => Promise.resolve();

  private constructor(
    readonly api: ApiServer,
    readonly proxy: FaultyProxy,
  ) {
    this.kubeconfig = this.program.kubeconfig(proxy.url, api.ca, token(api.kubeconfig));
  }

  static async start(): Promise<CommandLine> {
    const api = await startApiServer();
    const line = new CommandLine(api, await FaultyProxy.start(api));
    line.empty = await api.snapshot();
    return line;
  }

  /** The server as it was at the start, a proxy that passes everything on, and kind's manifests in `program.dist`. */
  async reset(): Promise<void> {
    await this.empty();
    this.proxy.reset();
    this.program.synth("kind");
  }

  async stop(): Promise<void> {
    this.proxy.stop();
    this.program.remove();
    await this.api.stop();
  }
}

/** Starts it before the tests of a file, resets it before each of them, and stops it after them. */
export function commandLine() {
  let line: CommandLine;
  beforeAll(async () => {
    line = await CommandLine.start();
  });
  beforeEach(() => line.reset());
  afterAll(() => line?.stop());
  const admin = (...args: readonly string[]) => kubectl(line.api.bin, line.api.kubeconfig, ...args);
  return {
    /** What the tests of this file run; to be read within a test only. */
    running: () => line,
    /** Runs a command for kind's environment. */
    cloudnova: (command: string, ...args: readonly string[]) => line.program.run(command, "kind", "--kubeconfig", line.kubeconfig, ...args),
    /** kubectl, past the proxy. */
    admin,
    /** The same, in the namespace of the environment. */
    own: (...args: readonly string[]) => admin("-n", "cloudnova", ...args),
    /** Changes a manifest's text; fails when there is nothing to change. */
    edit(file: string, from: string | RegExp, to: string): void {
      const path = join(line.program.dist, "kind", file);
      const before = readFileSync(path, "utf8");
      const after = before.replace(from, to);
      expect(after).not.toBe(before);
      writeFileSync(path, after);
    },
    /** The number of objects in kind's manifests. */
    count: () => {
      const folder = join(line.program.dist, "kind");
      const files = readdirSync(folder).filter((file) => file.endsWith(".yaml"));
      return files.flatMap((file) => readFileSync(join(folder, file), "utf8").match(/^kind: /gm) ?? []).length;
    },
  };
}

/** How many objects had which outcome, of an apply with `--output json`. */
export function outcomes({ stdout }: Ended): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { outcome } of JSON.parse(stdout).objects) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return counts;
}
