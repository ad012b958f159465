import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { stringify } from "yaml";
import { EnvironmentError } from "../../src/config/errors.ts";
import { jsonSchema } from "../../src/config/explain.ts";
import { parseEnvironment } from "../../src/config/load.ts";
import { containersOf, manifestsOf, podsOf, synthesiseText } from "../manifests.ts";
import { alerting } from "./alerting.ts";

/** Environments that the schema and the rules allow, each key sometimes left to its default. */
const duration = (units: readonly string[]) =>
  fc.tuple(fc.integer({ min: 1, max: 9 }), fc.constantFrom(...units)).map(([value, unit]) => `${value}${unit}`);
const mebi = (min: number, max: number) => fc.integer({ min, max }).map((size) => `${size}Mi`);
const gibi = (min: number, max: number) => fc.integer({ min, max }).map((size) => `${size}Gi`);
const name = fc.stringMatching(/^[a-z]([-a-z0-9]{0,20}[a-z0-9])?$/);
/** The names that CloudNova gives are taken. */
const brought = name.map((own) => `my-${own}`);
const percent = fc.integer({ min: 0, max: 100 });
const alert = fc.record({ threshold: percent, for: duration(["m", "h"]) }, { requiredKeys: [] });

const valid = fc.record(
  {
    cluster: fc.constantFrom("kind", "k3s", "node"),
    machine: fc.oneof(
      fc.record({ instance: fc.constantFrom("t3.medium", "t4g.medium"), disk: gibi(20, 200) }, { requiredKeys: ["instance"] }),
      fc.record({ memory: gibi(8, 64), cpu: fc.constantFrom("4", "8", "4000m") }),
    ),
    namespace: brought,
    language: fc.constantFrom("es", "en"),
    ingress: fc.record(
      {
        host: fc.tuple(name, name).map((labels) => labels.join(".")),
        onlyHost: fc.boolean(),
        rateLimit: fc.record(
          { average: fc.integer({ min: 1, max: 1000 }), burst: fc.integer({ min: 1, max: 1000 }) },
          { requiredKeys: [] },
        ),
        nodePorts: fc.record({ http: fc.integer({ min: 30_000, max: 31_000 }), https: fc.integer({ min: 31_001, max: 32_767 }) }),
      },
      { requiredKeys: [] },
    ),
    webapp: fc.record(
      {
        replicas: fc.integer({ min: 1, max: 3 }),
        autoscaling: fc.record(
          { maxReplicas: fc.integer({ min: 3, max: 5 }), cpu: fc.integer({ min: 1, max: 100 }) },
          { requiredKeys: ["maxReplicas"] },
        ),
        writeAccess: fc.constantFrom("open", "login"),
        faultInjection: fc.boolean(),
        workers: fc.integer({ min: 1, max: 1 }),
        threads: fc.integer({ min: 2, max: 16 }),
      },
      { requiredKeys: [] },
    ),
    database: fc.record(
      { volume: gibi(1, 100), bufferPool: mebi(16, 128), maxConnections: fc.integer({ min: 40, max: 200 }) },
      { requiredKeys: [] },
    ),
    monitoring: fc.record(
      {
        scrapeInterval: fc.oneof(
          fc.integer({ min: 5, max: 60 }).map((value) => `${value}s`),
          fc.constantFrom("1m", "5s1ms", "59s999ms"),
        ),
        retention: duration(["h", "d"]),
        // The default retention of 15 d at 5 s needs 1,978 MiB of the 80 % that samples may fill.
        volume: gibi(3, 20),
        alerts: fc.record({ cpu: alert, memory: alert, disk: alert }, { requiredKeys: [] }),
        dashboards: fc.subarray(["overview", "system", "prometheus"], { minLength: 1 }),
        grafana: fc.boolean(),
      },
      { requiredKeys: [] },
    ),
    alerting,
    secrets: fc.record(
      { database: brought, webapp: brought, grafana: brought, certificate: brought, alerting: brought },
      { requiredKeys: [] },
    ),
    images: fc.record(
      { webapp: fc.constantFrom("ghcr.io/me/app:1.2.3", "app:v2"), mysql: fc.constant("mysql:9.7.4") },
      { requiredKeys: [] },
    ),
    resources: fc.record(
      { webapp: fc.record({ memory: mebi(64, 128) }), grafana: fc.record({ memoryLimit: mebi(200, 400) }) },
      { requiredKeys: [] },
    ),
    open: fc.constantFrom({}, { grafana: 3000 }, { app: 8443, prometheus: 9090 }),
  },
  { requiredKeys: ["cluster", "machine"] },
);

/** The schema that editors use, held to the same answers as the loader's. */
const accepts = new Ajv2020({ strict: false, logger: false }).compile(jsonSchema());

test("every valid environment gives valid manifests, and the JSON Schema accepts it", () => {
  fc.assert(
    fc.property(valid, (environment) => {
      const synthesis = synthesiseText(stringify(environment));
      const manifests = manifestsOf(synthesis);
      expect(accepts(environment)).toBe(true);
      const keys = manifests.map(({ kind, metadata }) => `${kind}/${metadata.namespace ?? ""}/${metadata.name}`);
      expect(new Set(keys).size).toBe(keys.length);
      for (const { apiVersion, kind, metadata } of manifests) {
        expect([typeof apiVersion, typeof kind]).toEqual(["string", "string"]);
        expect(metadata.name).toMatch(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/);
        for (const value of Object.values(metadata.labels)) expect(value).toMatch(/^[A-Za-z0-9]([-\w.]{0,61}[A-Za-z0-9])?$/);
      }
      for (const pod of podsOf(manifests)) {
        const volumes = new Set((pod.spec.volumes ?? []).map((volume: { name: string }) => volume.name));
        for (const { volumeMounts } of containersOf(pod)) for (const mount of volumeMounts) expect(volumes).toContain(mount.name);
      }
    }),
    { numRuns: 60 },
  );
});

/** Anything at all, at any place of an environment. */
const wrongValue = fc.oneof(
  fc.string(),
  fc.integer({ min: -10, max: -1 }),
  fc.double(),
  fc.constant(null),
  fc.array(fc.string()),
  fc.dictionary(fc.string(), fc.string()),
);
const paths = [
  "cluster",
  "machine.instance",
  "namespace",
  "ingress.host",
  "webapp.replicas",
  "database.volume",
  "monitoring.retention",
  "monitoring.alerts.cpu.threshold",
  "alerting.mail.smarthost",
  "alerting.quiet",
  "alerting.timeZone",
  "images.mysql",
  "resources.webapp.cpu",
  "open.grafana",
  "unknown.key",
];

function withValue(environment: object, path: string, value: unknown): object {
  const [first = "", ...rest] = path.split(".");
  const inner = (environment as Record<string, unknown>)[first];
  return {
    ...environment,
    [first]: rest.length === 0 ? value : withValue(typeof inner === "object" && inner ? inner : {}, rest.join("."), value),
  };
}

/** Either it works, or it is refused with a place and a sentence; nothing else ever happens. */
function answered(text: string): "accepted" | "refused" {
  try {
    parseEnvironment(text, "environments/trial.yaml");
    return "accepted";
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
    expect(error.problems.length).toBeGreaterThan(0);
    for (const line of error.message.split("\n")) expect(line).toMatch(/^environments\/trial\.yaml(:\d+:\d+)?: .{10,}/);
    return "refused";
  }
}

test("a wrong value anywhere is refused in words", () => {
  let refused = 0;
  fc.assert(
    fc.property(valid, fc.constantFrom(...paths), wrongValue, (environment, path, value) => {
      if (answered(stringify(withValue(environment, path, value))) === "refused") refused++;
    }),
    { numRuns: 400 },
  );
  expect(refused).toBeGreaterThan(300);
});

test("any text at all is answered in words", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: "binary" }),
        fc.string({ unit: fc.constantFrom("a", ":", " ", "\n", "-", "{", "[", "&", "*", '"', "\t", "#", "|") }),
      ),
      (text) => {
        answered(text);
      },
    ),
    { numRuns: 1000 },
  );
});

test("environments/schema.json is what the schema gives today", () => {
  expect(JSON.parse(readFileSync("environments/schema.json", "utf8"))).toEqual(jsonSchema());
});
