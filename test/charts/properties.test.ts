import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { stringify } from "yaml";
import { EnvironmentError } from "../../src/config/errors.ts";
import { jsonSchema } from "../../src/config/explain.ts";
import { parseEnvironment } from "../../src/config/load.ts";
import { timeZoneNames } from "../../src/config/time-zones.ts";
import { containersOf, manifestsOf, podsOf, synthesiseText } from "../manifests.ts";
import { alerting, anyMail, canDeliver } from "./alerting.ts";
import { durationBetween, malformedAddress, secretName, timeZone } from "./values.ts";

/** Environments that the schema and the rules allow, each key sometimes left to its default. */
const mebi = (min: number, max: number) => fc.integer({ min, max }).map((size) => `${size}Mi`);
const gibi = (min: number, max: number) => fc.integer({ min, max }).map((size) => `${size}Gi`);
const name = fc.stringMatching(/^[a-z]([-a-z0-9]{0,20}[a-z0-9])?$/);
const namespace = fc
  .oneof(fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,48}[a-z0-9])?$/), fc.constantFrom("webapp", "pods", "webapp-mysql-to", "role"))
  .filter((one) => !/^(kube-.*|default)$/.test(one));
const percent = fc.integer({ min: 0, max: 100 });
const alert = fc.record({ threshold: percent, for: durationBetween(60, 86_400) }, { requiredKeys: [] });

/** The ports that `open` takes by default, and those that each cluster has on its machine. */
const DEFAULT_PORTS = { app: 8443, webapp: 8000, grafana: 3000, prometheus: 9090, alertmanager: 9093, "node-exporter": 9100 };
const CLUSTER_PORTS = { kind: [8080, 8443], k3s: [80, 443, 6443, 9100, 10_250] };
type Component = keyof typeof DEFAULT_PORTS;
type Open = { readonly [K in Component]?: number };
const localPort = fc.oneof(
  fc.constantFrom(...Object.values(DEFAULT_PORTS), ...Object.values(CLUSTER_PORTS).flat()),
  fc.integer({ min: 1, max: 65_535 }),
);
const anyOpen = fc.record(
  Object.fromEntries(Object.keys(DEFAULT_PORTS).map((one) => [one, localPort])) as Record<Component, typeof localPort>,
  { requiredKeys: [] },
);

const anyPorts = fc.record({ ports: fc.record({ http: localPort, https: localPort }, { requiredKeys: [] }) }, { requiredKeys: [] });

interface Ports {
  readonly cluster: keyof typeof CLUSTER_PORTS;
  readonly open?: Open;
  readonly ingress?: { readonly host?: string; readonly ports?: { readonly http?: number; readonly https?: number } };
  readonly monitoring?: { readonly grafana?: boolean | "on-demand" };
}
/** Whether everything that `open` makes reachable has a port of its own, which the cluster has not; kind's are those of the environment. */
function portsAreFree({ cluster, open = {}, ingress, monitoring }: Ports): boolean {
  const { http = 8080, https = 8443 } = ingress?.ports ?? {};
  if (ingress?.ports && (cluster === "k3s" || http === https)) return false;
  const opened = Object.entries({ app: https, grafana: 3000, prometheus: 9090, ...open }).filter(
    ([one]) => one !== "grafana" || monitoring?.grafana !== false,
  );
  const clusters = cluster === "kind" ? [http, https] : CLUSTER_PORTS.k3s;
  const itself = { kind: ["app", https], k3s: ["node-exporter", 9100] }[cluster];
  const free = ([one, port]: [string, number]) => !clusters.includes(port) || (one === itself[0] && port === itself[1]);
  return new Set(opened.map(([, port]) => port)).size === opened.length && opened.every(free);
}

const segment = fc.stringMatching(/^[a-z][a-z0-9-]{0,10}[a-z0-9]$/);
const folders = fc.uniqueArray(segment, { maxLength: 3 }).map((names) => names.map((one) => `/srv/${one}`));
const variables = <T>(values: fc.Arbitrary<T>) => fc.dictionary(fc.stringMatching(/^[A-Z][A-Z0-9_]{0,12}$/), values, { maxKeys: 4 });
const fact = fc.constantFrom("host", "port", "name", "user", "password", "url").map((one) => `x{database.${one}}$(y)`);

/** An application of a user's; its name is its database, its account and its path, so that several fit together. */
const anyApplication = fc.record(
  {
    image: fc.constantFrom("ghcr.io/me/app:1.2.3", "app:v2"),
    build: fc.record({ context: fc.constant("../app"), args: variables(fc.string()) }, { requiredKeys: ["context"] }),
    port: fc.integer({ min: 1, max: 65_535 }),
    command: fc.array(fc.string(), { minLength: 1, maxLength: 3 }),
    args: fc.array(fc.string(), { minLength: 1, maxLength: 3 }),
    replicas: fc.integer({ min: 1, max: 2 }),
    resources: fc.record({ memory: mebi(32, 128), memoryLimit: mebi(128, 256) }, { requiredKeys: [] }),
    graceSeconds: fc.integer({ min: 1, max: 3600 }),
    user: fc.integer({ min: 1, max: 2_000_000_000 }),
    podSecurity: fc.constantFrom("restricted", "baseline"),
    writable: fc.oneof(fc.boolean(), folders),
    env: variables(fc.oneof(fc.string(), fc.integer(), fc.boolean(), fact)),
    health: fc.oneof(
      fc.record({ path: fc.constantFrom("/", "/health?full=1") }),
      fc.record({ command: fc.constant(["true"]), startSeconds: fc.integer({ min: 1, max: 3600 }) }),
    ),
    metrics: fc.record({ port: fc.integer({ min: 1, max: 65_535 }), path: fc.constant("/stats") }, { requiredKeys: [] }),
    before: fc.constant(["flask", "db", "upgrade"]),
    database: fc.record({ requireTls: fc.boolean() }),
    volumes: fc.dictionary(
      segment,
      fc.record({ path: segment.map((one) => `/data/${one}`), size: gibi(1, 9) }, { requiredKeys: ["path"] }),
      {
        maxKeys: 1,
      },
    ),
    outgoing: fc.constantFrom("public", "none", ["203.0.113.0/24"]),
  },
  { requiredKeys: ["image"] },
);
const OTHERS = ["sys", "mysql", "app", "webapp", "root", "probe", "node", "host", "traefik", "exporter", "migrator", "grafana", "cadvisor"];
const anyApplications = fc
  .dictionary(
    fc.stringMatching(/^[a-z][-a-z0-9]{0,8}[a-z0-9]$/).filter((one) => !OTHERS.includes(one)),
    anyApplication,
    { maxKeys: 2 },
  )
  .map((all) => Object.entries(all).map(([one, application]) => [one, { ...application, ingress: { path: `/${one}` } }] as const))
  // Two names that differ in - alone would have one database.
  .map((all) => Object.fromEntries(all.filter(([one]) => !one.includes("--"))));

const anyEc2 = fc.record(
  {
    region: fc.constantFrom("us-east-1", "sa-east-1", "us-gov-west-1"),
    keyPair: fc.constantFrom("vockey", "my key"),
    ssh: fc.constantFrom("own-address", "session-manager"),
    laboratory: fc.boolean(),
    instanceProfile: fc.constant("LabInstanceProfile"),
    elasticIp: fc.boolean(),
    subnet: fc.constant("subnet-0a1b2c3d4e5f60718"),
    backups: fc.constant("my-bucket/cloudnova/mine"),
    cpuCredits: fc.constantFrom("standard", "unlimited"),
  },
  { requiredKeys: [] },
);

const anyEnvironment = fc.record(
  {
    cluster: fc.constantFrom("kind", "k3s"),
    machine: fc.oneof(
      fc.record({ instance: fc.constantFrom("t3.medium", "t4g.medium"), disk: gibi(20, 200) }, { requiredKeys: ["instance"] }),
      fc.record({ memory: gibi(8, 64), cpu: fc.constantFrom("4", "8", "4000m") }),
    ),
    ec2: anyEc2,
    namespace,
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
        workers: fc.integer({ min: 1, max: 16 }),
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
        // 15 d at 5 s need 2,198 MiB with the write-ahead log, of the 80 % that Prometheus may fill.
        retention: durationBetween(1, 15 * 86_400),
        volume: gibi(3, 20),
        alerts: fc.record(
          { cpu: alert.chain((one) => durationBetween(240, 86_400).map((window) => ({ ...one, window }))), memory: alert, disk: alert },
          { requiredKeys: [] },
        ),
        dashboards: fc.subarray(["overview", "system", "prometheus"], { minLength: 1 }),
        grafana: fc.boolean(),
      },
      { requiredKeys: [] },
    ),
    applications: anyApplications,
    alerting,
    backups: fc.oneof(
      fc.constant(false),
      fc.record(
        {
          schedule: fc.constantFrom("0 0 * * *", "*/10 * * * *", "5 4 1,15 * *", "59 23 31 12 *", "0 8-18/2 * * 1-5"),
          recipients: fc.constant(["age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"]),
          keep: fc.record({ count: fc.integer({ min: 1, max: 1000 }), days: fc.integer({ min: 1, max: 3650 }) }, { requiredKeys: [] }),
          volume: mebi(64, 4096),
          store: fc.record(
            {
              endpoint: fc.constantFrom("https://s3.us-east-1.amazonaws.com", "http://10.0.0.7:9000"),
              bucket: fc.constant("my.bucket-1"),
              region: fc.constant("eu-west-3"),
              prefix: fc.constant("a/b"),
              pathStyle: fc.boolean(),
              privateCa: fc.boolean(),
              secret: secretName,
            },
            { requiredKeys: ["endpoint", "bucket"] },
          ),
        },
        { requiredKeys: [] },
      ),
    ),
    secrets: fc.record(
      { database: secretName, webapp: secretName, grafana: secretName, certificate: secretName, alerting: secretName },
      { requiredKeys: [] },
    ),
    registry: fc.constantFrom("mirror.example.com/hub", "10.0.0.7:5000", "localhost/a/b_c"),
    images: fc.record(
      { webapp: fc.constantFrom("ghcr.io/me/app:1.2.3", "app:v2"), mysql: fc.constant("mysql:9.7.4") },
      { requiredKeys: [] },
    ),
    resources: fc.record(
      { webapp: fc.record({ memory: mebi(64, 128) }), grafana: fc.record({ memoryLimit: mebi(200, 400) }) },
      { requiredKeys: [] },
    ),
    open: anyOpen,
  },
  { requiredKeys: ["cluster", "machine"] },
);

/** What gunicorn was measured to take in a replica, MiB. */
const workersTake = (workers: number) => Math.ceil(60 + 13.4 * (workers - 1));

/** The same with the connections and the memory that their workers need. */
const valid = fc
  .tuple(anyEnvironment, fc.nat(300), fc.nat(100), anyPorts)
  .map(([environment, more, room, { ports }]) => {
    const { webapp = {}, database, resources, ec2, ...others } = environment;
    const onEc2 = environment.cluster === "k3s" && "instance" in environment.machine;
    const { replicas = 2, autoscaling, workers = 1 } = webapp;
    const connections = 2 * (autoscaling?.maxReplicas ?? replicas) * workers * 4 + 8;
    return {
      ...others,
      ...(environment.webapp && { webapp }),
      ...(ec2 && onEc2 && { ec2 }),
      ...(environment.cluster === "kind" && ports && { ingress: { ...environment.ingress, ports } }),
      ...((database || connections > 40) && { database: { ...database, maxConnections: connections + more } }),
      ...(resources && { resources: { ...resources, webapp: { memory: `${workersTake(workers) + room}Mi` } } }),
    };
  })
  .filter(portsAreFree);

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
        for (const { volumeMounts = [] } of containersOf(pod)) for (const mount of volumeMounts) expect(volumes).toContain(mount.name);
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
  "ec2.region",
  "ec2.backups",
  "namespace",
  "ingress.host",
  "webapp.replicas",
  "database.volume",
  "applications.tienda",
  "applications.tienda.image",
  "applications.tienda.env.X",
  "applications.tienda.secrets.X",
  "applications.tienda.database",
  "applications.tienda.ingress.path",
  "applications.tienda.writable",
  "monitoring.retention",
  "monitoring.alerts.cpu.threshold",
  "alerting.mail.smarthost",
  "alerting.quiet",
  "alerting.timeZone",
  "backups",
  "backups.schedule",
  "backups.store",
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

describe("near misses: one thing is wrong, and it is refused at its place", () => {
  const base = { cluster: "k3s", machine: { memory: "16Gi", cpu: "4" } };
  const placesOf = (environment: object): string[] => {
    try {
      parseEnvironment(stringify(environment), "environments/trial.yaml");
      return [];
    } catch (error) {
      if (!(error instanceof EnvironmentError)) throw error;
      return error.problems.map(({ path }) => path);
    }
  };
  const mail = { smarthost: "smtp.example.com:587", from: "a@example.com", to: ["b@example.com"] };
  const MISSES: readonly (readonly [string, fc.Arbitrary<{ at: string; value: unknown; more?: object }>])[] = [
    [
      "an address",
      fc.tuple(malformedAddress, fc.boolean()).map(([address, sender]) => ({
        at: sender ? "alerting.mail.from" : "alerting.mail.to.0",
        value: undefined,
        more: { alerting: { mail: { ...mail, ...(sender ? { from: address } : { to: [address] }) } } },
      })),
    ],
    [
      "a Secret's name",
      fc
        .tuple(secretName, fc.constantFrom("database", "webapp", "grafana", "certificate", "alerting"))
        .chain(([one, key]) =>
          fc
            .constantFrom(
              `${one}.`,
              `.${one}`,
              `-${one}`,
              `${one}-`,
              `${one}..a`,
              `${one}.-a`,
              `${one}_a`,
              `A${one}`,
              `${one} a`,
              one.padEnd(254, "a"),
            )
            .map((value) => ({ at: `secrets.${key}`, value })),
        ),
    ],
    [
      "a scrape interval",
      fc
        .oneof(durationBetween(61, 86_400), durationBetween(1, 4), fc.constantFrom("0s", "4s999ms", "1m1ms", "15", "1m1h", "15 s", "0.5m"))
        .map((value) => ({ at: "monitoring.scrapeInterval", value })),
    ],
    [
      "a duration",
      fc.constantFrom("1h1d", "1.5d", "293y", "0d", "d", "1M", "-1d", "1d ").map((value) => ({ at: "monitoring.retention", value })),
    ],
    ["workers", fc.oneof(fc.integer({ min: 17, max: 99 }), fc.integer({ max: 0 })).map((value) => ({ at: "webapp.workers", value }))],
    [
      "memory for the workers",
      fc
        .tuple(fc.integer({ min: 1, max: 16 }), fc.integer({ min: 1, max: 50 }), fc.constantFrom("memory", "memoryLimit"))
        .map(([workers, less, key]) => ({
          at: `resources.webapp.${key}`,
          value: `${workersTake(workers) - less}Mi`,
          more: { webapp: { workers }, database: { maxConnections: 400 } },
        })),
    ],
    ["Prometheus' volume", mebi(1, 512).map((value) => ({ at: "monitoring.volume", value, more: { monitoring: { retention: "1h" } } }))],
    [
      "a time zone",
      timeZone
        .chain((zone) => fc.constantFrom(zone.toLowerCase(), zone.toUpperCase(), `${zone}x`, ` ${zone}`, `${zone}/`, "Factory", "UTC+1"))
        .filter((zone) => !timeZoneNames().includes(zone))
        .map((value) => ({ at: "alerting.timeZone", value })),
    ],
  ];

  test.each(MISSES)("%s", (_, miss) => {
    fc.assert(
      fc.property(miss, ({ at, value, more = {} }) => {
        const environment = { ...base, ...more };
        expect(placesOf(value === undefined ? environment : withValue(environment, at, value))).toContain(at);
      }),
      { numRuns: 50 },
    );
  });

  test("ports are accepted exactly where each is free", () => {
    fc.assert(
      fc.property(fc.constantFrom("kind" as const, "k3s" as const), anyOpen, anyPorts, fc.boolean(), (cluster, open, ingress, grafana) => {
        const environment = { ...base, cluster, open, ingress, monitoring: { grafana } };
        expect(placesOf(environment).length === 0).toBe(portsAreFree(environment));
      }),
      { numRuns: 300 },
    );
  });

  test("a mail receiver is accepted exactly where Alertmanager can deliver", () => {
    fc.assert(
      fc.property(anyMail, (one) => {
        expect(placesOf({ ...base, alerting: { mail: one } }).length === 0).toBe(canDeliver(one));
      }),
      { numRuns: 150 },
    );
  });
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
