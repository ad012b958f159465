import { mkdtempSync } from "node:fs";
import { request } from "node:http";
import { createServer, type Server } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parse, stringify } from "yaml";
import { type Daemon, startDaemon } from "../../tools/common/daemon.ts";
import { freePorts } from "../../tools/common/ports.ts";
import { selfSigned } from "../certificate.ts";
import { find, type Manifest, manifestsOf, synthesiseText } from "../manifests.ts";
import { inRootScript, serversRoot } from "./servers.ts";

/**
 * monitoring.remoteWrite with real Prometheus servers on both sides, and TLS with a password between them. Time is scaled down: a sample a
 * second in place of one every 15 s, and alerts within seconds. What is away for half a minute here is away for as many samples as in seven
 * minutes there; what limits an outage is the write-ahead log alone, which keeps two hours.
 */
jest.setTimeout(10 * 60_000);

const AWAY_SECONDS = 30;
const LOGIN = { username: "writer", password: "S3cret of the writer" };
const FOLDERS = ["/etc/cloudnova", "/etc/remote-write", "/etc/remote-write-ca", "/tmp"];
const PATIENCE_MS = 60_000;
const daemons: Daemon[] = [];

async function startPrometheus(name: string, files: Readonly<Record<string, string>>, port: number, ...flags: string[]): Promise<string> {
  const all = [
    "--config.file=/etc/cloudnova/prometheus/prometheus.yml",
    "--storage.tsdb.path=/tmp/data",
    `--web.listen-address=127.0.0.1:${port}`,
    ...flags,
  ];
  const script = inRootScript(await serversRoot(), FOLDERS, files, `exec prometheus ${all.join(" ")}`);
  const log = join(mkdtempSync(join(tmpdir(), `cloudnova-${name}-`)), "log");
  const daemon = startDaemon("unshare", ["--mount", "bash", "-c", script], log);
  daemons.push(daemon);
  const url = `http://127.0.0.1:${port}`;
  for (let attempt = 0; ; attempt++) {
    const answer = await Promise.race([daemon.died, fetch(`${url}/-/ready`).catch(() => undefined)]);
    if (answer?.ok) return url;
    if (attempt > 240) throw new Error(`${name} is not ready`);
    await sleep(250);
  }
}

const asked = async (url: string, path: string): Promise<Manifest> => ((await (await fetch(url + path)).json()) as Manifest).data;
/** The times of all samples of a series, ms. */
async function times(url: string, series: string): Promise<number[]> {
  const { result } = await asked(url, `/api/v1/query?${new URLSearchParams({ query: `${series}[1h]` })}`);
  return (result as Manifest[]).flatMap(({ values }) => values.map(([at]: [number]) => Math.round(at * 1000)));
}

async function until(what: string, so: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await sleep(500)) if (await so()) return;
  throw new Error(`${what}: not so within ${PATIENCE_MS / 1000} s`);
}

/** What stands before the receiver, as a service outside has it: TLS and a password. It passes requests on to a real Prometheus. */
class Door {
  server: Server | undefined;
  password = LOGIN.password;
  refused = 0;
  constructor(
    private readonly tls: { readonly key: string; readonly cert: string },
    readonly port: number,
    public to: number,
  ) {}

  open = () =>
    new Promise<void>((resolve) => {
      this.server = createServer(this.tls, (incoming, outgoing) => {
        const login = `Basic ${Buffer.from(`${LOGIN.username}:${this.password}`).toString("base64")}`;
        if (incoming.headers.authorization !== login) {
          this.refused++;
          incoming.resume();
          outgoing.writeHead(401).end("who are you?");
          return;
        }
        const { method, headers, url: path } = incoming;
        const onward = request({ port: this.to, host: "127.0.0.1", method, headers, path }, (answer) => {
          outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
          answer.pipe(outgoing);
        });
        onward.on("error", () => outgoing.destroy());
        incoming.pipe(onward);
      }).listen(this.port, "127.0.0.1", resolve);
    });

  close(): void {
    this.server?.closeAllConnections();
    this.server?.close();
    this.server = undefined;
  }
}

let sender: string;
let receiver: string;
let deaf: number;
let door: Door;
const SERIES = 'up{job="prometheus"}';
const THERE = 'up{job="prometheus",environment="trial"}';
const firing = async (): Promise<string[]> =>
  (await asked(sender, "/api/v1/alerts")).alerts
    .filter(({ state }: Manifest) => state === "firing")
    .map(({ labels }: Manifest) => labels.alertname);

beforeAll(async () => {
  const [own = 0, other = 0, without = 0, entry = 0] = await freePorts(4);
  deaf = without;
  const tls = selfSigned("IP:127.0.0.1");
  door = new Door(tls, entry, other);
  await door.open();
  const empty = { "/etc/cloudnova/prometheus/prometheus.yml": "global: {}\n" };
  receiver = await startPrometheus("receiver", empty, other, "--web.enable-remote-write-receiver");
  await startPrometheus("deaf", empty, deaf);

  const manifests = manifestsOf(
    synthesiseText(`cluster: kind
machine: { memory: 4Gi, cpu: "2" }
monitoring: { remoteWrite: [{ url: "https://127.0.0.1:${entry}/api/v1/write", basicAuth: writer, ca: { secret: authority } }] }
`),
  );
  const configuration = parse(find(manifests, "ConfigMap", "prometheus").data["prometheus.yml"]);
  const [job] = configuration.scrape_configs.filter((one: Manifest) => one.job_name === "prometheus");
  job.static_configs[0].targets = [`127.0.0.1:${own}`];
  Object.assign(configuration.global, { scrape_interval: "1s", scrape_timeout: "1s", evaluation_interval: "1s" });
  const rules = parse(find(manifests, "ConfigMap", "prometheus-rules-remote-write").data["remote-write.yaml"]);
  // Seconds in place of minutes.
  const scaled = stringify(rules).replace("> 120", "> 8").replaceAll("[5m]", "[10s]").replaceAll("for: 5m", "for: 3s");
  expect(scaled.match(/for: 3s/g)).toHaveLength(2);
  sender = await startPrometheus(
    "sender",
    {
      "/etc/cloudnova/prometheus/prometheus.yml": stringify({
        ...configuration,
        scrape_configs: [job],
        alerting: {},
        rule_files: ["/etc/cloudnova/rules/*.yaml"],
      }),
      "/etc/cloudnova/rules/remote-write.yaml": scaled,
      "/etc/remote-write/0/username": LOGIN.username,
      "/etc/remote-write/0/password": LOGIN.password,
      "/etc/remote-write-ca/0/ca.crt": tls.cert,
    },
    own,
  );
});
afterAll(async () => {
  door?.close();
  await Promise.all(daemons.map((one) => one.stop()));
});

test("samples arrive over verified TLS with the Secret's password, and say where they come from", async () => {
  await until("samples at the receiver", async () => (await times(receiver, THERE)).length > 3);
  // Nothing has been sent at the start.
  await until("no alert", async () => (await firing()).length === 0);
});

test("a receiver that is away is told by an alert, and nothing is lost when it comes back", async () => {
  const since = Date.now();
  door.close();
  await until("PrometheusRemoteWriteBehind", async () => (await firing()).includes("PrometheusRemoteWriteBehind"));
  expect(await firing()).not.toContain("PrometheusRemoteWriteFailing");
  await sleep(Math.max(0, since + AWAY_SECONDS * 1000 - Date.now()));
  const back = Date.now();
  const before = (await times(sender, SERIES)).filter((at) => at <= back);
  expect(before.filter((at) => at >= since).length).toBeGreaterThan(AWAY_SECONDS / 2);
  expect((await times(receiver, THERE)).filter((at) => at > since + 5000)).toEqual([]);
  await door.open();
  await until("the samples of the time away", async () => (await times(receiver, THERE)).some((at) => at > back));
  const first = before[0] ?? 0;
  expect((await times(receiver, THERE)).filter((at) => at >= first && at <= back)).toEqual(before);
  await until("no alert", async () => (await firing()).length === 0);
});

test("a wrong password is told by an alert, which ends with the right one", async () => {
  door.password = "another";
  await until("PrometheusRemoteWriteFailing", async () => (await firing()).includes("PrometheusRemoteWriteFailing"));
  expect(door.refused).toBeGreaterThan(0);
  door.password = LOGIN.password;
  await until("no alert", async () => (await firing()).length === 0);
});

test("a server that takes no samples is told by an alert", async () => {
  const listening = door.to;
  door.to = deaf;
  await until("PrometheusRemoteWriteFailing", async () => (await firing()).includes("PrometheusRemoteWriteFailing"));
  door.to = listening;
  await until("no alert", async () => (await firing()).length === 0);
});
