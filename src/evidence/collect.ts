import type { Finding } from "../cluster/finding.ts";
import type { KubeObject } from "../cluster/objects/kube-object.ts";
import { handshake, type IngressEndpoint } from "../cluster/transport/ingress-client.ts";
import type { Config } from "../config/resolve.ts";
import { pick } from "../language.ts";
import { evidence as say } from "../messages/evidence.ts";
import { type AskJson, PrometheusApi } from "../monitoring/prometheus-api.ts";
import { CLOUDNOVA_VERSION } from "../versions.ts";
import { applicationPictures, certificateWords, pagesOf, publicUrl } from "./application.ts";
import { findBrowser } from "./browser.ts";
import { type GrafanaBoard, grafanaPictures, grafanaVersion } from "./grafana-pictures.ts";
import { type Evidence, type Part, part, type Version } from "./model.ts";
import { readAlertmanager, readRules, readTargets } from "./monitoring.ts";
import { boardView, spanOf } from "./panels.ts";
import { readCommit, readLayout } from "./repository.ts";
import { imageVersions, nodeVersions, podMemory, podTable } from "./workloads.ts";

/** What the evidence is taken of. Effects behind functions, so that each part is tried without a cluster. */
export interface EvidenceSource {
  readonly environment: string;
  readonly config: Config;
  readonly language: Config["language"];
  readonly now: Date;
  readonly timeZone: string;
  /** How long a time the charts show, such as `1h`. */
  readonly range: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  readonly ingress: IngressEndpoint;
  /** Dashboards to draw: name and Grafana's JSON. */
  readonly dashboards: readonly { readonly name: string; readonly json: string }[];
  readonly prometheus: AskJson;
  readonly alertmanager: AskJson;
  /** Grafana, with its port on the loopback address; undefined when the environment has none. */
  readonly grafana?: { readonly ask: AskJson; readonly port: number; readonly password: () => Promise<string> };
  /** Pods of the environment, its nodes, and the server's version. */
  readonly pods: () => Promise<readonly KubeObject[]>;
  readonly nodes: () => Promise<readonly KubeObject[]>;
  readonly version: () => Promise<string>;
  readonly verify: () => Promise<readonly Finding[]>;
}

/** Facts about the environment, for the page's head. */
function factsOf({ config, ingress, language }: EvidenceSource): Evidence["facts"] {
  return [
    { name: pick({ es: "Clúster", en: "Cluster" }, language), value: `${config.cluster} · ${config.namespace}` },
    { name: pick({ es: "Dirección", en: "Address" }, language), value: publicUrl(ingress, "/") },
    { name: pick({ es: "Máquina", en: "Machine" }, language), value: `${config.machine.memory} MiB · ${config.machine.cpu / 1000} CPU` },
    { name: "CloudNova", value: CLOUDNOVA_VERSION },
  ];
}

async function grafanaPart(source: EvidenceSource, browser: string | undefined): Promise<Evidence["grafana"]> {
  const { grafana, range, language, signal } = source;
  if (!grafana) return { absent: say.noGrafana };
  const boards = source.dashboards.map(({ json }) => JSON.parse(json) as GrafanaBoard);
  const found = await part(async () =>
    grafanaPictures(browser, grafana.ask, grafana.port, await grafana.password(), boards, range, language, signal),
  );
  return "value" in found ? found.value : found;
}

async function versionsPart(source: EvidenceSource, server: PrometheusApi): Promise<Part<Version[]>> {
  const { grafana } = source;
  return part(async () => {
    const [version, nodes, pods, prometheus, grafanaFound] = await Promise.all([
      source.version(),
      source.nodes(),
      source.pods(),
      part(() => server.get<{ version: string }>("/api/v1/status/buildinfo")),
      grafana ? part(() => grafanaVersion(grafana.ask)) : undefined,
    ]);
    const versionOf = (what: string, one: Part<{ version: string } | { absent: string }> | undefined): Version[] => {
      if (!one) return [];
      if ("value" in one) return [{ what, version: "version" in one.value ? one.value.version : one.value.absent }];
      return [{ what, version: "failed" in one ? one.failed : one.absent }];
    };
    return [
      { what: "CloudNova", version: CLOUDNOVA_VERSION },
      ...nodeVersions(version, nodes),
      ...versionOf("Prometheus", prometheus),
      ...versionOf("Grafana", grafanaFound),
      ...imageVersions(pods),
    ];
  });
}

/**
 * Takes the evidence. No part can make another fail: each says for itself what went wrong.
 *
 * @param onStep called before each step with a message
 */
export async function collect(source: EvidenceSource, onStep: (words: string) => void): Promise<Evidence> {
  const { config, language, now, signal, ingress } = source;
  const server = new PrometheusApi(source.prometheus);
  const span = spanOf(now, source.range, config.monitoring.scrapeInterval);
  const browser = await part(() => findBrowser(source.env));
  const program = "value" in browser ? browser.value : undefined;

  onStep(say.steps.checks);
  const findings = await part(source.verify);
  onStep(say.steps.pages);
  const shown = await handshake(ingress, "TLSv1.2", "TLSv1.3");
  const refused = { failed: "refused" in shown ? say.handshake(publicUrl(ingress, "/"), shown.refused) : "" };
  const application =
    "refused" in shown
      ? refused
      : "value" in browser
        ? await applicationPictures(program, pagesOf(config, ingress), shown.der, language, signal)
        : browser;
  onStep(say.steps.monitoring);
  const [targets, rules, alertmanager, pods] = await Promise.all([
    part(() => readTargets(server, now)),
    part(() => readRules(server)),
    part(() => readAlertmanager(source.alertmanager)),
    part(async () => {
      const memory = await part(() => podMemory(server, now));
      return podTable(await source.pods(), "value" in memory ? memory.value : []);
    }),
  ]);
  const boards: Evidence["boards"][number][] = [];
  for (const { name, json } of source.dashboards) {
    onStep(say.dashboard(name));
    boards.push(await part(() => boardView(name, json, server, span)));
  }
  onStep(say.steps.rest);
  return {
    language,
    taken: now,
    timeZone: source.timeZone,
    environment: source.environment,
    facts: factsOf(source),
    application,
    certificate: "refused" in shown ? refused : { value: certificateWords(shown, language, now) },
    targets,
    grafana: await grafanaPart(source, program),
    range: source.range,
    boards,
    rules,
    alertmanager,
    pods,
    findings,
    commit: await part(readCommit),
    layout: await part(readLayout),
    versions: await versionsPart(source, server),
  };
}
