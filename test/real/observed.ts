import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer as http, type Server } from "node:http";
import { createServer as https } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { stringify } from "yaml";
import { PORTS } from "../../src/ports.ts";
import { kubeconfigOf } from "../../tools/apiserver/settings.ts";
import { type Daemon, startDaemon } from "../../tools/common/daemon.ts";
import { freePorts } from "../../tools/common/ports.ts";
import { selfSigned } from "../certificate.ts";
import { Kubelet } from "../cluster/transport/stub-kubelet.ts";
import { inRootScript, serversRoot } from "./servers.ts";

const NAMESPACE = "cloudnova";
const FOLDERS = ["/etc/cloudnova", "/tmp"];

/** The slowest panel has its first number after two minutes. */
const PATIENCE_MS = 150_000;

/** The only pod: all that is observed, and Prometheus. */
const POD = {
  metadata: { name: "prometheus-0", namespace: NAMESPACE, labels: { "app.kubernetes.io/name": "prometheus" } },
  spec: { containers: [] },
  status: { phase: "Running", podIP: "127.0.0.1", conditions: [{ type: "Ready", status: "True" }] },
};
const LISTS: Readonly<Record<string, readonly unknown[]>> = {
  [`/api/v1/namespaces/${NAMESPACE}/pods`]: [POD],
  "/api/v1/pods": [POD],
  "/api/v1/nodes": [],
};

const listening = (server: Server) =>
  new Promise<number>((resolve) => server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port)));

/** A line of a query's result, as Prometheus writes it. */
interface Found {
  readonly value: readonly [at: number, value: string];
}

/** A page whose samples all grow by one a second, so that rates and their ratios are numbers. */
const growing = (page: string | undefined, since: number) => page?.replaceAll(/ \d+$/gm, ` ${Math.ceil((Date.now() - since) / 1000)}`);

/** A cluster of which only what is observed is there: targets' pages, the real Prometheus that scrapes them, and the way to both. */
export class Observed {
  private constructor(
    /** What each job's target exports, in Prometheus' text format; read anew at each scrape. */
    readonly pages: Record<string, string>,
    readonly kubeconfig: string,
    private readonly prometheus: Daemon,
    private readonly url: string,
    /** Ends all but Prometheus. */
    private readonly clear: () => void,
  ) {}

  /** @param rules the files of rules that Prometheus evaluates, by name */
  static async start(pages: Readonly<Record<string, string>>, rules: Readonly<Record<string, string>>): Promise<Observed> {
    const folder = mkdtempSync(join(tmpdir(), "cloudnova-observed-"));
    const [live, since] = [{ ...pages }, Date.now()];
    const targets = http(({ url = "" }, response) => void response.end(growing(live[url.slice(1)], since)));
    const target = await listening(targets);
    const [port = 0] = await freePorts(1);

    const jobs = Object.keys(pages).map((job) => ({
      job_name: job,
      metrics_path: `/${job}`,
      static_configs: [{ targets: [`127.0.0.1:${target}`], labels: { instance: `${job}-0`, node: "node-0" } }],
      fallback_scrape_protocol: "PrometheusText0.0.4",
    }));
    const [file, rulesOf] = ["/etc/cloudnova/prometheus.yml", "/etc/cloudnova/rules"];
    const global = { scrape_interval: "1s", scrape_timeout: "1s", evaluation_interval: "1s" };
    const files = {
      [file]: stringify({ global, rule_files: [`${rulesOf}/*.yaml`], scrape_configs: jobs }),
      ...Object.fromEntries(Object.entries(rules).map(([name, text]) => [`${rulesOf}/${name}`, text])),
    };
    const flags = [`--config.file=${file}`, "--storage.tsdb.path=/tmp/data", `--web.listen-address=127.0.0.1:${port}`];
    const script = inRootScript(await serversRoot(), FOLDERS, files, `exec prometheus ${flags.join(" ")}`);
    const prometheus = startDaemon("unshare", ["--mount", "bash", "-c", script], join(folder, "prometheus.log"));

    const kubelet = await Kubelet.start();
    const { cert, key } = selfSigned("IP:127.0.0.1");
    const api = https({ cert, key }, ({ url = "" }, response) => {
      const items = LISTS[url.split("?")[0] ?? ""];
      const page = live[/\/proxy\/(.+)$/.exec(url)?.[1] ?? ""];
      if (items) response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ items }));
      else response.writeHead(page === undefined ? 404 : 200, { "content-type": "text/plain" }).end(page);
    });
    api.on("upgrade", (request, socket) => {
      request.url = request.url?.replace(`ports=${PORTS.prometheus}`, `ports=${port}`);
      kubelet.forward(request, socket as Socket);
    });
    const [ca, kubeconfig] = [join(folder, "ca.pem"), join(folder, "kubeconfig")];
    writeFileSync(ca, cert);
    writeFileSync(kubeconfig, kubeconfigOf(`https://127.0.0.1:${await listening(api)}`, ca, "token"));

    const clear = () => {
      kubelet.stop();
      for (const server of [api, targets]) {
        server.closeAllConnections();
        server.close();
      }
      rmSync(folder, { recursive: true });
    };
    const observed = new Observed(live, kubeconfig, prometheus, `http://127.0.0.1:${port}`, clear);
    await observed.until(`count(up == 1) == ${jobs.length}`, (found) => found.length === 1);
    return observed;
  }

  /** Waits until a query's result is as it should be. @throws Error when it never is, or when Prometheus ends */
  async until(query: string, so: (found: readonly Found[]) => boolean): Promise<void> {
    for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await sleep(200)) {
      const asked = fetch(`${this.url}/api/v1/query?${new URLSearchParams({ query })}`).catch(() => undefined);
      const answer = await Promise.race([this.prometheus.died, asked]);
      if (answer?.ok && so(((await answer.json()) as { data: { result: Found[] } }).data.result)) return;
    }
    throw new Error(`${query}: not so within ${PATIENCE_MS / 1000} s`);
  }

  async stop(): Promise<void> {
    await this.prometheus.stop();
    this.clear();
  }
}
