import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { parseEnvironment } from "../../src/config/load.ts";
import { alertmanagerConfiguration } from "../../src/monitoring/alertmanager/index.ts";
import { messageTemplates } from "../../src/monitoring/alertmanager/messages.ts";
import { neededKeys, outsidePorts, receiversOf, SECRET_KEYS } from "../../src/monitoring/alertmanager/secret-keys.ts";
import { alertNames, ruleGroups } from "../../src/monitoring/rules/index.ts";
import { ruleSettings } from "../../src/monitoring/rules/rule-settings.ts";
import { find, type Manifest, manifestsOf, SHIPPED, synthesiseFile, synthesiseText } from "../manifests.ts";

const environment = (alerting: string) => `cluster: k3s\nmachine: { instance: t3.small }\nalerting: ${alerting}\n`;
const alertingOf = (alerting: string) => parseEnvironment(environment(alerting), "trial.yaml").config.alerting;
const EVERY_ALERT = alertNames(ruleGroups(ruleSettings(parseEnvironment(environment("{}"), "trial.yaml").config)));
// biome-ignore lint/suspicious/noExplicitAny: Alertmanager's configuration as data
const configuration = (alerting: string, alerts = EVERY_ALERT): any => alertmanagerConfiguration(alertingOf(alerting), alerts);

const MAIL = "mail: { smarthost: 'smtp.example.com:587', from: a@example.com, to: [b@example.com, c@example.com]";

describe("receivers", () => {
  test("each severity has one, with all that is to be told of it", () => {
    const { receivers } = configuration(`{ ${MAIL} }, telegram: { chat: -7, severities: [critical] }, webhook: { severities: [info] } }`);
    const kinds = receivers.map(({ name, ...rest }: Manifest) => [name, Object.keys(rest)]);
    expect(kinds).toEqual([
      ["critical", ["email_configs", "telegram_configs"]],
      ["warning", ["email_configs"]],
      ["info", ["webhook_configs"]],
      ["nobody", []],
    ]);
  });

  test("without any, the routes are the same and lead to nobody", () => {
    const { receivers, route } = configuration("{}");
    expect(receivers).toEqual(["critical", "warning", "info", "nobody"].map((name) => ({ name })));
    expect(route.routes).toHaveLength(4);
  });

  test("every secret is a file of the Secret", () => {
    const all = `{ ${MAIL}, user: me }, slack: { channel: "#a" }, telegram: { chat: 7 }, webhook: {}, heartbeat: {} }`;
    const text = JSON.stringify(configuration(all));
    const files = [...text.matchAll(/"(\w+_file)":"([^"]+)"/g)].map(([, option, file]) => `${option} ${file}`);
    expect([...new Set(files)].sort()).toEqual([
      "api_url_file /run/secrets/alerting/slack-url",
      "auth_password_file /run/secrets/alerting/smtp-password",
      "bot_token_file /run/secrets/alerting/telegram-token",
      "url_file /run/secrets/alerting/heartbeat-url",
      "url_file /run/secrets/alerting/webhook-url",
    ]);
    expect(neededKeys(alertingOf(all)).sort()).toEqual([...new Set(files.map((one) => one.replace(/^.*\//, "")))].sort());
  });

  test("a mail server's own CA is a file of the Secret too, and its key is asked for", () => {
    const section = `{ ${MAIL}, privateCa: true } }`;
    const [warning] = configuration(section).receivers.filter(({ name }: Manifest) => name === "warning");
    expect(warning.email_configs[0].tls_config).toEqual({ ca_file: "/run/secrets/alerting/smtp-ca.crt" });
    expect(neededKeys(alertingOf(section))).toEqual(["smtp-ca.crt"]);
    expect(JSON.stringify(configuration(`{ ${MAIL} } }`))).not.toContain("tls_config");
  });

  test("an account on port 465 has TLS from the start, whatever requireTls says", () => {
    const mail = "mail: { smarthost: 'mail.internal:465', from: a@example.com, to: [b@example.com], user: a, requireTls: false }";
    expect(receiversOf(alertingOf(`{ ${mail} }`))).toEqual(["mail"]);
  });

  test("a mail server without an account needs no key; a heartbeat is read by nobody", () => {
    const alerting = alertingOf(`{ ${MAIL} }, heartbeat: { port: 8443 } }`);
    expect(neededKeys(alerting)).toEqual(["heartbeat-url"]);
    expect(receiversOf(alerting)).toEqual(["mail"]);
    expect(receiversOf(alertingOf("{ heartbeat: {} }"))).toEqual([]);
    expect(outsidePorts(alerting)).toEqual([587, 8443]);
  });
});

test.each([
  ["5m", "60s", "270s"],
  ["10s", "2s", "9s"],
  ["1m", "12s", "54s"],
])("a heartbeat every %s: the fifth look is the first after the repeat interval", (every, group, repeat) => {
  const [watchdog] = configuration(`{ heartbeat: { every: ${every} } }`).route.routes;
  expect(watchdog).toEqual({
    matchers: ['alertname="Watchdog"'],
    receiver: "heartbeat",
    group_wait: "0s",
    group_interval: group,
    repeat_interval: repeat,
  });
});

describe("quiet hours", () => {
  const intervals = (quiet: string) => configuration(`{ quiet: [${quiet}], timeZone: Europe/Madrid }`).time_intervals[0].time_intervals;
  const times = (start_time: string, end_time: string) => ({ times: [{ start_time, end_time }], location: "Europe/Madrid" });

  test("a night is its evening and the morning of the next day", () =>
    expect(intervals('{ days: [friday, sunday], from: "22:00", to: "07:00" }')).toEqual([
      { weekdays: ["friday", "sunday"], ...times("22:00", "24:00") },
      { weekdays: ["saturday", "monday"], ...times("00:00", "07:00") },
    ]));
  test("every night needs no days", () =>
    expect(intervals('{ from: "22:30", to: "06:00" }')).toEqual([times("22:30", "24:00"), times("00:00", "06:00")]));
  test("an evening ends at midnight", () => expect(intervals('{ from: "20:00", to: "00:00" }')).toEqual([times("20:00", "24:00")]));
  test("a whole day", () =>
    expect(intervals('{ days: [sunday], from: "00:00", to: "24:00" }')).toEqual([{ weekdays: ["sunday"], ...times("00:00", "24:00") }]));

  test.each([
    ["CET", "Europe/Brussels"],
    ["US/Eastern", "America/New_York"],
    ["Etc/GMT+5", "Etc/GMT+5"],
    ["America/Argentina/Buenos_Aires", "America/Argentina/Buenos_Aires"],
    ["Zulu", "UTC"],
  ])("the zone %s is written as %s, which Alertmanager's image has", (given, written) => {
    const text = `cluster: k3s\nmachine: {instance: t3.small}\nalerting:\n  quiet: [{from: 22:00, to: 07:00}]\n  timeZone: ${given}\n`;
    const { data } = find(manifestsOf(synthesiseText(text)), "ConfigMap", "alertmanager");
    expect(parse(data["alertmanager.yml"]).time_intervals[0].time_intervals[0].location).toBe(written);
    expect(data["common.tmpl"] + data["mail.tmpl"]).toContain(`tz "${written}"`);
  });

  test("critical alerts and the heartbeat pass; the rest does not", () => {
    const { route } = configuration('{ heartbeat: {}, quiet: [{ from: "22:00", to: "07:00" }] }');
    expect(route.mute_time_intervals).toBeUndefined();
    expect(route.routes.map(({ receiver, mute_time_intervals }: Manifest) => [receiver, mute_time_intervals ?? []])).toEqual([
      ["heartbeat", []],
      ["nobody", []],
      ["critical", []],
      ["info", ["quiet"]],
      ["warning", ["quiet"]],
    ]);
  });
});

describe("messages", () => {
  test.each(["es", "en"] as const)("in %s: every word is filled in, and every template that is asked for is there", (language) => {
    const files = messageTemplates({ language, timeZone: "UTC", host: "app.example.com" });
    const text = Object.values(files).join("");
    expect(text).not.toMatch(/\[\[|\]\]/);
    const defined = new Set([...text.matchAll(/{{ define "([^"]+)"/g)].map(([, name]) => name));
    const asked = JSON.stringify(configuration(`{ ${MAIL} }, slack: { channel: "#a" }, telegram: { chat: 7 } }`));
    const used = [...`${text}${asked.replaceAll("\\", "")}`.matchAll(/template "([^"]+)"/g)].map(([, name]) => name);
    expect(used.length).toBeGreaterThan(10);
    for (const name of used) expect(defined).toContain(name);
  });
});

describe.each(SHIPPED)("%s", (file) => {
  const manifests = manifestsOf(synthesiseFile(file));
  const rules = manifests
    .filter(({ kind, metadata }) => kind === "ConfigMap" && metadata.name.startsWith("prometheus-rules-"))
    .flatMap(({ data }) => Object.values(data as Record<string, string>))
    .flatMap((text) => parse(text).groups.flatMap((group: Manifest) => group.rules))
    .filter(({ alert }) => alert);

  test("what silences and what is silenced are alerts that exist", () => {
    const { inhibit_rules } = parse(find(manifests, "ConfigMap", "alertmanager").data["alertmanager.yml"]);
    const names = [...JSON.stringify(inhibit_rules).matchAll(/alertname=~?\\"([^"\\]+)/g)].flatMap(([, list = ""]) => list.split("|"));
    expect(names.length).toBeGreaterThan(15);
    expect(rules.map(({ alert }) => alert)).toEqual(expect.arrayContaining([...new Set(names)]));
    expect(names).not.toContain("Watchdog");
  });

  test("an alert leads to its dashboard, where the environment has it", () => {
    const uids = new Set(
      manifests
        .filter(({ metadata }) => metadata.name.startsWith("dashboard-"))
        .flatMap(({ data }) => Object.values(data as Record<string, string>))
        .map((json) => JSON.parse(json).uid),
    );
    expect(rules.length).toBeGreaterThan(40);
    const linked = rules.filter(({ annotations }) => annotations.dashboard_url);
    for (const { annotations } of linked) {
      expect(annotations.dashboard_url).toMatch(/^http:\/\/localhost:\d+\/d\/cloudnova-/);
      expect(uids).toContain(annotations.dashboard_url.replace(/^.*\//, ""));
    }
    if (uids.size === 10) expect(linked).toHaveLength(rules.length);
  });
});

describe("the examples are valid", () => {
  test("what k3s-ec2 shows in comments", () => {
    const text = readFileSync("environments/k3s-ec2.yaml", "utf8").replace(/^#(?=\S| {2})/gm, "");
    expect(receiversOf(parseEnvironment(text, "trial.yaml").config.alerting)).toEqual(["mail"]);
  });
  /** A page's chapters that configure receivers: the lines of the environment, and the keys that their commands bring. */
  const chapters = (page: string) =>
    readFileSync(page, "utf8")
      .split(/^## /m)
      .flatMap((chapter) => {
        const [, lines] = /```yaml\n([\s\S]+?)```/.exec(chapter) ?? [];
        const keys = [...chapter.matchAll(/^kubectl .*--from-file=([\w.-]+)=/gm)].map(([, key = ""]) => key);
        return lines === undefined ? [] : [{ lines, keys }];
      });
  test.each(["docs/alerting.md", "docs/alerting.es.md"])("%s has lines that can be pasted for each receiver, with its Secret", (page) => {
    const found = chapters(page).map(({ lines, keys }) => {
      const { alerting } = parseEnvironment(`cluster: k3s\nmachine: { instance: t3.small }\n${lines}`, "trial.yaml").config;
      return { receivers: receiversOf(alerting), heartbeat: alerting.heartbeat !== undefined, needs: neededKeys(alerting), keys };
    });
    expect(found.map(({ receivers, heartbeat }) => [...receivers, ...(heartbeat ? ["heartbeat"] : [])])).toEqual([
      ["mail"],
      ["mail"],
      ["slack"],
      ["telegram"],
      ["webhook"],
      ["heartbeat"],
      ["mail", "slack", "telegram"],
    ]);
    for (const { needs, keys } of found.slice(0, -1)) expect(keys).toEqual(needs);
    expect(new Set(found.flatMap(({ keys }) => keys))).toEqual(new Set(SECRET_KEYS));
  });
});

test("the Secret is mounted where a receiver needs it, and Alertmanager starts without it", () => {
  const pod = (alerting: string) =>
    find(manifestsOf(synthesiseText(environment(alerting))), "StatefulSet", "alertmanager").spec.template.spec;
  expect(JSON.stringify(pod(`{ ${MAIL} } }`))).not.toContain("/run/secrets/alerting");
  const { volumes, containers } = pod("{ webhook: {} }");
  expect(containers[0].volumeMounts).toContainEqual({ mountPath: "/run/secrets/alerting", name: "receivers", readOnly: true });
  expect(volumes).toContainEqual({ name: "receivers", secret: { secretName: "alerting", optional: true, defaultMode: 0o440 } });
});
