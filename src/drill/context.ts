import { ClusterError } from "../cluster/cluster-error.ts";
import { type KubeObject, refOf } from "../cluster/objects/kube-object.ts";
import type { Source } from "../cluster/objects/manifests.ts";
import { look } from "../cluster/observe/watch.ts";
import type { Client } from "../cluster/transport/client.ts";
import { Discovery } from "../cluster/transport/discovery.ts";
import type { Config } from "../config/resolve.ts";
import { drillWords } from "../messages/drill.ts";
import { PORTS } from "../ports.ts";
import type { Drill } from "./catalogue.ts";
import { Changes } from "./changes.ts";
import { markerObject, NAME, podObject, policies, policyToGiven } from "./drill-pods.ts";
import { RECEIVER, withReceiver } from "./drill-receiver.ts";
import { until } from "./drill-until.ts";
import { forwardTargets, type Given } from "./given.ts";
import { Inside } from "./inside.ts";
import { type CountsByChannel, notificationCounts } from "./notification-counts.ts";
import { Reload } from "./reload.ts";
import { acceleratedRules, alertIn, groupsOf, paceFor } from "./rules.ts";
import type { Message } from "./timeline.ts";

const READY_WITHIN_MS = 120_000;
const UP_WITHIN_MS = 300_000;

/** What all drills of a run need: rules with short intervals, and a receiver. */
const isPrepared = ({ kind, metadata: { name } }: KubeObject) =>
  kind === "ConfigMap" && (name === "alertmanager" || name.startsWith("prometheus-rules-"));

/** A rule file, and the ConfigMap that has it under a key. */
interface RuleFile {
  readonly object: KubeObject;
  readonly key: string;
  readonly text: string;
}

/** The environment's own cluster, as a drill sees it. */
export class DrillContext {
  readonly changes: Changes;
  readonly inside: Inside;
  readonly reload: Reload;

  constructor(
    readonly client: Client,
    readonly source: Source,
    readonly config: Config,
    private readonly note: (words: string) => void,
    /** Receivers of the user's. @default none */
    readonly given: Given = {},
  ) {
    this.changes = new Changes(client, new Discovery(client), source);
    this.inside = new Inside(client, source.namespace);
    this.reload = new Reload(client, this.changes, this.inside, source.namespace, config.monitoring.scrapeInterval);
  }

  /** The same cluster, for what must still be done when the run is over. @param client by which. @default one that Ctrl-C does not end */
  afterwards(client: Client = this.client.withoutSignal()): DrillContext {
    return new DrillContext(client, this.source, this.config, this.note, this.given);
  }

  /** The manifest of an alert's rule file. @throws ClusterError when the environment has no such alert */
  ruleFile(alert: string): RuleFile {
    for (const object of this.source.objects()) {
      if (object.kind !== "ConfigMap" || !object.metadata.name.startsWith("prometheus-rules-")) continue;
      for (const [key, text] of Object.entries(object.data as Record<string, string>)) {
        if (alertIn(groupsOf(text), alert)) return { object, key, text };
      }
    }
    throw new ClusterError(drillWords.noAlert(alert), drillWords.seeList);
  }

  /** Shortens the intervals of these alerts and has them delivered to the drill's own receiver. */
  async prepare(drills: readonly Drill[], since: string): Promise<void> {
    const { namespace } = this.source;
    await this.changes.put(
      markerObject(
        namespace,
        drills.map(({ alert }) => alert),
        since,
      ),
    );
    const image = this.config.images.helper;
    const args = ["receive", `${RECEIVER.smtp}`, `${RECEIVER.http}`];
    const pod = podObject({ namespace, image, name: NAME, part: "receiver", args, port: RECEIVER.http });
    const targets = forwardTargets(this.given);
    const allowed = [...policies(namespace), ...(targets.length > 0 ? [policyToGiven(namespace, targets)] : [])];
    for (const object of [...allowed, pod]) await this.changes.put(object);
    await this.speedUpRules(drills);
    this.note(drillWords.receiver);
    await this.addReceiver(drills, await this.receiverAddress());
    this.note(drillWords.rules);
    await this.reload.rules(drills.map(({ alert }) => this.changedText(drills, alert)));
  }

  /** Reverts the faults of one drill. */
  async revertFaults(): Promise<void> {
    await this.changes.remove("fault");
    await this.changes.restoreCertificate();
    for (const object of await this.changes.touched()) {
      if (isPrepared(object)) continue;
      await this.changes.restore(object);
      if (object.kind === "ConfigMap") await this.reload.changed(object);
    }
  }

  /** Makes the cluster what it was before the drill, whatever of it happened. */
  async repair(): Promise<void> {
    await this.revertFaults();
    const touched = await this.changes.touched();
    for (const object of touched) await this.changes.restore(object);
    await this.reload.files(null);
    const texts = touched
      .filter(({ metadata }) => metadata.name.startsWith("prometheus-rules-"))
      .flatMap(({ data }) => Object.values(data));
    await this.waitUntilAllUp();
    if (touched.some(({ metadata }) => metadata.name === "alertmanager")) await this.reload.alertmanager(false);
    await this.reload.rules(texts as string[]);
    await this.changes.remove("receiver");
    await this.changes.remove();
    await until(
      () => drillWords.awaited.gone,
      UP_WITHIN_MS,
      this.client.signal,
      async () => ((await this.changes.made()).length === 0 ? true : undefined),
    );
  }

  /** What was received, from that number on. */
  received(after: number): Promise<Message[]> {
    return this.inside.json<Message[]>(NAME, RECEIVER.http, `/messages?after=${after}`);
  }

  /** Alertmanager's notification counters for webhook and mail since it started. */
  async notificationCounts(): Promise<CountsByChannel> {
    const answer = await this.inside.ask("alertmanager", PORTS.alertmanager, "/metrics");
    const page = await answer.text();
    return { webhook: notificationCounts(page, "webhook"), mail: notificationCounts(page, "mail") };
  }

  /** What Prometheus' API has under `data`. */
  async prometheus<T>(path: string): Promise<T> {
    return (await this.inside.json<{ data: T }>("prometheus", PORTS.prometheus, `/api/v1/${path}`)).data;
  }

  /** Waits until every workload is as its manifest says. */
  async waitUntilAllUp(): Promise<void> {
    await until(
      () => drillWords.awaited.up,
      UP_WITHIN_MS,
      this.client.signal,
      async () => {
        const standings = await look(this.client, this.source.objects().map(refOf));
        const late = standings.filter(({ state }) => state !== "ready");
        if (late.length > 0) throw new Error(late.map(({ ref }) => ref.name).join(", "));
        return true;
      },
    );
  }

  private changedText(drills: readonly Drill[], alert: string): string {
    const paces = new Map(drills.map((drill) => [drill.alert, paceFor(this.config.monitoring.scrapeInterval, drill.window)]));
    return acceleratedRules(this.ruleFile(alert).text, paces, this.config.language);
  }

  private async speedUpRules(drills: readonly Drill[]): Promise<void> {
    for (const { alert } of drills) {
      const { object, key } = this.ruleFile(alert);
      const { apiVersion, kind, name, namespace = "" } = refOf(object);
      await this.changes.put({ apiVersion, kind, metadata: { name, namespace }, data: { [key]: this.changedText(drills, alert) } });
    }
  }

  private receiverAddress(): Promise<string> {
    const path = `/api/v1/namespaces/${this.source.namespace}/pods/${NAME}`;
    return until(
      () => drillWords.awaited.ready,
      READY_WITHIN_MS,
      this.client.signal,
      async () => {
        const { status } = await this.client.find(path, `Pod ${NAME}`);
        const conditions: { type: string; status: string }[] = status?.conditions ?? [];
        return conditions.some(({ type, status: state }) => type === "Ready" && state === "True") ? (status.podIP as string) : undefined;
      },
    );
  }

  private async addReceiver(drills: readonly Drill[], address: string): Promise<void> {
    const object = this.changes.wanted("ConfigMap", "alertmanager");
    if (!object) throw new ClusterError(drillWords.noObject("ConfigMap", "alertmanager"), drillWords.synthesise);
    const names = (always: boolean) => drills.filter((drill) => (drill.always ?? false) === always).map(({ alert }) => alert);
    const text = withReceiver(object.data["alertmanager.yml"], address, names(false), names(true), this.given);
    const { apiVersion, kind, name, namespace = "" } = refOf(object);
    await this.changes.put({ apiVersion, kind, metadata: { name, namespace }, data: { "alertmanager.yml": text } });
    await this.reload.files(new Date().toISOString());
    await this.reload.alertmanager(true);
  }
}
