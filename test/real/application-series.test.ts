import { get as http } from "node:http";
import { get as https } from "node:https";
import { parse } from "yaml";
import { find, synthesiseText } from "../manifests.ts";
import { relabelled } from "../monitoring/relabelled.ts";
import { Cluster } from "./server-cluster.ts";
import { freeTraefikPorts, startTraefik, type Traefik, type TraefikPorts } from "./traefik.ts";

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
let traefik: Traefik;
let ports: TraefikPorts;

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
  ports = await freeTraefikPorts();
  const routed = async (host: string, path: string) => (await status("https", host, path)) === 503;
  const ready = async () => (await routed("redirect.example.com", "/")) && (await routed("localhost", "/blog"));
  traefik = await startTraefik(cluster, ports, ready);
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
