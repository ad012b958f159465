import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { selfSigned } from "../../certificate.ts";
import { noUserMissing, ownPage } from "./health.ts";
import { Load } from "./load.ts";
import type { Stage } from "./stage.ts";

let server: Server;
let load: Load;
let answer: (request: IncomingMessage, response: ServerResponse) => void;

beforeAll(async () => {
  server = createServer(selfSigned("DNS:localhost"), (request, response) => answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterAll(() => new Promise((resolve) => server.close(resolve)));
beforeEach(() => {
  load = new Load((server.address() as AddressInfo).port);
});
afterEach(() => load.end());

const pageOf = (next: string | null, ...emails: string[]) => JSON.stringify({ items: emails.map((email) => ({ email })), next });

test("the whole list is read page by page; a page that the ingress's rate limit refuses is asked for again", async () => {
  const asked: string[] = [];
  answer = (request, response) => {
    asked.push(request.url ?? "");
    if (asked.length === 2) return void response.writeHead(429).end("Too Many Requests");
    response.end(
      request.url?.includes("cursor=b%2F") ? pageOf(null, "three@example.org") : pageOf("b/", "one@example.org", "two@example.org"),
    );
  };
  expect([...(await load.listed())]).toEqual(["one@example.org", "two@example.org", "three@example.org"]);
  expect(asked).toEqual(["/api/v1/users?limit=100", ...Array(2).fill("/api/v1/users?limit=100&cursor=b%2F")]);
});

test("another refusal is an error, with the answer", async () => {
  answer = (_, response) => void response.writeHead(503).end("The database does not answer.");
  await expect(load.listed()).rejects.toThrow("the list of users was answered 503: The database does not answer.");
});

test("a user is acknowledged by 201 alone", async () => {
  answer = (_, response) => void response.writeHead(201).end();
  await load.add();
  answer = (_, response) => void response.writeHead(429).end("slowly");
  await expect(load.add()).rejects.toThrow("POST /api/v1/users was answered 429: slowly");
  expect(load.acknowledged.size).toBe(1);
  expect(load.tally()).toEqual({ sent: 2, failed: [] });
});

describe("whether an acknowledged user is missing", () => {
  const emailOf = async (request: IncomingMessage): Promise<string> => {
    let text = "";
    for await (const chunk of request) text += chunk;
    return JSON.parse(text).email;
  };
  /** Lists the users that `kept` lets through, and acknowledges every one; `late` is done while a page is on its way. */
  const application = (kept: (email: string) => boolean, late: () => Promise<unknown> = async () => undefined) => {
    const stored: string[] = [];
    answer = async (request, response) => {
      if (request.method === "POST") {
        stored.push(await emailOf(request));
        return void response.writeHead(201).end();
      }
      const page = pageOf(null, ...stored.filter(kept));
      await late();
      response.end(page);
    };
  };
  const stage = () => ({ load }) as unknown as Stage;

  test("is not said of one that was added while the last page was on its way", async () => {
    application(
      () => true,
      () => load.add(),
    );
    await load.add();
    expect(await noUserMissing(stage())).toBe("all 1 acknowledged users are there");
    expect(load.acknowledged.size).toBe(2);
  });

  test("is said of one that the list has not", async () => {
    application((email) => !email.endsWith("-1@example.org"));
    await load.add();
    await load.add();
    await expect(noUserMissing(stage())).rejects.toThrow(/^1 acknowledged users are gone: e2e-\w+-1@example\.org$/);
  });
});

test("a page is told with its status and headers, and is no request of the load", async () => {
  answer = (request, response) => void response.writeHead(503, { "retry-after": "2" }).end(request.headers["accept-language"]);
  expect(await load.page("/users")).toMatchObject({ status: 503, headers: { "retry-after": "2" }, text: "en" });
  expect(load.tally()).toEqual({ sent: 0, failed: [] });
});

describe("the page without the database", () => {
  const page = {
    status: 503,
    headers: { "retry-after": "2", "content-type": "text/html; charset=utf-8" },
    text: '<h1 class="h3">Back in a moment</h1>',
  };

  test("is the application's own", () => expect(() => ownPage(page)).not.toThrow());

  test.each([
    ["Traefik's bare 503", { status: 503, headers: { "content-type": "text/plain; charset=utf-8" }, text: "no available server" }],
    ["a page that works", { ...page, status: 200 }],
    ["one that does not say when to come again", { ...page, headers: { "content-type": "text/html" } }],
  ])("is not %s", (_, reply) => expect(() => ownPage(reply)).toThrow(/the page without the database/));
});
