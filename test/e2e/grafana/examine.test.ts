import { dashboards } from "../../../src/monitoring/dashboards/index.ts";
import { askBoard } from "./board-queries.ts";
import { examine } from "./examine.ts";
import { GrafanaServer } from "./grafana-server.ts";
import { type Behaviour, frame, PASSWORD, startStandIn, VERSION } from "./stand-in.ts";
import { type BoardJson, differences, panelsOf, type Wanted } from "./wanted-board.ts";

// Against a server of ours that answers as Grafana's API is documented to: Grafana's own cannot be had here.

const wanted = (name: "overview" | "containers", imported = false): Wanted => {
  const [made] = dashboards([name], "en");
  return { name, board: JSON.parse(made?.json ?? ""), imported };
};
const OVERVIEW = wanted("overview");
const CONTAINERS = wanted("containers");

interface Trial extends Behaviour {
  /** What Grafana has. @default what it should have */
  readonly there?: readonly BoardJson[];
  readonly boards?: readonly Wanted[];
  readonly password?: string;
  readonly picture?: (board: Wanted) => Promise<string>;
}

/** Examines a stand-in; every finding by its check's name. */
async function trial({
  boards = [OVERVIEW],
  there = boards.map(({ board }) => board),
  password = PASSWORD,
  picture,
  ...behaviour
}: Trial = {}) {
  const standIn = await startStandIn(there, behaviour);
  const told: string[] = [];
  try {
    const expected = { version: VERSION, folder: "CloudNova", boards };
    const onFinding = ({ check }: { check: string }) => void told.push(check);
    const server = new GrafanaServer(standIn.port, "admin", password);
    const findings = await examine(server, expected, { range: "1h", patienceMs: 0, picture, onFinding });
    expect(told).toEqual(findings.map(({ check }) => check));
    return { asked: standIn.asked, findings, by: new Map(findings.map((one) => [one.check, one])) };
  } finally {
    await standIn.stop();
  }
}

test("a Grafana that has all of it passes", async () => {
  const { findings, asked } = await trial({ boards: [OVERVIEW, CONTAINERS], picture: async ({ name }) => `${name}.webp` });
  expect(findings.map(({ check, state, saw }) => `${state} ${check}: ${saw}`)).toEqual([
    "ok Grafana: version 12.4.10, database ok",
    "ok data source: Prometheus, of the type prometheus, the default, provisioned",
    "ok data source reaches Prometheus: OK: Successfully queried the Prometheus API.",
    "ok dashboard overview: 6 panels, in the folder CloudNova",
    expect.stringMatching(/^ok data of overview: (\d+) of \1 queries have data$/),
    "ok picture of overview: overview.webp",
    expect.stringMatching(/^ok dashboard containers: \d+ panels, in the folder CloudNova$/),
    expect.stringMatching(/^ok data of containers: (\d+) of \1 queries have data$/),
    "ok picture of containers: containers.webp",
  ]);
  // Every query of every panel, as the panel asks it, with each choice at "All" and Grafana's own variables left to Grafana.
  const panels = [OVERVIEW, CONTAINERS].flatMap(({ board }) => panelsOf(board)).filter(({ targets }) => targets?.length);
  expect(asked.map(({ queries }) => queries.map(({ refId, instant, format }) => [refId, instant, format]))).toEqual(
    panels.map(({ targets = [] }) => targets.map(({ refId, instant, format }) => [refId, instant, format])),
  );
  const exprs = asked.flatMap(({ queries }) => queries.map(({ expr }) => expr));
  expect(exprs.filter((expr) => /\$(?!__)/.test(expr))).toEqual([]);
  expect(exprs.some((expr) => expr.includes('namespace=~".*"'))).toBe(true);
  expect(exprs.some((expr) => expr.includes("$__rate_interval"))).toBe(true);
  expect(new Set(asked.map(({ from }) => from))).toEqual(new Set(["now-1h"]));
});

const board = OVERVIEW.board;
const path = `/api/dashboards/uid/${board.uid}`;
const meta = { folderTitle: "CloudNova", provisioned: true };
const reply = (at: string, status: number, body: unknown): Trial => ({ replies: { [at]: [status, body] } });
const changed = (change: (copy: BoardJson & { panels: { targets: { expr: string }[] }[] }) => void): Trial => {
  const copy = structuredClone(board) as never;
  change(copy);
  return { there: [copy] };
};
const source = { name: "Prometheus", type: "prometheus", isDefault: true, readOnly: true };

const WRONG: readonly [what: string, trial: Trial, check: string, saw: RegExp][] = [
  ["a database that is not well", reply("/api/health", 503, { database: "failing", version: VERSION }), "Grafana", /answers 503/],
  ["another version", reply("/api/health", 200, { database: "ok", version: "13.0.1" }), "Grafana", /^version 13\.0\.1, database ok$/],
  ["something that is no Grafana", reply("/api/health", 200, "<html>"), "Grafana", /no JSON/],
  ["a wrong password", { password: "guessed" }, "dashboard overview", /does not know the user admin/],
  [
    "no data source",
    reply("/api/datasources/uid/prometheus", 404, { message: "Data source not found" }),
    "data source",
    /404: Data source not found/,
  ],
  [
    "one that somebody may change",
    reply("/api/datasources/uid/prometheus", 200, { ...source, readOnly: false }),
    "data source",
    /the default$/,
  ],
  ["one of another type", reply("/api/datasources/uid/prometheus", 200, { ...source, type: "loki" }), "data source", /of the type loki/],
  [
    "one that does not reach Prometheus",
    reply("/api/datasources/uid/prometheus/health", 400, { status: "ERROR", message: "connection refused" }),
    "data source reaches Prometheus",
    /^ERROR: connection refused$/,
  ],
  ["a dashboard that was not loaded", { there: [] }, "dashboard overview", /answers 404: Not found/],
  [
    "a dashboard in another folder",
    reply(path, 200, { dashboard: board, meta: { ...meta, folderTitle: "General" } }),
    "dashboard overview",
    /'General'/,
  ],
  [
    "a dashboard that somebody made",
    reply(path, 200, { dashboard: board, meta: { ...meta, provisioned: false } }),
    "dashboard overview",
    /somebody's own/,
  ],
  ["a panel too few", changed(({ panels }) => panels.pop()), "dashboard overview", /^5 panels, not 6$/],
  [
    "an older query",
    changed(({ panels }) => Object.assign(panels[0]?.targets[0] ?? {}, { expr: "up" })),
    "dashboard overview",
    /^'CPU \(%\)' is another panel there$/,
  ],
  ["another title", changed((copy) => Object.assign(copy, { title: "Mine" })), "dashboard overview", /^its title is 'Mine'/],
  [
    "a query that is refused",
    { result: () => ({ status: 400, error: "parse error", frames: [] }) },
    "data of overview",
    /^0 of \d+ .*CPU \(%\) \(A\): parse error/,
  ],
  ["a query without frames", { result: () => ({ status: 200, frames: [] }) }, "data of overview", /CPU \(%\) \(A\): no data/],
  ["a query with nothing but NaN", { result: () => ({ status: 200, frames: [frame(null, null)] }) }, "data of overview", /\(A\): no data/],
  [
    "one dead query among many",
    { result: ({ expr }) => ({ frames: expr === "up" ? [] : [frame(1)] }) },
    "data of overview",
    /^(\d+) of \d+ queries have data; Services that respond \(A\): no data$/,
  ],
  ["a query that has no answer", reply("/api/ds/query", 200, { results: {} }), "data of overview", /\(A\): no answer/],
  [
    "queries that are not let pass",
    reply("/api/ds/query", 403, { message: "Access denied" }),
    "data of overview",
    /\(A\): 403: Access denied/,
  ],
  [
    "a choice without values",
    { boards: [CONTAINERS], ...reply("/api/datasources/uid/prometheus/resources/api/v1/label/namespace/values", 200, { data: [] }) },
    "data of containers",
    /; the choice namespace has no values$/,
  ],
  [
    "a picture that failed",
    { picture: () => Promise.reject(new Error("Chromium: no screen")) },
    "picture of overview",
    /^Chromium: no screen$/,
  ],
];

test.each(WRONG)("%s is a problem", async (_, what, check, saw) => {
  const { by } = await trial(what);
  expect(by.get(check)).toMatchObject({ state: "problem", saw: expect.stringMatching(saw) });
});

test("the other checks are done all the same", async () => {
  const { findings } = await trial({ ...reply("/api/health", 200, { database: "ok", version: "11.0.0" }), there: [] });
  expect(findings.map(({ state }) => state)).toEqual(["problem", "ok", "ok", "problem", "ok"]);
});

test("where nothing answers at all, nothing more is asked", async () => {
  const standIn = await startStandIn([]);
  await standIn.stop();
  const server = new GrafanaServer(standIn.port, "admin", PASSWORD);
  const onFinding = jest.fn();
  const expected = { version: VERSION, folder: "CloudNova", boards: [OVERVIEW] };
  await expect(examine(server, expected, { range: "1h", patienceMs: 0, onFinding })).rejects.toThrow(
    /^nothing answers at http:\/\/127\.0\.0\.1:\d+ \(ECONNREFUSED\)$/,
  );
  expect(onFinding).not.toHaveBeenCalled();
});

test("what a small machine cannot have is told, and is no problem; an error is, all the same", async () => {
  const absences = [{ metric: "up", when: "machine", why: "no target here" }] as const;
  const ask = async (answer: object) => {
    const standIn = await startStandIn([board], { result: ({ expr }) => (expr === "up" ? answer : { frames: [frame(1)] }) });
    const server = new GrafanaServer(standIn.port, "admin", PASSWORD);
    return (await askBoard({ server, board, range: "1h", absences }).finally(() => standIn.stop())).empty;
  };
  expect(await ask({ frames: [] })).toEqual([{ panel: "Services that respond (A)", why: "no target here", excused: true }]);
  expect(await ask({ error: "timeout" })).toEqual([{ panel: "Services that respond (A)", why: "timeout", excused: false }]);
});

test("an imported dashboard must be there; its queries are not asked", async () => {
  const { findings, asked } = await trial({ boards: [wanted("overview", true)] });
  expect(findings.map(({ check }) => check)).toEqual(["Grafana", "data source", "data source reaches Prometheus", "dashboard overview"]);
  expect(asked).toEqual([]);
});

test("a row that Grafana closed holds the same panels", () => {
  const panels = CONTAINERS.board.panels ?? [];
  const at = panels.findIndex(({ type }) => type === "row");
  const closed = { ...CONTAINERS.board, panels: [...panels.slice(0, at), { ...panels[at], type: "row", panels: panels.slice(at + 1) }] };
  expect(at).toBeGreaterThan(-1);
  expect(differences(CONTAINERS.board, closed)).toEqual([]);
});
