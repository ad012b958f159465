import type { Finding } from "../../../src/cluster/finding.ts";
import type { KubeObject } from "../../../src/cluster/objects/kube-object.ts";
import { askTrusted, basic, OtherCertificate } from "../../../src/cluster/transport/ingress-client.ts";
import type { Subject } from "../../../src/cluster/verify/subject.ts";
import { type Behaviour, HEADERS, startEntrance } from "./ingress-server.ts";
import { config, find, findings, pod, subject } from "./verify-subject.ts";

// What the checks make of an ingress that answers, rightly and wrongly, over real TLS.
jest.setTimeout(30_000);

const stops: (() => void)[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

async function look(behaviour: Behaviour = {}, more: Partial<Subject> = {}): Promise<Record<string, Finding>> {
  const { ingress, stop } = await startEntrance(behaviour);
  stops.push(stop);
  return Object.fromEntries((await findings(subject({}, { ingress, ...more }))).map((one) => [one.check, one]));
}
const problem = (saw: unknown) => ({ state: "problem", saw });

test("an ingress as it should be", async () => {
  const found = await look();
  for (const name of ["TLS 1.0", "TLS 1.1", "TLS 1.2", "TLS 1.3", "certificate", "redirect", "headers", "exposure"]) {
    expect(found[name]).toMatchObject({ state: "ok" });
  }
  expect(found["TLS 1.0"]?.saw).toMatch(/^rejected by the server \(.*ALERT/);
  expect(found.certificate?.saw).toMatch(/^for localhost, by 'CloudNova', (89|90) days left$/);
});

test("TLS 1.0 and 1.1 accepted; a certificate that ends soon, or is for another name", async () => {
  const old = await look({ oldest: "TLSv1", days: 3 });
  expect(old["TLS 1.0"]).toMatchObject(problem("accepted"));
  expect(old["TLS 1.1"]).toMatchObject(problem("accepted"));
  expect(old.certificate).toMatchObject(problem(expect.stringMatching(/[23] days left/)));
  const other = await look({ name: "example.org" });
  expect(other.certificate).toMatchObject({ state: "problem", advice: expect.stringContaining("must include localhost") });
});

describe("a certificate that Let's Encrypt is to issue", () => {
  const issuedFor = (host: string, staging: boolean): Partial<Subject> => ({
    config: { ...config, ingress: { ...config.ingress, host, tls: { letsEncrypt: { staging, challenge: "http-01" } } } },
  });

  test("of the test server is a warning with the next step; of the other it is ok", async () => {
    expect((await look({}, issuedFor("localhost", true))).certificate).toMatchObject({
      state: "warning",
      advice: expect.stringContaining("staging: false"),
    });
    expect((await look({}, issuedFor("localhost", false))).certificate).toMatchObject({ state: "ok" });
  });

  test("of an address may end in two days: it is renewed until then", async () => {
    expect((await look({ days: 2 }, issuedFor("198.51.100.7", false))).certificate).toMatchObject({ state: "ok" });
    expect((await look({ days: 2 }, issuedFor("localhost", false))).certificate).toMatchObject({ state: "problem" });
  });

  test("that was not issued yet is named, instead of a wrong name", async () => {
    const found = (await look({ issuer: "TRAEFIK DEFAULT CERT" }, issuedFor("localhost", false))).certificate;
    expect(found).toMatchObject({ state: "problem", advice: expect.stringContaining("CertificateNotIssued") });
  });

  test("gets no password while it is one of the test server, and none without an authority that is trusted", async () => {
    const login = { ...config.webapp, writeAccess: "login" as const };
    const served = await startEntrance();
    stops.push(served.stop);
    const user = (staging: boolean) => {
      const more = issuedFor("localhost", staging);
      const environment = { ...config, ...more.config, webapp: login };
      return find("user", subject({}, { ingress: served.ingress, secret: async () => "password", config: environment }));
    };
    expect(await user(true)).toMatchObject({ state: "skipped", saw: expect.stringContaining("no password is sent") });
    expect(await user(false)).toMatchObject({ state: "problem", saw: expect.stringContaining("the password was not sent") });
    expect(served.told).toEqual([]);
  });

  test("is enough for a password when an authority that is trusted issued it for the host", async () => {
    const served = await startEntrance();
    const other = await startEntrance({ name: "example.org" });
    stops.push(served.stop, other.stop);
    const asked = { headers: { authorization: basic("admin", "password") } };
    await askTrusted(served.ingress, { ca: served.certificate }, "/", asked);
    expect(served.told).toHaveLength(1);
    await expect(askTrusted(other.ingress, { ca: other.certificate }, "/", asked)).rejects.toThrow(OtherCertificate);
    expect(other.told).toEqual([]);
  });
});

test("TLS 1.3 alone is as good, and its certificate is read; TLS 1.2 alone is not", async () => {
  const found = await look({ oldest: "TLSv1.3" });
  expect(found["TLS 1.2"]).toMatchObject({ state: "ok", saw: expect.stringMatching(/^rejected by the server \(.*ALERT/) });
  expect(found["TLS 1.3"]).toMatchObject({ state: "ok", saw: "accepted" });
  expect(found.certificate).toMatchObject({ state: "ok", saw: expect.stringMatching(/^for localhost/) });
  const old = await look({ newest: "TLSv1.2" });
  expect(old["TLS 1.2"]).toMatchObject({ state: "ok" });
  expect(old["TLS 1.3"]).toMatchObject(problem(expect.stringMatching(/^rejected by the server/)));
});

test("the fault switches may be there where the environment wants them, and nowhere else", async () => {
  const guarded = (path: string) => (path === "/debug/error" ? 403 : undefined);
  const wanted: Partial<Subject> = { config: { ...config, webapp: { ...config.webapp, faultInjection: true } } };
  expect((await look({ instead: guarded }, wanted)).exposure).toMatchObject({ state: "ok" });
  expect((await look({ leaks: ["/debug/error"] }, wanted)).exposure).toMatchObject(
    problem(expect.stringContaining("responds 200 to /debug/error")),
  );
  expect((await look({ instead: guarded })).exposure).toMatchObject(problem(expect.stringContaining("responds 403 to /debug/error")));
});

test("the rate limit's 429 is asked again, and is never taken for an answer of the path", async () => {
  const soon = await look({ instead: (path, count) => (path === "/metrics" && count < 3 ? 429 : undefined) });
  expect(soon.exposure).toMatchObject({ state: "ok" });
  const leak = await look({ leaks: ["/metrics"], instead: (path, count) => (path === "/metrics" && count < 3 ? 429 : undefined) });
  expect(leak.exposure).toMatchObject(problem(expect.stringContaining("responds 200 to /metrics")));
  const never = await look({ instead: (path) => (path === "/metrics" ? 429 : undefined) });
  expect(never.exposure).toMatchObject({ state: "warning", saw: expect.stringMatching(/429: \/metrics$/) });
  const pages = await look({ instead: (path, count) => (path === "/users" && count < 3 ? 429 : undefined) });
  expect(pages.headers).toMatchObject({ state: "ok" });
});

test("a redirect that loses the path or the port, headers that are missing or tell too much, metrics at the ingress", async () => {
  const headers = { server: "nginx/1.2", "strict-transport-security": "max-age=0" };
  const found = await look({ redirect: () => "https://localhost/", headers, leaks: ["/metrics"] });
  expect(found.redirect).toMatchObject(problem(expect.stringContaining("expected: https://localhost:")));
  expect(found.headers?.saw).toMatch(
    /strict-transport-security is max-age=0.*x-frame-options is missing.*nginx\/1.2 discloses the software/,
  );
  expect(found.exposure).toMatchObject(problem(expect.stringContaining("the ingress responds 200 to /metrics")));
});

test("a header that two set is a problem: browsers join or ignore its values", async () => {
  const both = { "x-frame-options": ["DENY", "SAMEORIGIN"], "x-content-type-options": ["nosniff", "nosniff"] };
  const found = await look({ headers: { ...HEADERS, ...both } });
  expect(found.headers?.state).toBe("problem");
  expect(found.headers?.saw).toBe("x-content-type-options is nosniff, nosniff, x-frame-options is DENY, SAMEORIGIN");
});

test("Services, host ports and ports of the machine that anybody can reach", async () => {
  const service = (name: string, type: string) => ({ metadata: { name }, spec: { type } }) as unknown as KubeObject;
  const found = await look(
    {},
    {
      services: async () => [service("traefik", "NodePort"), service("webapp", "ClusterIP"), service("grafana", "NodePort")],
      pods: async () => [pod("mysql-0", "mysql", { ports: [{ hostPort: 3306 }] }), pod("x-1", "x", {}, { hostNetwork: true })],
      connects: async (port) => port === 9100,
    },
  );
  expect(found.exposure?.saw).toMatch(
    /^Service grafana is of type NodePort; pod mysql-0 uses hostPort 3306; pod x-1 uses hostNetwork; port 9100/,
  );
  const here = await look({}, { connects: async () => undefined });
  expect(here.exposure).toMatchObject({ state: "ok", saw: expect.stringContaining("other ports were not checked") });
});

describe("users", () => {
  /** Two replicas behind the ingress; `lacks` says whether one of them does not know a user. */
  async function lookAtUsers(behaviour: Behaviour = {}, lacks = () => false): Promise<Record<string, Finding>> {
    const served = await startEntrance(behaviour);
    stops.push(served.stop);
    let pods = [pod("webapp-1", "webapp"), pod("webapp-2", "webapp")];
    const healthy = subject();
    const changed = {
      ...healthy,
      ingress: served.ingress,
      thorough: true,
      pods: async () => pods,
      log: async (name: string) => (name === "webapp-2" ? served.requests.join("\n") : ""),
      evict: async (name: string) => {
        pods = [...pods.filter(({ metadata }) => metadata.name !== name), pod("webapp-3", "webapp")];
        return undefined;
      },
      inside: async (component: string, port: number, path: string) => {
        if (component !== "webapp") return healthy.inside(component, port, path);
        const text = served.users.get(path) ?? "";
        return [text, lacks() ? "" : text].map((one) => ({ status: one ? 200 : 404, headers: {}, text: one }));
      },
    };
    const found = await findings(changed);
    expect([...served.users]).toEqual([]); // each is taken away again, whatever was found
    return Object.fromEntries(found.map((one) => [one.check, one]));
  }

  test("there on every replica, and after the pod that took it is gone", async () => {
    const { user, survival } = await lookAtUsers();
    expect(user).toMatchObject({ state: "ok", saw: expect.stringContaining("present on 2 of 2 replicas") });
    expect(survival).toMatchObject({
      state: "ok",
      saw: expect.stringMatching(/^webapp-2 stored the test user and was evicted; present on 2 of 2 replicas; \d+ requests/),
    });
  });

  test("one that a replica does not know", async () => {
    const { user, survival } = await lookAtUsers({}, () => true);
    expect(user).toMatchObject(problem(expect.stringContaining("present on 1 of 2 replicas")));
    expect(survival).toMatchObject(problem(expect.stringContaining("present on only 1 of 2 replicas")));
  });

  test("a request that fails while a pod ends", async () => {
    let asked = 0;
    const { survival } = await lookAtUsers({ keeps: () => ++asked % 2 === 0 });
    expect(survival).toMatchObject(problem(expect.stringMatching(/^webapp-2 was evicted: [1-9]\d* of \d+ requests failed \(404\)/)));
  });

  /** An environment that asks for a login, whose Secret holds this certificate. */
  const withLogin = (certificate: string): Partial<Subject> => ({
    config: { ...config, webapp: { ...config.webapp, writeAccess: "login" } },
    secret: async (_name, key) => (key === "tls.crt" ? certificate : "password"),
  });

  test("the password is said to the holder of the ingress's own certificate alone", async () => {
    const served = await startEntrance();
    const other = await startEntrance();
    stops.push(served.stop, other.stop);
    const own = await find("user", subject({}, { ingress: served.ingress, ...withLogin(served.certificate) }));
    expect(own?.saw).toContain("created through the ingress");
    expect(served.told).toEqual(Array(2).fill(`Basic ${Buffer.from("admin:password").toString("base64")}`));
    const foreign = await find("user", subject({}, { ingress: served.ingress, ...withLogin(other.certificate) }));
    expect(foreign).toMatchObject(problem(expect.stringContaining("the password was not sent")));
    expect(served.told).toHaveLength(2);
    expect(other.told).toEqual([]);
  });

  test.each([
    ["lost", /^creating a test user: no response: (socket hang up|.*ECONNRESET)/],
    [504, /^creating a test user: HTTP 504/],
  ] as const)("a user whose addition is answered %p is looked for, and taken away again", async (added, words) => {
    const served = await startEntrance({ added: () => added });
    stops.push(served.stop);
    const found = await find("user", subject({}, { ingress: served.ingress }));
    expect(found).toMatchObject(problem(expect.stringMatching(words)));
    expect([served.requests.length, served.users.size]).toEqual([1, 0]);
  });

  test("somebody else's user is not taken away for it, and where nothing can be seen the address is told", async () => {
    const served = await startEntrance({ added: () => "lost", lists: () => false });
    const other = await startEntrance({ added: () => 502 });
    stops.push(served.stop, other.stop);
    const unseen = await find("user", subject({}, { ingress: served.ingress }));
    expect(unseen).toMatchObject({
      ...problem(expect.stringMatching(/; it is not known whether verify-\d+@example.org was created$/)),
      advice: expect.stringMatching(/^delete verify-\d+@example.org/),
    });
    (other.users as Map<string, string>).set("/api/v1/users/8", JSON.stringify({ email: "ana@example.org" }));
    expect(await find("user", subject({}, { ingress: other.ingress }))).toMatchObject({ state: "problem" });
    expect([...other.users.keys()]).toEqual(["/api/v1/users/8"]);
  });

  test("a removal that is refused is tried again, and told with the address when it never succeeds", async () => {
    let refusals = 2;
    const later = await startEntrance({ refuses: () => (refusals-- > 0 ? 429 : undefined) });
    const never = await startEntrance({ refuses: () => 503 });
    stops.push(later.stop, never.stop);
    await find("user", subject({}, { ingress: later.ingress }));
    expect([...later.users]).toEqual([]);
    const left = await find("user", subject({}, { ingress: never.ingress }));
    expect(left).toMatchObject(problem(expect.stringMatching(/^verify-\d+@example.org was created .* could not be deleted: 503$/)));
  });
});
