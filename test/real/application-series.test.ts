import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { get as http } from "node:http";
import { get as https } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parse } from "yaml";
import { type Daemon, startDaemon } from "../../tools/common/daemon.ts";
import { freePorts } from "../../tools/common/ports.ts";
import { ensure } from "../../tools/toolchain/ensure.ts";
import { find, synthesiseText } from "../manifests.ts";
import { relabelled } from "../monitoring/relabelled.ts";
import { Cluster } from "./server-cluster.ts";

/**
 * Traefik's series of the user's applications: the real Traefik reads our Ingresses from a real API server, and what it exports goes
 * through the relabelling of our Prometheus. No pod answers behind it, so every answer is a 503.
 */
jest.setTimeout(15 * 60_000);

const ENVIRONMENT = `cluster: kind
machine: { memory: 4Gi, cpu: "2" }
applications:
  webapp: { sample: {} }
  tienda: { image: "example.com/tienda:1", ingress: { host: redirect.example.com } }
  blog: { image: "example.com/blog:1", ingress: { path: /blog } }
`;

let cluster: Cluster;
let traefik: Daemon;
let ports: { web: number; websecure: number; metrics: number };

/** The code of an answer. */
function status(scheme: "http" | "https", host: string, path: string): Promise<number> {
  const options = { host: "127.0.0.1", port: scheme === "http" ? ports.web : ports.websecure, path, headers: { host } };
  return new Promise((resolve, reject) => {
    const answered = (response: { statusCode?: number; resume: () => unknown }) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    };
    const sent = scheme === "http" ? http(options, answered) : https({ ...options, servername: host, rejectUnauthorized: false }, answered);
    sent.on("error", reject);
  });
}

beforeAll(async () => {
  cluster = await Cluster.start(synthesiseText(ENVIRONMENT));
  await cluster.bootstrap();
  const [web = 0, websecure = 0, metrics = 0] = await freePorts(3);
  ports = { web, websecure, metrics };
  const folder = mkdtempSync(join(tmpdir(), "cloudnova-series-"));
  const log = join(folder, "traefik.log");
  mkdirSync(join(folder, "dynamic"));
  writeFileSync(join(folder, "dynamic", "cloudnova.yaml"), find(cluster.manifests, "ConfigMap", "traefik").data["cloudnova.yaml"]);
  const account = await cluster.accountFolder("traefik");
  const { args } = find(cluster.manifests, "Deployment", "traefik").spec.template.spec.containers[0];
  const here = (args as string[]).map((arg) =>
    arg
      .replace(
        /^(--entryPoints\.(web|websecure|metrics)\.address)=.*/,
        (_, name, entry: keyof typeof ports) => `${name}=127.0.0.1:${ports[entry]}`,
      )
      .replace(/^(--providers\.file\.directory)=.*/, `$1=${join(folder, "dynamic")}`),
  );
  const api = [
    `--providers.kubernetesIngress.endpoint=${cluster.server.url}`,
    `--providers.kubernetesIngress.token=${readFileSync(join(account, "token"), "utf8")}`,
    `--providers.kubernetesIngress.certAuthFilePath=${join(account, "ca.crt")}`,
  ];
  traefik = startDaemon(join(await ensure("traefik"), "traefik"), [...here, ...api], log);
  const ready = async () =>
    (await status("https", "redirect.example.com", "/").catch(() => 0)) === 503 &&
    (await status("https", "localhost", "/blog").catch(() => 0)) === 503;
  for (let attempt = 0; !(await ready()); attempt++) {
    if (attempt > 150) throw new Error(`Traefik has no route after 30 s:\n${readFileSync(log, "utf8").slice(-3000)}`);
    await Promise.race([sleep(200), traefik.died]);
  }
});
afterAll(async () => {
  await traefik?.stop();
  await cluster?.stop();
});

test("each request is counted for its application; redirects and the sample are counted for none", async () => {
  expect(await status("http", "redirect.example.com", "/")).toBe(301);
  expect(await status("http", "localhost", "/blog")).toBe(301);
  expect(await status("https", "localhost", "/")).toBe(503);
  const page = await (await fetch(`http://127.0.0.1:${ports.metrics}/metrics`)).text();
  const { scrape_configs } = parse(find(cluster.manifests, "ConfigMap", "prometheus").data["prometheus.yml"]);
  const { metric_relabel_configs } = scrape_configs.find(({ job_name }: { job_name: string }) => job_name === "traefik");
  const exported: Record<string, string>[] = page.split("\n").flatMap((line) => {
    const [, name, labels = ""] = /^(traefik_router_\w+)\{(.*)\} /.exec(line) ?? [];
    const pairs = [...labels.matchAll(/(\w+)="((?:\\.|[^"\\])*)"/g)].map(([, label = "", value = ""]) => [label, value] as const);
    return name ? [{ __name__: name, ...Object.fromEntries(pairs) }] : [];
  });
  const stored = exported.map((series) => relabelled(series, metric_relabel_configs)).filter((series) => series !== undefined);

  // Routers of the sample and redirects are exported, too; none of them is stored.
  expect(new Set(exported.map(({ router }) => router)).size).toBeGreaterThan(3);
  expect(new Set(stored.map(({ application, code }) => `${application} ${code}`))).toEqual(new Set(["tienda 503", "blog 503"]));
  const names = new Set(stored.map(({ __name__ }) => __name__));
  expect(names).toContain("traefik_router_requests_total");
  const bounds = stored.filter(({ __name__, application }) => application === "tienda" && __name__?.endsWith("_bucket"));
  // The objective's bound is one of Traefik's.
  expect(bounds.map(({ le }) => le)).toContain("1");
});
