import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { Readable } from "node:stream";
import { ask, textOf } from "../../../src/cluster/backup/transfer.ts";

let server: Server;
let answer: (request: IncomingMessage, response: ServerResponse) => void;
beforeEach(async () => {
  server = createServer((request, response) => answer(request, response)).listen(0, "127.0.0.1");
  await once(server, "listening");
});
afterEach(() => server.close());
const connection = () => connect((server.address() as AddressInfo).port, "127.0.0.1");

test("a backup comes with its length and its hash, over any connection", async () => {
  answer = ({ url }, response) => response.writeHead(200, { "x-sha256": "abc" }).end(`content of ${url}`);
  const received = await ask(connection(), { method: "GET", name: "one" });
  expect([received.statusCode, received.headers["x-sha256"], await textOf(received)]).toEqual([200, "abc", "content of /one"]);
});

test("one that is sent has its length, and arrives whole", async () => {
  const content = Buffer.alloc(3_000_000, "x");
  answer = (request, response) => {
    let bytes = 0;
    request.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
    });
    request.on("end", () => response.end(`${request.method} ${request.headers["content-length"]} ${bytes}`));
  };
  const received = await ask(connection(), {
    method: "PUT",
    name: "one",
    body: { stream: Readable.from([content]), bytes: content.length },
  });
  expect(await textOf(received)).toBe("PUT 3000000 3000000");
});

test("a refusal before all was sent is the answer, and not the broken connection", async () => {
  answer = (request, response) => {
    request.resume();
    response.writeHead(409, { connection: "close" }).end("it is there already");
  };
  const endless = Readable.from(
    (async function* () {
      for (let count = 0; count < 200; count++) yield Buffer.alloc(65_536);
    })(),
  );
  const received = await ask(connection(), { method: "PUT", name: "one", body: { stream: endless, bytes: 200 * 65_536 } });
  expect([received.statusCode, await textOf(received)]).toEqual([409, "it is there already"]);
});
