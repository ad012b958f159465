import { once } from "node:events";
import { startOnDemand } from "../../cluster/apply/on-demand.ts";
import { ClusterError } from "../../cluster/cluster-error.ts";
import { type Forward, type ForwardTarget, forwardTo, pickReady } from "../../cluster/transport/forward.ts";
import { defaultPort, isOpenable, type Openable, type Opening, openedPorts } from "../../config/open.ts";
import type { Config } from "../../config/resolve.ts";
import { commands as words } from "../../messages/commands.ts";
import { PORTS } from "../../ports.ts";
import { secretNames } from "../../secrets.ts";
import { EXIT, type Io, json, line } from "../io.ts";
import { passwordCommand } from "../password-command.ts";
import { type ClusterOptions, type Session, withSession } from "../session.ts";

export interface OpenOptions extends ClusterOptions {
  /** NAME=PORT pairs over those of the environment. */
  readonly port?: readonly string[];
}

/** What can be opened: the component, its port, and the scheme of its address. */
const OPENABLE: Readonly<Record<Openable, { component: string; target: number; scheme: "http" | "https" | "mysql" }>> = {
  app: { component: "traefik", target: PORTS["traefik-websecure"], scheme: "https" },
  webapp: { component: "webapp", target: PORTS.webapp, scheme: "http" },
  mysql: { component: "mysql", target: PORTS.mysql, scheme: "mysql" },
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
  name === "app" && cluster === "kind" && ingress.ports.https === port;

/** An account on the MySQL server as a client such as MySQL Workbench or DBeaver asks for it; the password is never shown. */
interface DatabaseAccount {
  readonly application: string;
  readonly user: string;
  readonly database: string;
  /** The command that shows the password. */
  readonly password: string;
}

/** The accounts that an environment's applications have. @param password the command that shows a value of a Secret */
export function databaseAccounts(
  config: Pick<Config, "namespace" | "ingress" | "secrets" | "sample" | "applications">,
  password: (namespace: string, secret: string, key: string) => string,
): DatabaseAccount[] {
  const sample = {
    application: "webapp",
    user: "webapp",
    database: "app", // charts/files/mysql/accounts.sql
    password: password(config.namespace, secretNames(config).database, "webapp"),
  };
  const own = config.applications.flatMap(({ name, namespace, database }) =>
    database
      ? [{ application: name, user: database.user, database: database.name, password: password(namespace, `${name}-database`, "password") }]
      : [],
  );
  return [...(config.sample ? [sample] : []), ...own];
}

type Opened = readonly { readonly name: string; readonly port: number }[];

/** Prints where a browser, or a client of MySQL, finds what is open. */
function show(session: Session, { output }: OpenOptions, config: Config, targets: Opened): void {
  const { io } = session;
  const accounts = databaseAccounts(config, (...secret) => passwordCommand(session, ...secret));
  const addresses = targets.map(({ name, port }) => {
    const { scheme } = OPENABLE[name as Openable];
    return scheme === "mysql" ? { name, host: "127.0.0.1", port, accounts } : { name, url: `${scheme}://localhost:${port}` };
  });
  if (output === "json") {
    json(io, { open: addresses });
    return;
  }
  for (const one of addresses) {
    line(io.stdout, `${one.name.padEnd(14)} ${one.url ?? words.databaseAt(one.host, one.port)}`);
    for (const { application, user, database, password } of one.accounts ?? []) {
      line(io.stdout, `  ${words.databaseAccount(application, user, database)}`);
      line(io.stdout, `    ${password}`);
    }
  }
}

/** `cloudnova open`: until Ctrl-C. @param names what to open besides --port; before them the environment may be left out */
export function openCommand(io: Io, argument: string | undefined, names: readonly string[], options: OpenOptions): Promise<number> {
  const isName = argument !== undefined && isOpenable(argument.replace(/=.*/, ""));
  const pairs = [...(isName ? [argument] : []), ...names, ...(options.port ?? [])];
  return withSession(io, isName ? undefined : argument, options, async (session) => {
    const { client, environment, signal } = session;
    const { config } = await environment();
    const forwards: Forward[] = [];
    const targets = forwardTargets(config, pairs);
    const { external } = config.database;
    if (external && targets.some(({ name }) => name === "mysql"))
      throw new ClusterError(words.externalDatabase(`${external.host}:${external.port}`), words.externalDatabaseAdvice);
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
      show(session, options, config, [...published, ...forwards]);
      line(io.stderr, words.untilCtrlC);
      if (!signal.aborted) await once(signal, "abort");
      return EXIT.ok;
    } finally {
      await Promise.all([...forwards.map((one) => one.close()), stopGrafana()]);
    }
  });
}
