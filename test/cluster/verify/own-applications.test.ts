import type { AddressInfo } from "node:net";
import { connect, createServer, type Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { mysqlLogin, scramble } from "../../../src/cluster/transport/mysql-login.ts";
import type { Subject } from "../../../src/cluster/verify/subject.ts";
import { parseEnvironment } from "../../../src/config/load.ts";
import { labels } from "../../../src/labels.ts";
import { selfSigned } from "../../certificate.ts";
import { type Behaviour, startEntrance } from "./ingress-server.ts";
import { find, findings, MIB, pod, subject } from "./verify-subject.ts";

jest.setTimeout(30_000);

const { config } = parseEnvironment(
  `cluster: kind
machine: { memory: 4Gi, cpu: "2" }
applications:
  shop: { image: "ghcr.io/me/shop:1", ingress: { path: /shop } }
  blog: { image: "ghcr.io/me/blog:1", database: false, ingress: { host: blog.localhost } }
`,
  "mine.yaml",
);

const stops: (() => void)[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

/** What is found of the user's applications, by check. */
async function look(behaviour: Behaviour = {}, more: Partial<Subject> = {}) {
  const { ingress, stop } = await startEntrance(behaviour);
  stops.push(stop);
  return Object.fromEntries((await findings(subject({}, { config, ingress, ...more }))).map((one) => [one.check, one]));
}
const PAGES: Behaviour = {
  leaks: ["/shop/", "/"],
  redirect: (path, port) => `https://${path === "/" ? "blog.localhost" : "localhost"}:${port}${path}`,
};

test("the sample's own checks are left out where it does not run, and no other", async () => {
  const found = await look(PAGES);
  expect(Object.keys(found)).not.toEqual(expect.arrayContaining(["user"]));
  for (const name of ["redirect", "headers", "user", "survival"]) expect(found[name]).toBeUndefined();
  for (const name of ["workloads", "memory", "TLS 1.3", "certificate", "targets", "rules", "exposure"]) expect(found[name]).toBeDefined();
  expect(found.exposure).toMatchObject({ state: "ok" });
});

test("applications that answer, each at its own host and path", async () => {
  const found = await look(PAGES);
  expect(found["start pages"]).toMatchObject({ state: "ok", saw: "shop: /shop/ responds 200; blog: / responds 200" });
  expect(found["application redirects"]).toMatchObject({
    state: "ok",
    saw: expect.stringMatching(
      /^shop: 301, Location: https:\/\/localhost:\d+\/shop\/; blog: 301, Location: https:\/\/blog\.localhost:\d+\/$/,
    ),
  });
  expect(found["application headers"]).toMatchObject({ state: "ok" });
});

test.each<[number, RegExp]>([
  [500, /see its logs: .*logs.*--component shop/],
  [502, /make it use plain HTTP/],
  [503, /see '.*status'/],
])("a start page that answers %d is a problem, and the application is named", async (status, advice) => {
  const found = await look({ ...PAGES, instead: (path) => (path === "/shop/" ? status : undefined) });
  expect(found["start pages"]).toMatchObject({
    state: "problem",
    saw: `shop: /shop/ responds ${status}`,
    advice: expect.stringMatching(advice),
  });
});

test("a 404 of Traefik's own is a problem: it adds no header to that", async () => {
  const headers = { "x-content-type-options": "nosniff" };
  const found = await look({ ...PAGES, headers, instead: (path) => (path === "/shop/" ? 404 : undefined) });
  expect(found["start pages"]).toMatchObject({
    state: "problem",
    saw: "shop: /shop/ responds 404",
    advice: "Traefik has no route to it: apply the environment again",
  });
});

test("a login page's 302 or 401, or the 404 of an interface without a start page, is an answer of the application", async () => {
  for (const status of [302, 401, 403, 404]) {
    const found = await look({ ...PAGES, instead: (path) => (path === "/shop/" ? status : undefined) });
    expect(found["start pages"]).toMatchObject({ state: "ok" });
  }
});

test("more memory than the request is a warning for an application of the user's: its first run tells what it takes", async () => {
  const container = { resources: { requests: { memory: "96Mi" } } };
  const shop = pod("shop-1", "shop", container);
  const metadata = { ...shop.metadata, namespace: "cloudnova-shop", labels: labels({ name: "shop", component: "application" }) };
  const pods = async () => [{ ...shop, metadata }, pod("mysql-0", "mysql", { resources: { requests: { memory: "200Mi" } } })];
  const using = (mysql: number) => async () =>
    new Map([
      ["shop-1/shop", 150 * MIB],
      ["mysql-0/mysql", mysql * MIB],
    ]);
  expect(await find("memory", subject({}, { config, pods, workingSets: using(100) }))).toMatchObject({
    state: "warning",
    saw: "shop-1/shop: 150 MiB of 96Mi",
    advice: expect.stringContaining("of applications.shop"),
  });
  expect(await find("memory", subject({}, { config, pods, workingSets: using(201) }))).toMatchObject({ state: "problem" });
});

test("headers of Traefik that are missing, a redirect to elsewhere", async () => {
  const found = await look({ ...PAGES, headers: { "x-content-type-options": "nosniff" }, redirect: () => "https://other.example/" });
  expect(found["application headers"]).toMatchObject({
    state: "problem",
    saw: expect.stringContaining("shop: strict-transport-security is missing"),
  });
  expect(found["application redirects"]).toMatchObject({
    state: "problem",
    saw: expect.stringContaining("Location: https://other.example/; expected: https://localhost:"),
  });
});

/** A packet of MySQL's protocol. */
const packet = (sequence: number, payload: Buffer) => {
  const head = Buffer.alloc(4);
  head.writeUIntLE(payload.length, 0, 3);
  head[3] = sequence;
  return Buffer.concat([head, payload]);
};
const NONCE = Buffer.from("0123456789abcdefghij");
const [SSL, PROTOCOL] = [0x800, 0x8_8200];

/** A server that knows one account, as MySQL 9 greets (the documentation's Protocol::HandshakeV10). `full`: its cache is empty. */
async function mysql({ full = true, tls = true } = {}): Promise<number> {
  const flags = PROTOCOL | (tls ? SSL : 0);
  const greeting = Buffer.concat([
    Buffer.from([10]),
    Buffer.from("9.7.4\0"),
    Buffer.alloc(4),
    NONCE.subarray(0, 8),
    Buffer.from([0, flags & 0xff, (flags >> 8) & 0xff, 45, 2, 0, (flags >> 16) & 0xff, (flags >> 24) & 0xff, 21]),
    Buffer.alloc(10),
    NONCE.subarray(8),
    Buffer.from("\0caching_sha2_password\0"),
  ]);
  const server = createServer((socket) => {
    socket.write(packet(0, greeting));
    const login = (secure: Socket | TLSSocket, sequence: number) =>
      secure.once("data", (data) => {
        const proof = scramble("geheim", NONCE);
        const [user] = data.subarray(36).toString("latin1").split("\0");
        const denied = Buffer.concat([Buffer.from([0xff, 0x15, 0x04]), Buffer.from(`#28000Access denied for user '${user}'@'10.0.0.1'`)]);
        if (!data.includes(proof) || !data.includes("\0shop\0")) return void secure.write(packet(sequence, denied));
        if (!full)
          return void secure.write(Buffer.concat([packet(sequence, Buffer.from([1, 3])), packet(sequence + 1, Buffer.from([0, 0, 0]))]));
        secure.write(packet(sequence, Buffer.from([1, 4])));
        secure.once("data", (told) =>
          secure.write(packet(sequence + 2, told.subarray(4).equals(Buffer.from("geheim\0")) ? Buffer.from([0, 0, 0]) : denied)),
        );
      });
    if (!tls) return void login(socket, 2);
    socket.once("readable", () => {
      socket.read(36); // the request for TLS; the handshake may be in the same segment
      const { key, cert } = selfSigned("DNS:mysql");
      login(new TLSSocket(socket, { isServer: true, key, cert }), 3);
    });
  });
  stops.push(() => server.close());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}
const reach = (port: number) => async () => connect(port, "127.0.0.1");

describe("the database account", () => {
  const asked: unknown[] = [];
  const secret: Subject["secret"] = async (...args) => {
    asked.push(args);
    return "geheim";
  };

  test.each([{ full: true }, { full: false }])("logs in over TLS with the password of its own Secret: %j", async (server) => {
    const found = await find("application databases", subject({}, { config, secret, reach: reach(await mysql(server)) }));
    expect(found).toMatchObject({ state: "ok", saw: "shop: shop can log in to shop; blog: no database" });
    expect(asked).toContainEqual(["shop-database", "password", "cloudnova-shop"]);
  });

  test("a password that MySQL does not take, and a server that is not there", async () => {
    const other = { config, secret: async () => "other", reach: reach(await mysql()) };
    expect(await find("application databases", subject({}, other))).toMatchObject({
      state: "problem",
      saw: "shop: 1045: Access denied for user 'shop'@'10.0.0.1'",
    });
    expect(await find("application databases", subject({}, { config, secret }))).toMatchObject({
      state: "problem",
      saw: "shop: no MySQL here",
    });
    expect(await find("application databases", subject({}, { config, secret: async () => undefined }))).toMatchObject({
      state: "problem",
      saw: "shop: the Secret shop-database does not exist or lacks its key",
    });
  });

  test("without TLS the password itself is never sent", async () => {
    const port = await mysql({ tls: false });
    await expect(mysqlLogin(connect(port, "127.0.0.1"), { user: "shop", password: "geheim", database: "shop" })).rejects.toThrow(
      "has no TLS",
    );
    const cached = await mysql({ tls: false, full: false });
    expect(await mysqlLogin(connect(cached, "127.0.0.1"), { user: "shop", password: "geheim", database: "shop" })).toBe("9.7.4");
  });
});
