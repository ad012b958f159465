import { mkdtempSync } from "node:fs";
import { createSecureServer, type Http2SecureServer } from "node:http2";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { stringify } from "yaml";
import { blackboxConfiguration } from "../../src/monitoring/scrape.ts";
import { type Daemon, startDaemon } from "../../tools/common/daemon.ts";
import { freePorts } from "../../tools/common/ports.ts";
import { selfSigned } from "../certificate.ts";
import { inRootScript, serversRoot } from "./servers.ts";

// What the real blackbox-exporter says of start pages, by our configuration.
jest.setTimeout(120_000);

/** Traefik's header on each route of an application. */
const ROUTED = { "strict-transport-security": "max-age=300" };
/** Answers by path. */
const PAGES: Readonly<Record<string, readonly [status: number, headers: Readonly<Record<string, string>>, body: string]>> = {
  "/page": [200, ROUTED, "<h1>Hello</h1>"],
  // Flask's redirect() writes such a body.
  "/redirect": [302, { ...ROUTED, location: "/login" }, "You should be redirected automatically to the target URL: /login"],
  "/locked": [401, ROUTED, "log in"],
  "/own-404": [404, ROUTED, "404 page not found\n"],
  "/traefiks-404": [404, { "x-content-type-options": "nosniff" }, "404 page not found\n"],
  "/broken": [500, ROUTED, "Internal Server Error"],
};

let server: Http2SecureServer;
let exporter: Daemon;
let [port, pages] = [0, 0];

beforeAll(async () => {
  [port = 0, pages = 0] = await freePorts(2);
  server = createSecureServer({ ...selfSigned("DNS:localhost"), allowHTTP1: true }, (request, response) => {
    const [status, headers, body] = PAGES[request.url ?? ""] ?? [500, {}, ""];
    response.writeHead(status, headers);
    response.end(body);
  }).listen(pages, "127.0.0.1");
  const file = { "/etc/probe/blackbox.yml": stringify(blackboxConfiguration(true)) };
  const command = `exec prometheus-blackbox-exporter --config.file=/etc/probe/blackbox.yml --web.listen-address=127.0.0.1:${port}`;
  const script = inRootScript(await serversRoot(), ["/etc/probe"], file, command);
  exporter = startDaemon("unshare", ["--mount", "bash", "-c", script], join(mkdtempSync(join(tmpdir(), "cloudnova-probe-")), "log"));
  const healthy = () =>
    fetch(`http://127.0.0.1:${port}/-/healthy`).then(
      ({ ok }) => ok,
      () => false,
    );
  while (!(await Promise.race([healthy(), exporter.died]))) await sleep(100);
});
afterAll(async () => {
  await exporter?.stop();
  server?.close();
});

/** Whether the exporter takes a page for an answer. */
async function succeeds(module: string, path: string): Promise<boolean> {
  const target = encodeURIComponent(`https://127.0.0.1:${pages}${path}`);
  const text = await (await fetch(`http://127.0.0.1:${port}/probe?module=${module}&target=${target}`)).text();
  return /^probe_success 1$/m.test(text);
}

test.each([
  ["/page", true],
  ["/redirect", true],
  ["/locked", true],
  ["/own-404", true],
  ["/traefiks-404", false],
  ["/broken", false],
])("the start page of an application of the user's: %s", async (path, expected) => {
  expect(await succeeds("application", path)).toBe(expected);
});

test.each([
  ["/page", true],
  ["/own-404", false],
])("the sample's: %s", async (path, expected) => {
  expect(await succeeds("https", path)).toBe(expected);
});
