import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { disk } from "../../src/compose/disk.ts";
import { projectOf } from "../../src/compose/docker.ts";
import { parseEnvFile } from "../../src/compose/env-file.ts";
import { interpolate } from "../../src/compose/interpolate.ts";
import { loadProject } from "../../src/compose/load.ts";
import { FIXTURES, filesOf, projection, SHELL } from "./projection.ts";

const NAMES = readdirSync(FIXTURES).filter((name) => !name.endsWith(".json"));

// expected.json is what compose-go made of each project; test/real/compose.test.ts holds it to that.
describe("projects are loaded as Docker Compose loads them", () => {
  test.each(NAMES)("%s", (name) => {
    const expected: unknown = JSON.parse(readFileSync(join(FIXTURES, `${name}.json`), "utf8"));
    expect(projection(loadProject(filesOf(name), { files: disk, env: SHELL }))).toEqual(expected);
  });
  test("variables that are not set and have no default are named", () => {
    const { unset } = loadProject(filesOf("variables"), { files: disk, env: { ...SHELL, MORE: "x" } });
    expect(unset).toEqual(["UNSET_HERE"]);
  });
});

test("the output of docker compose config, whose dollar signs are doubled, is the same project", () => {
  const json = JSON.stringify({ name: "shop", services: { web: { environment: { A: "cost $$5" }, networks: { default: null } } } });
  const warning = 'time="2026-01-01T00:00:00Z" level=warning msg="The \\"TAG\\" variable is not set. Defaulting to a blank string."';
  expect(projectOf(json, warning, ["/shop/compose.yaml"])).toEqual({
    name: "shop",
    folder: "/shop",
    services: { web: { environment: { A: "cost $5" }, networks: { default: null } } },
    secrets: {},
    configs: {},
    unset: ["TAG"],
  });
});

describe("what is refused is named", () => {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "cloudnova-compose-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const load = (text: string, name = "compose.yaml") => {
    const file = join(folder, name);
    writeFileSync(file, text);
    return loadProject([file], { files: disk, env: {} });
  };
  const web = (lines: string) => `services:\n  web:\n    image: shop:1\n${lines.replace(/^/gm, "    ")}\n`;

  test.each([
    [
      "an unknown key of a service",
      web("enviroment: {}"),
      /compose.yaml:4:17: services.web.enviroment: unknown key enviroment; did you mean environment\?/,
    ],
    ["an unknown key at the top", `${web("tty: true")}service: {}\n`, /:5:10: service: unknown key service; did you mean services\?/],
    [
      "a required variable",
      web(`user: \${UID_OF:?set it to your number}`),
      /services.web.user: .* is required, but not set \(set it to your number\); set it in .env/,
    ],
    ["a template that is none", web(`user: \${}`), /services.web.user: \$\{\} is not a variable; write \$\$ for a dollar sign/],
    ["a port that is none", web("ports: [http]"), /:4:13: services.web.ports.0: write a port from 1 to 65535 as 8080:80/],
    ["a port above the highest", web('ports: ["8080:99999"]'), /:4:13: services.web.ports.0: write a port from 1 to 65535/],
    ["a published port above the highest", web('ports: ["99999:80"]'), /services.web.ports.0: write a port from 1 to 65535/],
    ["a port above the highest in the long form", web("ports: [{ target: 99999 }]"), /services.web.ports.0.target: write a port from/],
    ["a range of ports that falls", web('ports: ["80:90-80"]'), /services.web.ports.0: write a port from 1 to 65535/],
    ["an exposed port above the highest", web("expose: [99999]"), /services.web.expose.0: write a port from 1 to 65535/],
    ["replicas that are no number", web("deploy: { replicas: two }"), /services.web.deploy.replicas: write a whole number/],
    ["a scale that is no number", web("scale: many"), /services.web.scale: write a whole number/],
    ["a memory limit that is no size", web("mem_limit: lots"), /:4:16: services.web.mem_limit: write a size such as 256M/],
    [
      "limits that are none",
      web("deploy: { resources: { limits: { memory: 1X } } }"),
      /services.web.deploy.resources.limits.memory: write a size such as 256M/,
    ],
    ["processors that are no number", web("cpus: half"), /services.web.cpus: write a number such as 0.5/],
    ["a graceful end that is no time", web("stop_grace_period: soon"), /services.web.stop_grace_period: write a time such as 1m30s/],
    [
      "a health check whose start is no time",
      web('healthcheck: { test: "true", start_period: 30 seconds }'),
      /services.web.healthcheck.start_period: write a time such as 1m30s/,
    ],
    ["a mount that is none", web("volumes: ['one:/two:ro:more']"), /services.web.volumes.0: write a mount as/],
    ["a service that does not exist", web("extends: app"), /extends a service app that does not exist/],
    ["a service that extends itself", web("extends: web"), /services.web.extends: extends or includes itself/],
    ["a file that includes itself", "include: [compose.yaml]\nservices: {}\n", /include: extends or includes itself/],
    ["a tag", web("ports: !reset []"), /:4:12: YAML tags such as !reset and !override are not supported/],
    ["two documents", `${web("tty: true")}---\n${web("tty: true")}`, /a second YAML document begins here/],
    ["a model", "models: {}\nservices: {}\n", /models: this key of the Compose specification is not supported/],
    [
      "another format of env files",
      web("env_file: [{ path: a, format: raw }]"),
      /services.web.env_file.0.format: this key .* is not supported/,
    ],
    ["no service at all", "services: {}\n", /services: there are no services/],
    ["no Compose file", "- a\n- b\n", /not a Compose file/],
    ["no YAML", "services: [\n", /not valid YAML/],
  ])("%s", (_, text, message) => {
    expect(() => load(text)).toThrow(message);
  });
  test("an env file that is not there, with the example beside it", () => {
    writeFileSync(join(folder, ".env.example"), "A=\n");
    expect(() => load(web("env_file: .env"))).toThrow(
      /services.web.env_file: found .*; this env file does not exist; fill in a copy of .env.example: cp .*\.env/,
    );
    expect(load(web("env_file: [{ path: .env, required: false }]")).services.web?.environment).toBeUndefined();
  });
  test("a key without a value says nothing", () => {
    const keys = "build depends_on deploy env_file environment healthcheck labels links networks ports secrets tmpfs volumes".split(" ");
    const text = `${web(keys.map((key) => `${key}:`).join("\n"))}  db: { image: "mysql:8.4", labels: { a: } }\n`;
    expect(load(text).services.web).toEqual({ image: "shop:1" });
  });
  test("a number keeps its zeros and all its digits", () => {
    const { services } = load(web("environment: { TEL: 0991234567, ID: 123456789012345678, N: -1, BIG: 18446744073709551615 }"));
    expect(services.web?.environment).toEqual({ TEL: "0991234567", ID: "123456789012345678", N: "-1", BIG: "18446744073709551615" });
  });
  test("a line of an env file, by its number and without its text", () => {
    writeFileSync(join(folder, ".env"), "A=1\nsecret words\n");
    expect(() => load(web("tty: true"))).toThrow(/\.env:2:1: not a line of the form NAME=value/);
  });
  test("a file of Compose's first version is read as it was meant", () => {
    const { services } = load("web:\n  build: .\n  dockerfile: Dockerfile.web\n  links: [db]\ndb:\n  image: mysql:5.7\n", "old.yml");
    expect(services.web).toMatchObject({ build: { context: folder, dockerfile: "Dockerfile.web" }, depends_on: { db: {} } });
    expect(services.db).toEqual({ image: "mysql:5.7" });
  });
});

test("a text without a dollar sign is its own value, and a doubled one is one", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(interpolate(text.replaceAll("$", "$$$$"), () => "x")).toBe(text);
    }),
  );
});

test("an env file holds what was written into it in single quotes", () => {
  const value = fc.string().filter((text) => !/['\\\r]/.test(text));
  fc.assert(
    fc.property(fc.dictionary(fc.stringMatching(/^[A-Z][A-Z0-9_]{0,8}$/), value), (values) => {
      const text = Object.entries(values).map(([name, one]) => `${name}='${one}'`);
      expect(parseEnvFile(text.join("\n"))).toEqual({ ...values });
    }),
  );
});
