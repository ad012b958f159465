import { on } from "node:events";
import { readFileSync } from "node:fs";
import { request as http, type IncomingHttpHeaders } from "node:http";
import { Agent, request as https } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import { type ConnectionOptions, connect, type TLSSocket } from "node:tls";
import { selfSigned } from "../certificate.ts";
import { find, type Manifest } from "../manifests.ts";
import { Cluster, NAMESPACE } from "./server-cluster.ts";
import { freeTraefikPorts, startTraefik, type Traefik, type TraefikPorts } from "./traefik.ts";

/**
 * The Ingress, its middlewares and TLS options by the real Traefik, which reads our objects from a real API server with
 * the rights that the chart gives it. No pod answers behind it, so an answer of the application is a 503 here.
 */
jest.setTimeout(15 * 60_000);

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
}

let cluster: Cluster;
let traefik: Traefik;
let ports: TraefikPorts;
let certificateAuthority: string;
let log: string;

function get(
  scheme: "http" | "https",
  from = "127.0.0.1",
  host = "localhost",
  port = scheme === "http" ? ports.web : ports.websecure,
  agent: Agent | false = false,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = { host: "127.0.0.1", port, path: "/usuarios?q=a", localAddress: from, headers: { host }, agent };
    const done = (response: { statusCode?: number; headers: IncomingHttpHeaders; resume: () => unknown }) => {
      response.resume();
      resolve({ status: response.statusCode ?? 0, headers: response.headers });
    };
    const sent = scheme === "http" ? http(options, done) : https({ ...options, servername: "localhost", ca: certificateAuthority }, done);
    sent.on("error", reject).end();
  });
}

/** The certificate that a client sees which sends this server name, or none: then it connects by address. */
async function shown(servername?: string): Promise<string> {
  const socket = await handshake({ servername, ca: undefined, rejectUnauthorized: false });
  const { raw } = socket.getPeerCertificate();
  socket.destroy();
  return raw.toString("base64");
}

/** The first certificate of a PEM file, as `shown` gives it. */
const first = (pem: string) => /-----BEGIN CERTIFICATE-----([^-]+)/.exec(pem)?.[1]?.replace(/\s/g, "");

function handshake(options: ConnectionOptions): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect(
      { host: "127.0.0.1", port: ports.websecure, servername: "localhost", ca: certificateAuthority, ...options },
      () => resolve(socket),
    );
    socket.on("error", reject);
  });
}

beforeAll(async () => {
  cluster = await Cluster.start();
  await cluster.bootstrap();
  certificateAuthority = await cluster.value("certificate-authority", "tls.crt");
  ports = await freeTraefikPorts();
  traefik = await startTraefik(cluster, ports, async () => (await get("https")).status === 503);
  log = traefik.log;
});
afterAll(async () => {
  await traefik?.stop();
  await cluster?.stop();
});

test("HTTP is sent to HTTPS for good, with its path, at the port that browsers use", async () => {
  const { status, headers } = await get("http");
  expect(status).toBe(301);
  expect(headers.location).toBe("https://localhost:8443/usuarios?q=a");
});

test.each(["localhost", "203.0.113.7", "any.example.org"])(
  "a request for %s is answered: the address of a small machine changes",
  async (host) => expect((await get("https", "127.0.0.1", host)).status).toBe(503),
);

test("Traefik sets the headers that are the same for every application, and no other; none tells the server's name", async () => {
  const { headers } = await get("https");
  expect(headers).toMatchObject({ "strict-transport-security": "max-age=300", "x-content-type-options": "nosniff" });
  for (const name of ["x-frame-options", "referrer-policy", "permissions-policy", "content-security-policy", "server"])
    expect([name, headers[name]]).toEqual([name, undefined]);
});

describe("TLS", () => {
  // OpenSSL's security level 0 lets this client offer what the server has to refuse.
  const old = { ciphers: "ALL:@SECLEVEL=0", ca: undefined, rejectUnauthorized: false };
  test.each(["TLSv1", "TLSv1.1"] as const)("%s is refused", (version) =>
    expect(handshake({ ...old, minVersion: version, maxVersion: version })).rejects.toThrow(/alert protocol version|wrong version/i),
  );
  test.each(["TLSv1.2", "TLSv1.3"] as const)("%s is accepted, with the certificate from the Secret", async (version) => {
    const socket = await handshake({ minVersion: version, maxVersion: version });
    expect(socket.getProtocol()).toBe(version);
    expect(socket.authorized).toBe(true);
    expect(socket.getPeerCertificate().subjectaltname).toMatch(/DNS:localhost/);
    socket.destroy();
  });
  test.each(["ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA384"])("CBC cipher %s is refused", (ciphers) =>
    expect(handshake({ ...old, ciphers: `${ciphers}:@SECLEVEL=0`, maxVersion: "TLSv1.2" })).rejects.toThrow(/handshake failure/),
  );
});

describe("the certificate from the cluster is shown for every name and address", () => {
  const names = [undefined, "localhost", "any.example.org"];
  const secret = () => find(cluster.manifests, "Ingress", "webapp").spec.tls[0].secretName as string;
  const all = () => Promise.all(names.map((name) => shown(name)));

  test("as the bootstrap Job made it", async () => {
    const made = first(await cluster.value(secret(), "tls.crt"));
    expect(await all()).toEqual(names.map(() => made));
  });

  test("and its successor, without a restart", async () => {
    const old = { crt: await cluster.value(secret(), "tls.crt"), key: await cluster.value(secret(), "tls.key") };
    const replace = async (crt: string, key: string) => {
      await cluster.setSecret(secret(), { "tls.crt": crt, "tls.key": key });
      for (const end = Date.now() + 30_000; (await shown("localhost")) !== first(crt) && Date.now() < end; ) await sleep(200);
      expect(await all()).toEqual(names.map(() => first(crt)));
    };
    const renewed = selfSigned("DNS:localhost,IP:127.0.0.1", 365, "localhost");
    await replace(renewed.cert, renewed.key);
    await replace(old.crt, old.key);
  });
});

test("both Ingresses have a status, from which Argo CD tells that they are healthy", async () => {
  const { body } = await cluster.server.client.call("GET", `/apis/networking.k8s.io/v1/namespaces/${NAMESPACE}/ingresses`);
  const status = Object.fromEntries((body.items as Manifest[]).map((one) => [one.metadata.name, one.status.loadBalancer]));
  const host = { ingress: [{ hostname: "localhost" }] };
  expect(status).toEqual({ webapp: host, "webapp-redirect": host });
});

describe("a request's body waits in Traefik, and not in one of the sample's few threads", () => {
  /** Sends the head of a request that asks whether to send its body. @returns the connection, and the status of each answer in turn */
  async function asked(method: string, length: number) {
    const socket = await handshake({});
    const answers = on(socket.setEncoding("latin1"), "data", { signal: AbortSignal.timeout(5000) });
    socket.write(`${method} /users HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${length}\r\nExpect: 100-continue\r\n\r\n`);
    return { socket, next: async () => String((await answers.next()).value).slice(9, 12) };
  }

  // Without a pod a request is answered 503 before its body, unless Traefik wants the body first.
  test.each(["POST", "PUT", "DELETE"])("of a %s until it is whole", async (method) => {
    const { socket, next } = await asked(method, 10);
    expect(await next()).toBe("100");
    socket.write("1234567890");
    expect(await next()).toBe("503");
    socket.destroy();
  });

  test.each([
    ["a GET is passed on at once: its answer may be large, and is not kept", "GET", 10, "503"],
    ["a body above 32 KiB is refused before it is sent", "POST", 32 * 1024 + 1, "413"],
  ])("%s", async (_, method, length, status) => {
    const { socket, next } = await asked(method, length);
    expect(await next()).toBe(status);
    socket.destroy();
  });
});

/** Many requests at once of a client at this address, over few connections: a handshake for each would take longer than the limit counts. */
async function many(count: number, from: string): Promise<Answer[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 10 });
  try {
    return await Promise.all(Array.from({ length: count }, () => get("https", from, "localhost", ports.websecure, agent)));
  } finally {
    agent.destroy();
  }
}

test("the rate limit tells clients apart: one that asks too much is stopped, another is not", async () => {
  const burst = 100; // the default of ingress.rateLimit
  const answers = await many(3 * burst, "127.0.0.2");
  const stopped = answers.filter(({ status }) => status === 429).length;
  expect(stopped).toBeGreaterThan(0);
  expect(answers.length - stopped).toBeGreaterThanOrEqual(burst);
  expect((await get("https", "127.0.0.3")).status).toBe(503);
});

test("what is refused by the limit has the security headers too", async () => {
  const answers = await many(300, "127.0.0.4");
  const stopped = answers.find(({ status }) => status === 429);
  expect(stopped?.headers).toMatchObject({ "x-content-type-options": "nosniff" });
});

test("metrics are at a port of their own, by entry point", async () => {
  const body = await new Promise<string>((resolve, reject) => {
    http({ host: "127.0.0.1", port: ports.metrics, path: "/metrics", agent: false }, (response) => {
      let text = "";
      response.on("data", (chunk) => {
        text += chunk;
      });
      response.on("end", () => resolve(text));
    })
      .on("error", reject)
      .end();
  });
  expect(body).toMatch(/traefik_entrypoint_requests_total\{.*entrypoint="websecure"/);
  expect(body).toMatch(/traefik_entrypoint_responses_bytes_total/);
  // Answers within milliseconds fall into buckets that tell them apart.
  const bounds = [...body.matchAll(/^traefik_entrypoint_request_duration_seconds_bucket\{.*le="([^"]+)"/gm)].map(([, le]) => Number(le));
  expect([...new Set(bounds.filter((bound) => bound <= 0.1))].sort()).toEqual([0.005, 0.01, 0.025, 0.05, 0.1]);
});

test("its access log tells paths and answers, and not what was searched for", async () => {
  await get("https", "127.0.0.5");
  const entriesNow = () =>
    readFileSync(log, "utf8")
      .split("\n")
      .slice(0, -1)
      .filter((entry) => entry.includes('"ClientHost":"127.0.0.5"'));
  for (const end = Date.now() + 30_000; entriesNow().length === 0 && Date.now() < end; ) await sleep(100);
  const entries = entriesNow();
  expect(entries).toEqual([expect.stringContaining('"RequestPath":"/usuarios"')]);
  expect(JSON.parse(entries[0] ?? "")).toMatchObject({ DownstreamStatus: 503, RequestMethod: "GET" });
  expect(readFileSync(log, "utf8")).not.toContain("q=a");
});

test("its account reads this namespace and no other's Secrets", async () => {
  const { body } = await cluster.server.client.call("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", {
    apiVersion: "authorization.k8s.io/v1",
    kind: "SubjectAccessReview",
    spec: {
      user: `system:serviceaccount:${NAMESPACE}:traefik`,
      resourceAttributes: { namespace: "kube-system", verb: "list", resource: "secrets" },
    },
  });
  expect(body.status.allowed).toBe(false);
});
