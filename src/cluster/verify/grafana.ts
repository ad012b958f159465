import type { Reply } from "../entrance.ts";
import { judge, skipped, type Verdict } from "../finding.ts";
import { type Check, isBallast, type Subject } from "./subject.ts";

async function grafana(subject: Subject): Promise<Verdict> {
  const { images } = subject.config;
  if (isBallast(images.grafana)) return skipped(`${images.grafana} stands in for it: nothing of Grafana was looked at`);
  const password = await subject.secret(subject.config.secrets.grafana ?? "grafana", "admin-password");
  const headers = { authorization: `Basic ${Buffer.from(`admin:${password}`).toString("base64")}` };
  const get = async (path: string) => (await subject.inside("grafana", 3000, path, headers))[0];
  const [health, source, boards] = [
    await get("/api/health"),
    await get("/api/datasources/uid/prometheus/health"),
    await get("/api/search?type=dash-db"),
  ];
  const count = boards?.status === 200 ? (JSON.parse(boards.text) as unknown[]).length : 0;
  const wanted = subject.config.monitoring.dashboards.length;
  const told = (reply: Reply | undefined) => reply?.status ?? "no answer";
  const saw = `health ${told(health)}, data source ${told(source)}, dashboards ${told(boards)}: ${count} of ${wanted}`;
  return judge(health?.status === 200 && source?.status === 200 && count >= wanted, saw);
}

export const grafanaChecks: readonly Check[] = [{ name: "Grafana", applies: ({ monitoring }) => monitoring.grafana, run: grafana }];
