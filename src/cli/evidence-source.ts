import { ClusterError } from "../cluster/cluster-error.ts";
import type { KubeObject } from "../cluster/objects/kube-object.ts";
import { namespacesIn } from "../cluster/objects/manifests.ts";
import { type Forward, forwardTo, pickReady } from "../cluster/transport/forward.ts";
import { ask } from "../cluster/transport/ingress-client.ts";
import { liveSubject } from "../cluster/verify/live-subject.ts";
import type { Environment } from "../config/load.ts";
import type { DASHBOARDS } from "../config/schema.ts";
import type { EvidenceSource } from "../evidence/collect.ts";
import { type Language, setLocale } from "../language.ts";
import { evidence as say } from "../messages/evidence.ts";
import { dashboardSpecs, dashboards, type NamedDashboard } from "../monitoring/dashboards/index.ts";
import { type Parts, partsOf } from "../monitoring/parts.ts";
import type { AskJson } from "../monitoring/prometheus-api.ts";
import { PORTS } from "../ports.ts";
import { secretNames } from "../secrets.ts";
import { type VerifyOptions, verifyIn } from "./commands/verify.ts";
import { nameOf } from "./finding-lines.ts";
import type { Session } from "./session.ts";

/** What the evidence shows, and of which time. */
export interface EvidenceSourceOptions extends VerifyOptions {
  readonly language?: "es" | "en";
  readonly range: string;
  /** Names of dashboards; `all` for every one. */
  readonly dashboards?: readonly string[];
}

type Name = (typeof DASHBOARDS)[number];
/** What is drawn when nothing is named: the sources' own panels, the full list of S4, and the applications. */
const USUAL: readonly string[] = ["overview", "system", "webapp", "applications"] satisfies Name[];

/**
 * The dashboards to draw.
 *
 * @param imported those that the environment has imported
 * @param parts the applications that it runs
 * @throws ClusterError when the environment has no dashboard of a name
 */
export function chosen(names: readonly string[] | undefined, imported: readonly string[], parts: Parts): readonly string[] {
  const own: readonly string[] = dashboardSpecs(parts).map(([name]) => name);
  const there = [...own, ...imported];
  if (!names) return USUAL.filter((name) => own.includes(name));
  if (names.includes("all")) return there;
  const wrong = names.filter((name) => !there.includes(name));
  if (wrong.length > 0) throw new ClusterError(say.dashboards(wrong.join(", ")), `all, ${there.join(", ")}`);
  return names;
}

/** The JSON of the dashboards to draw, ours in the page's language. */
function drawn({ imported, config }: Environment, names: readonly string[] | undefined, language: Language): NamedDashboard[] {
  return chosen(
    names,
    imported.map(({ name }) => name),
    partsOf(config),
  ).flatMap((name) => {
    const other = imported.find((one) => one.name === name);
    return other ? [{ name, json: JSON.stringify(other.dashboard) }] : dashboards([name as Name], language, partsOf(config));
  });
}

/** JSON from a component behind an open port. */
const asker =
  (component: string, forward: () => Promise<Forward>): AskJson =>
  async (path) => {
    const { port } = await forward();
    const { status, text } = await ask({ address: "127.0.0.1", host: "localhost", httpPort: port, httpsPort: port }, path, {
      secure: false,
    });
    // Prometheus says in its body what was wrong with a query.
    if (status !== 200 && !text.startsWith("{")) throw new Error(say.answers(component, status, path.split("?")[0] ?? ""));
    return JSON.parse(text);
  };

/** The running environment as the evidence looks at it; ports that it opens are put into `forwards`, for the caller to close. */
export async function evidenceSource(session: Session, options: EvidenceSourceOptions, forwards: Forward[]): Promise<EvidenceSource> {
  const { client, name, io, signal } = session;
  const environment = await session.environment();
  const { config } = environment;
  const language = options.language ?? config.language;
  const boards = drawn(environment, options.dashboards, language); // a wrong name ends it before anything is opened
  const subject = await liveSubject(client, config, session.source.objects(), { address: options.address, thorough: false });
  const open = (component: "prometheus" | "alertmanager" | "grafana") => {
    let opened: Promise<Forward> | undefined;
    return () => {
      opened ??= forwardTo(
        client,
        { name: component, namespace: config.namespace, component, target: PORTS[component] },
        0,
        pickReady,
      ).then((one) => {
        forwards.push(one);
        return one;
      });
      return opened;
    };
  };
  const list = async (path: string, what: string): Promise<KubeObject[]> =>
    client.expect(await client.send({ path }), what).body.items ?? [];
  // One that runs on demand is not started for a page.
  const grafana = config.monitoring.grafana === true ? open("grafana") : undefined;
  setLocale(language); // the page contains every message from here on
  return {
    environment: name,
    config,
    language,
    now: new Date(),
    timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    range: options.range,
    env: io.env,
    signal,
    ingress: subject.ingress,
    dashboards: boards,
    prometheus: asker("Prometheus", open("prometheus")),
    alertmanager: asker("Alertmanager", open("alertmanager")),
    ...(grafana && {
      grafana: {
        ask: asker("Grafana", grafana),
        port: (await grafana()).port,
        password: async () => (await subject.secret(secretNames(config).grafana, "admin-password")) ?? "",
      },
    }),
    pods: async () => {
      const spaces = namespacesIn(session.source.objects());
      return (await Promise.all(spaces.map((space) => list(`/api/v1/namespaces/${space}/pods`, `pods of ${space}`)))).flat();
    },
    nodes: () => list("/api/v1/nodes", "list of the nodes"),
    version: async () => client.expect(await client.send({ path: "/version" }), "version").body.gitVersion,
    verify: async () => (await verifyIn(session, { ...options, output: "json" })).map((one) => ({ ...one, check: nameOf(one.check) })),
  };
}
