import { mkdtempSync, readFileSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { synthesise } from "../../charts/synth.ts";
import { parseEnvironment } from "../../src/config/load.ts";
import type { Manifest } from "../manifests.ts";
import { Cluster } from "./server-cluster.ts";
import { freeTraefikPorts, startTraefik, type Traefik } from "./traefik.ts";

/**
 * The applications' routes by the real Traefik, without the sample: their Ingresses are in other namespaces than the certificate. No pod
 * answers behind them, so an answer of an application is a 503 here, and no route is a 404.
 */
jest.setTimeout(15 * 60_000);

const ENVIRONMENT = `cluster: kind
machine: { memory: 8Gi, cpu: '4' }
ingress: { host: app.example.com }
applications:
  tienda: { image: "a:1", ingress: { host: tienda.example.com, maxUpload: 1Mi, timeoutSeconds: 300, sticky: true } }
  caja: { image: "b:1", ingress: { path: /caja, stripPath: true } }
`;

let cluster: Cluster;
let traefik: Traefik;
let port: number;
let ca: string;
let log: string;

/** The status of an answer; the connection fails where the certificate does not name the host. */
function get(host: string, path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const options = { host: "127.0.0.1", port, path, servername: host, headers: { host }, ca, agent: false as const };
    const sent = request(options, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sent.on("error", reject).end();
  });
}

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), "cloudnova-traefik-"));
  cluster = await Cluster.start(synthesise(parseEnvironment(ENVIRONMENT, join(folder, "trial.yaml"))));
  await cluster.bootstrap();
  ca = await cluster.value("certificate-authority", "tls.crt");
  const ports = await freeTraefikPorts();
  port = ports.websecure;
  traefik = await startTraefik(cluster, ports, async () => (await get("tienda.example.com", "/")) === 503);
  log = traefik.log;
});
afterAll(async () => {
  await traefik?.stop();
  await cluster?.stop();
});

test.each([
  ["tienda.example.com", "/", 503],
  ["tienda.example.com", "/caja", 503],
  ["app.example.com", "/caja/x", 503],
  ["app.example.com", "/", 404],
])("https://%s%s is answered %d, with a certificate that names the host", async (host, path, status) =>
  expect(await get(host, path)).toBe(status),
);

test("a host's own application is stronger than a path of every name", () => {
  const lines = readFileSync(log, "utf8")
    .split("\n")
    .filter((line) => line.includes('"RequestHost":"tienda.example.com"') && line.includes('"OriginStatus"'));
  expect(lines.length).toBeGreaterThan(1);
  for (const line of lines) expect(line).toMatch(/"RouterName":"[^"]*cloudnova-tienda-/);
});

test("Traefik takes every setting that the objects give it", () => {
  const problems = readFileSync(log, "utf8")
    .split("\n")
    .filter((line) => /"level":"(error|warn)"/.test(line));
  // At its start Traefik may read its own file before the certificates of the Ingresses; the certificate is tried above.
  const early = /defaultGeneratedCert|resolver|falling back to the internal generated certificate/;
  // Two events of an Ingress that follow each other closely: the API server refuses the status of the first, and the next one writes it.
  const overtaken = /failed to update ingress status .*the object has been modified/;
  expect(problems.filter((line) => !early.test(line) && !overtaken.test(line))).toEqual([]);
});

test("Traefik writes the environment's host into the status of every application's Ingress", async () => {
  for (const name of ["tienda", "caja"]) {
    const { body } = await cluster.server.client.call("GET", `/apis/networking.k8s.io/v1/namespaces/cloudnova-${name}/ingresses`);
    const items = body.items as Manifest[];
    expect(items.map(({ metadata, status }) => [metadata.name, status.loadBalancer.ingress])).toEqual([
      [name, [{ hostname: "app.example.com" }]],
      [`${name}-redirect`, [{ hostname: "app.example.com" }]],
    ]);
  }
});
