import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { parse } from "yaml";
import { synthesise } from "../../charts/synth.ts";
import { run } from "../../src/cli/run.ts";
import { loadEnvironment } from "../../src/config/load.ts";
import { setLocale } from "../../src/language.ts";

const COMPOSE = `services:
  db:
    image: mysql:8.0
    environment: { MYSQL_DATABASE: shop, MYSQL_USER: shopper, MYSQL_PASSWORD: "\${DB_PASSWORD}" }
  web:
    build: .
    ports: ["8080:5000"]
    environment: { DB_HOST: db, DB_PASSWORD: "\${DB_PASSWORD}" }
    depends_on: [db]
  grafana:
    image: grafana/grafana
    volumes: ["./boards:/var/lib/grafana/dashboards"]
`;
const BOARD = { title: "Shop", uid: "shop", panels: [{ type: "stat", title: "Up", targets: [{ expr: "up" }] }] };

describe("import compose", () => {
  const home = process.cwd();
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "cloudnova-import-"));
    for (const name of ["shop", "shop/boards", "work", "bin"]) mkdirSync(join(folder, name));
    writeFileSync(join(folder, "shop", "docker-compose.yml"), COMPOSE);
    writeFileSync(join(folder, "shop", "Dockerfile"), "FROM python:3.13-slim\n");
    writeFileSync(join(folder, "shop", "requirements.txt"), "mysqlclient\n");
    writeFileSync(join(folder, "shop", ".env"), "DB_PASSWORD=from-env-file\n");
    process.chdir(join(folder, "work")); // it writes into the folder that it is run in
  });
  afterEach(() => {
    process.chdir(home);
    rmSync(folder, { recursive: true });
    setLocale("en");
  });
  /** A command line without Docker, unless the folder bin has one. */
  const type = async (...args: readonly string[]) => {
    const chunks: Record<"stdout" | "stderr", string> = { stdout: "", stderr: "" };
    const stream = (name: keyof typeof chunks) =>
      new PassThrough().on("data", (chunk) => {
        chunks[name] += chunk;
      });
    const io = { stdin: new PassThrough(), stdout: stream("stdout"), stderr: stream("stderr"), env: { PATH: join(folder, "bin") } };
    return { code: await run(["import", "compose", ...args], io), ...chunks };
  };
  const environment = join("environments", "shop.yaml");

  test("a folder stands for its Compose file; the file loads, and the terminal says what became of what", async () => {
    const { code, stdout, stderr } = await type("../shop");
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(
      /^environments\/shop.yaml: 1 application \(read without Docker\)\n\nTaken over\n {2}web: application web, port 5000\n/,
    );
    expect(stdout).toMatch(/\n\nReplaced by CloudNova\n {2}db: by CloudNova's MySQL/);
    expect(stdout).toMatch(/\nnext: npx cloudnova up shop\n$/);
    const { config } = loadEnvironment(environment);
    expect([config.sample, config.applications.map(({ name, build }) => [name, build?.context])]).toEqual([false, [["web", "../../shop"]]]);
    expect(readFileSync(environment, "utf8")).not.toContain("from-env-file");
  });
  test("a dashboard of the project's Grafana is imported, and one that cannot be is named", async () => {
    writeFileSync(join(folder, "shop", "boards", "shop.json"), JSON.stringify(BOARD));
    writeFileSync(join(folder, "shop", "boards", "bad.json"), JSON.stringify({ panels: [] }));
    const { stdout } = await type("../shop");
    expect(stdout).toContain("boards/shop.json: imported as shop");
    expect(stdout).toMatch(/boards\/bad.json: the dashboard cannot be used: not a dashboard: it has no title/);
    expect(loadEnvironment(environment).imported.map(({ name }) => name)).toEqual(["shop"]);
  });
  test.each([
    ["one application", "", ["4Gi", undefined], ["t3.small", undefined]],
    ["one that keeps files", '    volumes: ["uploads:/srv/uploads"]\n', ["4Gi", "21Gi"], ["t3.medium", "21Gi"]],
    ["one with replicas", "    deploy: { replicas: 2 }\n", ["4Gi", undefined], ["t3.medium", undefined]],
    [
      "three, two of which keep files",
      '    volumes: ["uploads:/srv/uploads"]\n  blog: { image: "a/blog:1", environment: { DB_HOST: db }, ports: ["81:8000"], volumes: ["files:/srv/files"] }\n  shop: { image: "a/shop:1", ports: ["82:8000"] }\n',
      ["4Gi", "26Gi"],
      ["t3.medium", "26Gi"],
    ],
  ])("what is written fits on the machine that it names: %s", async (_what, more, kind, k3s) => {
    writeFileSync(
      join(folder, "shop", "docker-compose.yml"),
      COMPOSE.replace("    depends_on: [db]\n", (all) => all + more),
    );
    for (const [cluster, expected] of [
      ["kind", kind],
      ["k3s", k3s],
    ] as const) {
      await type("../shop", "--cluster", cluster, "--force");
      const { machine } = parse(readFileSync(environment, "utf8"));
      expect([machine.memory ?? machine.instance, machine.disk]).toEqual(expected);
      expect(synthesise(loadEnvironment(environment)).budget.problems).toEqual([]);
    }
  });
  test("an environment is never overwritten without --force", async () => {
    mkdirSync("environments");
    writeFileSync(environment, "mine");
    const { code, stderr } = await type("../shop");
    expect([code, stderr]).toEqual([
      1,
      `error: ${environment} exists already\n  → give another name with --name, or overwrite it with --force\n`,
    ]);
    expect(readFileSync(environment, "utf8")).toBe("mine");
    expect((await type("../shop", "--name", "other")).code).toBe(0);
    expect((await type("../shop", "--force")).code).toBe(0);
    expect(readFileSync(environment, "utf8")).toContain("applications:");
  });
  test("a report for programs, for a server, in Spanish", async () => {
    const { code, stdout } = await type("../shop/docker-compose.yml", "--cluster", "k3s", "--output", "json", "--language", "es");
    const report = JSON.parse(stdout);
    expect([code, report.file, report.applications, report.readWith, report.problems]).toEqual([0, environment, ["web"], "own", []]);
    expect(report.notes).toContainEqual({ kind: "taken", subject: "web", text: "aplicación web, puerto 5000" });
    expect(loadEnvironment(environment).config).toMatchObject({ cluster: "k3s", language: "es" });
  });
  test("an override file beside it is read, as Docker does", async () => {
    writeFileSync(join(folder, "shop", "docker-compose.override.yml"), 'services: { web: { ports: !reset [], command: "x" } }\n');
    expect((await type("../shop")).stderr).toContain("docker-compose.override.yml");
    writeFileSync(join(folder, "shop", "docker-compose.override.yml"), "services: { web: { deploy: { replicas: 3 } } }\n");
    await type("../shop");
    expect(loadEnvironment(environment).config.applications[0]?.replicas).toBe(3);
  });
  test("a value that no environment may have is named with its place, after the file is written", async () => {
    writeFileSync(
      join(folder, "shop", "docker-compose.yml"),
      `${COMPOSE}  more:\n    image: a/b:1\n    ports: ["80:80"]\n    user: "3000000000"\n`,
    );
    const { code, stdout } = await type("../shop");
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /not a valid environment yet; correct these places:\n {2}environments\/shop.yaml:\d+:\d+: applications.more.user: found 3000000000/,
    );
  });
  test.each([
    [["../gone.yml"], /gone.yml: cannot be read; give a Compose file, or a folder that has one/],
    [
      ["../bin"],
      /error: \.\.\/bin: has no Compose file \(compose.yaml, compose.yml, docker-compose.yml, docker-compose.yaml\); give the file/,
    ],
    [["../shop", "--name", "My Shop"], /error: My Shop cannot be the name of an environment/],
    [["../shop", "--cluster", "nomad"], /Allowed choices are kind, k3s/],
    [[], /missing required argument 'file'/],
  ])("%j ends with 1 and words, and writes nothing", async (args, words) => {
    const { code, stderr } = await type(...args);
    expect([code, stderr]).toEqual([1, expect.stringMatching(words)]);
    expect(existsSync("environments")).toBe(false);
  });
  test("a project without an HTTP application is refused, and what it has is told", async () => {
    writeFileSync(join(folder, "shop", "docker-compose.yml"), "services: { cache: { image: redis } }\n");
    const { code, stdout, stderr } = await type("../shop");
    expect([code, stderr]).toEqual([1, expect.stringContaining("no service of the project is an HTTP application")]);
    expect(stdout).toContain("cache: a cache: CloudNova runs MySQL alone");
    expect(existsSync("environments")).toBe(false);
  });

  describe("with docker compose", () => {
    const docker = (script: string) => {
      writeFileSync(join(folder, "bin", "docker"), `#!/bin/sh\n${script}\n`);
      chmodSync(join(folder, "bin", "docker"), 0o755);
    };
    const IS_VERSION = '[ "$2" = version ] && echo 2.40.0 && exit 0';
    test("its configuration is what is read", async () => {
      const services = { site: { image: "me/site:1", ports: [{ target: 8000, published: "80" }] } };
      docker(
        `${IS_VERSION}\ncase "$*" in "compose -f "*"/shop/docker-compose.yml --profile * config --format json") echo '${JSON.stringify({ name: "shop", services })}' ;; *) exit 3 ;; esac`,
      );
      expect((await type("../shop")).stdout).toMatch(/1 application \(read with docker compose config\)/);
      expect(loadEnvironment(environment).config.applications.map(({ name }) => name)).toEqual(["site"]);
    });
    test("its refusal is told in its words", async () => {
      docker(`${IS_VERSION}\necho 'services.web additional properties not allowed' >&2; exit 15`);
      expect((await type("../shop")).stderr).toBe(
        "error: docker compose config refused the project: services.web additional properties not allowed\n",
      );
    });
  });
});
