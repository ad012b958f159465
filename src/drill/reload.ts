import type { KubeObject } from "../cluster/objects/kube-object.ts";
import type { Client } from "../cluster/transport/client.ts";
import { drillWords } from "../messages/drill.ts";
import { PORTS } from "../ports.ts";
import type { Changes } from "./changes.ts";
import { LABEL } from "./drill-pods.ts";
import { RECEIVER } from "./drill-receiver.ts";
import { until } from "./drill-until.ts";
import type { Inside } from "./inside.ts";
import { PROBER } from "./prober.ts";
import { isLoaded, type LoadedGroup } from "./rules.ts";

/** The kubelet refreshes a file within seconds of a change of its pod; Prometheus looks for new files every 30 s. */
const LOADED_WITHIN_MS = 120_000;

/** Has the monitoring read its changed files, and knows when it has. */
export class Reload {
  constructor(
    private readonly client: Client,
    private readonly changes: Changes,
    private readonly inside: Inside,
    private readonly namespace: string,
    /** The environment's scrape interval, such as `15s`. */
    private readonly interval: string,
  ) {}

  /** Any change of a pod makes the kubelet bring its files up to date at once, instead of within two minutes. */
  async files(mark: string | null): Promise<void> {
    for (const name of ["prometheus", "alertmanager"]) {
      const path = `/api/v1/namespaces/${this.namespace}/pods/${name}-0`;
      const body = { metadata: { annotations: { [LABEL]: mark } } };
      const found = await this.client.find(path, `Pod ${name}-0`);
      if (found) await this.changes.merge(path, body);
    }
  }

  /** Makes the component load the changed file of a ConfigMap: Prometheus reloads by itself, the prober needs a request. */
  async changed({ metadata: { name }, data }: KubeObject): Promise<void> {
    await this.files(new Date().toISOString());
    if (name === PROBER.name) await this.prober(Object.values(data).join("\n"));
  }

  private prober(text: string): Promise<unknown> {
    return this.until(drillWords.awaited.prober, async () => {
      const answer = await this.inside.ask("prometheus", PORTS["blackbox-exporter"], "/-/reload", { method: "POST" });
      if (!answer.ok) throw new Error(await answer.text());
      const has = await (await this.inside.ask("prometheus", PORTS["blackbox-exporter"], "/config")).text();
      return PROBER.outdated.test(has) === PROBER.outdated.test(text);
    });
  }

  /** Until Alertmanager has the drill's receiver in its configuration, or has it no more. */
  alertmanager(wanted: boolean): Promise<unknown> {
    return this.until(drillWords.awaited.alertmanager, async () => {
      const answer = await this.inside.ask("alertmanager", PORTS.alertmanager, "/-/reload", { method: "POST" });
      if (!answer.ok) throw new Error(await answer.text());
      const { config } = await this.inside.json<{ config: { original: string } }>("alertmanager", PORTS.alertmanager, "/api/v2/status");
      return config.original.includes(RECEIVER.name) === wanted;
    });
  }

  /** Until Prometheus runs the rules of these files as they stand there. */
  rules(texts: readonly string[]): Promise<unknown> {
    return this.until(drillWords.awaited.rules, async () => {
      const { data } = await this.inside.json<{ data: { groups: LoadedGroup[] } }>("prometheus", PORTS.prometheus, "/api/v1/rules");
      return texts.every((text) => isLoaded(text, data.groups, this.interval));
    });
  }

  private until(what: string, holds: () => Promise<boolean>): Promise<unknown> {
    return until(
      () => what,
      LOADED_WITHIN_MS,
      this.client.signal,
      async () => (await holds()) || undefined,
    );
  }
}
