import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { get as http } from "node:http";
import { get as https } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "node:tls";
import { parse, stringify } from "yaml";
import { DYNAMIC_FOLDER } from "../../src/traefik.ts";
import { type Daemon, startDaemon } from "../../tools/common/daemon.ts";
import { freePorts } from "../../tools/common/ports.ts";
import { chartArguments } from "../../tools/k3s-chart/rely.ts";
import { ensure } from "../../tools/toolchain/ensure.ts";
import { selfSigned } from "../certificate.ts";
import { find, manifestsOf, synthesiseFile } from "../manifests.ts";

/**
 * What k3s' own Traefik is told, by the real Traefik; of its chart's arguments those that the tests need. Its restart is compared with
 * that of CloudNova's Traefik, which needs no API server here either.
 */
jest.setTimeout(5 * 60_000);

const HOST = "cloudnova.example.com"; // of environments/k3s-ec2.yaml
const ROUTER = { rule: "PathPrefix(`/`)", service: "nobody", entryPoints: ["web"] };
const SERVICE = { loadBalancer: { servers: [{ url: "http://127.0.0.1:1" }] } };

const k3s = manifestsOf(synthesiseFile("environments/k3s-ec2.yaml"));
const values = parse(find(k3s, "HelmChartConfig", "traefik").spec.valuesContent);
/** With those that the chart makes of our values; `npm run k3s-chart` checks that it does. */
const k3sArguments: string[] = [...chartArguments(values), ...values.additionalArguments];
const kind = manifestsOf(synthesiseFile("environments/kind.yaml"));
const ownArguments: string[] = find(kind, "Deployment", "traefik").spec.template.spec.containers[0].args;

const folders: string[] = [];
const running: Daemon[] = [];

/** Traefik with these arguments, on free ports of this machine, once it answers on both. */
async function start(args: readonly string[]) {
  const folder = mkdtempSync(join(tmpdir(), "cloudnova-k3s-traefik-"));
  folders.push(folder);
  const log = join(folder, "traefik.log");
  const dynamic = mkdtempSync(join(folder, "dynamic-"));
  writeFileSync(join(dynamic, "cloudnova.yaml"), find(k3s, "ConfigMap", "cloudnova-traefik").data["cloudnova.yaml"]);
  writeFileSync(join(dynamic, "router.yaml"), stringify({ http: { routers: { all: ROUTER }, services: { nobody: SERVICE } } }));
  const [web = 0, websecure = 0, metrics = 0] = await freePorts(3);
  const here = args
    .filter((arg) => !/\.address=|^--providers\.kubernetes|^--ping/.test(arg))
    .map((arg) => arg.replace(DYNAMIC_FOLDER, dynamic));
  const addresses = Object.entries({ web, websecure, metrics }).map(([name, port]) => `--entryPoints.${name}.address=127.0.0.1:${port}`);
  const daemon = startDaemon(join(await ensure("traefik"), "traefik"), [...here, ...addresses], log);
  running.push(daemon);
  // No router has TLS: Traefik answers 404 there.
  const ready = async () => (await asked("http", web)) === 502 && (await asked("https", websecure)) === 404;
  for (const end = Date.now() + 30_000; !(await ready()); ) {
    if (Date.now() > end) throw new Error(`Traefik does not answer after 30 s:\n${readFileSync(log, "utf8").slice(-3000)}`);
    await Promise.race([sleep(200), daemon.died]);
  }
  return { daemon, dynamic, log, web, websecure, metrics };
}

/** The status that a new connection gets; undefined when it is refused or closed. */
function asked(scheme: "http" | "https", port: number): Promise<number | undefined> {
  const headers = { authorization: "Basic c2VjcmV0", cookie: "session=secret", referer: "http://localhost/secret" };
  const options = { host: "127.0.0.1", port, path: "/usuarios?q=secret", headers, agent: false as const, rejectUnauthorized: false };
  return new Promise((resolve) => {
    (scheme === "http" ? http : https)(options, (response) => {
      response.resume();
      resolve(response.statusCode);
    }).on("error", () => resolve(undefined));
  });
}

/** The PEM of the certificate that a client sees which sends this server name, or none: then it connects by address. */
function shown(port: number, servername?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: "127.0.0.1", port, servername, rejectUnauthorized: false }, () => {
      const { raw } = socket.getPeerCertificate();
      socket.destroy();
      resolve(raw.toString("base64"));
    }).on("error", reject);
  });
}

const base64 = (pem: string) => pem.replace(/-----[^-]+-----|\s/g, "");

afterAll(async () => {
  await Promise.all(running.map((daemon) => daemon.stop()));
  for (const folder of folders) rmSync(folder, { recursive: true });
});

test("its latency histogram tells answers within milliseconds apart", async () => {
  const { metrics: port } = await start(k3sArguments);
  const body = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const bounds = [...body.matchAll(/^traefik_entrypoint_request_duration_seconds_bucket\{.*le="([^"]+)"/gm)].map(([, le]) => Number(le));
  expect([...new Set(bounds.filter((bound) => bound <= 0.1))].sort()).toEqual([0.005, 0.01, 0.025, 0.05, 0.1]);
});

test("its access log tells the router and the answer, and neither path, search nor header", async () => {
  const { log } = await start(k3sArguments);
  const entriesNow = () =>
    readFileSync(log, "utf8")
      .split("\n")
      .slice(0, -1)
      .filter((entry) => entry.includes('"DownstreamStatus":502'));
  for (const end = Date.now() + 30_000; entriesNow().length === 0 && Date.now() < end; ) await sleep(100);
  const entries = entriesNow();
  const text = readFileSync(log, "utf8");
  expect(entries.length).toBeGreaterThan(0);
  expect(JSON.parse(entries[0] ?? "")).toMatchObject({ RequestMethod: "GET", RouterName: "all@file", ClientHost: "127.0.0.1" });
  expect(text).not.toMatch(/secret|c2VjcmV0|usuarios/);
});

test("the certificate that has the host's name is shown for every name and address, also once it is renewed", async () => {
  const { dynamic, websecure } = await start(k3sArguments);
  // The kubernetesIngress provider adds the Ingress' certificate to the same store as this file does.
  const deliver = (pair: { cert: string; key: string }) => {
    writeFileSync(join(dynamic, ".new"), stringify({ tls: { certificates: [{ certFile: pair.cert, keyFile: pair.key }] } }));
    renameSync(join(dynamic, ".new"), join(dynamic, "certificate.yaml"));
  };
  const names = [undefined, HOST, "any.example.org"];
  const until = async (cert: string) => {
    for (const end = Date.now() + 20_000; (await shown(websecure, HOST)) !== base64(cert) && Date.now() < end; ) await sleep(100);
    expect(await Promise.all(names.map((name) => shown(websecure, name)))).toEqual(names.map(() => base64(cert)));
  };
  for (const days of [20, 365]) {
    const pair = selfSigned(`DNS:${HOST},DNS:localhost,IP:127.0.0.1`, days, HOST);
    deliver(pair);
    await until(pair.cert);
  }
});

describe("new connections after SIGTERM, for the 2 s in which a node may still send some", () => {
  const lifeCycle = (arg: string) => arg.includes("lifeCycle");
  const cases = [
    ["k3s' Traefik", k3sArguments],
    ["CloudNova's Traefik", ownArguments],
  ] as const;

  /** How many of the connections of 2 s were answered and lost, and how many seconds the program took to end. */
  async function restart(args: readonly string[]) {
    const { daemon, web, websecure } = await start(args);
    const before = Date.now();
    process.kill(daemon.pid ?? 0, "SIGTERM");
    const statuses: Promise<number | undefined>[] = [];
    while (Date.now() < before + 2000) {
      statuses.push(asked("http", web), asked("https", websecure));
      await sleep(20);
    }
    const all = await Promise.all(statuses);
    await expect(daemon.died).rejects.toThrow("ended by itself (0)");
    const lost = all.filter((status) => status === undefined).length;
    return { answered: all.length - lost, lost, seconds: (Date.now() - before) / 1000 };
  }

  test.each(cases)("%s answers all of them, and ends within the pod's grace period of 30 s", async (_, args) => {
    const { answered, lost, seconds } = await restart(args);
    expect({ lost, enough: answered > 40 }).toEqual({ lost: 0, enough: true });
    expect(seconds).toBeLessThan(30);
  });

  test("without the grace time they are lost, so that this measures what it is for", async () => {
    const { lost } = await restart(k3sArguments.filter((arg) => !lifeCycle(arg)));
    expect(lost).toBeGreaterThan(40);
  });
});
