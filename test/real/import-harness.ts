import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, type Readable } from "node:stream";
import { run } from "../../src/cli/run.ts";
import { Program } from "../cli/bundled-program.ts";
import { FakeApi } from "../cluster/transport/api.ts";
import { serveExec } from "../cluster/transport/stub-exec.ts";
import { synthesiseText } from "../manifests.ts";
import { startApplicationsPod } from "./applications-pod.ts";
import type { MysqlPod } from "./mysql-pod.ts";

const ENVIRONMENT = `cluster: kind
machine: { memory: 8Gi, cpu: '4' }
applications:
  shop: { image: "a:1", database: { requireTls: true } }
`;
const PASSWORDS = { shop: "shop_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA-" };

const CLUSTER = ["--kubeconfig", "kubeconfig", "--context", "fake"];

/** How a command ended. */
export interface Typed {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** MySQL's pod with the database of an application `shop`, reached by the command line through an API server's exec. */
export class ImportHarness {
  private readonly home = process.cwd();

  private constructor(
    readonly pod: MysqlPod,
    private readonly api: FakeApi,
    private readonly program: Program,
    /** The folder with the environment, in which commands are typed. */
    readonly folder: string,
  ) {}

  static async start(): Promise<ImportHarness> {
    const { pod } = await startApplicationsPod(ENVIRONMENT, PASSWORDS);
    const enter = await pod.enter([]);
    const api = await FakeApi.start();
    api.put("/api/v1/namespaces/cloudnova/pods", {
      metadata: { name: "mysql-0", labels: { "app.kubernetes.io/name": "mysql" } },
      status: { conditions: [{ type: "Ready", status: "True" }] },
    });
    api.upgrade = serveExec((_, command) => [...enter, ...command]);
    const folder = mkdtempSync(join(tmpdir(), "cloudnova-import-data-"));
    for (const name of ["environments/sources", "dist/shop"]) mkdirSync(join(folder, name), { recursive: true });
    writeFileSync(join(folder, "environments", "shop.yaml"), ENVIRONMENT);
    writeFileSync(join(folder, "kubeconfig"), api.kubeconfig("fake"));
    for (const [file, content] of synthesiseText(ENVIRONMENT, "shop").files) writeFileSync(join(folder, "dist", "shop", file), content);
    const harness = new ImportHarness(pod, api, new Program(), folder);
    process.chdir(folder);
    return harness;
  }

  stop(): Promise<void> {
    process.chdir(this.home);
    this.api.stop();
    this.program.remove();
    return this.pod.server.stop();
  }

  /** Runs SQL as root. */
  readonly asRoot = (sql: string): Promise<string> => this.pod.inside(["mysql", "--defaults-file=/run/mysql/client.cnf", "-Ne", sql]);

  /** Types `import data shop shop`. @param path where programs are looked for */
  async type(args: readonly string[], stdin: Readable = new PassThrough(), path = process.env.PATH): Promise<Typed> {
    const chunks = { stdout: "", stderr: "" };
    const stream = (name: keyof typeof chunks) =>
      new PassThrough().on("data", (chunk) => {
        chunks[name] += chunk;
      });
    const io = { stdin, stdout: stream("stdout"), stderr: stream("stderr"), env: { PATH: path } };
    const code = await run(["import", "data", "shop", "shop", ...CLUSTER, ...args], io);
    return { code, ...chunks };
  }

  /** The same in a process of its own. @returns also the most memory that it had, MiB */
  async measured(args: readonly string[]): Promise<Typed & { readonly peak: number }> {
    const { child, ended } = this.program.start(["import", "data", "shop", "shop", "--dist", "dist", ...CLUSTER, ...args], {}, this.folder);
    let peak = 0;
    const status = `/proc/${child.pid}/status`;
    const timer = setInterval(() => {
      const [, kibibytes = "0"] = /^VmHWM:\s+(\d+)/m.exec(existsSync(status) ? readFileSync(status, "utf8") : "") ?? [];
      peak = Math.max(peak, Number(kibibytes) / 1024);
    }, 100);
    const { code, ...said } = await ended;
    clearInterval(timer);
    return { code: code ?? 1, ...said, peak };
  }

  /** Imports a dump from a file. */
  load(dump: string | Buffer, ...args: readonly string[]): Promise<Typed> {
    writeFileSync("dump.sql", dump);
    return this.type(["--from", "dump.sql", ...args]);
  }
}
