import { verify as words } from "../../messages/verify.ts";
import { PORTS } from "../../ports.ts";
import { secretNames } from "../../secrets.ts";
import { basic, type Reply } from "../entrance.ts";
import { judge, skipped, type Verdict } from "../finding.ts";
import { type Check, isBallast, type Subject } from "./subject.ts";

async function grafana(subject: Subject): Promise<Verdict> {
  const { images } = subject.config;
  if (isBallast(images.grafana)) return skipped(words.standsIn(images.grafana));
  const password = await subject.secret(secretNames(subject.config).grafana, "admin-password");
  const headers = { authorization: basic("admin", password ?? "") };
  const get = async (path: string) => (await subject.inside("grafana", PORTS.grafana, path, headers))[0];
  const [health, source, boards] = await Promise.all([
    get("/api/health"),
    get("/api/datasources/uid/prometheus/health"),
    get("/api/search?type=dash-db"),
  ]);
  const found: unknown = boards?.status === 200 ? JSON.parse(boards.text) : [];
  const count = Array.isArray(found) ? found.length : 0;
  const wanted = subject.config.monitoring.dashboards.length;
  const told = (reply: Reply | undefined) => reply?.status ?? words.noAnswer;
  const saw = words.grafana(told(health), told(source), told(boards), count, wanted);
  return judge(health?.status === 200 && source?.status === 200 && count >= wanted, saw);
}

/** Grafana answers, reaches its data and has its dashboards. */
export const grafanaChecks: readonly Check[] = [{ name: "Grafana", applies: ({ monitoring }) => monitoring.grafana, run: grafana }];
