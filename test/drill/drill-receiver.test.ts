import { parse } from "yaml";
import { withReceiver } from "../../src/drill/drill-receiver.ts";
import { find, type Manifest, manifestsOf, SHIPPED, synthesiseFile } from "../manifests.ts";

const given = (environment: string): string =>
  find(manifestsOf(synthesiseFile(environment)), "ConfigMap", "alertmanager").data["alertmanager.yml"];

interface Route {
  readonly receiver?: string;
  readonly matchers?: readonly string[];
  readonly continue?: boolean;
  readonly routes?: readonly Route[];
}

const holds = (labels: Record<string, string>) => (matcher: string) => {
  const [, label = "", operator, value = ""] = /^(\w+)\s*(=~|!~|!=|=)\s*"(.*)"$/.exec(matcher) ?? [];
  const is = operator?.includes("~") ? new RegExp(`^(?:${value})$`).test(labels[label] ?? "") : (labels[label] ?? "") === value;
  return operator?.startsWith("!") ? !is : is;
};

/** Who is told, by Alertmanager's own rules: the first child that matches, and the next while `continue`; else the parent. */
function told(route: Route, labels: Record<string, string>, inherited = ""): string[] {
  if (!(route.matchers ?? []).every(holds(labels))) return [];
  const receiver = route.receiver ?? inherited;
  const below: string[] = [];
  for (const child of route.routes ?? []) {
    const found = told(child, labels, receiver);
    below.push(...found);
    if (found.length > 0 && !child.continue) break;
  }
  return below.length > 0 ? below : [receiver];
}

const ALERTS = [
  { alertname: "TargetDown", severity: "critical" },
  { alertname: "HighCPUUsage", severity: "warning" },
  { alertname: "Watchdog", severity: "none" },
  { alertname: "SomebodysOwn", severity: "purple" },
];

describe.each(SHIPPED)("%s", (environment) => {
  const before = parse(given(environment));
  const after = parse(withReceiver(given(environment), "10.0.0.9", ["TargetDown", "HighCPUUsage"], ["Watchdog"]));

  test.each(ALERTS)("$alertname reaches whom it reached, and the drill if it is one", (labels) => {
    const drilled = { SomebodysOwn: [], Watchdog: ["cloudnova-drill-beat"] }[labels.alertname] ?? ["cloudnova-drill"];
    expect(told(after.route, labels)).toEqual([...drilled, ...told(before.route, labels)]);
  });

  test("templates, receivers and times stay; mails have the project's own look", () => {
    const { route: _, receivers, inhibit_rules: __, ...rest } = after;
    const { route: ___, receivers: had, inhibit_rules: ____, ...wanted } = before;
    expect(rest).toEqual(wanted);
    expect(receivers.slice(0, -2)).toEqual(had);
    const [{ email_configs: mails, webhook_configs: webhooks }, beat] = receivers.slice(-2);
    expect(beat).toEqual({ name: "cloudnova-drill-beat", webhook_configs: webhooks, email_configs: mails });
    expect(mails[0]).toMatchObject({ smarthost: "10.0.0.9:2525", require_tls: false, send_resolved: true });
    expect(mails[0].html).toContain("cloudnova.mail.html");
    expect(mails[0].headers.Subject).toContain("cloudnova.subject");
    expect(webhooks[0]).toEqual({ url: "http://10.0.0.9:8025/webhook", send_resolved: true });
  });

  test("nothing silences an alert that is drilled; all else is silenced as before", () => {
    for (const [index, rule] of after.inhibit_rules.entries() as Iterable<[number, Manifest]>) {
      const { target_matchers: targets, ...rest } = rule;
      const { target_matchers: had, ...wanted } = before.inhibit_rules[index];
      expect(rest).toEqual(wanted);
      for (const labels of ALERTS.slice(0, 2)) expect(targets.every(holds(labels))).toBe(false);
      expect(targets.slice(0, -1)).toEqual(had);
      expect(holds({ alertname: "LowDiskSpace" })(targets.at(-1))).toBe(true);
    }
  });
});

test("whom the user names is told beside the drill's receiver; of what beats every few seconds only that", () => {
  const text = "route: { receiver: me }\nreceivers: [{ name: me }]\n";
  const given = { webhook: "https://hooks.example.com/a", mail: { smarthost: "mail:25", to: "ops@example.com" } };
  const { receivers } = parse(withReceiver(text, "10.0.0.9", ["TargetDown"], ["Watchdog"], given));
  const told = receivers
    .slice(1)
    .map(({ webhook_configs: webhooks, email_configs: mails }: Manifest) => [
      webhooks.map(({ url }: Manifest) => url),
      mails.map(({ smarthost, to }: Manifest) => `${to} ${smarthost}`),
    ]);
  const own = ["http://10.0.0.9:8025/webhook", "drill@cloudnova.invalid 10.0.0.9:2525"];
  expect(told).toEqual([
    [
      [own[0], given.webhook],
      [own[1], "ops@example.com mail:25"],
    ],
    [[own[0]], [own[1]]],
  ]);
});

test("a configuration without routes and inhibitions keeps its root", () => {
  const text = "route: { receiver: me, group_wait: 30s }\nreceivers: [{ name: me }]\n";
  const { route } = parse(withReceiver(text, "10.0.0.9", [], ["Watchdog"]));
  expect(route.group_wait).toBe("30s");
  expect(told(route, { alertname: "Other" })).toEqual(["me"]);
  expect(told(route, { alertname: "Watchdog" })).toEqual(["cloudnova-drill-beat", "me"]);
});
