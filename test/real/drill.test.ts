import { type ChildProcess, spawn } from "node:child_process";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { once } from "node:events";
import { connect } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { diff } from "../../src/cluster/apply/diff.ts";
import { apply } from "../../src/cluster/apply/index.ts";
import { type KubeObject, refOf } from "../../src/cluster/objects/kube-object.ts";
import { FLUX_RECONCILES } from "../../src/cluster/objects/managers.ts";
import { openManifests } from "../../src/cluster/objects/manifests.ts";
import { Client } from "../../src/cluster/transport/client.ts";
import { connect as connectTo } from "../../src/cluster/transport/connection.ts";
import { Discovery } from "../../src/cluster/transport/discovery.ts";
import { loadEnvironment } from "../../src/config/load.ts";
import { CATALOGUE } from "../../src/drill/catalogue.ts";
import { Changes } from "../../src/drill/changes.ts";
import { markerObject, podObject, policies, policyToGiven, savedObject } from "../../src/drill/drill-pods.ts";
import type { Message } from "../../src/drill/timeline.ts";
import { type ApiServer, startApiServer } from "../../tools/apiserver/server.ts";
import { freePorts } from "../../tools/common/ports.ts";
import { ensure } from "../../tools/toolchain/ensure.ts";

jest.setTimeout(15 * 60_000); // the first run of a machine builds kube-apiserver

describe("what a drill changes, on a real API server", () => {
  const source = openManifests("dist/kind");
  const options = { environment: "kind", force: false, adopt: false, full: false };
  let api: ApiServer;
  let client: Client;
  let changes: Changes;

  beforeAll(async () => {
    api = await startApiServer();
    client = new Client(await connectTo({ kubeconfig: api.kubeconfig }));
    changes = new Changes(client, new Discovery(client), source);
    await apply(client, new Discovery(client), source, options, { applied: () => undefined, note: () => undefined });
    // A controller of a whole cluster makes it.
    const account = { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "default", namespace: source.namespace } };
    await changes.put(account);
  });
  afterAll(async () => {
    client?.close();
    await api?.stop();
  });

  const differences = () => diff(client, new Discovery(client), source, options);
  const generation = async (object: KubeObject): Promise<number> =>
    (await client.find(await new Discovery(client).path(refOf(object)), "object")).metadata.generation;
  /** Whether Flux leaves it alone. */
  const leftByFlux = async (object: KubeObject): Promise<string | undefined> =>
    (await client.find(await new Discovery(client).path(refOf(object)), "object")).metadata.annotations?.[FLUX_RECONCILES];
  const patches = CATALOGUE.flatMap(({ alert, faults }) =>
    faults(loadEnvironment("environments/kind.yaml").config).flatMap((fault) => (fault.kind === "patch" ? [{ alert, fault }] : [])),
  );

  test.each(patches)("$alert: the fault is seen as a drill's, and restored without a trace", async ({ fault }) => {
    const object = changes.wanted(fault.target.kind, fault.target.name);
    if (!object) throw new Error(`no ${fault.target.name}`);
    const { apiVersion, kind, metadata } = object;
    const broken = { ...fault.patch, apiVersion, kind, metadata: { name: metadata.name, namespace: metadata.namespace } };
    const before = await generation(broken);
    await changes.put(broken);
    expect(await generation(broken)).toBe(before + 1); // the server itself saw that the spec is another
    expect((await changes.touched()).map(({ metadata: { name } }) => name)).toEqual([fault.target.name]);
    expect(await leftByFlux(broken)).toBe("disabled");
    await changes.restore(object);
    await changes.restore(object); // once more: a repair may be cut off and repeated
    expect(await changes.touched()).toEqual([]);
    expect(await leftByFlux(broken)).toBeUndefined();
    expect(await differences()).toEqual([]);
  });

  const files = CATALOGUE.flatMap(({ alert, faults }) =>
    faults(loadEnvironment("environments/kind.yaml").config).flatMap((fault) => (fault.kind === "file" ? [{ alert, fault }] : [])),
  );

  test.each(files)("$alert: its file says something else, and is restored", async ({ fault: { configMap, file, change } }) => {
    const object = changes.wanted("ConfigMap", configMap);
    if (!object) throw new Error(`no ${configMap}`);
    const { apiVersion, kind, metadata, data } = object;
    const changed = change(data[file]);
    expect(changed).not.toBe(data[file]);
    await changes.put({ apiVersion, kind, metadata: { name: metadata.name, namespace: metadata.namespace }, data: { [file]: changed } });
    expect((await changes.touched()).map(({ metadata: { name } }) => name)).toEqual([configMap]);
    await changes.restore(object);
    expect(await changes.touched()).toEqual([]);
    expect(await differences()).toEqual([]);
  });

  test("a rule file is restored; an apply in between would say who holds it", async () => {
    const object = changes.wanted("ConfigMap", "prometheus-rules-targets");
    if (!object) throw new Error("no rules");
    const { apiVersion, kind, metadata } = object;
    const data = { "targets.yaml": "groups: []\n" };
    await changes.put({ apiVersion, kind, metadata: { name: metadata.name, namespace: metadata.namespace }, data });
    expect(await differences()).toMatchObject([
      { outcome: "conflict", advice: "a drill was interrupted; repair it with 'npx cloudnova drill --repair'" },
    ]);
    await changes.restore(object);
    expect(await differences()).toEqual([]);
  });

  test("pods, policies and marker pass Pod Security restricted, are found again and removed", async () => {
    const { namespace } = source;
    const common = { namespace, image: "cloudnova-helper:0.1.0", args: ["receive"] } as const;
    const pods = [
      podObject({ ...common, name: "cloudnova-drill", part: "receiver", port: 8025 }),
      podObject({ ...common, name: "cloudnova-drill-thrash", part: "fault", scratch: true }),
    ];
    const allowed = [...policies(namespace), policyToGiven(namespace, [{ port: 443 }, { port: 25, cidr: "2001:db8::7/128" }])];
    const made = [markerObject(namespace, ["TargetDown"], "now"), ...allowed, ...pods];
    for (const object of made) await changes.put(object);
    expect((await changes.made()).length).toBe(made.length);
    expect((await changes.made("fault")).map(({ name }) => name)).toEqual(["cloudnova-drill-thrash"]);
    await changes.remove();
    for (let left = 30; (await changes.made()).length > 0; left--) {
      if (left === 0) throw new Error("not removed");
      await sleep(1000);
    }
  });

  test("the certificate that was replaced comes back, also when the repair is repeated", async () => {
    const { namespace } = source;
    const path = `/api/v1/namespaces/${namespace}/secrets`;
    const secret = (text: string) => ({ "tls.crt": btoa(`${text} certificate`), "tls.key": btoa(`${text} key`) });
    const metadata = { name: "webapp-certificate", namespace };
    const generated = {
      apiVersion: "v1",
      kind: "Secret",
      metadata,
      type: "kubernetes.io/tls",
      data: { ...secret("real"), "ca.crt": btoa("ca") },
    };
    client.expect(await client.send({ method: "POST", path, body: generated }), "Secret");
    await changes.put(savedObject(generated));
    await changes.merge(`${path}/webapp-certificate`, { data: secret("short-lived") });
    await changes.restoreCertificate();
    await changes.restoreCertificate();
    expect((await client.find(`${path}/webapp-certificate`, "Secret")).data).toEqual(generated.data);
    expect(await changes.made("saved")).toEqual([]);
  });
});

describe("the receiver's program", () => {
  let child: ChildProcess;
  let smtp: number;
  let web: number;

  beforeAll(async () => {
    [smtp = 0, web = 0] = await freePorts(2);
    const helper = join(await ensure("helper"), "cloudnova-helper");
    child = spawn(helper, ["drill", "receive", `${smtp}`, `${web}`], { stdio: "inherit" });
    for (let left = 60; ; left--) {
      if (
        await fetch(`http://127.0.0.1:${web}/ready`).then(
          ({ ok }) => ok,
          () => false,
        )
      )
        return;
      if (left === 0) throw new Error("the receiver does not answer");
      await sleep(250);
    }
  });
  afterAll(() => child?.kill("SIGKILL"));

  // biome-ignore lint/suspicious/noExplicitAny: each test says what it expects of the answer
  const ask = async (path: string): Promise<any> => (await fetch(`http://127.0.0.1:${web}${path}`)).json();

  /** Says each line and returns the first three digits of each answer. */
  async function talk(...lines: readonly string[]): Promise<string[]> {
    const socket = connect(smtp, "127.0.0.1");
    const answers = createInterface({ input: socket })[Symbol.asyncIterator]();
    const codes = [(await answers.next()).value.slice(0, 3)];
    for (const line of lines) {
      socket.write(`${line}\r\n`);
      codes.push((await answers.next()).value.slice(0, 3));
    }
    socket.end();
    await once(socket, "close");
    return codes;
  }

  test("takes a mail as Alertmanager sends it: its headers, its plain text, dots at a line's start", async () => {
    const mail = [
      "Subject: =?utf-8?q?[Cr=C3=ADtica]_algo?=",
      "X-Cloudnova-Alert: TargetDown",
      "X-Cloudnova-Status: firing",
      "Content-Type: multipart/alternative; boundary=b",
      "",
      "--b",
      "Content-Type: text/plain; charset=UTF-8",
      "Content-Transfer-Encoding: quoted-printable",
      "",
      "Runbook: docs/runbooks/TargetDown.es.md",
      "..a dot",
      "--b--",
      ".",
    ].join("\r\n");
    const said = ["EHLO alertmanager", "MAIL FROM:<a@b.invalid>", "RCPT TO:<drill@cloudnova.invalid>", "DATA", mail, "QUIT"];
    expect(await talk(...said)).toEqual(["220", "250", "250", "250", "354", "250", "221"]);
    const [message]: Message[] = await ask("/messages");
    expect(message).toMatchObject({ via: "mail", alert: "TargetDown", status: "firing", subject: "[Crítica] algo" });
    expect(message).toMatchObject({ to: ["drill@cloudnova.invalid"] });
    expect(message?.text).toMatch(/Runbook: docs\/runbooks\/TargetDown.es.md\r?\n\.a dot/);
  });

  test("refuses what comes out of order, and what it does not know", async () => {
    expect(await talk("RCPT TO:<a@b.invalid>", "DATA", "EHLO x", "VRFY a", "NOOP", "QUIT")).toEqual([
      "220",
      "503",
      "503",
      "250",
      "502",
      "250",
      "221",
    ]);
  });

  test("takes a webhook, one message an alert, and gives only what is newer", async () => {
    const before = (await ask("/messages")).length;
    const alert = (status: string) => ({ status, labels: { alertname: "MysqlDown" }, annotations: { summary: "s" } });
    const body = JSON.stringify({ alerts: [alert("firing"), alert("resolved")] });
    expect((await fetch(`http://127.0.0.1:${web}/webhook`, { method: "POST", body })).status).toBe(200);
    const fresh: Message[] = await ask(`/messages?after=${before}`);
    expect(fresh.map(({ number, via, alert: name, status }) => [number, via, name, status])).toEqual([
      [before + 1, "webhook", "MysqlDown", "firing"],
      [before + 2, "webhook", "MysqlDown", "resolved"],
    ]);
  });

  test("makes a certificate that lasts as long as it is asked to", async () => {
    const { certificate, key } = await ask("/certificate?name=app.example.com&days=3");
    const made = new X509Certificate(certificate);
    expect(made.checkHost("app.example.com")).toBe("app.example.com");
    expect(made.checkPrivateKey(createPrivateKey(key))).toBe(true);
    expect((Date.parse(made.validTo) - Date.now()) / 86_400_000).toBeCloseTo(3, 1);
  });
});
