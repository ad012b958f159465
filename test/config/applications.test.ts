import { EnvironmentError } from "../../src/config/errors.ts";
import { parseEnvironment } from "../../src/config/load.ts";

const BASE = "cluster: k3s\nmachine: { instance: t3.small }\n";
const load = (text: string) => parseEnvironment(`${BASE}${text}`, "a.yaml");
const one = (entry: string) => load(`applications:\n  tienda: { image: "ghcr.io/me/tienda:1.0", ${entry} }\n`).config.applications[0];

function refusal(text: string): string {
  try {
    load(text);
  } catch (error) {
    if (error instanceof EnvironmentError) return error.message;
    throw error;
  }
  throw new Error("it was accepted");
}

describe("the sample", () => {
  test("runs, alone, where the file names no applications", () => {
    const { sample, applications, webapp } = load("").config;
    expect([sample, applications, webapp.replicas]).toEqual([true, [], 1]);
  });

  test("runs with its entry, and has the entry's settings", () => {
    const { sample, applications, webapp } = load("applications: { webapp: { sample: { replicas: 3 } } }\n").config;
    expect([sample, applications, webapp.replicas]).toEqual([true, [], 3]);
  });

  test("does not run without its entry", () => {
    const { sample, applications } = load("applications: { tienda: { image: tienda:1 } }\n").config;
    expect([sample, applications.map(({ name }) => name)]).toEqual([false, ["tienda"]]);
    expect(load("applications: {}\n").config.sample).toBe(false);
  });

  test("runs beside others with an address of its own", () => {
    const { sample, applications } = load(
      "applications: { webapp: { sample: {} }, tienda: { image: tienda:1, ingress: { path: /tienda } } }\n",
    ).config;
    expect([sample, applications.map(({ name }) => name)]).toEqual([true, ["tienda"]]);
  });

  test("no rule of it is asked where it does not run", () =>
    expect(load("applications: {}\ndatabase: { maxConnections: 10 }\n").config.sample).toBe(false));
});

describe("webapp at the top, for one release", () => {
  test("is the sample's settings, and the notice shows the new form", () => {
    const { config, notices } = load("webapp: { replicas: 1, threads: 2 }\n");
    expect([config.sample, config.webapp.threads]).toEqual([true, 2]);
    expect(notices).toEqual([
      `a.yaml: webapp at the top is deprecated and will be refused by a later release; write instead:
  applications:
    webapp:
      sample:
        replicas: 1
        threads: 2`,
    ]);
  });

  test("stands beside other applications, which the notice keeps", () => {
    const { config, notices } = load("webapp: {}\napplications: { tienda: { image: tienda:1, ingress: { host: tienda.example.com } } }\n");
    expect([config.sample, config.applications.length]).toEqual([true, 1]);
    expect(notices[0]).toMatch(/sample: \{\}\n {4}tienda:\n {6}image: tienda:1\n/);
  });

  test("the new form is not commented on", () => expect(load("applications: { webapp: { sample: {} } }\n").notices).toEqual([]));
});

describe("an application of the user's", () => {
  test("needs an image alone", () =>
    expect(one("")).toEqual({
      name: "tienda",
      namespace: "cloudnova-tienda",
      image: "ghcr.io/me/tienda:1.0",
      port: 5000,
      replicas: 1,
      resources: { memory: "96Mi", memoryLimit: "256Mi", cpu: "50m", cpuLimit: "1000m" },
      graceSeconds: 30,
      user: 10_001,
      podSecurity: "restricted",
      writable: ["/tmp"],
      env: {},
      secrets: {},
      health: { startSeconds: 120 },
      database: { name: "tienda", user: "tienda", requireTls: false, initialise: [] },
      ingress: { path: "/", stripPath: false, timeoutSeconds: 60, sticky: false },
      volumes: {},
      outgoing: "public",
    }));

  test("or a build, whose image no registry has", () =>
    expect(load("applications: { tienda: { build: { context: ../tienda } } }\n").config.applications[0]).toMatchObject({
      image: "cloudnova.local/tienda:1",
      build: { context: "../tienda", dockerfile: "Dockerfile", args: {} },
    }));

  test("has the database that it asks for", () => {
    expect(one("database: { name: Shop, user: shopper }")?.database).toMatchObject({ name: "Shop", user: "shopper" });
    expect(one("database: { name: shop }")?.database).toMatchObject({ name: "shop", user: "shop" });
    expect(one("database: false")?.database).toBe(false);
    const dashed = load("applications: { mi-tienda: { image: tienda:1 } }\n").config.applications[0];
    expect(dashed?.database).toMatchObject({ name: "mi_tienda", user: "mi_tienda" });
  });

  test("YAML's numbers and truth values are taken as they are written", () =>
    expect(one("env: { PORT: 5000, DEBUG: false, RATE: 1.5 }")?.env).toEqual({ PORT: "5000", DEBUG: "false", RATE: "1.5" }));

  test("a number of a variable keeps its zeros and all its digits", () => {
    const written = "TEL: 0991234567, VERSION: 1.10, ID: 123456789012345678, MODE: 0x1F, E: 1e3";
    const texts = { TEL: "0991234567", VERSION: "1.10", ID: "123456789012345678", MODE: "0x1F", E: "1e3" };
    expect(one(`env: { ${written} }`)?.env).toEqual(texts);
    expect(one(`build: { context: ., args: { ${written} } }`)?.build?.args).toEqual(texts);
    // No variable: a key of the schema.
    expect(one("port: 05000")?.port).toBe(5000);
  });

  test("a secret may have the name of a method of JavaScript's objects", () =>
    expect(one("secrets: { toString: { generate: true } }")?.secrets).toMatchObject({ toString: { generate: true } }));

  test("ports below 1024 are no matter of the user id: the pod's sysctl allows them", () =>
    expect(one("port: 80, user: 10001")).toMatchObject({ port: 80, user: 10_001 }));

  test("sticky sessions do no harm with one replica", () => expect(one("ingress: { sticky: true }")?.ingress.sticky).toBe(true));

  test("several share an Ingress by host and by path", () =>
    expect(
      load(`applications:
  webapp: { sample: {} }
  a: { image: a:1, ingress: { path: /a } }
  b: { image: b:1, ingress: { host: b.example.com } }
  c: { image: c:1, ingress: { host: b.example.com, path: /c } }
`).config.applications.map(({ name }) => name),
    ).toEqual(["a", "b", "c"]));

  test("onlyHost gives every application without a host of its own the same one", () =>
    expect(
      refusal(`ingress: { host: a.example.com, onlyHost: true }
applications:
  a: { image: a:1 }
  b: { image: b:1, ingress: { host: a.example.com } }
`),
    ).toMatch(/^a\.yaml:6:37: applications\.b\.ingress\.host: found "a\.example\.com"; a answers at \/ of a\.example\.com, too;/));
});

describe("what may be a secret is never shown", () => {
  test.each([
    "secrets: { API_KEY: hunter2 }",
    "secrets: { API_KEY: { generate: hunter2 } }",
    "secrets: { API_KEY: { value: hunter2 } }",
    "env: { DB_PASSWORD: [hunter2] }",
    "env: { DATABASE_URL: { x: hunter2 } }",
  ])("%s", (entry) => {
    const message = refusal(`applications: { tienda: { image: tienda:1, ${entry} } }\n`);
    expect(message).toMatch(/^a\.yaml:3:\d+: applications\.tienda\./);
    expect(message).not.toContain("hunter2");
  });
});
