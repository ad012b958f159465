import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { BoardJson, Target } from "./wanted-board.ts";

/** A status with a body: an object as JSON, a text as it is. */
export type Reply = readonly [status: number, body: unknown];

/** How the stand-in differs from a Grafana that is well. */
export interface Behaviour {
  /** By path, without what follows a question mark. */
  readonly replies?: Readonly<Record<string, Reply>>;
  /** What a query gives, in the words of `/api/ds/query`. @default a frame with a number */
  readonly result?: (target: Target) => object;
}

export const PASSWORD = "secret";
export const VERSION = "12.4.10";

/** A frame of one series with these values at two moments, as Grafana's documentation shows it. */
export const frame = (...values: (number | null)[]) => ({
  schema: {
    refId: "A",
    fields: [
      { name: "Time", type: "time", typeInfo: { frame: "time.Time" } },
      { name: "Value", type: "number", typeInfo: { frame: "float64" }, labels: { instance: "a" } },
    ],
  },
  data: { values: [values.map((_, index) => 1_763_000_000_000 + index * 15_000), values] },
});

/** What answers at a port of this machine as Grafana's HTTP API is documented to. It is no Grafana. */
export interface StandIn {
  readonly port: number;
  /** Bodies of the questions to `/api/ds/query`. */
  readonly asked: readonly { readonly from: string; readonly queries: readonly Target[] }[];
  stop(): Promise<void>;
}

/** Starts it with dashboards that are there. */
export async function startStandIn(boards: readonly BoardJson[], { replies = {}, result }: Behaviour = {}): Promise<StandIn> {
  const asked: { from: string; queries: Target[] }[] = [];
  const own = new Map<string, Reply>([
    ["/api/health", [200, { commit: "abc", database: "ok", version: VERSION }]],
    [
      "/api/datasources/uid/prometheus",
      [200, { uid: "prometheus", name: "Prometheus", type: "prometheus", isDefault: true, readOnly: true }],
    ],
    ["/api/datasources/uid/prometheus/health", [200, { status: "OK", message: "Successfully queried the Prometheus API." }]],
    ...boards.flatMap((dashboard): [string, Reply][] => [
      [`/api/dashboards/uid/${dashboard.uid}`, [200, { dashboard, meta: { folderTitle: "CloudNova", provisioned: true, version: 1 } }]],
      [`/d/${dashboard.uid}`, [200, `<h1>${dashboard.title}</h1>${"<p>A dashboard with lines.</p>".repeat(40)}`]],
    ]),
  ]);
  const answer = async (path: string, body: string): Promise<Reply> => {
    const known = replies[path] ?? own.get(path);
    if (known) return known;
    if (/\/resources\/api\/v1\/label\/\w+\/values$/.test(path)) return [200, { status: "success", data: ["a"] }];
    if (path !== "/api/ds/query") return [404, { message: "Not found" }];
    const question = JSON.parse(body);
    asked.push(question);
    const give = result ?? (() => ({ status: 200, frames: [frame(1, 2)] }));
    return [200, { results: Object.fromEntries(question.queries.map((target: Target) => [target.refId, give(target)])) }];
  };
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const known = request.headers.authorization === `Basic ${Buffer.from(`admin:${PASSWORD}`).toString("base64")}`;
    const [status, value] = known
      ? await answer(request.url?.split("?")[0] ?? "", body)
      : ([401, { message: "Invalid username or password" }] as const);
    const [type, text] = typeof value === "string" ? ["text/html", value] : ["application/json", JSON.stringify(value)];
    response.writeHead(status, { "content-type": type }).end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    asked,
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
