import { parse } from "yaml";
import type { Config } from "../../config/resolve.ts";
import { verify as words } from "../../messages/verify.ts";
import { RECEIVER_TYPES } from "../../monitoring/alertmanager/receiver-types.ts";
import { neededKeys } from "../../monitoring/alertmanager/secret-keys.ts";
import type { RuleGroup } from "../../monitoring/rules/rule.ts";
import { PORTS } from "../../ports.ts";
import { hasReceiver } from "../doctor/alert-receivers.ts";
import { judge, problem, type Verdict } from "../finding.ts";
import { type Check, prometheus, type Subject } from "./subject.ts";

interface Target {
  readonly health: string;
  readonly lastError: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** How many targets a job must have, at least. One table; jobs that are not in it must have one. */
const targetsOf = ({ webapp, applications }: Config, nodes: number): Readonly<Record<string, number>> => ({
  ...Object.fromEntries(applications.map(({ name, replicas }) => [name, replicas])),
  webapp: webapp.replicas,
  node: nodes,
  cadvisor: nodes,
  kubelet: nodes,
  "kubelet-probes": nodes,
});

/** The scrape jobs that the manifests bring: what is applied, not what this program would write today. */
function jobsIn(manifests: Subject["manifests"]): string[] {
  const map = manifests.find(({ kind, metadata }) => kind === "ConfigMap" && metadata.name === "prometheus");
  const { scrape_configs = [] } = parse(map?.data?.["prometheus.yml"] ?? "{}") as { scrape_configs?: { job_name: string }[] };
  return scrape_configs.map(({ job_name }) => job_name);
}

async function targets(subject: Subject): Promise<Verdict> {
  const { config } = subject;
  const [{ activeTargets = [] }, nodes] = await Promise.all([
    prometheus<{ activeTargets?: Target[] }>(subject, "/api/v1/targets?state=active"),
    subject.nodes(),
  ]);
  const found = jobsIn(subject.manifests).map((job) => {
    const own = activeTargets.filter(({ labels }) => labels.job === job);
    const wanted = targetsOf(config, nodes.length)[job] ?? 1;
    return { job, up: own.filter(({ health }) => health === "up").length, wanted, own };
  });
  const why = found.flatMap(({ job, own, wanted, up }) => [
    ...(up < wanted ? [words.mustHave(job, wanted)] : []),
    ...own.filter(({ health }) => health !== "up").map(({ health, lastError }) => `${job}: ${lastError || health}`),
  ]);
  const saw = found.map(({ job, up, own }) => `${job} ${up}/${own.length}`).join(", ");
  return judge(found.length > 0 && why.length === 0, why.length === 0 ? saw : `${saw}: ${why.join("; ")}`);
}

/** How the ConfigMaps of rules are called, before their subject. */
const RULES = "prometheus-rules-";

interface Group {
  readonly name: string;
  readonly rules: readonly { readonly name: string; readonly health: string; readonly lastError?: string }[];
}

/** The groups that the manifests bring, one file a ConfigMap: what is applied, not what this program would write today. */
function broughtBy(manifests: Subject["manifests"]): RuleGroup[] {
  const maps = manifests.filter(({ kind, metadata }) => kind === "ConfigMap" && metadata.name.startsWith(RULES));
  const texts = maps.flatMap(({ data }) => Object.values((data ?? {}) as Record<string, string>));
  return texts.flatMap((text) => (parse(text) as { groups: RuleGroup[] }).groups);
}

async function rules(subject: Subject): Promise<Verdict> {
  const { groups } = await prometheus<{ groups: readonly Group[] }>(subject, "/api/v1/rules");
  const wanted = broughtBy(subject.manifests);
  const all = groups.flatMap((group) => group.rules);
  if (all.length === 0 || wanted.length === 0) return problem(words.noRules, words.seeLog);
  // By what is to be there: a file that Prometheus refused at a reload leaves the older rules running.
  const missing = wanted.filter((one) => groups.find(({ name }) => name === one.name)?.rules.length !== one.rules.length);
  const faults = [
    ...(missing.length > 0 ? [words.missingGroups(missing.map(({ name }) => name).join(", "))] : []),
    ...all.filter(({ health }) => health !== "ok").map(({ name, health, lastError }) => `${name}: ${lastError || health}`),
  ];
  return judge(faults.length === 0, faults.length === 0 ? words.evaluated(all.length, groups.length) : faults.join("; "), words.seeLog);
}

interface Alert {
  readonly state: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** Reached not only by its address: what fires in Prometheus, and Watchdog always does, has arrived. */
async function alertmanager(subject: Subject): Promise<Verdict> {
  const [{ activeAlertmanagers: known }, { alerts }, [reply]] = await Promise.all([
    prometheus<{ activeAlertmanagers: readonly unknown[] }>(subject, "/api/v1/alertmanagers"),
    prometheus<{ alerts: readonly Alert[] }>(subject, "/api/v1/alerts"),
    subject.inside("alertmanager", PORTS.alertmanager, "/api/v2/alerts"),
  ]);
  if (known.length === 0 || reply?.status !== 200) return problem(words.unreached(known.length, reply?.status ?? words.nothing));
  const there = new Set((JSON.parse(reply.text) as Alert[]).map(({ labels }) => labels.alertname));
  const firing = [...new Set(alerts.filter(({ state }) => state === "firing").map(({ labels }) => labels.alertname))];
  const lost = firing.filter((name) => !there.has(name));
  if (!there.has("Watchdog")) return problem(words.notArrived(["Watchdog", ...lost.filter((name) => name !== "Watchdog")].join(", ")));
  return judge(lost.length === 0, lost.length === 0 ? words.alerted(there.size, [...there].join(", ")) : words.notArrived(lost.join(", ")));
}

/** A file of the Secret that is not there fails each delivery, which is not noticed until an alert fires. */
async function receivers({ config, secret }: Subject): Promise<Verdict> {
  const needed = neededKeys(config.alerting);
  const values = await Promise.all(needed.map((key) => secret(config.secrets.alerting, key)));
  const password = values[needed.indexOf(RECEIVER_TYPES.mail.secretKey)];
  // Alertmanager cuts white space off every file (notify/email/email.go); addresses and tokens have none that counts.
  if (password !== password?.trim()) return problem(words.misreadMail(config.secrets.alerting), words.otherMailPassword);
  return hasReceiver(
    config,
    needed.filter((_, index) => values[index]),
  );
}

/** Prometheus scrapes every target, evaluates every rule, and reaches Alertmanager. */
export const monitoringChecks: readonly Check[] = [
  { name: "targets", run: targets },
  { name: "rules", run: rules },
  { name: "Alertmanager", run: alertmanager },
  { name: "receivers", run: receivers },
];
