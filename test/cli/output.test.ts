import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { stripVTControlCharacters } from "node:util";
import { Argument, Command } from "commander";
import { verdict } from "../../src/cli/commands/apply.ts";
import { differenceText } from "../../src/cli/commands/diff.ts";
import { databaseAccounts, forwardTargets } from "../../src/cli/commands/open.ts";
import { appliedOf } from "../../src/cli/commands/status.ts";
import { findingLine, findingsSummary } from "../../src/cli/finding-lines.ts";
import { type Io, painter } from "../../src/cli/io.ts";
import { resultLine } from "../../src/cli/results.ts";
import { run } from "../../src/cli/run.ts";
import { progress, standingLines } from "../../src/cli/standings.ts";
import type { Applied } from "../../src/cluster/apply/applied.ts";
import type { Recorded } from "../../src/cluster/apply/inventory.ts";
import type { Standing } from "../../src/cluster/observe/watch.ts";
import { parseEnvironment } from "../../src/config/load.ts";
import { setLocale } from "../../src/language.ts";
import { Program } from "./bundled-program.ts";

/** Streams that remember what was written. */
function trial(options: { tty?: boolean; env?: Io["env"]; columns?: number } = {}) {
  const stream = () => {
    const chunks: string[] = [];
    const { tty = false, columns = 80 } = options;
    const made = Object.assign(new PassThrough(), { isTTY: tty, columns, text: () => chunks.join("") });
    return made.on("data", (chunk) => chunks.push(String(chunk)));
  };
  const [stdin, stdout, stderr] = [stream(), stream(), stream()];
  return { stdin, stdout, stderr, env: options.env ?? {} };
}
const plain = painter({}, {});
const ref = { apiVersion: "apps/v1", kind: "Deployment", namespace: "cloudnova", name: "webapp" };

describe("the command line", () => {
  const type = async (...args: readonly string[]) => {
    const io = trial();
    const code = await run(args, io);
    return { code, stdout: io.stdout.text(), stderr: io.stderr.text() };
  };

  test("help names every command, and each command's help has examples", async () => {
    const { code, stdout } = await type("--help");
    expect(code).toBe(0);
    const names = [...stdout.matchAll(/^ {2}([a-z]+) \[options\]/gm)].map(([, name = ""]) => name);
    expect(names).toEqual([
      "up",
      "doctor",
      "diff",
      "apply",
      "status",
      "logs",
      "open",
      "verify",
      "queries",
      "drill",
      "evidence",
      "release",
      "down",
    ]);
    for (const name of names) expect((await type(name, "--help")).stdout).toMatch(new RegExp(`Examples:\n {2}npx cloudnova ${name} `));
  });

  test.each([
    [["aply", "kind"], /unknown command 'aply'\n\(Did you mean apply\?\)/],
    [["apply"], /error: no environment was given\n {2}→ this command deletes or replaces: give the environment's name/],
    [["status", "kind", "--output", "xml"], /Allowed choices are text, json/],
    [["down", "kind", "--timeout", "soon"], /give a whole number, 1 or larger/],
  ])("%j ends with 1 and words", async (args, words) => {
    const { code, stderr } = await type(...args);
    expect(code).toBe(1);
    expect(stderr).toMatch(words);
  });

  test.each([
    [["diff", "kind", "--output", "xml"], /Allowed choices are text, json/],
    [["diff", "no-such-environment", "--context", "c"], /no environment of that name/],
    [["diff", "kind", "--kubeconfig", "/no/such/file"], /no such file/],
  ])("%j ends with 2, as kubectl's: 1 means a difference", async (args, words) => {
    const { code, stderr } = await type(...args);
    expect(code).toBe(2);
    expect(stderr).toMatch(words);
  });
});

describe("in Spanish", () => {
  afterAll(() => setLocale("en"));
  const type = async (...args: readonly string[]) => {
    const io = trial({ env: { CLOUDNOVA_LANGUAGE: "es" } });
    const code = await run(args, io);
    return { code, text: io.stdout.text() + io.stderr.text() };
  };

  test("the whole help is told: no heading, no description and no placeholder is left in English", async () => {
    const { text: root } = await type("--help");
    const names = [...root.matchAll(/^ {2}([a-z]+) \[opciones\]/gm)].map(([, name = ""]) => name);
    expect(names).toHaveLength(13);
    for (const command of [[], ...names.map((name) => [name]), ["dashboards"], ["dashboards", "import"], ["completion"]]) {
      const { text } = await type(...command, "--help");
      expect(text).toMatch(/^Uso: cloudnova/);
      expect(text).not.toMatch(/Usage|Options|Commands|Arguments|Examples|default:|choices:|display help|<file>|<seconds>| the | of /);
    }
  });

  test.each([
    [["aply", "kind"], "error: comando desconocido «aply»\n(¿Quiso decir apply?)\n"],
    [["open", "kind", "--prt", "x"], "error: opción desconocida «--prt»\n(¿Quiso decir --port?)\n"],
    [["completion"], "error: falta el argumento obligatorio «shell»\n"],
    [["completion", "fsh"], "error: el valor «fsh» del argumento «shell» no es válido. Los valores admitidos son bash, zsh, fish.\n"],
    [["open", "--port"], "error: a la opción «--port <nombre=puerto...>» le falta su valor\n"],
    [["status", "a", "b"], "error: sobran argumentos en «status»: admite 1 y se recibieron 2.\n"],
    [
      ["down", "kind", "--timeout", "soon"],
      "error: el valor «soon» de la opción «--timeout <segundos>» no es válido. indique un número entero mayor o igual a 1\n",
    ],
    [
      ["apply"],
      "error: no se indicó ningún entorno\n  → este comando elimina o reemplaza: indique el nombre del entorno, como «kind» o «k3s-ec2»\n",
    ],
  ])("%j", async (args, text) => {
    expect(await type(...args)).toEqual({ code: 1, text });
  });

  test.each([["aply"], ["open", "--prt"], ["completion"], ["completion", "fsh"], ["open", "--port"], ["status", "a", "b"]])(
    "in English %j is told in commander's own words",
    async (...args) => {
      const own = new Command("cloudnova").exitOverride().configureOutput({ writeErr: (text) => said.push(text) });
      const said: string[] = [];
      own.command("apply");
      own.command("status").argument("[environment]");
      own.command("open").option("--port <name=port...>");
      own.command("completion").addArgument(new Argument("<shell>").choices(["bash", "zsh", "fish"]));
      await own.parseAsync(args, { from: "user" }).catch(() => undefined);
      const io = trial();
      await run(args, io);
      expect(io.stderr.text()).toBe(said.join(""));
    },
  );
});

test.each(["1hour", "90", "59s", "30s1m", "1h 30m", "an hour"])(
  "evidence --range %j is refused before anything is asked",
  async (range) => {
    const io = trial();
    expect(await run(["evidence", "kind", "--range", range], io)).toBe(1);
    expect(io.stderr.text()).toBe(`error: --range ${range}: not a Prometheus duration of a minute or more\n  → such as 30m, 1h30m or 1d\n`);
  },
);

describe("the program", () => {
  let program: Program;
  beforeAll(() => {
    program = new Program();
    program.synth("kind");
  });
  afterAll(() => program.remove());

  test.each([
    [["apply", "kidn", "--context", "x"], /error: kidn: no environment of that name/],
    [
      ["apply", "kind", "--dist", "/does/not/exist", "--context", "x"],
      /does\/not\/exist\/kind: no such folder\n {2}→ .* npm run synth kind/,
    ],
    [["apply", "kind", "--kubeconfig", "/does/not/exist"], /error: kubeconfig \/does\/not\/exist: no such file\n {2}→ give another file/],
    [["apply", "kind"], /error: kubeconfig .*no such file/],
  ])("%j ends with 1 and words, without a stack trace", async (args, words) => {
    const { code, stdout, stderr } = await program.run(...args);
    expect(code).toBe(1);
    expect(stderr).toMatch(words);
    expect(stdout + stderr).not.toMatch(/^\s+at /m);
  });

  test("a context must be named, and a kubeconfig that is none is told as such", async () => {
    const file = join(program.folder, "two");
    const context = (name: string) => `{ name: ${name}, context: { cluster: c, user: u } }`;
    writeFileSync(file, `contexts: [${context("test")}, ${context("prod")}]\ncurrent-context: prod\nclusters: []\nusers: []\n`);
    expect((await program.run("apply", "kind", "--kubeconfig", file)).stderr).toMatch(
      /no context was given .*available: test, prod\)\n {2}→ .*never used by default/,
    );
    writeFileSync(file, "contexts: [");
    expect((await program.run("apply", "kind", "--kubeconfig", file)).stderr).toMatch(/not a kubeconfig/);
  });
});

describe("colours", () => {
  test("on a terminal only, and not against the user's wish", () => {
    expect(painter({ isTTY: true }, {})("red", "x")).toBe("\x1b[31mx\x1b[0m");
    expect(painter({ isTTY: true }, { NO_COLOR: "1" })("red", "x")).toBe("x");
    expect(painter({ isTTY: true }, { TERM: "dumb" })("red", "x")).toBe("x");
    expect(painter({}, {})("red", "x")).toBe("x");
  });
});

describe("results", () => {
  const result = (outcome: Applied["outcome"], more: object = {}): Applied => ({ ref, outcome, ...more });

  test("an object a line, the next step below it", () => {
    expect(resultLine(result("created"), plain)).toBe("created     Deployment cloudnova/webapp");
    expect(resultLine(result("refused", { message: "why", advice: "do" }), plain)).toBe(
      "refused     Deployment cloudnova/webapp: why\n            → do",
    );
  });
  test("the verdict counts, and says when nothing was changed", () => {
    expect(verdict([result("created"), result("unchanged"), result("unchanged")])).toBe("3 objects: 1 created, 2 unchanged");
    expect(verdict([result("unchanged")])).toBe("1 object: 1 unchanged: the cluster matches the manifests; nothing was changed");
    expect(verdict([result("conflict")])).toContain("the next apply continues from here");
  });
  test("a difference shows its lines, a refusal its reason", () => {
    const paint = painter({ isTTY: true }, {});
    expect(differenceText({ ref, outcome: "changed", lines: ["@@ -1 +1 @@", "-a", "+b", " c"] }, paint)).toBe(
      "\x1b[1mDeployment cloudnova/webapp will be changed\x1b[0m\n\x1b[36m@@ -1 +1 @@\x1b[0m\n\x1b[31m-a\x1b[0m\n\x1b[32m+b\x1b[0m\n c\n",
    );
    expect(differenceText({ ref, outcome: "conflict", lines: [], message: "m" }, plain)).toBe("conflict    Deployment cloudnova/webapp: m");
  });
  test("what the record says about the manifests", () => {
    const source = { digest: "d" };
    const inventory = (digest: string, objects: readonly Recorded[] = []) => ({ environment: "kind", digest, objects });
    const volume = { apiVersion: "v1", kind: "PersistentVolumeClaim", name: "mysql-data", namespace: "cloudnova" };
    const kept = { ...volume, kept: true } as const;
    const records = [undefined, inventory("", [kept]), inventory(""), inventory("", [kept, volume]), inventory("x"), inventory("d")];
    expect(records.map((one) => appliedOf(one, source))).toEqual(["nothing", "removed", "in part", "in part", "older", "all"]);
  });
});

describe("progress", () => {
  const standing = (state: Standing["state"], words = "", troubles: Standing["troubles"] = []): Standing => ({
    ref,
    state,
    ready: state === "ready" ? 2 : 0,
    wanted: 2,
    words,
    troubles,
  });

  test("a workload in a line, its troubles below", () => {
    expect(
      standingLines(standing("waiting", "0 of 2 pods are available", [{ what: "image x cannot be pulled", advice: "load it" }]), plain),
    ).toEqual(["… Deployment cloudnova/webapp 0/2: 0 of 2 pods are available", "    image x cannot be pulled", "    → load it"]);
  });
  test("in a log only what has changed is written", () => {
    const io = trial();
    const show = progress(io);
    for (const state of ["waiting", "waiting", "ready", "ready"] as const) show([standing(state)]);
    expect(io.stderr.text()).toBe("… Deployment cloudnova/webapp 0/2\n✔ Deployment cloudnova/webapp 2/2\n");
  });
  test("on a terminal the table is rewritten in place, and no line is wider than it", () => {
    const io = trial({ tty: true, columns: 20 });
    const show = progress(io);
    show([standing("waiting", "a long explanation that does not fit")]);
    show([standing("ready")]);
    const [, second = ""] = io.stderr.text().split("\x1b[1A");
    expect(second).toContain("✔");
    const rows = stripVTControlCharacters(io.stderr.text()).split("\n");
    for (const row of rows) expect(row.length).toBeLessThan(20);
  });
});

test("findings: what was seen, and the next step only where there is something to do", () => {
  expect(findingLine({ check: "clock", state: "ok", saw: "0 s", advice: "x" }, plain)).toBe("✔ clock: 0 s");
  expect(findingLine({ check: "clock", state: "problem", saw: "90 s", advice: "use NTP" }, plain)).toBe("✖ clock: 90 s\n    → use NTP");
  expect(
    findingsSummary([
      { check: "a", state: "ok", saw: "" },
      { check: "b", state: "problem", saw: "" },
    ]),
  ).toBe("2 checks: 1 ok, 1 problem");
});

test.each([
  ["en", "7 checks: 2 ok, 1 warning, 2 problems, 2 not run"],
  ["es", "7 comprobaciones: 2 correctas, 1 advertencia, 2 problemas, 2 no ejecutadas"],
] as const)("the summary counts checks in the singular and the plural: %s", (language, summary) => {
  const states = ["ok", "ok", "warning", "problem", "problem", "skipped", "skipped"] as const;
  setLocale(language);
  try {
    expect(findingsSummary(states.map((state) => ({ check: "a", state, saw: "" })))).toBe(summary);
  } finally {
    setLocale("en");
  }
});

describe("open", () => {
  const config = {
    cluster: "kind",
    ingress: { ports: { http: 8080, https: 8443 } },
    open: { grafana: 3001 },
    monitoring: { grafana: true },
  } as const;
  test("the usual doors, the environment's ports over the defaults, the command line's over all", () => {
    expect(forwardTargets(config, [])).toEqual([
      { name: "app", port: 8443 },
      { name: "grafana", port: 3001 },
      { name: "prometheus", port: 9090 },
    ]);
    expect(forwardTargets(config, ["alertmanager", "app=9443"])).toEqual([
      { name: "alertmanager", port: 9093 },
      { name: "app", port: 9443 },
    ]);
    const moved = { ...config, ingress: { ports: { http: 9080, https: 9443 } } };
    expect(forwardTargets(moved, [])[0]).toEqual({ name: "app", port: 9443 });
    expect(forwardTargets(moved, ["app"])).toEqual([{ name: "app", port: 9443 }]);
    expect(forwardTargets({ ...config, open: {}, monitoring: { grafana: false } }, []).map(({ name }) => name)).toEqual([
      "app",
      "prometheus",
    ]);
  });
  test("MySQL for a client: an account of each application, with the command that shows its password, and never the password", () => {
    const { config: mine } = parseEnvironment(
      `cluster: kind
machine: { memory: 4Gi, cpu: "2" }
applications:
  webapp: { sample: {} }
  tienda-2: { image: "ghcr.io/me/shop:1", ingress: { path: /tienda }, database: { user: tendero } }
  blog: { image: "ghcr.io/me/blog:1", database: false, ingress: { path: /blog } }
`,
      "mine.yaml",
    );
    const password = (...secret: readonly string[]) => secret.join("/");
    expect(databaseAccounts(mine, password)).toEqual([
      { application: "webapp", user: "webapp", database: "app", password: "cloudnova/mysql-accounts/webapp" },
      { application: "tienda-2", user: "tendero", database: "tienda_2", password: "cloudnova-tienda-2/tienda-2-database/password" },
    ]);
    expect(databaseAccounts({ ...mine, sample: false }, password).map(({ application }) => application)).toEqual(["tienda-2"]);
    expect(forwardTargets(config, ["mysql"])).toEqual([{ name: "mysql", port: 3306 }]);
  });

  test.each(["nothing=1", "app=x", "app=70000"])("%s is refused", (pair) =>
    expect(() => forwardTargets(config, [pair])).toThrow("expected NAME=PORT"),
  );
});
