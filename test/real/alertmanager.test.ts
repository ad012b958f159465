import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { parse } from "yaml";
import { pageName } from "../../src/language.ts";
import { selfSigned } from "../certificate.ts";
import type { Manifest } from "../manifests.ts";
import { Alertmanager, type Sent } from "./alertmanager-files.ts";
import { Inbox } from "./inbox.ts";

/**
 * Alerts by the real Alertmanager to a real mail server and to stand-ins of Slack's and Telegram's API, which have the shape
 * of their requests and answers alone.
 */
jest.setTimeout(15 * 60_000);

const RUNBOOKS = "https://example.com/runbooks";
const ACCOUNT = { user: "cloudnova", password: "p w:ñ" };
const environment = (language: string) =>
  `language: ${language}\ningress: { host: app.example.com }\nmonitoring: { runbooks: "${RUNBOOKS}" }`;

let inbox: Inbox;
let ports: { smtp: number; http: number };
let authority: Record<string, string>;
let running: Alertmanager | undefined;

beforeAll(async () => {
  const { key, cert } = selfSigned("IP:127.0.0.1");
  authority = { "/run/secrets/ca.pem": cert };
  inbox = new Inbox({ key, cert }, ACCOUNT);
  ports = await inbox.listen();
});
afterEach(async () => {
  await running?.stop();
  inbox.mails.length = 0;
  inbox.posts.length = 0;
});
afterAll(() => inbox?.close());

const address = (path: string) => `http://127.0.0.1:${ports.http}${path}`;
const mail = () =>
  `mail: { smarthost: "127.0.0.1:${ports.smtp}", from: cloudnova@example.com, to: [ops@example.com, me@example.com], user: ${ACCOUNT.user} }`;
const start = async (alerting: string, secrets: Record<string, string>, language = "es") => {
  const global = { telegram_api_url: address("") };
  running = await Alertmanager.start(alerting, secrets, { environment: environment(language), files: authority, global });
  return running;
};

/** An alert of the environment's own rules, as Prometheus would fill it in. */
function firing({ manifests }: Alertmanager, name: string, value: string, labels: Record<string, string> = {}): Sent {
  const groups = (manifests as Manifest[])
    .filter(({ kind, metadata }) => kind === "ConfigMap" && metadata.name.startsWith("prometheus-rules-"))
    .flatMap(({ data }) => Object.values(data as Record<string, string>).flatMap((text) => parse(text).groups));
  const rule = groups.flatMap(({ rules }) => rules).find(({ alert }) => alert === name);
  const filled = (text: string) =>
    text.replace(/{{ \$labels\.(\w+) }}/g, (_, label) => labels[label] ?? "").replace(/{{ \$value[^}]*}}/g, value);
  const annotations = Object.entries(rule.annotations as Record<string, string>).map(([key, text]) => [key, filled(text)]);
  return { labels: { alertname: name, ...rule.labels, ...labels }, annotations: Object.fromEntries(annotations) };
}
const over = (alert: Sent): Sent => ({ ...alert, endsAt: new Date(Date.now() - 1000).toISOString() });

const WORDS = {
  es: {
    subject: "[Advertencia] CPU alta en node-1 · app.example.com",
    value: "El uso de CPU es de 93.4 % (límite: 80 %) desde hace 5m.",
    since: /Desde \d{4}-\d\d-\d\d \d\d:\d\d CES?T/,
    resolved: "[Resuelta] CPU alta en node-1 · app.example.com",
    links: ["Runbook", "Tablero"],
  },
  en: {
    subject: "[Warning] High CPU usage on node-1 · app.example.com",
    value: "CPU usage has been 93.4 % (limit: 80 %) for 5m.",
    since: /Since \d{4}-\d\d-\d\d \d\d:\d\d CES?T/,
    resolved: "[Resolved] High CPU usage on node-1 · app.example.com",
    links: ["Runbook", "Dashboard"],
  },
} as const;

describe.each(["es", "en"] as const)("in %s", (language) => {
  const words = WORDS[language];
  const runbook = `${RUNBOOKS}/${pageName("HighCPUUsage", language)}`;
  const dashboard = "https://grafana.example.com/d/cloudnova-system";

  test("mail, Slack, Telegram and a webhook are told, with value, runbook and dashboard; and that it is over", async () => {
    const chats = `slack: { channel: "#alerts" }, telegram: { chat: -1001234567890 }, webhook: {}`;
    const links = "grafana: https://grafana.example.com, timeZone: Europe/Madrid";
    const alertmanager = await start(
      `{ ${mail()}, ${chats}, ${links} }`,
      {
        "smtp-password": ACCOUNT.password,
        "slack-url": address("/slack/secret"),
        "telegram-token": "123456:AAsecret",
        "webhook-url": address("/hook?key=secret"),
      },
      language,
    );
    const alert = firing(alertmanager, "HighCPUUsage", "93.4", { instance: "node-1" });
    await alertmanager.send(alert);

    const [message] = await alertmanager.until("a mail", () => inbox.mails.length > 0 && inbox.mails);
    expect(message).toMatchObject({
      subject: words.subject,
      user: ACCOUNT.user,
      secure: true,
      recipients: ["ops@example.com", "me@example.com"],
      from: { address: "cloudnova@example.com" },
    });
    for (const text of [message?.text, message?.html]) {
      expect(text).toContain(words.value);
      expect(text).toMatch(words.since);
      for (const part of [runbook, dashboard, ...words.links, "instance=node-1"]) expect(text).toContain(part);
    }
    expect(message?.html).toContain(`<a href="${runbook}"`);
    expect(message?.html).toContain(`<html lang="${language}">`);

    const [slack] = await alertmanager.until("Slack", () => inbox.at("/slack/secret").length > 0 && inbox.at("/slack/secret"));
    const [attachment] = slack?.body.attachments ?? [];
    expect(slack?.body.channel).toBe("#alerts");
    expect(attachment).toMatchObject({ title: words.subject, color: "warning", mrkdwn_in: expect.arrayContaining(["text"]) });
    for (const part of [words.value, `<${runbook}|${words.links[0]}>`, `<${dashboard}|${words.links[1]}>`])
      expect(attachment.text).toContain(part);

    const bot = "/bot123456:AAsecret/sendMessage";
    const [telegram] = await alertmanager.until("Telegram", () => inbox.at(bot).length > 0 && inbox.at(bot));
    expect(telegram?.body).toMatchObject({ chat_id: "-1001234567890", parse_mode: "HTML" });
    for (const part of [`<b>${words.subject}</b>`, words.value, `<a href="${runbook}">`, `<a href="${dashboard}">`])
      expect(telegram?.body.text).toContain(part);

    const hook = "/hook?key=secret";
    const [json] = await alertmanager.until("the webhook", () => inbox.at(hook).length > 0 && inbox.at(hook));
    expect(json?.body).toMatchObject({ version: "4", status: "firing", receiver: "warning", alerts: [{ labels: alert.labels }] });

    await alertmanager.send(over(alert));
    const last = await alertmanager.until("the mail that it is over", () => inbox.mails.find(({ subject }) => subject === words.resolved));
    expect(last.text).toMatch(language === "es" ? /hasta \d{4}/ : /until \d{4}/);
  });
});

test("an alert of somebody's own rules, without texts and links, is told by its name", async () => {
  const alertmanager = await start(`{ ${mail()} }`, { "smtp-password": ACCOUNT.password });
  await alertmanager.send({ labels: { alertname: "Mine", severity: "critical" } });
  const [message] = await alertmanager.until("a mail", () => inbox.mails.length > 0 && inbox.mails);
  expect(message?.subject).toBe("[Crítica] Mine · app.example.com");
  expect(message?.text).toMatch(/^Crítica · Mine\nMine\n/);
  expect(message?.html).not.toMatch(/<a /);
});

test("a hundred places are one mail, and a message that a chat takes", async () => {
  const secrets = { "smtp-password": ACCOUNT.password, "telegram-token": "1:A" };
  const alertmanager = await start(`{ ${mail()}, telegram: { chat: 7 } }`, secrets);
  const places = Array.from({ length: 100 }, (_, index) => firing(alertmanager, "HighCPUUsage", "93.4", { instance: `<node-${index}>` }));
  await alertmanager.send(...places);
  const [message] = await alertmanager.until("a mail", () => inbox.mails.length > 0 && inbox.mails);
  expect(message?.subject).toBe("[Advertencia] HighCPUUsage (100) · app.example.com");
  expect(message?.html).toContain("CPU alta en &lt;node-99&gt;");
  const [post] = await alertmanager.until("Telegram", () => inbox.posts.length > 0 && inbox.posts);
  expect(post?.body.text.length).toBeLessThan(4096);
  expect(post?.body.text).toContain("CPU alta en &lt;node-0&gt;");
  expect(post?.body.text.trim()).toMatch(/… \(100 en total\)$/);
});

test("while MySQL is down, what that does to the application is not told; nor what a node without its kubelet runs", async () => {
  const alertmanager = await start("{ webhook: {} }", { "webhook-url": address("/hook") });
  const targetDown = (job: string, node: string) => firing(alertmanager, "TargetDown", "", { job, instance: `${job}-of-${node}`, node });
  const consequences = ["WebappServerErrors", "PublicAddressDown", "WebappErrorBudgetBurnsFast"];
  await alertmanager.send(
    firing(alertmanager, "MysqlDown", "0", { instance: "mysql-0" }),
    ...consequences.map((name) => firing(alertmanager, name, "12.0")),
    firing(alertmanager, "HighCPUUsage", "93.4", { instance: "node-1" }),
    targetDown("kubelet", "node-1"),
    targetDown("webapp", "node-1"),
    targetDown("webapp", "node-2"),
  );
  const told = () =>
    inbox.posts.flatMap(({ body }) =>
      body.alerts.map(({ labels }: Manifest) => (labels.node ? `${labels.job} on ${labels.node}` : labels.alertname)),
    );
  await alertmanager.until("four alerts", () => told().length >= 4);
  await sleep(5000);
  expect(told().sort()).toEqual(["HighCPUUsage", "MysqlDown", "kubelet on node-1", "webapp on node-2"]);
  for (const name of consequences) expect((await alertmanager.status(name)).inhibitedBy).toHaveLength(1);
});

test("in quiet hours only critical alerts are told", async () => {
  // From an hour ago to in an hour, by the clock of Auckland: often over midnight.
  const clock = (offset: number) =>
    new Date(Date.now() + offset * 3_600_000).toLocaleTimeString("en-GB", {
      timeZone: "Pacific/Auckland",
      hour: "2-digit",
      minute: "2-digit",
    });
  const quiet = `quiet: [{ from: "${clock(-1)}", to: "${clock(1)}" }], timeZone: Pacific/Auckland`;
  const alertmanager = await start(`{ webhook: {}, ${quiet} }`, { "webhook-url": address("/hook") });
  const [warning, critical] = [firing(alertmanager, "HighCPUUsage", "93.4"), firing(alertmanager, "DiskAlmostFull", "3.0")];
  await alertmanager.send(warning, critical);
  await alertmanager.until("the critical alert", () => inbox.posts.length > 0);
  await sleep(5000);
  expect(inbox.posts.map(({ body }) => body.groupLabels.alertname)).toEqual(["DiskAlmostFull"]);
  expect((await alertmanager.status("HighCPUUsage")).mutedBy).toEqual(["quiet"]);

  await alertmanager.stop();
  inbox.posts.length = 0;
  const awake = await start(`{ webhook: {}, quiet: [{ from: "${clock(2)}", to: "${clock(3)}" }], timeZone: Pacific/Auckland }`, {
    "webhook-url": address("/hook"),
  });
  await awake.send(warning);
  await awake.until("the warning, in other hours", () => inbox.posts.length > 0);
});

test("the heartbeat comes at its time, for as long as the Watchdog fires; nobody else is told of it", async () => {
  const secrets = { "webhook-url": address("/hook"), "heartbeat-url": address("/alive/secret") };
  const alertmanager = await start("{ webhook: { severities: [critical, warning, info] }, heartbeat: { every: 10s } }", secrets);
  await alertmanager.send(firing(alertmanager, "Watchdog", ""));
  const beats = await alertmanager.until("three heartbeats", () => inbox.at("/alive/secret").length >= 3 && inbox.at("/alive/secret"));
  const gaps = beats.slice(1).map(({ at }, index) => (at - (beats[index]?.at ?? 0)) / 1000);
  for (const gap of gaps) expect(Math.abs(gap - 10)).toBeLessThan(2); // a busy machine delivers late
  expect(inbox.at("/hook")).toEqual([]);
});

test("a key that the Secret lacks fails its own receiver alone, in words, and counts as soon as it is there", async () => {
  const alertmanager = await start("{ webhook: {}, telegram: { chat: 7 } }", { "webhook-url": address("/hook") });
  await alertmanager.send(firing(alertmanager, "HighCPUUsage", "93.4"));
  await alertmanager.until("the webhook", () => inbox.at("/hook").length > 0);
  const words = () => readFileSync(alertmanager.log, "utf8");
  await alertmanager.until("what fails", () => words().includes("/run/secrets/alerting/telegram-token: no such file"));
  expect(inbox.posts.filter(({ path }) => path.startsWith("/bot"))).toEqual([]);
  alertmanager.bring("telegram-token", "1:late");
  await alertmanager.until("Telegram", () => inbox.at("/bot1:late/sendMessage").length > 0);
});

test("a mail server whose certificate is from a CA of the user's own is trusted by the Secret's key alone", async () => {
  const { "/run/secrets/ca.pem": certificate = "" } = authority;
  const secrets = { "smtp-password": ACCOUNT.password };
  const section = `{ ${mail().replace(/ }$/, ", privateCa: true }")} }`;
  running = await Alertmanager.start(section, secrets, { environment: environment("es") });
  await running.send(firing(running, "HighCPUUsage", "93.4"));
  const { log } = running;
  await running.until("the missing key", () => readFileSync(log, "utf8").includes("/run/secrets/alerting/smtp-ca.crt"));
  expect(inbox.mails).toEqual([]);
  running.bring("smtp-ca.crt", certificate);
  const [message] = await running.until("a mail", () => inbox.mails.length > 0 && inbox.mails);
  expect(message).toMatchObject({ user: ACCOUNT.user, secure: true });
});

test("a wrong password is told in Alertmanager's log, and no mail goes out", async () => {
  const alertmanager = await start(`{ ${mail()} }`, { "smtp-password": "wrong" });
  await alertmanager.send(firing(alertmanager, "HighCPUUsage", "93.4"));
  await alertmanager.until("the refusal", () => readFileSync(alertmanager.log, "utf8").includes("no account cloudnova with that password"));
  expect(inbox.mails).toEqual([]);
});
