import type { ServerResponse } from "node:http";
import { Agent } from "node:https";
import { ClusterError } from "../../../src/cluster/cluster-error.ts";
import { Client } from "../../../src/cluster/transport/client.ts";
import type { Connection } from "../../../src/cluster/transport/connection.ts";
import { Discovery } from "../../../src/cluster/transport/discovery.ts";
import { FakeApi } from "./api.ts";

let api: FakeApi;
beforeEach(async () => {
  api = await FakeApi.start();
});
afterEach(() => api.stop());

/** A client whose credentials are a new token, and a new agent, each time. @param given what happens before they are given */
function withTokens(given: (count: number) => void = () => undefined): { client: Client; asked: () => number } {
  let count = 0;
  const credentials = async () => {
    count += 1;
    given(count);
    const agent = new Agent({ keepAlive: true, rejectUnauthorized: false });
    return { agent, headers: { authorization: `Bearer ${count}` } };
  };
  const { connection } = api.client();
  return { client: new Client({ ...connection, credentials } as Connection), asked: () => count };
}

const answer = (response: ServerResponse, status: number, body: unknown = {}) =>
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));

describe("credentials that expire", () => {
  test("do not break the requests that are under way", async () => {
    const slow: ServerResponse[] = [];
    api.intercept = ({ url, headers }, response) => {
      if (url === "/slow") slow.push(response);
      else answer(response, headers.authorization === "Bearer 1" ? 401 : 200);
      return true;
    };
    const { client } = withTokens();
    const first = client.send({ path: "/slow" });
    while (slow.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    expect((await client.send({ path: "/fast" })).status).toBe(200);
    await new Promise((resolve) => setTimeout(resolve, 100)); // a connection that is destroyed would be opened again by now
    for (const response of slow) answer(response, 200, { came: "through" });
    expect((await first).body).toEqual({ came: "through" });
    expect(slow).toHaveLength(1);
    client.close();
  });

  test("are renewed once for all requests that they were refused for", async () => {
    const denied: ServerResponse[] = [];
    api.intercept = ({ headers }, response) => {
      if (headers.authorization !== "Bearer 1") answer(response, 200);
      else if (denied.push(response) === 4) for (const one of denied) answer(one, 401);
      return true;
    };
    const { client, asked } = withTokens();
    const answers = await Promise.all(["/a", "/b", "/c", "/d"].map((path) => client.send({ path })));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(asked()).toBe(2);
    client.close();
  });

  test("a log-in that failed is tried again by the next request", async () => {
    const { client } = withTokens((count) => {
      if (count === 1) throw new ClusterError("no credentials");
    });
    await expect(client.send({ path: "/api/v1" })).rejects.toThrow("no credentials");
    expect((await client.send({ path: "/api/v1" })).status).toBe(200);
    client.close();
  });
});

test("what is under way when the client closes is not tried again", async () => {
  let asked = 0;
  api.intercept = () => {
    asked += 1;
    return true; // and never answers
  };
  const { client } = withTokens();
  const sent = client.send({ path: "/slow" });
  while (asked === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  client.close();
  await expect(sent).rejects.toThrow(ClusterError);
  expect(asked).toBe(1);
}, 2000);

test("a look-up of kinds that was refused is asked again", async () => {
  let refused = 1;
  api.intercept = (_, response) => {
    if (refused-- <= 0) return false;
    answer(response, 403, { message: "not now" });
    return true;
  };
  const discovery = new Discovery(api.client());
  const pod = { apiVersion: "v1", kind: "Pod" };
  await expect(discovery.find(pod)).rejects.toThrow("not now");
  expect(await discovery.find(pod)).toEqual({ plural: "pods", namespaced: true });
});

describe("a server that starts anew refuses every client for a moment", () => {
  /** The first request's connection breaks, and the next two get 403. */
  function startAnew(): void {
    let count = 0;
    api.intercept = ({ socket }, response) => {
      count += 1;
      if (count === 1) socket.destroy();
      else answer(response, count <= 3 ? 403 : 200, {});
      return true;
    };
  }

  test.each([
    ["its lease's client, when the apply's connection broke", (client: Client) => [client, client.withoutSignal()]],
    ["the apply's, when the lease's connection broke", (client: Client) => [client.withoutSignal(), client]],
    ["another piece of work's", (client: Client) => [client, client.anew()]],
  ] as const)("%s", async (_, both) => {
    const [first, second] = both(api.client()) as [Client, Client];
    startAnew();
    const [one, other] = await Promise.all([
      first.send({ path: "/first" }),
      new Promise((resolve) => setTimeout(resolve, 60)).then(() => second.send({ path: "/second" })),
    ]);
    expect([one.status, other.status]).toEqual([200, 200]);
    first.close();
    second.close();
  });
});
