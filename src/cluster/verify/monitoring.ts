import type { Config } from "../../config/resolve.ts";
import { neededKeys } from "../../monitoring/alertmanager/secret-keys.ts";
import { scrapeJobs } from "../../monitoring/scrape.ts";
import { judge, problem, type Verdict } from "../finding.ts";
import { tellsSomebody } from "../receivers.ts";
import { prometheus } from "./prometheus.ts";
import type { Check, Subject } from "./subject.ts";

interface Target {
  readonly health: string;
  readonly lastError: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** How many targets a job must have, at least. One table; jobs that are not in it must have one. */
const targetsOf = (config: Config): Readonly<Record<string, number>> => ({ webapp: config.webapp.replicas });

async function targets(subject: Subject): Promise<Verdict> {
  const { activeTargets = [] } = await prometheus<{ activeTargets?: Target[] }>(subject, "/api/v1/targets?state=active");
  const { config } = subject;
  const probe = { url: "https://traefik", host: config.ingress.host };
  const jobs = scrapeJobs({
    namespace: config.namespace,
    interval: "15s",
    traefik: { namespace: "" },
    grafana: config.monitoring.grafana,
    probe,
  });
  const found = jobs.map(({ job_name }) => {
    const own = activeTargets.filter(({ labels }) => labels.job === job_name);
    return {
      job: job_name,
      up: own.filter(({ health }) => health === "up").length,
      all: own.length,
      wanted: targetsOf(config)[job_name] ?? 1,
      own,
    };
  });
  const poor = found.filter(({ up, all, wanted }) => up < all || up < wanted);
  const saw = found.map(({ job, up, all }) => `${job} ${up}/${all}`).join(", ");
  const why = poor
    .flatMap(({ job, own, wanted, up }) => [up < wanted ? `${job} must have ${wanted}` : "", ...own.map(({ lastError }) => lastError)])
    .filter(Boolean);
  return judge(poor.length === 0, poor.length === 0 ? saw : `${saw}: ${why.join("; ")}`);
}

async function rules(subject: Subject): Promise<Verdict> {
  const data = await prometheus<{ groups: { name: string; rules: { name: string; health: string; lastError?: string }[] }[] }>(
    subject,
    "/api/v1/rules",
  );
  const all = data.groups.flatMap((group) => group.rules);
  const broken = all.filter(({ health }) => health !== "ok");
  const saw = `${all.length} rules in ${data.groups.length} groups`;
  if (all.length === 0) return problem("Prometheus has no rules", "look at its log: cloudnova logs prometheus");
  return judge(
    broken.length === 0,
    broken.length === 0
      ? `${saw}, all evaluated`
      : `${saw}; ${broken.map(({ name, health, lastError }) => `${name}: ${lastError || health}`).join("; ")}`,
  );
}

async function alertmanager(subject: Subject): Promise<Verdict> {
  const data = await prometheus<{ activeAlertmanagers: { url: string }[] }>(subject, "/api/v1/alertmanagers");
  const [reply] = await subject.inside("alertmanager", 9093, "/-/ready");
  const reached = data.activeAlertmanagers.length > 0 && reply?.status === 200;
  return judge(reached, `Prometheus knows ${data.activeAlertmanagers.length}; it answers ${reply?.status ?? "nothing"}`);
}

/** A file of the Secret that is not there fails each delivery, and nothing else tells of it until an alert fires. */
async function receivers({ config, secret }: Subject): Promise<Verdict> {
  const needed = neededKeys(config.alerting);
  const values = await Promise.all(needed.map((key) => secret(config.secrets.alerting, key)));
  return tellsSomebody(
    config,
    needed.filter((_, index) => values[index]),
  );
}

export const monitoringChecks: readonly Check[] = [
  { name: "Prometheus' targets", run: targets },
  { name: "rules", run: rules },
  { name: "Alertmanager", run: alertmanager },
  { name: "receivers of alerts", run: receivers },
];
