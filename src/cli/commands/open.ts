import { once } from "node:events";
import { startOnDemand } from "../../cluster/apply/on-demand.ts";
import { ClusterError } from "../../cluster/cluster-error.ts";
import { type Forward, type ForwardTarget, forwardTo, pickReady } from "../../cluster/transport/forward.ts";
import { defaultPort, type Openable, type Opening, openedPorts } from "../../config/open.ts";
import type { Config } from "../../config/resolve.ts";
import { commands as words } from "../../messages/commands.ts";
import { PORTS } from "../../ports.ts";
import { EXIT, type Io, json, line } from "../io.ts";
import { type ClusterOptions, withSession } from "../session.ts";

export interface OpenOptions extends ClusterOptions {
  /** NAME=PORT pairs over those of the environment. */
  readonly port?: readonly string[];
}

/** What can be opened: the component, its port, and the scheme for a browser. */
const OPENABLE: Readonly<Record<Openable, { component: string; target: number; scheme: "http" | "https" }>> = {
  app: { component: "traefik", target: PORTS["traefik-websecure"], scheme: "https" },
  webapp: { component: "webapp", target: PORTS.webapp, scheme: "http" },
  grafana: { component: "grafana", target: PORTS.grafana, scheme: "http" },
  prometheus: { component: "prometheus", target: PORTS.prometheus, scheme: "http" },
  alertmanager: { component: "alertmanager", target: PORTS.alertmanager, scheme: "http" },
  "node-exporter": { component: "node-exporter", target: PORTS["node-exporter"], scheme: "http" },
};
/** A component with one pod takes this long to have another. */
const PATIENCE_MS = 60_000;
/** Grafana's startup probe gives up after as long. */
const START_MS = 300_000;

/** Which doors at which local ports. @throws ClusterError when a pair is none */
export function forwardTargets(config: Opening, pairs: readonly string[]): { name: Openable; port: number }[] {
  const asked = pairs.map((pair) => {
    const [name = "", text = ""] = pair.split("=");
    const port = text === "" ? defaultPort(name as Openable, config) : Number(text);
    if (!(name in OPENABLE) || !Number.isInteger(port) || port === undefined || port < 0 || port > 65_535) {
      throw new ClusterError(words.notNamePort(pair), words.namesAre(Object.keys(OPENABLE).join(", ")));
    }
    return { name: name as Openable, port };
  });
  return asked.length > 0 ? asked : openedPorts(config);
}

/** Where a component's pods are. */
function forwardTarget(name: Openable, { namespace, facts }: Config): ForwardTarget {
  const { component, target } = OPENABLE[name];
  const bundled = component === "traefik" && facts.ingressController === "bundled";
  const where = component === "node-exporter" ? `${namespace}-host` : bundled ? "kube-system" : namespace;
  return { name, namespace: where, component, target };
}

/** Whether the cluster has the application at that port of this machine already, as kind does. */
const isPublished = (name: Openable, port: number, { cluster, ingress }: Config): boolean =>
  name === "app" && cluster !== "k3s" && ingress.ports.https === port;

/** Prints where a browser finds each of the open doors. */
function show(io: Io, { output }: OpenOptions, targets: readonly { readonly name: string; readonly port: number }[]): void {
  const addresses = targets.map(({ name, port }) => ({ name, url: `${OPENABLE[name as Openable].scheme}://localhost:${port}` }));
  if (output === "json") json(io, { open: addresses });
  else for (const { name, url } of addresses) line(io.stdout, `${name.padEnd(14)} ${url}`);
}

/** `cloudnova open`: until Ctrl-C. */
export function openCommand(io: Io, argument: string | undefined, options: OpenOptions): Promise<number> {
  return withSession(io, argument, options, async ({ client, environment, signal }) => {
    const { config } = await environment();
    const forwards: Forward[] = [];
    const targets = forwardTargets(config, options.port ?? []);
    const onDemand = config.monitoring.grafana === "on-demand" && targets.some(({ name }) => name === "grafana");
    let stopGrafana = async () => {};
    try {
      if (onDemand) {
        stopGrafana = await startOnDemand(client, { namespace: config.namespace, name: "grafana" });
        line(io.stderr, words.grafanaStarts);
      }
      for (const { name, port } of targets.filter((target) => !isPublished(target.name, target.port, config))) {
        const patience = onDemand && name === "grafana" ? START_MS : PATIENCE_MS;
        forwards.push(await forwardTo(client, forwardTarget(name, config), port, pickReady, (text) => line(io.stderr, text), patience));
      }
      const published = targets.filter((target) => isPublished(target.name, target.port, config));
      show(io, options, [...published, ...forwards]);
      line(io.stderr, words.untilCtrlC);
      if (!signal.aborted) await once(signal, "abort");
      return EXIT.ok;
    } finally {
      await Promise.all([...forwards.map((one) => one.close()), stopGrafana()]);
    }
  });
}
