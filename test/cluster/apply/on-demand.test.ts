import { startOnDemand } from "../../../src/cluster/apply/on-demand.ts";
import { FLUX_RECONCILES } from "../../../src/cluster/objects/managers.ts";
import { FakeApi } from "../transport/api.ts";

const SETS = "/apis/apps/v1/namespaces/cloudnova/statefulsets";
const target = { namespace: "cloudnova", name: "grafana" };
let api: FakeApi;
let scaled: unknown[];

beforeEach(async () => {
  api = await FakeApi.start();
  scaled = [];
  api.intercept = (request, response) => {
    if (request.method !== "PATCH") return false;
    request.on("data", (chunk: Buffer) => scaled.push([request.method, request.url, JSON.parse(chunk.toString())]));
    request.on("end", () => response.writeHead(200, { "content-type": "application/json" }).end("{}"));
    return true;
  };
});
afterEach(() => api.stop());

const scale = (replicas: number, manager = "cloudnova-open") => [
  "PATCH",
  `${SETS}/grafana?fieldManager=${manager}`,
  { metadata: { annotations: { [FLUX_RECONCILES]: manager === "cloudnova-replicas" ? null : "disabled" } }, spec: { replicas } },
];
/** Not as `open`'s own: what that owns Argo CD leaves alone, also where a commit changes it. */
const back = scale(0, "cloudnova-replicas");

test("a StatefulSet without a pod gets one, and loses it at the end, also after Ctrl-C", async () => {
  api.put(SETS, { kind: "StatefulSet", metadata: { name: "grafana" }, spec: { replicas: 0 } });
  const interrupt = new AbortController();
  const stop = await startOnDemand(api.client(interrupt.signal), target);
  expect(scaled).toEqual([scale(1)]);
  interrupt.abort();
  await stop();
  expect(scaled).toEqual([scale(1), back]);
});

test("one that runs already is left alone at both ends", async () => {
  api.put(SETS, { kind: "StatefulSet", metadata: { name: "grafana" }, spec: { replicas: 1 } });
  await (await startOnDemand(api.client(), target))();
  expect(scaled).toEqual([]);
});

test("one that was never applied is named, with the next step", async () => {
  await expect(startOnDemand(api.client(), target)).rejects.toMatchObject({
    message: "there is no StatefulSet grafana in namespace cloudnova",
    advice: expect.stringContaining("npx cloudnova up"),
  });
});
