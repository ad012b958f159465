import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { ApiClient } from "../../tools/apiserver/client.ts";
import { expiring, selfSigned } from "../certificate.ts";
import type { Manifest } from "../manifests.ts";
import { Cluster, NAMESPACE } from "./server-cluster.ts";

jest.setTimeout(15 * 60_000); // the first run of a machine builds kube-apiserver

const ALL = ["mysql-accounts", "webapp", "grafana", "grafana-key", "certificate-authority", "webapp-certificate", "mysql-certificate"];
const DAY = 86_400_000;
const OURS = { "app.kubernetes.io/managed-by": "cloudnova-bootstrap" };

let cluster: Cluster;
beforeAll(async () => {
  cluster = await Cluster.start();
});
afterAll(() => cluster?.stop());

const versions = () => Promise.all(ALL.map(async (name) => (await cluster.secret(name))?.metadata.resourceVersion));

async function certificate(name: string) {
  const pem = await cluster.value(name, "tls.crt");
  const leaf = new X509Certificate(pem);
  const authority = new X509Certificate(await cluster.value("certificate-authority", "tls.crt"));
  const days = (Date.parse(leaf.validTo) - Date.now()) / DAY;
  const key = createPrivateKey(await cluster.value(name, "tls.key"));
  return { leaf, authority, days, matches: leaf.checkPrivateKey(key), chain: pem.match(/BEGIN CERTIFICATE/g)?.length };
}

test("the first run makes all that is absent, the second changes nothing", async () => {
  const first = await cluster.bootstrap();
  expect(first).toMatch(/mysql-accounts: made root, webapp, migrator, exporter/);
  const before = await versions();
  expect(before).not.toContain(undefined);
  expect(await cluster.bootstrap()).not.toMatch(/made|issued/);
  expect(await versions()).toEqual(before);
});

test("passwords are long, different, and safe in SQL and in option files", async () => {
  const values = await Promise.all(["root", "webapp", "migrator", "exporter"].map((key) => cluster.value("mysql-accounts", key)));
  expect(new Set(values).size).toBe(4);
  for (const value of values) expect(value).toMatch(/^[\w-]{43}$/);
});

test.each([
  ["webapp-certificate", "localhost", 365],
  ["mysql-certificate", "mysql.cloudnova.svc", 3600],
])("%s is signed by the authority, names %s and lasts %d days", async (name, host, days) => {
  const made = await certificate(name);
  expect(made.leaf.checkHost(host)).toBe(host);
  expect(made.leaf.checkIssued(made.authority)).toBe(true);
  expect(made.leaf.verify(made.authority.publicKey)).toBe(true);
  expect(made.authority.ca).toBe(true);
  expect(made.leaf.ca).toBe(false);
  expect(Math.round(made.days)).toBe(days);
  expect(made).toMatchObject({ matches: true, chain: 2 });
  expect(await cluster.value(name, "ca.crt")).toBe(await cluster.value("certificate-authority", "tls.crt"));
});

test("a password that is there is never overwritten; a key that a newer version needs is added", async () => {
  await cluster.setSecret("mysql-accounts", { root: "it's \\ mine", webapp: "also" });
  expect(await cluster.bootstrap()).toMatch(/mysql-accounts: made migrator, exporter/);
  expect(await cluster.value("mysql-accounts", "root")).toBe("it's \\ mine");
  expect(await cluster.value("mysql-accounts", "webapp")).toBe("also");
  expect(await cluster.value("mysql-accounts", "exporter")).toMatch(/^[\w-]{43}$/);
});

describe("renewal", () => {
  const lasting = (days: number) => (plan: Manifest) => ({
    ...plan,
    certificates: { "webapp-certificate": { ...plan.certificates["webapp-certificate"], days } },
  });

  test("a certificate that soon ends is replaced, its key too; one that does not is kept", async () => {
    await cluster.setSecret("webapp-certificate");
    await cluster.bootstrap(lasting(31));
    const kept = await certificate("webapp-certificate");
    expect(await cluster.bootstrap()).toMatch(/webapp-certificate: is there/);
    await cluster.setSecret("webapp-certificate");
    await cluster.bootstrap(lasting(29));
    const old = await certificate("webapp-certificate");
    expect(await cluster.bootstrap()).toMatch(/webapp-certificate: issued \(28 days were left\)/);
    const renewed = await certificate("webapp-certificate");
    expect(Math.round(renewed.days)).toBe(365);
    expect(renewed.matches).toBe(true);
    expect(new Set([kept, old, renewed].map(({ leaf }) => leaf.fingerprint256)).size).toBe(3);
  });

  test("a changed host is a changed certificate", async () => {
    const renamed = (plan: Manifest) => ({
      ...plan,
      certificates: { "webapp-certificate": { names: ["app.example.com"], days: 365, renew: 30 } },
    });
    expect(await cluster.bootstrap(renamed)).toMatch(/webapp-certificate: issued \(its names changed\)/);
    expect((await certificate("webapp-certificate")).leaf.checkHost("app.example.com")).toBe("app.example.com");
    expect(await cluster.bootstrap()).toMatch(/its names changed/);
  });

  test("one that somebody else issued is left alone, as is one that is none", async () => {
    const foreign = { "tls.crt": await cluster.value("mysql-certificate", "tls.crt"), "tls.key": "theirs" };
    await cluster.setSecret("mysql-certificate", foreign); // without our label
    await cluster.setSecret("certificate-authority");
    expect(await cluster.bootstrap()).toMatch(/left alone, .* nor in a Secret that was made here\nmysql-certificate: is there/);
    expect(await cluster.value("mysql-certificate", "tls.crt")).toBe(foreign["tls.crt"]);
    expect(await cluster.value("mysql-certificate", "tls.key")).toBe("theirs");
    const bought = selfSigned("DNS:localhost", 90, "A real authority");
    await cluster.setSecret("webapp-certificate", { "tls.crt": bought.cert, "tls.key": bought.key }, OURS);
    expect(await cluster.bootstrap()).toMatch(/left alone, not issued by this authority/);
    expect(await cluster.value("webapp-certificate", "tls.crt")).toBe(bought.cert);
    await cluster.setSecret("webapp-certificate", { "tls.crt": "nonsense" });
    expect(await cluster.bootstrap()).toMatch(/left alone, not issued by this authority/);
    expect(await cluster.value("webapp-certificate", "tls.crt")).toBe("nonsense");
  });
});

describe("the authority", () => {
  /** Leaves it so many days, with its key. */
  async function expire(days: number, labels?: Record<string, string>): Promise<void> {
    const key = await cluster.value("certificate-authority", "tls.key");
    await cluster.setSecret("certificate-authority", { "tls.crt": expiring(key, days), "tls.key": key }, labels);
  }

  beforeEach(async () => {
    for (const name of ["certificate-authority", "webapp-certificate", "mysql-certificate"]) await cluster.setSecret(name);
    await cluster.bootstrap();
  });

  test("is lost: what it signed is issued anew, and clients go on trusting a server that still shows the old one", async () => {
    const old = await certificate("mysql-certificate");
    await cluster.setSecret("certificate-authority");
    const words = await cluster.bootstrap();
    for (const name of ["webapp-certificate", "mysql-certificate"]) {
      expect(words).toContain(`${name}: issued (the authority that signed it is lost)`);
      const { leaf, authority, matches } = await certificate(name);
      expect([matches, leaf.verify(authority.publicKey)]).toEqual([true, true]);
    }
    const [now, former] = (await cluster.value("mysql-certificate", "ca.crt")).split(/(?<=END CERTIFICATE-----\n)/);
    expect(now).toBe(await cluster.value("certificate-authority", "tls.crt"));
    expect(old.leaf.verify(new X509Certificate(former ?? "").publicKey)).toBe(true);
    expect(await cluster.bootstrap()).not.toMatch(/made|issued \(|renewed/);
  });

  test("soon expires: it is renewed with the same key, so that a server's old certificate stays good, and each gets a new one", async () => {
    const old = await certificate("mysql-certificate");
    await expire(399, OURS);
    expect(await cluster.bootstrap()).toMatch(/certificate-authority: renewed \(39[89] days were left\)(.|\n)*mysql-certificate: issued/);
    const renewed = await certificate("mysql-certificate");
    expect(Math.round((Date.parse(renewed.authority.validTo) - Date.now()) / DAY)).toBe(3650);
    expect(old.leaf.checkIssued(renewed.authority)).toBe(true);
    expect(old.leaf.verify(renewed.authority.publicKey)).toBe(true);
    expect(renewed.leaf.fingerprint256).not.toBe(old.leaf.fingerprint256);
    expect(await cluster.bootstrap()).not.toMatch(/issued \(|renewed/);
  });

  test("is somebody else's and soon expires: that is said and the Job fails, with nothing of it changed", async () => {
    await expire(29);
    const before = await cluster.value("certificate-authority", "tls.crt");
    await expect(cluster.bootstrap()).rejects.toThrow(/certificate-authority: 2[89] days are left, and it was not made here: replace it/);
    expect(await cluster.value("certificate-authority", "tls.crt")).toBe(before);
  });
});

test("runs at once agree: every certificate has its key, and all are signed by one authority", async () => {
  for (const name of ALL) await cluster.setSecret(name);
  await Promise.all([cluster.bootstrap(), cluster.bootstrap(), cluster.bootstrap()]);
  for (const name of ["webapp-certificate", "mysql-certificate"]) {
    const { leaf, authority, matches } = await certificate(name);
    expect([name, matches, leaf.verify(authority.publicKey)]).toEqual([name, true, true]);
  }
});

describe("another writer is faster", () => {
  type Before = (method: string, name: string) => Promise<{ status: number; body: unknown } | undefined>;

  /** Runs the script through a server that calls `before` ahead of each request, and answers itself when that says so. */
  async function withWriter(before: Before): Promise<string> {
    const { key, cert } = selfSigned("IP:127.0.0.1");
    const proxy = createServer({ key, cert }, async (request, response) => {
      const text = Buffer.concat(await request.toArray()).toString();
      const { method = "", url = "", headers } = request;
      const own = await before(method, new URL(url, "https://api").pathname.split("/").at(-1) ?? "");
      const client = cluster.server.clientFor(headers.authorization?.replace("Bearer ", "") ?? "");
      const { status, body } = own ?? (await client.call(method, url, text ? JSON.parse(text) : undefined, headers["content-type"]));
      client.close();
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    try {
      return await cluster.bootstrap(undefined, { url: `https://127.0.0.1:${(proxy.address() as AddressInfo).port}`, certificate: cert });
    } finally {
      proxy.closeAllConnections();
      proxy.close();
    }
  }
  const secrets = `/api/v1/namespaces/${NAMESPACE}/secrets`;
  const label = async (name: string, value: string) =>
    void (await cluster.server.client.call(
      "PATCH",
      `${secrets}/${name}`,
      { metadata: { labels: { writer: value } } },
      "application/merge-patch+json",
    ));
  /** Does something ahead of the first request of this kind alone. */
  const once = (wanted: string, act: () => Promise<void>): Before => {
    let done = false;
    return async (method, name) => {
      if (done || `${method} ${name}` !== wanted) return undefined;
      done = true;
      await act();
      return undefined;
    };
  };

  beforeEach(async () => {
    await cluster.setSecret("mysql-accounts", { root: "mine" });
  });

  test("a Secret that is changed meanwhile gets its keys all the same, and keeps the change", async () => {
    const words = await withWriter(once("PATCH mysql-accounts", () => label("mysql-accounts", "gitops")));
    expect(words).toMatch(/mysql-accounts: another writer was faster .*\nmysql-accounts: made webapp, migrator, exporter\n/);
    expect((await cluster.secret("mysql-accounts"))?.metadata.labels).toEqual({ writer: "gitops" });
    expect(await cluster.value("mysql-accounts", "root")).toBe("mine");
    for (const key of ["webapp", "migrator", "exporter"]) expect(await cluster.value("mysql-accounts", key)).toMatch(/^[\w-]{43}$/);
  });

  test("one that is deleted meanwhile is made", async () => {
    const words = await withWriter(once("PATCH mysql-accounts", () => cluster.setSecret("mysql-accounts")));
    expect(words).toMatch(/mysql-accounts: made root, webapp, migrator, exporter\n/);
    expect(await cluster.value("mysql-accounts", "root")).toMatch(/^[\w-]{43}$/);
  });

  test("one that is made meanwhile, with a key less, gets that key and keeps the others", async () => {
    await cluster.setSecret("mysql-accounts");
    const make = () => cluster.setSecret("mysql-accounts", { root: "theirs", webapp: "theirs", migrator: "theirs" });
    const words = await withWriter(once("POST secrets", make));
    expect(words).toMatch(/mysql-accounts: made exporter\n/);
    expect(await cluster.value("mysql-accounts", "root")).toBe("theirs");
    expect(await cluster.value("mysql-accounts", "exporter")).toMatch(/^[\w-]{43}$/);
  });

  test("an authority that another run makes meanwhile signs what this run issues", async () => {
    for (const name of ["certificate-authority", "webapp-certificate", "mysql-certificate"]) await cluster.setSecret(name);
    await cluster.bootstrap();
    const theirs = (await cluster.secret("certificate-authority"))?.data;
    for (const name of ["certificate-authority", "webapp-certificate", "mysql-certificate"]) await cluster.setSecret(name);
    const values = Object.fromEntries(Object.entries(theirs).map(([key, value]) => [key, atob(value as string)]));
    // The passwords are all there, so the first Secret that is made is the authority.
    await withWriter(once("POST secrets", () => cluster.setSecret("certificate-authority", values, OURS)));
    expect((await cluster.secret("certificate-authority"))?.data).toEqual(theirs);
    const { leaf, authority } = await certificate("webapp-certificate");
    expect(leaf.verify(authority.publicKey)).toBe(true);
  });

  test("a writer that never rests: it ends with an error, not as if all were done", async () => {
    let writes = 0;
    const always: Before = async (method, name) => {
      if (method === "PATCH" && name === "mysql-accounts") await label(name, `${writes++}`);
      return undefined;
    };
    await expect(withWriter(always)).rejects.toThrow(/mysql-accounts: another writer was faster 8 times; this Job will be tried again/);
    expect(writes).toBe(8);
    expect((await cluster.secret("mysql-accounts"))?.data.exporter).toBeUndefined();
  });

  test("a namespace that is gone is an error, with the server's words", async () => {
    await cluster.setSecret("mysql-accounts");
    const gone: Before = async (method) =>
      method === "POST" ? { status: 404, body: { message: `namespaces "${NAMESPACE}" not found` } } : undefined;
    await expect(withWriter(gone)).rejects.toThrow(/POST secret \(new\): 404 .*namespaces .* not found/);
  });
});

test("its account may do no more than it needs", async () => {
  const folder = await cluster.accountFolder("bootstrap");
  const read = (file: string) => readFileSync(join(folder, file), "utf8");
  const client = new ApiClient(cluster.server.url, read("ca.crt"), read("token"));
  await cluster.setSecret("somebody-elses", { key: "value" });
  const secrets = `/api/v1/namespaces/${NAMESPACE}/secrets`;
  const status = async (method: string, path: string, body?: unknown) => (await client.call(method, path, body)).status;
  expect(await status("GET", `${secrets}/webapp`)).toBe(200);
  expect(await status("GET", `${secrets}/somebody-elses`)).toBe(403);
  expect(await status("GET", secrets)).toBe(403);
  expect(await status("DELETE", `${secrets}/webapp`)).toBe(403);
  expect(await status("GET", "/api/v1/namespaces/kube-system/secrets")).toBe(403);
  expect(await status("GET", `/api/v1/namespaces/${NAMESPACE}/pods`)).toBe(403);
  client.close();
});

test("without rights it says so at once, with the server's words", async () => {
  const elsewhere = (plan: Manifest) => ({ ...plan, passwords: { "not-mine": ["key"] } });
  await expect(cluster.bootstrap(elsewhere)).rejects.toThrow(/GET secret not-mine: 403 .*forbidden/);
});

describe("Secrets that the earlier program, in Python, has made", () => {
  const MADE = JSON.parse(readFileSync("test/fixtures/python-secrets.json", "utf8")) as Manifest[];
  const data = (name: string) => cluster.secret(name).then((secret) => secret?.data);
  const made = (name: string) => MADE.find(({ metadata }) => metadata.name === name)?.data;

  beforeEach(async () => {
    for (const secret of MADE) {
      await cluster.setSecret(secret.metadata.name);
      const { status } = await cluster.server.client.call("POST", `/api/v1/namespaces/${NAMESPACE}/secrets`, secret);
      expect(status).toBe(201);
    }
  });

  test("are accepted as they are", async () => {
    expect(await cluster.bootstrap()).not.toMatch(/made|issued|renewed|left alone/);
    for (const name of ALL) expect(await data(name)).toEqual(made(name));
  });

  test("go on with the authority: a new certificate is signed by it, and has the bytes of its name and of its key's identifier", async () => {
    await cluster.setSecret("webapp-certificate");
    expect(await cluster.bootstrap()).toMatch(/webapp-certificate: issued \(absent\)/);
    const { leaf, authority } = await certificate("webapp-certificate");
    expect([leaf.checkIssued(authority), leaf.verify(authority.publicKey)]).toEqual([true, true]);
    expect(await data("certificate-authority")).toEqual(made("certificate-authority"));
  });

  test("are issued anew when their authority is lost, and clients go on trusting the old one", async () => {
    await cluster.setSecret("certificate-authority");
    expect(await cluster.bootstrap()).toMatch(/mysql-certificate: issued \(the authority that signed it is lost\)/);
    const [, former] = (await cluster.value("mysql-certificate", "ca.crt")).split(/(?<=END CERTIFICATE-----\n)/);
    expect(former).toBe(atob(made("certificate-authority")["tls.crt"]));
  });
});

test("the backups' private key of age is made where it is absent, and never overwritten", async () => {
  await cluster.setSecret("backup-key");
  expect(await cluster.bootstrap()).toMatch(/^cloudnova\/backup-key: made identity$/m);
  const identity = await cluster.value("backup-key", "identity");
  expect(identity).toMatch(/^AGE-SECRET-KEY-1[0-9A-Z]{58}$/);
  expect(await cluster.bootstrap()).toMatch(/^cloudnova\/backup-key: is there$/m);
  expect(await cluster.value("backup-key", "identity")).toBe(identity);
});
