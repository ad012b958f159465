import { type Finding, judge, problem, type Verdict } from "../../../src/cluster/finding.ts";
import { until } from "../../../src/drill/drill-until.ts";
import { DATA_SOURCE } from "../../../src/monitoring/grafana-settings.ts";
import { askBoard, emptyChoices } from "./board-queries.ts";
import { type GrafanaServer, Unreachable } from "./grafana-server.ts";
import { differences, panelsOf, type Wanted } from "./wanted-board.ts";

/** What Grafana is held against. */
export interface Expected {
  /** Of its image. */
  readonly version: string;
  readonly folder: string;
  readonly boards: readonly Wanted[];
}

/** How it is examined. */
export interface ExamineOptions {
  /** How far back queries reach, such as `1h`. */
  readonly range: string;
  /** For how long its start is waited for. */
  readonly patienceMs: number;
  /** Takes a dashboard's picture, and says where it is. @default no pictures are taken */
  readonly picture?: (board: Wanted) => Promise<string>;
  readonly signal?: AbortSignal;
  readonly onFinding: (finding: Finding) => void;
}

async function health(server: GrafanaServer, version: string): Promise<Verdict> {
  const { database, version: found } = await server.get("/api/health");
  return judge(
    database === "ok" && found === version,
    `version ${found}, database ${database}`,
    `expected: version ${version}, database ok`,
  );
}

async function source(server: GrafanaServer): Promise<Verdict> {
  const { name, type, isDefault, readOnly } = await server.get(`/api/datasources/uid/${DATA_SOURCE.uid}`);
  const saw = `${name}, of the type ${type}${isDefault ? ", the default" : ""}${readOnly ? ", provisioned" : ""}`;
  return judge(name === DATA_SOURCE.name && type === "prometheus" && isDefault === true && readOnly === true, saw);
}

async function sourceHealth(server: GrafanaServer): Promise<Verdict> {
  const { body } = await server.ask(`/api/datasources/uid/${DATA_SOURCE.uid}/health`);
  return judge(body?.status === "OK", `${body?.status}: ${body?.message}`, "Grafana does not reach Prometheus: look at both pods' logs");
}

async function loaded(server: GrafanaServer, { board }: Wanted, folder: string): Promise<Verdict> {
  const { dashboard, meta } = await server.get(`/api/dashboards/uid/${encodeURIComponent(board.uid)}`);
  const wrong = [
    ...differences(board, dashboard),
    ...(meta?.folderTitle === folder ? [] : [`in the folder '${meta?.folderTitle}', not '${folder}'`]),
    ...(meta?.provisioned ? [] : ["not provisioned, but somebody's own"]),
  ];
  return judge(wrong.length === 0, wrong.join("; ") || `${panelsOf(board).length} panels, in the folder ${folder}`);
}

async function data(server: GrafanaServer, { board }: Wanted, range: string): Promise<Verdict> {
  const { queries, empty } = await askBoard({ server, board, range });
  const choices = (await emptyChoices(server, board)).map((name) => `the choice ${name} has no values`);
  const dead = empty.filter(({ excused }) => !excused).map(({ panel, why }) => `${panel}: ${why}`);
  const excused = empty.filter((one) => one.excused).map(({ panel, why }) => `expected to have none: ${panel}, ${why}`);
  const count = `${queries - empty.length} of ${queries} queries have data`;
  return judge(dead.length + choices.length === 0, [count, ...dead, ...choices, ...excused].join("; "));
}

/**
 * Looks at everything that was provisioned, through Grafana's own API. What fails says so; the rest is looked at all the same.
 *
 * @throws Unreachable when nothing answers, not even after a while
 */
export async function examine(server: GrafanaServer, { version, folder, boards }: Expected, manner: ExamineOptions): Promise<Finding[]> {
  const { range, patienceMs, picture, signal, onFinding } = manner;
  const findings: Finding[] = [];
  const check = async (name: string, look: () => Promise<Verdict>) => {
    const verdict = await look().catch((error: Error) => {
      if (error instanceof Unreachable) throw error;
      return problem(error.message);
    });
    if (signal?.aborted) return;
    const finding = { check: name, ...verdict };
    findings.push(finding);
    onFinding(finding);
  };
  const answers = async () => ((await server.ask("/api/health")).body?.database === "ok" ? true : undefined);
  await until(() => "Grafana's database is well", patienceMs, signal, answers).catch(() => undefined); // the first check tells it
  await check("Grafana", () => health(server, version));
  await check("data source", () => source(server));
  await check("data source reaches Prometheus", () => sourceHealth(server));
  for (const board of boards) {
    await check(`dashboard ${board.name}`, () => loaded(server, board, folder));
    if (!board.imported) await check(`data of ${board.name}`, () => data(server, board, range));
    if (picture) await check(`picture of ${board.name}`, async () => judge(true, await picture(board)));
  }
  return findings;
}
