import { basename, relative } from "node:path";
import { parse } from "yaml";
import { SCRAPE_INTERVAL } from "../config/scrape-interval.ts";
import { isDuration, seconds } from "../config/units.ts";
import { compose as say } from "../messages/compose.ts";
import { isMap, type Raw } from "./canonical.ts";
import { type Entry, entry } from "./entry.ts";
import type { Files, Project } from "./model.ts";
import { filesAt } from "./mounted.ts";
import { type Note, noteOn } from "./part.ts";

/** What the project's own monitoring says that goes on here. */
export interface Monitoring {
  /** Keys of `monitoring`. */
  readonly entries: readonly Entry[];
  readonly notes: readonly Note[];
  /** Where each service has metrics, as Prometheus reads them. */
  readonly metrics: Readonly<Record<string, { readonly port: number; readonly path: string }>>;
  /** Grafana's dashboards, files. */
  readonly dashboards: readonly string[];
}

/** Jobs that CloudNova has itself, by their names or targets. Prometheus asks itself at localhost:9090. */
const OURS = /prometheus|node[-_]?exporter|^node$|cadvisor|mysql|alertmanager|grafana|traefik|blackbox|^(localhost|127\.0\.0\.1):9090$/i;
/** Addresses that lead to Prometheus' own container, or to the machine. */
const NO_SERVICE = /^(localhost|127\.0\.0\.1|host\.docker\.internal):(\d+)$/;

const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

/** A file of YAML as data; undefined where it is none. */
function dataOf(text: string | undefined): Raw | undefined {
  try {
    const data: unknown = parse(text ?? "");
    return isMap(data) ? data : undefined;
  } catch {
    return undefined;
  }
}

/** The names of the alerts of a rule file. */
function alertsIn(data: Raw | undefined): string[] {
  return list(data?.groups)
    .flatMap((group) => list((group as Raw | undefined)?.rules))
    .flatMap((rule) => {
      const name = (rule as Raw | undefined)?.alert;
      return typeof name === "string" ? [name] : [];
    });
}

/** The nearest interval that an environment may have. */
function allowed(interval: string): string {
  if (seconds(interval) < seconds(SCRAPE_INTERVAL.least)) return SCRAPE_INTERVAL.least;
  return seconds(interval) > seconds(SCRAPE_INTERVAL.most) ? SCRAPE_INTERVAL.most : interval;
}

/** A scrape job with the targets that it names. */
interface Job {
  readonly title: string;
  readonly path: string;
  readonly targets: readonly string[];
}

const jobsOf = (config: Raw | undefined): Job[] =>
  list(config?.scrape_configs)
    .filter(isMap)
    .map(({ job_name: title = "?", metrics_path: path = "/metrics", static_configs: groups }) => ({
      title: String(title),
      path: String(path),
      targets: list(groups)
        .flatMap((group) => list((group as Raw | undefined)?.targets))
        .map(String),
    }));

/** The metrics of applications that a job reads. */
const metricsOf = ({ path, targets }: Job, applications: readonly string[]) =>
  targets.flatMap((target) => {
    const [host = "", port = "80"] = target.split(":");
    return applications.includes(host) ? [[host, { port: Number(port), path }] as const] : [];
  });

/** `scrapeInterval` and `retention`, by the configuration and the command. */
function timesOf(config: { readonly file: string; readonly data: Raw } | undefined, command: readonly string[]): Entry[] {
  const interval = (config?.data.global as Raw | undefined)?.scrape_interval;
  const retention = command.map((word) => /^--storage\.tsdb\.retention(?:\.time)?=(.+)$/.exec(word)?.[1]).find((one) => one !== undefined);
  const entries: Entry[] = [];
  if (typeof interval === "string" && isDuration(interval)) {
    const kept = allowed(interval);
    entries.push(
      entry("scrapeInterval", kept, kept === interval ? say.why.scrapeInterval(config?.file ?? "") : say.why.scrapeIntervalOther(interval)),
    );
  }
  if (retention !== undefined && isDuration(retention)) entries.push(entry("retention", retention, say.why.retention));
  return entries;
}

/** Reads a Prometheus service: scrape interval, retention, jobs, rules. @param folder the environment file's */
export function prometheusOf(name: string, project: Project, files: Files, applications: readonly string[], folder: string): Monitoring {
  const service = project.services[name] ?? {};
  const texts = filesAt(service, project, files, /\.ya?ml$/).flatMap(({ source }) => {
    const data = dataOf(files.read(source));
    return data ? [{ source, file: relative(project.folder, source), data }] : [];
  });
  const config = texts.find(({ data }) => data.scrape_configs !== undefined) ?? texts.find(({ data }) => data.global !== undefined);
  const jobs = jobsOf(config?.data);
  const metrics = jobs.flatMap((job) => metricsOf(job, applications));
  const foreign = jobs.filter(
    (job) => metricsOf(job, applications).length === 0 && ![job.title, ...job.targets].some((one) => OURS.test(one)),
  );
  const note = noteOn(name);
  const foreignNote = ({ title, path, targets }: Job): Note => {
    const port = NO_SERVICE.exec(targets[0] ?? "")?.[2];
    const all = targets.join(", ");
    return port === undefined ? note("leftOut", say.leftOut.job(title, all)) : note("todo", say.todo.job(title, all, port, path));
  };
  return {
    entries: timesOf(config, service.command ?? []),
    metrics: Object.fromEntries(metrics),
    dashboards: [],
    notes: [
      note("replaced", config ? say.replaced.prometheus(config.file) : say.replaced.prometheusWithout),
      ...foreign.map(foreignNote),
      ...texts.flatMap(({ source, file, data }) => {
        const alerts = alertsIn(data);
        return alerts.length > 0 ? [note("todo", say.todo.alerts(file, alerts.join(", "), relative(folder, source)))] : [];
      }),
    ],
  };
}

/** Finds the dashboards that a Grafana service is provisioned with. */
export function grafanaOf(name: string, project: Project, files: Files): Monitoring {
  const service = project.services[name] ?? {};
  const dashboards = filesAt(service, project, files, /\.json$/)
    .map(({ source }) => source)
    .filter((source) => /"(panels|rows)"\s*:/.test(files.read(source) ?? ""));
  const password = Object.keys(service.environment ?? {}).some((key) => /^GF_SECURITY_ADMIN_/.test(key));
  const mail = Object.keys(service.environment ?? {}).some((key) => /^GF_SMTP_/.test(key));
  return {
    entries: [],
    metrics: {},
    dashboards: [...new Set(dashboards)],
    notes: [
      { kind: "replaced", subject: name, text: say.replaced.grafana },
      ...(password ? [{ kind: "leftOut" as const, subject: name, text: say.leftOut.grafanaPassword }] : []),
      ...(mail ? [{ kind: "todo" as const, subject: name, text: say.todo.receivers(basename(name)) }] : []),
    ],
  };
}

/** Names the receivers of an Alertmanager service, whose secrets an environment file never holds. */
export function alertmanagerOf(name: string, project: Project, files: Files): Monitoring {
  const service = project.services[name] ?? {};
  const configs = filesAt(service, project, files, /\.ya?ml$/).map(({ source }) => dataOf(files.read(source)));
  const receivers = configs
    .flatMap((data) => list(data?.receivers))
    .flatMap((one) => {
      const kinds = Object.keys(isMap(one) ? one : {}).filter((key) => key.endsWith("_configs"));
      return kinds.map((kind) => kind.replace(/_configs$/, ""));
    });
  const notes: Note[] = [{ kind: "replaced", subject: name, text: say.replaced.alertmanager }];
  if (receivers.length > 0) notes.push({ kind: "todo", subject: name, text: say.todo.receivers([...new Set(receivers)].join(", ")) });
  return { entries: [], notes, metrics: {}, dashboards: [] };
}
