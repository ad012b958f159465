import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { synthesise } from "../../charts/synth.ts";
import { parseEnvironment } from "../../src/config/load.ts";
import { type Daemon, startDaemon } from "../../tools/common/daemon.ts";
import { freePorts } from "../../tools/common/ports.ts";
import { ensure } from "../../tools/toolchain/ensure.ts";
import { find } from "../manifests.ts";
import { Cluster } from "./server-cluster.ts";

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
let traefik: Daemon;
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
  const [web = 0, metrics = 0, websecure = 0] = await freePorts(3);
  port = websecure;
  log = join(folder, "traefik.log");
  mkdirSync(join(folder, "dynamic"));
  writeFileSync(join(folder, "dynamic", "cloudnova.yaml"), find(cluster.manifests, "ConfigMap", "traefik").data["cloudnova.yaml"]);
  const account = await cluster.accountFolder("traefik");
  const ports: Readonly<Record<string, number>> = { web, websecure, metrics };
  const { args } = find(cluster.manifests, "Deployment", "traefik").spec.template.spec.containers[0];
  const here = (args as string[]).map((arg) =>
    arg
      .replace(/^(--entryPoints\.(\w+)\.address)=.*/, (_, name, entry: string) => `${name}=127.0.0.1:${ports[entry]}`)
      .replace(/^(--providers\.file\.directory)=.*/, `$1=${join(folder, "dynamic")}`),
  );
  const api = [
    `--providers.kubernetesIngress.endpoint=${cluster.server.url}`,
    `--providers.kubernetesIngress.token=${readFileSync(join(account, "token"), "utf8")}`,
    `--providers.kubernetesIngress.certAuthFilePath=${join(account, "ca.crt")}`,
  ];
  traefik = startDaemon(join(await ensure("traefik"), "traefik"), [...here, ...api], log);
  for (let attempt = 0; ; attempt++) {
    if ((await get("tienda.example.com", "/").catch(() => 0)) === 503) break;
    if (attempt > 150) throw new Error(`Traefik has no route after 30 s:\n${readFileSync(log, "utf8").slice(-3000)}`);
    await Promise.race([sleep(200), traefik.died]);
  }
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
  expect(problems.filter((line) => !early.test(line))).toEqual([]);
});
