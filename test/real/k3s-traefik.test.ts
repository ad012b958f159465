import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parse, stringify } from "yaml";
import { DYNAMIC_FOLDER } from "../../src/traefik.ts";
import { type Daemon, startDaemon } from "../../tools/common/daemon.ts";
import { freePorts } from "../../tools/common/ports.ts";
import { ensure } from "../../tools/toolchain/ensure.ts";
import { find, manifestsOf, synthesiseFile } from "../manifests.ts";

/** What k3s' own Traefik is told, by the real Traefik; of its chart's arguments those that the tests need. */
jest.setTimeout(15 * 60_000);

const ROUTER = { rule: "PathPrefix(`/`)", service: "nobody", entryPoints: ["web"] };
const SERVICE = { loadBalancer: { servers: [{ url: "http://127.0.0.1:1" }] } };

let traefik: Daemon;
let folder: string;
let log: string;
let port: number;
let metricsPort: number;

const asked = () =>
  new Promise<number | undefined>((resolve) => {
    const headers = { authorization: "Basic c2VjcmV0", cookie: "session=secret", referer: "http://localhost/secret" };
    get({ host: "127.0.0.1", port, path: "/usuarios?q=secret", headers, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode);
    }).on("error", () => resolve(undefined));
  });

beforeAll(async () => {
  const manifests = manifestsOf(synthesiseFile("environments/k3s-ec2.yaml"));
  const { additionalArguments, metrics } = parse(find(manifests, "HelmChartConfig", "traefik").spec.valuesContent);
  folder = mkdtempSync(join(tmpdir(), "cloudnova-k3s-traefik-"));
  log = join(folder, "traefik.log");
  writeFileSync(join(folder, "cloudnova.yaml"), find(manifests, "ConfigMap", "cloudnova-traefik").data["cloudnova.yaml"]);
  writeFileSync(join(folder, "router.yaml"), stringify({ http: { routers: { all: ROUTER }, services: { nobody: SERVICE } } }));
  [port = 0, metricsPort = 0] = await freePorts(2);
  const here = (additionalArguments as string[]).map((arg) => arg.replace(DYNAMIC_FOLDER, folder));
  // As the chart's template writes them (traefik/traefik-helm-chart, _podtemplate.tpl).
  const chart = [
    `--entryPoints.web.address=127.0.0.1:${port}`,
    `--entryPoints.metrics.address=127.0.0.1:${metricsPort}`,
    "--metrics.prometheus.entryPoint=metrics",
    `--metrics.prometheus.buckets=${metrics.prometheus.buckets}`,
  ];
  traefik = startDaemon(join(await ensure("traefik"), "traefik"), [...chart, ...here], log);
});
afterAll(async () => {
  await traefik?.stop();
  rmSync(folder, { recursive: true });
});

test("its latency histogram tells answers within milliseconds apart", async () => {
  for (const end = Date.now() + 30_000; (await asked()) !== 502 && Date.now() < end; ) await Promise.race([sleep(200), traefik.died]);
  const body = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
  const bounds = [...body.matchAll(/^traefik_entrypoint_request_duration_seconds_bucket\{.*le="([^"]+)"/gm)].map(([, le]) => Number(le));
  expect([...new Set(bounds.filter((bound) => bound <= 0.1))].sort()).toEqual([0.005, 0.01, 0.025, 0.05, 0.1]);
});

test("its access log tells the router and the answer, and neither path, search nor header", async () => {
  for (const end = Date.now() + 30_000; (await asked()) !== 502 && Date.now() < end; ) await Promise.race([sleep(200), traefik.died]);
  await sleep(200);
  const text = readFileSync(log, "utf8");
  const entries = text.split("\n").filter((entry) => entry.includes('"DownstreamStatus":502'));
  expect(entries.length).toBeGreaterThan(0);
  expect(JSON.parse(entries[0] ?? "")).toMatchObject({ RequestMethod: "GET", RouterName: "all@file", ClientHost: "127.0.0.1" });
  expect(text).not.toMatch(/secret|c2VjcmV0|usuarios/);
});
