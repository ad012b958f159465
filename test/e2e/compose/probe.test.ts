import type { ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { selfSigned } from "../../certificate.ts";
import { ask, Probe } from "./probe.ts";

let server: Server;
let port: number;
let answer: (response: ServerResponse) => void;

beforeAll(async () => {
  server = createServer(selfSigned("DNS:localhost"), (_, response) => answer(response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  port = (server.address() as AddressInfo).port;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

test.each([
  ["a whole answer of 200 is good", (response: ServerResponse) => void response.end("users"), undefined],
  ["another status is a failure", (response: ServerResponse) => void response.writeHead(502).end(), "status 502"],
  ["so is a connection that ends before the answer does", (response: ServerResponse) => void response.socket?.destroy(), "ECONNRESET"],
  [
    "and an answer that is cut off",
    (response: ServerResponse) => void response.writeHead(200, { "content-length": 10 }).write("user", () => response.socket?.destroy()),
    "ECONNRESET",
  ],
])("%s", async (_, how, failure) => {
  answer = how;
  expect((await ask(port)).failure).toBe(failure);
});

test("a port on which nothing listens is a failure", async () => {
  expect((await ask(1)).failure).toBe("ECONNREFUSED");
});

test("the rate is kept although answers are slow, and every request is in the result", async () => {
  answer = (response) => void setTimeout(() => response.writeHead(503).end(), 400);
  const begun = Date.now();
  const probe = new Probe(port, 50);
  await sleep(300);
  const samples = await probe.stop();
  expect(samples.length).toBeGreaterThan(1); // one after the other, there would be one; how many more depends on the machine
  expect(samples.every(({ failure }) => failure === "status 503")).toBe(true);
  expect(probe.lastFailed).toBe(Math.max(...samples.map(({ sent }) => sent)));
  expect(probe.lastFailed).toBeGreaterThanOrEqual(begun);
});
