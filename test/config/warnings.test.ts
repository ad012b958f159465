import { parseEnvironment } from "../../src/config/load.ts";
import { setLocale } from "../../src/language.ts";

const warnings = (applications: string, more = "") =>
  parseEnvironment(`cluster: k3s\nmachine: { instance: t3.small }\n${more}applications:\n${applications}`, "a.yaml").warnings;
const TLS = "database: { requireTls: true }";

afterEach(() => setLocale("en"));

test("an environment that is as strict as it can be has none", () =>
  expect(warnings(`  a: { image: a:1, ${TLS} }\n  b: { image: b:1, database: false, ingress: { path: /b } }\n`)).toEqual([]));

test("accounts without TLS are named in capitals", () => {
  expect(warnings(`  a: { image: a:1 }\n  b: { image: b:1, ${TLS}, ingress: { path: /b } }\n`)).toEqual([
    expect.stringMatching(/^warning: a WITHOUT TLS: MySQL accepts logins of its account in plain text/),
  ]);
  setLocale("es");
  expect(warnings("  a: { image: a:1 }\n")).toEqual([expect.stringMatching(/^advertencia: a SIN TLS: /)]);
});

test("an image that may run as root is named in capitals", () =>
  expect(warnings("  a: { image: a:1, database: false, user: 0, podSecurity: baseline }\n")).toEqual([
    expect.stringMatching(/^warning: a with podSecurity baseline: MAY RUN AS ROOT;/),
  ]));

describe("connections to MySQL", () => {
  const one = (entry: string, more = "") =>
    warnings(`  a: { image: a:1, ${TLS}, ${entry} }\n`, more).map((text) =>
      /maxConnections (\d+) may be too few: (\d+)/.exec(text)?.slice(1),
    );
  // 2 for the old replicas beside the new ones, 5 assumed connections, and 8 besides pools.
  test.each([
    ["replicas: 3", []],
    ["replicas: 4", [["40", "48"]]],
    ["env: { WEB_CONCURRENCY: 4 }", [["40", "48"]]],
    ['args: [gunicorn, -w, "4", "app:app"]', [["40", "48"]]],
    ['command: [gunicorn, --workers=4, "app:app"]', [["40", "48"]]],
    ['env: { GUNICORN_CMD_ARGS: "-b 0.0.0.0 -w 4" }', [["40", "48"]]],
    ["args: [uwsgi, --processes, '4']", [["40", "48"]]],
    ["env: { REDIS_POOL_SIZE: 2 }, replicas: 4", [["40", "48"]]],
    // A pool that variables name is known, so that nothing is assumed.
    ["env: { SQLALCHEMY_POOL_SIZE: 4 }, replicas: 4", []],
    ['env: { DATABASE_URL: "mysql://{database.host}/x?connection_limit=4" }, replicas: 4', []],
    ["env: { DB_POOL_SIZE: 0 }, replicas: 4", [["40", "48"]]],
  ])("%s", (entry, expected) => expect(one(entry)).toEqual(expected));
  test("fit a larger server", () => expect(one("replicas: 4", "database: { maxConnections: 48 }\n")).toEqual([]));
  test("count the sample's, too", () => {
    const both = `  webapp: { sample: { replicas: 1, workers: 1, threads: 4 } }\n  a: { image: a:1, ${TLS}, replicas: 3, ingress: { path: /a } }\n`;
    expect(warnings(both)).toEqual([
      expect.stringMatching(/maxConnections 40 may be too few: 46 with 5 connections for each process of a,/),
    ]);
  });
});
