import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { IMAGES } from "../../../src/versions.ts";
import { forwardPorts } from "../../../tools/cluster/docker.ts";
import { output, run } from "../../../tools/common/run.ts";
import { MEMORY_MIB } from "../suite/suite-cluster.ts";
import { until } from "../suite/wait.ts";
import { SharedLimit } from "./cgroup.ts";
import { nextTag } from "./ours.ts";
import { ask } from "./probe.ts";
import type { Part, Size, Stack, Weight } from "./stack.ts";

const PROJECT = "cloudnova-bench";
const FILE = join("tools", "bench-compose", "docker-compose.yml");
const PORT = 19_444;
const SERVICES: Readonly<Record<Part, string>> = {
  "reverse proxy": "proxy",
  application: "webapp",
  MySQL: "mysql",
  Prometheus: "prometheus",
  "node-exporter": "node-exporter",
};

/** What runs as the application: the command in CloudNova's image. `naive` is tools/bench-compose/naive.py. */
export const APPLICATIONS = {
  same: "python -m gunicorn --config python:cloudnova_webapp.gunicorn_conf cloudnova_webapp.wsgi:app",
  "naive, gunicorn": "python -m gunicorn --chdir /srv --bind 0.0.0.0:8000 --workers 2 naive:app",
  "naive, development server": "python -m flask --app /srv/naive.py run --host 0.0.0.0 --port 8000",
} as const;
export type Application = keyof typeof APPLICATIONS;

/** Names in Docker of the images that are made of Debian's packages. */
export interface Images {
  /** nginx and wrk. */
  readonly tools: string;
  /** MySQL, Prometheus and node-exporter: the packages that stand in on the other side. */
  readonly servers: string;
}

/**
 * Compose's command line, whichever is installed: Docker's plugin or the program before it.
 *
 * @throws Error that says how to install one
 */
export async function composeProgram(env: Readonly<Record<string, string>>): Promise<readonly string[]> {
  for (const words of [["docker", "compose"], ["docker-compose"]]) {
    const [command = "", ...args] = words;
    if ((await run(command, [...args, "version"], { env })).status === 0) return words;
  }
  throw new Error("Docker Compose is missing: apt-get install -y docker-compose (Debian), docker-compose-v2 (Ubuntu)");
}

/** The stack of docker compose, its containers together in the memory of a small machine. */
export class Theirs implements Stack {
  readonly network = `${PROJECT}_default`;
  readonly ingress = "proxy:443";
  readonly port = PORT;
  private constructor(
    private readonly compose: readonly string[],
    private readonly limit: SharedLimit,
    private env: Readonly<Record<string, string>>,
  ) {}

  /** Starts everything with an empty database. @param folder for the certificate @param docker variables that lead to Docker */
  static async up(folder: string, docker: Readonly<Record<string, string>>, images: Images, size: Size): Promise<Theirs> {
    const tls = join(process.cwd(), folder, "tls");
    mkdirSync(tls, { recursive: true });
    const key = ["-newkey", "rsa:2048", "-keyout", join(tls, "tls.key"), "-out", join(tls, "tls.crt")];
    await output("openssl", ["req", "-x509", "-nodes", "-days", "30", "-subj", "/CN=localhost", ...key]);
    const limit = await SharedLimit.of(PROJECT, MEMORY_MIB, docker);
    const theirs = new Theirs(await composeProgram(docker), limit, {
      ...docker,
      COMPOSE_PROJECT_NAME: PROJECT,
      CGROUP: limit.parent,
      TOOLS_IMAGE: images.tools,
      SERVERS_IMAGE: images.servers,
      WEBAPP_IMAGE: IMAGES.webapp,
      WEBAPP_COMMAND: APPLICATIONS.same,
      WEB_WORKERS: String(size.workers),
      WEB_THREADS: String(size.threads),
      DATABASE_POOL_SIZE: String(size.pool),
      HTTPS_PORT: String(PORT),
      TLS_FOLDER: tls,
      DATABASE_PASSWORD: randomBytes(12).toString("hex"),
      SECRET_KEY: randomBytes(16).toString("hex"),
    });
    await theirs.call("down", "--volumes", "--timeout", "1");
    await theirs.call("up", "--detach", "mysql");
    await until("MySQL answers the migrations", 90, async () => {
      await theirs.call("run", "--rm", "webapp", "python", "-m", "cloudnova_webapp", "migrate");
      return true;
    });
    await theirs.call("up", "--detach");
    return theirs;
  }

  /** Removes containers, volumes, the second tag and the limit. */
  async down(): Promise<void> {
    await this.call("down", "--volumes", "--timeout", "1");
    await run("docker", ["image", "rm", nextTag(IMAGES.webapp)], { env: this.env }); // absent when nothing was replaced
    await until("the limit's group is empty", 10, async () => {
      this.limit.remove();
      return true;
    });
  }

  /** Runs another application in the place of this one, in the image's first tag, until it answers. nginx resolves names once, so it is restarted. */
  async serve(application: Application): Promise<void> {
    this.env = { ...this.env, WEBAPP_IMAGE: IMAGES.webapp, WEBAPP_COMMAND: APPLICATIONS[application] };
    await this.call("up", "--detach");
    await this.call("restart", "proxy");
    await forwardPorts();
    await until(`the application (${application}) answers`, 60, async () => {
      const { failure } = await ask(PORT);
      if (failure !== undefined) throw new Error(failure);
      return true;
    });
  }

  private async call(...args: readonly string[]): Promise<string> {
    const [command = "", ...first] = this.compose;
    const { status, stdout, words } = await run(command, [...first, "--file", FILE, ...args], { env: this.env });
    if (status !== 0) throw new Error(`${[...this.compose, ...args].join(" ")}: ${words}`);
    return stdout;
  }

  private async containerOf(service: string): Promise<string> {
    return (await this.call("ps", "--quiet", service)).trim();
  }

  async python(script: string): Promise<string> {
    const args = ["exec", "--interactive", await this.containerOf("webapp"), "python", "-"];
    const { status, stdout, words } = await run("docker", args, { env: this.env, input: script });
    if (status !== 0) throw new Error(`a script in the application's container: ${words}`);
    return stdout;
  }

  async weight(): Promise<Weight> {
    const found = await Promise.all(
      Object.entries(SERVICES).map(async ([part, service]) => [part, this.limit.memory(await this.containerOf(service)).workingSet]),
    );
    return { parts: Object.fromEntries(found) as Record<Part, number>, whole: this.limit.memory().workingSet };
  }

  async prepareReplacement(): Promise<void> {
    await output("docker", ["tag", IMAGES.webapp, nextTag(IMAGES.webapp)], { env: this.env });
    this.env = { ...this.env, WEBAPP_IMAGE: nextTag(IMAGES.webapp) };
  }

  async replace(): Promise<void> {
    await this.call("up", "--detach");
  }

  /** From outside of its container, as a crash: Docker does not restart what `docker kill` ended. */
  async killMysql(): Promise<void> {
    const container = await this.containerOf("mysql");
    const pid = Number(await output("docker", ["inspect", "--format", "{{.State.Pid}}", container], { env: this.env }));
    process.kill(pid, "SIGKILL");
  }
}
