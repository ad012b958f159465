import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parse, stringify } from "yaml";
import { type Daemon, startDaemon } from "../../tools/common/daemon.ts";
import { freePorts } from "../../tools/common/ports.ts";
import { find, type Manifest, manifestsOf, synthesiseText } from "../manifests.ts";
import { inRootScript, serversRoot, writeFiles } from "./servers.ts";

/** Where the pod has its files; /var/run is a link to /run. */
export const FOLDERS = ["/etc/cloudnova", "/run/secrets", "/tmp"];
const SECRETS = "/run/secrets/alerting";

/** An alert as Prometheus sends it. */
export interface Sent {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly endsAt?: string;
}

/** The files of an environment's ConfigMap `alertmanager`, at the places where the pod has them. */
export function configurationFiles(manifests: readonly Manifest[]): Record<string, string> {
  const { data } = find(manifests, "ConfigMap", "alertmanager");
  return Object.fromEntries(Object.entries(data as Record<string, string>).map(([name, text]) => [`/etc/cloudnova/${name}`, text]));
}

/** Alertmanager's times in seconds instead of minutes: what is waited for, not what is decided. */
function hastened(text: string, extra: object): string {
  const { route, ...rest } = parse(text);
  const routes = route.routes.map((one: Manifest) =>
    one.group_interval && one.receiver !== "heartbeat" ? { ...one, group_interval: "2s" } : one,
  );
  return stringify({ ...rest, ...extra, route: { ...route, group_wait: "1s", group_interval: "2s", routes } });
}

/** The real Alertmanager with an environment's own configuration, messages, arguments and secrets. */
export class Alertmanager {
  private constructor(
    readonly manifests: readonly Manifest[],
    readonly url: string,
    private readonly daemon: Daemon,
    readonly log: string,
  ) {}

  /**
   * @param alerting the section of the environment, as YAML in one line
   * @param secrets the Secret's files
   * @param rest more of the environment; files that the program finds; what is changed in its configuration
   */
  static async start(
    alerting: string,
    secrets: Readonly<Record<string, string>>,
    { environment = "", files = {}, global = {} }: { environment?: string; files?: Record<string, string>; global?: object } = {},
  ): Promise<Alertmanager> {
    const root = await serversRoot();
    const manifests = manifestsOf(
      synthesiseText(`cluster: kind\nmachine: { memory: 4Gi, cpu: "2" }\n${environment}\nalerting: ${alerting}\n`),
    );
    const [port = 0] = await freePorts(1);
    const folder = mkdtempSync(join(tmpdir(), "cloudnova-alertmanager-"));
    const configuration = configurationFiles(manifests);
    const main = "/etc/cloudnova/alertmanager.yml";
    const all = {
      ...files,
      ...configuration,
      [main]: hastened(configuration[main] ?? "", { global }),
      ...Object.fromEntries(Object.entries(secrets).map(([key, value]) => [`${SECRETS}/${key}`, value])),
    };
    const { args } = find(manifests, "StatefulSet", "alertmanager").spec.template.spec.containers[0];
    const here = [
      ...args.map((arg: string) => arg.replace(/^(--storage.path)=.*/, "$1=/tmp/data")),
      `--web.listen-address=127.0.0.1:${port}`,
    ];
    const command = `SSL_CERT_FILE=/run/secrets/ca.pem exec prometheus-alertmanager ${here.join(" ")}`;
    const log = join(folder, "alertmanager.log");
    const daemon = startDaemon("unshare", ["--mount", "bash", "-c", inRootScript(root, FOLDERS, all, command)], log);
    const started = new Alertmanager(manifests, `http://127.0.0.1:${port}`, daemon, log);
    await started.until("Alertmanager is ready", async () => (await fetch(`${started.url}/-/ready`).catch(() => undefined))?.ok);
    return started;
  }

  /** Waits until something is so. @throws Error after half a minute, or when Alertmanager ends */
  async until<T>(what: string, look: () => Promise<T | undefined | false> | T | undefined | false): Promise<T> {
    for (const end = Date.now() + 30_000; Date.now() < end; ) {
      const found = await Promise.race([this.daemon.died, look()]);
      if (found) return found;
      await sleep(100);
    }
    throw new Error(`${what}: not within 30 s`);
  }

  async send(...alerts: readonly Sent[]): Promise<void> {
    const headers = { "content-type": "application/json" };
    const { ok, status } = await fetch(`${this.url}/api/v2/alerts`, { method: "POST", headers, body: JSON.stringify(alerts) });
    if (!ok) throw new Error(`Alertmanager refused the alerts: ${status}`);
  }

  /** How an alert stands, by the group that a receiver has it in. */
  async status(name: string): Promise<Manifest> {
    const groups = (await (await fetch(`${this.url}/api/v2/alerts/groups`)).json()) as Manifest[];
    return groups.flatMap(({ alerts }) => alerts).find(({ labels }: Manifest) => labels.alertname === name)?.status;
  }

  /** Brings a key of the Secret to the running Alertmanager, as the kubelet does. */
  bring(key: string, value: string): void {
    writeFiles(`/proc/${this.daemon.pid}/root`, { [`${SECRETS}/${key}`]: value });
  }

  stop = () => this.daemon.stop();
}
