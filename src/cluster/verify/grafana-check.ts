import { verify as words } from "../../messages/verify.ts";
import { misreadByGrafana } from "../../monitoring/grafana-settings.ts";
import { PORTS } from "../../ports.ts";
import { secretNames } from "../../secrets.ts";
import { judge, problem, skipped, type Verdict } from "../finding.ts";
import { basic, type Reply } from "../transport/ingress-client.ts";
import { type Check, isBallast, type Subject } from "./subject.ts";

/** How the ConfigMaps of dashboards are called, before the dashboard's name. */
const DASHBOARD = "dashboard-";

/** The dashboards that the manifests bring, shipped and imported ones: those that users made in Grafana do not count. */
function broughtBy(manifests: Subject["manifests"]): { readonly uid: string; readonly title: string }[] {
  const maps = manifests.filter(({ kind, metadata }) => kind === "ConfigMap" && metadata.name.startsWith(DASHBOARD));
  return maps.flatMap(({ data }) => Object.values((data ?? {}) as Record<string, string>).map((text) => JSON.parse(text)));
}

async function grafana(subject: Subject): Promise<Verdict> {
  const { images, monitoring } = subject.config;
  if (monitoring.grafana === "on-demand") return skipped(words.onDemand);
  if (isBallast(images.grafana)) return skipped(words.standsIn(images.grafana));
  const name = secretNames(subject.config).grafana;
  const password = await subject.secret(name, "admin-password");
  if (!password) return problem(words.noSecret(name));
  if (misreadByGrafana(password)) return problem(words.misreadGrafana(name), words.otherPassword);
  const headers = { authorization: basic("admin", password) };
  const get = async (path: string) => (await subject.inside("grafana", PORTS.grafana, path, headers))[0];
  const [health, source, boards] = await Promise.all([
    get("/api/health"),
    get("/api/datasources/uid/prometheus/health"),
    get("/api/search?type=dash-db"),
  ]);
  const found: unknown = boards?.status === 200 ? JSON.parse(boards.text) : [];
  const there = new Set(Array.isArray(found) ? found.map(({ uid }: { uid?: string }) => uid) : []);
  const wanted = broughtBy(subject.manifests);
  const missing = wanted.filter(({ uid }) => !there.has(uid));
  const statusOf = (reply: Reply | undefined) => reply?.status ?? words.noAnswer;
  const saw = words.grafana(statusOf(health), statusOf(source), statusOf(boards), wanted.length - missing.length, wanted.length);
  const lacks = missing.length > 0 ? `; ${words.lacksDashboards(missing.map(({ title }) => title).join(", "))}` : "";
  return judge(health?.status === 200 && source?.status === 200 && missing.length === 0, `${saw}${lacks}`);
}

/** Grafana answers, reaches its data and has its dashboards. */
export const grafanaChecks: readonly Check[] = [
  { name: "Grafana", applies: ({ monitoring }) => monitoring.grafana !== false, run: grafana },
];
