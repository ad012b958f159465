import type { Client } from "../cluster/client.ts";
import { Discovery } from "../cluster/discovery.ts";
import { ClusterError } from "../cluster/errors.ts";
import type { Source } from "../cluster/manifests.ts";
import { type KubeObject, refOf } from "../cluster/objects.ts";
import { look } from "../cluster/watch.ts";
import type { Config } from "../config/resolve.ts";
import { drillWords } from "../messages/drill.ts";
import { PORTS } from "../ports.ts";
import { RECEIVER, withReceiver } from "./alertmanager.ts";
import type { Drill } from "./catalogue.ts";
import { Changes } from "./changes.ts";
import { Inside } from "./inside.ts";
import { LABEL, markerObject, NAME, podObject, policies, scriptObject } from "./pods.ts";
import { alertIn, groupsOf, isLoaded, type LoadedGroup, type Pace, quickened } from "./rules.ts";
import type { Message } from "./timeline.ts";
import { until } from "./until.ts";

/** The kubelet refreshes a file within seconds of a change of its pod; Prometheus looks for new files every 30 s. */
const LOADED_WITHIN_MS = 120_000;
const UP_WITHIN_MS = 300_000;

/** The environment's own cluster, as a drill sees it. */
export class Stage {
  readonly changes: Changes;
  readonly inside: Inside;

  constructor(
    readonly client: Client,
    readonly source: Source,
    readonly config: Config,
    private readonly note: (words: string) => void,
  ) {
    this.changes = new Changes(client, new Discovery(client), source);
    this.inside = new Inside(client, source.namespace);
  }

  /** The same cluster, for what must still be done after Ctrl-C. */
  afterwards(): Stage {
    return new Stage(this.client.withoutSignal(), this.source, this.config, this.note);
  }

  /** The manifest of an alert's rule file. @throws ClusterError when the environment has no such alert */
  ruleFile(alert: string): { readonly object: KubeObject; readonly key: string; readonly text: string } {
    for (const object of this.source.objects()) {
      if (object.kind !== "ConfigMap" || !object.metadata.name.startsWith("prometheus-rules-")) continue;
      for (const [key, text] of Object.entries(object.data as Record<string, string>)) {
        if (alertIn(groupsOf(text), alert)) return { object, key, text };
      }
    }
    throw new ClusterError(`this environment has no alert ${alert}`, "see 'cloudnova drill --list'");
  }

  /** Makes these alerts quick and has them delivered to a receiver of the drill's own. */
  async prepare(drills: readonly Drill[], since: string): Promise<void> {
    const { namespace } = this.source;
    await this.changes.put(
      markerObject(
        namespace,
        drills.map(({ alert }) => alert),
        since,
      ),
    );
    const image = this.config.images.webapp;
    const args = ["receive", `${RECEIVER.smtp}`, `${RECEIVER.http}`];
    const pod = podObject({ namespace, image, name: NAME, part: "receiver", args, port: RECEIVER.http });
    for (const object of [scriptObject(namespace), ...policies(namespace), pod]) await this.changes.put(object);
    await this.quicken(drills);
    this.note(drillWords.receiver);
    await this.tellReceiver(drills, await this.receiverAddress());
    this.note(drillWords.rules);
    await this.rulesLoaded(drills.map(({ alert }) => this.changedText(drills, alert)));
  }

  /** Undoes one drill's faults. */
  async mend(): Promise<void> {
    await this.changes.remove("fault");
    await this.changes.restoreCertificate();
    for (const object of await this.changes.touched()) {
      if (object.kind !== "ConfigMap") await this.changes.restore(object);
    }
  }

  /** Makes the cluster what it was before the drill, whatever of it happened. */
  async repair(): Promise<void> {
    await this.mend();
    const touched = await this.changes.touched();
    for (const object of touched) await this.changes.restore(object);
    await this.refresh(null);
    const texts = touched
      .filter(({ metadata }) => metadata.name.startsWith("prometheus-rules-"))
      .flatMap(({ data }) => Object.values(data));
    await this.everythingUp();
    if (touched.some(({ metadata }) => metadata.name === "alertmanager")) await this.alertmanagerHas(false);
    await this.rulesLoaded(texts as string[]);
    await this.changes.remove("receiver");
    await this.changes.remove();
    await until(
      () => "the drill's pods are gone",
      UP_WITHIN_MS,
      this.client.signal,
      async () => ((await this.changes.made()).length === 0 ? true : undefined),
    );
  }

  /** What was received, from that number on. */
  received(after: number): Promise<Message[]> {
    return this.inside.json<Message[]>(NAME, RECEIVER.http, `/messages?after=${after}`);
  }

  /** What Prometheus' API has under `data`. */
  async prometheus<T>(path: string): Promise<T> {
    return (await this.inside.json<{ data: T }>("prometheus", PORTS.prometheus, `/api/v1/${path}`)).data;
  }

  /** Waits until every workload is as its manifest says. */
  async everythingUp(): Promise<void> {
    await until(
      () => "every workload is up",
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

  /** How fast the rules are during a drill: four scrapes are the least that a rate makes sense of. */
  private pace({ window }: Drill): Pace {
    const scrape = this.config.monitoring.scrapeInterval;
    return { interval: "5s", hold: "10s", window: window ?? `${4 * Number.parseInt(scrape, 10)}${scrape.replace(/^\d+/, "")}` };
  }

  private changedText(drills: readonly Drill[], alert: string): string {
    const paces = new Map(drills.map((drill) => [drill.alert, this.pace(drill)]));
    return quickened(this.ruleFile(alert).text, paces, this.config.language);
  }

  private async quicken(drills: readonly Drill[]): Promise<void> {
    for (const { alert } of drills) {
      const { object, key } = this.ruleFile(alert);
      const { apiVersion, kind, name, namespace = "" } = refOf(object);
      await this.changes.put({ apiVersion, kind, metadata: { name, namespace }, data: { [key]: this.changedText(drills, alert) } });
    }
  }

  private receiverAddress(): Promise<string> {
    const path = `/api/v1/namespaces/${this.source.namespace}/pods/${NAME}`;
    return until(
      () => "the drill's receiver is ready",
      LOADED_WITHIN_MS,
      this.client.signal,
      async () => {
        const { status } = await this.client.find(path, `Pod ${NAME}`);
        const conditions: { type: string; status: string }[] = status?.conditions ?? [];
        return conditions.some(({ type, status: state }) => type === "Ready" && state === "True") ? (status.podIP as string) : undefined;
      },
    );
  }

  private async tellReceiver(drills: readonly Drill[], address: string): Promise<void> {
    const object = this.changes.wanted("ConfigMap", "alertmanager");
    if (!object) throw new ClusterError("this environment has no ConfigMap 'alertmanager'", "write its manifests with 'npm run synth'");
    const names = (always: boolean) => drills.filter((drill) => (drill.always ?? false) === always).map(({ alert }) => alert);
    const text = withReceiver(object.data["alertmanager.yml"], address, names(false), names(true));
    const { apiVersion, kind, name, namespace = "" } = refOf(object);
    await this.changes.put({ apiVersion, kind, metadata: { name, namespace }, data: { "alertmanager.yml": text } });
    await this.refresh(new Date().toISOString());
    await this.alertmanagerHas(true);
  }

  /** Any change of a pod makes the kubelet bring its files up to date at once, instead of within two minutes. */
  private async refresh(mark: string | null): Promise<void> {
    for (const name of ["prometheus", "alertmanager"]) {
      const path = `/api/v1/namespaces/${this.source.namespace}/pods/${name}-0`;
      const body = { metadata: { annotations: { [LABEL]: mark } } };
      const found = await this.client.find(path, `Pod ${name}-0`);
      if (found) await this.changes.merge(path, body);
    }
  }

  /** Has Alertmanager read its file until the drill's receiver is in it, or is not. */
  private async alertmanagerHas(wanted: boolean): Promise<void> {
    await until(
      () => "Alertmanager has read its configuration",
      LOADED_WITHIN_MS,
      this.client.signal,
      async () => {
        const answer = await this.inside.ask("alertmanager", PORTS.alertmanager, "/-/reload", { method: "POST" });
        if (!answer.ok) throw new Error(await answer.text());
        const { config } = await this.inside.json<{ config: { original: string } }>("alertmanager", PORTS.alertmanager, "/api/v2/status");
        return config.original.includes(RECEIVER.name) === wanted ? true : undefined;
      },
    );
  }

  private async rulesLoaded(texts: readonly string[]): Promise<void> {
    await until(
      () => "Prometheus has loaded its rules",
      LOADED_WITHIN_MS,
      this.client.signal,
      async () => {
        const { groups } = await this.prometheus<{ groups: LoadedGroup[] }>("rules");
        return texts.every((text) => isLoaded(text, groups, this.config.monitoring.scrapeInterval)) ? true : undefined;
      },
    );
  }
}
