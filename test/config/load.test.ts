import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { EnvironmentError } from "../../src/config/errors.ts";
import { loadEnvironment, parseEnvironment } from "../../src/config/load.ts";
import { retentionSize } from "../../src/config/rules.ts";
import { environmentFile } from "../../src/environments.ts";
import { setLocale } from "../../src/language.ts";
import { SHIPPED, synthesiseText } from "../manifests.ts";
import { temporaryFolder } from "../temporary.ts";

const WRONG = "test/fixtures/wrong";
const BASE = "cluster: k3s\nmachine: { instance: t3.small }\n";
const fixtures = readdirSync(WRONG).filter((file) => file.endsWith(".yaml"));
/** What each wrong file is told: read by a person once, and held since. */
const expected: Record<string, string> = JSON.parse(readFileSync(join(WRONG, "messages.json"), "utf8"));

function refusal(load: () => unknown): EnvironmentError {
  try {
    load();
  } catch (error) {
    if (error instanceof EnvironmentError) return error;
    throw error;
  }
  throw new Error("it was accepted");
}

describe("wrong files", () => {
  test("each has its message, and no message is without a file", () => {
    expect(Object.keys(expected).sort()).toEqual(fixtures.map((file) => file.replace(".yaml", "")).sort());
  });

  test.each(fixtures)("%s is refused with its place and what to do", (file) => {
    const error = refusal(() => loadEnvironment(join(WRONG, file)));
    expect(error.message.replaceAll(`${WRONG}/`, "")).toBe(expected[file.replace(".yaml", "")]);
  });

  describe("in Spanish", () => {
    beforeAll(() => setLocale("es"));
    afterAll(() => setLocale("en"));

    test.each(fixtures)("%s is refused at the same place, and in Spanish", (file) => {
      const english = expected[file.replace(".yaml", "")] ?? "";
      const told = refusal(() => loadEnvironment(join(WRONG, file))).message.replaceAll(`${WRONG}/`, "");
      const places = (text: string) => [...text.matchAll(/^\S+(?=: )/gm)].map(([place]) => place);
      expect(places(told)).toEqual(places(english));
      expect(told).not.toMatch(/ (the|is|are|expected|found|allowed|such as|with) /);
    });

    test("it names what was found, what is allowed, and the nearest key", () => {
      expect(refusal(() => parseEnvironment(`${BASE}webapp: { replcas: 3 }\nlanguage: fr\n`, "e.yaml")).message).toBe(
        'e.yaml:3:11: webapp.replcas: se encontró 3; clave desconocida; ¿quiso decir replicas? (se admiten replicas, autoscaling, writeAccess, faultInjection, workers, threads)\ne.yaml:4:11: language: se encontró "fr"; se admiten es, en',
      );
    });
  });

  test("several mistakes are told together, in the order of the file", () => {
    const { problems } = refusal(() => parseEnvironment(`${BASE}webap: 1\nnamespace: A\nlanguage: fr\n`, "e.yaml"));
    expect(problems.map(({ line, path }) => [line, path])).toEqual([
      [3, "webap"],
      [4, "namespace"],
      [5, "language"],
    ]);
  });
});

describe("files that cannot be read", () => {
  const folder = temporaryFolder("load");
  const at = (name: string) => join(folder, name);

  test("an absent one", () => expect(refusal(() => loadEnvironment(at("none.yaml"))).message).toMatch(/none\.yaml: no such file/));
  test("a folder", () => {
    mkdirSync(at("folder.yaml"));
    expect(refusal(() => loadEnvironment(at("folder.yaml"))).message).toMatch(/a folder, not a file/);
  });
  test("a binary one", () => {
    writeFileSync(at("binary.yaml"), Buffer.from([0xff, 0xfe, 0x00, 0xc3]));
    expect(refusal(() => loadEnvironment(at("binary.yaml"))).message).toMatch(/not text in UTF-8/);
  });
  test("a huge one", () => {
    writeFileSync(at("huge.yaml"), `${BASE}# ${"x".repeat(300_000)}\n`);
    expect(refusal(() => loadEnvironment(at("huge.yaml"))).message).toMatch(/larger than 262144 bytes/);
  });
  test("one whose name is no label", () => {
    writeFileSync(at("My Env.yaml"), BASE);
    expect(refusal(() => loadEnvironment(at("My Env.yaml"))).message).toMatch(/'My Env' is used as a label; rename the file/);
  });
  // Root reads everything, so this says nothing there.
  (process.getuid?.() === 0 ? test.skip : test)("one without the right to read it (not asked as root)", () => {
    writeFileSync(at("closed.yaml"), BASE);
    chmodSync(at("closed.yaml"), 0);
    expect(refusal(() => loadEnvironment(at("closed.yaml"))).message).toMatch(/not readable/);
  });
});

describe("names", () => {
  test.each([
    ["kind", "environments/kind.yaml"],
    ["k3s-ec2", "environments/k3s-ec2.yaml"],
    ["s3", "environments/sources/s3.yaml"],
    ["/elsewhere/mine.yaml", "/elsewhere/mine.yaml"],
  ])("%s is %s", (name, file) => expect(environmentFile(name)).toBe(file));

  test("an unknown one names the nearest", () => expect(refusal(() => environmentFile("k3s-ec")).message).toMatch(/did you mean k3s-ec2/));
});

describe("right files", () => {
  test("all that are shipped", () => expect(SHIPPED).toHaveLength(9));
  test.each(SHIPPED)("%s names the schema for editors", (file) =>
    expect(readFileSync(file, "utf8")).toMatch(/^# yaml-language-server: \$schema=(\.\.\/)?schema\.json\n/),
  );

  test("a few lines are enough; the rest is decided", () => {
    const { name, config } = parseEnvironment(BASE, "environments/mine.yaml");
    expect(name).toBe("mine");
    expect(config.machine).toMatchObject({ memory: 2048, cpu: 2000, system: { memory: 948, cpu: 300 } });
    expect(config.webapp).toMatchObject({ replicas: 1, writeAccess: "login", faultInjection: false });
    expect(config.monitoring.alerts.cpu).toEqual({ threshold: 80, window: "5m", for: "5m" });
    expect(config.images.mysql).toMatch(/^mysql:9\.7\./);
  });

  test("only kind lets everybody write by default", () => {
    const { config } = parseEnvironment('cluster: kind\nmachine: { memory: 4Gi, cpu: "2" }\n', "k.yaml");
    expect(config.webapp.writeAccess).toBe("open");
  });

  test("what is given stays, what is left out keeps its default", () => {
    const { config } = parseEnvironment(
      `${BASE}resources: { webapp: { memory: 90Mi } }\nimages: { webapp: "ghcr.io/me/app:2" }\n`,
      "m.yaml",
    );
    expect(config.resources.webapp).toEqual({ memory: "90Mi", memoryLimit: "192Mi", cpu: "75m", cpuLimit: "1000m" });
    expect(config.images.webapp).toBe("ghcr.io/me/app:2");
  });
});

describe("the memory of the web application follows its workers", () => {
  const text =
    "cluster: k3s\nmachine: {instance: t3.small}\napplications: {webapp: {sample: {workers: 16, replicas: 1}}}\ndatabase: {maxConnections: 200}\n";
  test("16 of them get what they were measured to take, and the room of one", () =>
    expect(parseEnvironment(text, "w.yaml").config.resources.webapp).toMatchObject({ memory: "297Mi", memoryLimit: "393Mi" }));
  test("so a machine that cannot hold them is refused with the numbers", () =>
    expect(synthesiseText(text).budget.problems).toEqual([
      expect.stringMatching(/^memory: .*MiB more than the \d+ MiB available.*applications\.webapp\.sample\.workers/),
    ]));
  test("one keeps what it had", () =>
    expect(parseEnvironment(BASE, "w.yaml").config.resources.webapp).toMatchObject({ memory: "96Mi", memoryLimit: "192Mi" }));
  test("what is given stays where it is enough", () =>
    expect(parseEnvironment(`${text}resources: { webapp: { memory: 261Mi } }\n`, "w.yaml").config.resources.webapp.memory).toBe("261Mi"));
});

describe("invisible characters", () => {
  test.each(["\u00a0", "\u2003", "\u3000", "\u200b", "\u2060", "\u00ad", "\ufeff", "\u2028"])(
    "%j is named where it stands",
    (character) => {
      const code = `U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
      const { problems } = refusal(() => parseEnvironment(`${BASE}webapp:\n  replicas:${character} 2\n`, "i.yaml"));
      expect(problems).toEqual([expect.objectContaining({ line: 4, column: 12, message: expect.stringContaining(code) })]);
    },
  );
  test("in a comment, and at the start of the file, they do no harm", () => {
    const text = `\ufeff# 10\u00a0000 requests\n${BASE}webapp: { replicas: 1 } # a\u00a0b\n`;
    expect(parseEnvironment(text, "i.yaml").config.webapp.replicas).toBe(1);
  });
});

describe("ports of open", () => {
  const load = (cluster: string, open: string, more = "") =>
    parseEnvironment(`cluster: ${cluster}\nmachine: { memory: 4Gi, cpu: "2" }\nopen: ${open}\n${more}`, "o.yaml").config.open;
  test.each([
    ["kind", "{ app: 8443 }"],
    ["kind", "{ webapp: 80, alertmanager: 6443 }"],
    ["k3s", "{ app: 8080, grafana: 8443 }"],
    ["k3s", "{ grafana: 9090, prometheus: 3000, node-exporter: 9100 }"],
    ["k3s", "{ prometheus: 3000 }", "monitoring: { grafana: false }\n"],
    ["kind", "{ grafana: 8080, webapp: 8443 }", "ingress: { ports: { http: 9080, https: 9443 } }\n"],
    ["kind", "{ app: 8443 }", "ingress: { ports: { https: 9443 } }\n"],
  ])("on %s %s is accepted", (cluster, open, more = "") => expect(load(cluster, open, more)).toBeDefined());
  test.each([
    ["kind", "{ app: 8080 }", /open\.app: .*the cluster itself/],
    ["k3s", "{ app: 443 }", /open\.app: .*the cluster itself/],
    ["k3s", "{ grafana: 9100 }", /open\.grafana: .*the cluster itself/],
    ["k3s", "{ webapp: 8443 }", /open\.webapp: .*used by app/],
    ["kind", "{ grafana: 9443 }", /open\.grafana: .*used by app/, "ingress: { ports: { https: 9443 } }\n"],
    ["kind", "{ grafana: 9080 }", /open\.grafana: .*the cluster itself/, "ingress: { ports: { http: 9080 } }\n"],
    ["kind", "{ node-exporter: 9100 }", /open\.node-exporter: .*the cluster itself/, "ingress: { ports: { http: 9100 } }\n"],
    ["kind", "{}", /ingress\.ports\.http: .*used by grafana/, "ingress: { ports: { http: 3000 } }\n"],
    ["kind", "{}", /ingress\.ports\.http: .*8443 is already used by https/, "ingress: { ports: { http: 8443 } }\n"],
  ])("on %s %s is refused", (cluster, open, message, more = "") =>
    expect(refusal(() => load(cluster, open, more)).message).toMatch(message),
  );
});

describe("a Prometheus volume", () => {
  const load = (volume: string, retention = "1d") =>
    parseEnvironment(`${BASE}monitoring: { retention: ${retention}, volume: ${volume} }\n`, "v.yaml");
  test.each(["1h", "1d", "30d", "90d"])("for %s has to be as large as the refusal says, and no larger", (retention) => {
    const least = Number(/at least (\d+)Mi/.exec(refusal(() => load("64Mi", retention)).message)?.[1]);
    expect(load(`${least}Mi`, retention).config.monitoring.volume).toBe(`${least}Mi`);
    expect(refusal(() => load(`${least - 1}Mi`, retention)).message).toMatch(/too small/);
  });
  test("is never filled so far that a block's chunk file of 512 MiB has no room", () => {
    for (const size of [600, 1024, 2048, 4096, 65_536]) {
      expect(retentionSize(`${size}Mi`)).toBeLessThanOrEqual(size - 512);
      expect(retentionSize(`${size}Mi`)).toBeLessThanOrEqual(size * 0.8);
    }
  });
});

describe("the sources' particulars", () => {
  const config = (name: string) => loadEnvironment(environmentFile(name)).config;
  test("S0: every 15 s, CPU above 80 % for 5 minutes", () =>
    expect(config("s0").monitoring).toMatchObject({ scrapeInterval: "15s", alerts: { cpu: { threshold: 80, window: "5m", for: "5m" } } }));
  test("S1: a machine of one CPU", () => expect(config("s1").machine).toMatchObject({ memory: 2048, cpu: 1000 }));
  test("S2: two minutes, 20 % of memory, 15 % of disk, its ports on loopback", () => {
    const { monitoring, open } = config("s2");
    expect(monitoring.alerts).toMatchObject({ cpu: { threshold: 80, for: "2m" }, memory: { threshold: 20 }, disk: { threshold: 15 } });
    expect(open).toEqual({ app: 8443, grafana: 3000, prometheus: 9090 });
  });
  test("S3: every 5 s, over 2 minutes, for 2 minutes, on 2 GiB", () => {
    const { monitoring, open, machine } = config("s3");
    expect(monitoring).toMatchObject({ scrapeInterval: "5s", alerts: { cpu: { threshold: 80, window: "2m", for: "2m" } } });
    expect(open).toMatchObject({ webapp: 5000, "node-exporter": 9100 });
    expect(machine.memory).toBe(2048);
  });
  test("S4: balanced instances and its dashboard", () => {
    expect(config("s4").webapp.replicas).toBe(2);
    expect(config("s4").monitoring.dashboards).toContain("system");
  });
});
