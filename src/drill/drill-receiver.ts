import { load } from "js-yaml";
import { MAIL_LOOK } from "../monitoring/alertmanager/receiver-types.ts";
import { toYaml } from "../yaml.ts";
import type { Given } from "./given.ts";

/** The drill's receiver and its ports. */
export const RECEIVER = { name: "cloudnova-drill", smtp: 2525, http: 8025 } as const;

/** The repeat interval of an alert that always fires, during a drill. */
const BEAT = "5s";
/** The receiver of that: only the drill's own, since no other receiver wants a mail every five seconds. */
const BEATING = `${RECEIVER.name}-beat`;

interface Configuration {
  readonly route: { readonly receiver: string; readonly routes?: readonly object[] } & Readonly<Record<string, unknown>>;
  readonly receivers: readonly object[];
  readonly inhibit_rules?: readonly { readonly target_matchers: readonly string[] }[];
}

/**
 * alertmanager.yml with one more receiver, which is notified of these alerts at once. All other receivers are notified as before.
 *
 * @param address where the receiver's pod is
 * @param beating alerts that always fire, notified repeatedly
 * @param given receivers that the user names, notified beside the receiver's pod
 */
export function withReceiver(
  text: string,
  address: string,
  alerts: readonly string[],
  beating: readonly string[],
  given: Given = {},
): string {
  const configuration = load(text) as Configuration;
  const { receiver, routes: own = [], ...rest } = configuration.route;
  const mail = (smarthost: string, to: string) => ({
    to,
    from: "alertmanager@cloudnova.invalid",
    smarthost,
    hello: "alertmanager",
    require_tls: false,
    send_resolved: true,
    ...MAIL_LOOK,
    // By these the receiver knows what a mail is about, whatever its subject says.
    headers: { ...MAIL_LOOK.headers, "X-Cloudnova-Alert": "{{ .CommonLabels.alertname }}", "X-Cloudnova-Status": "{{ .Status }}" },
  });
  const webhook = (url: string) => ({ url, send_resolved: true });
  const webhooks = [webhook(`http://${address}:${RECEIVER.http}/webhook`)];
  const mails = [mail(`${address}:${RECEIVER.smtp}`, "drill@cloudnova.invalid")];
  const theirs = {
    webhook_configs: [...webhooks, ...(given.webhook ? [webhook(given.webhook)] : [])],
    email_configs: [...mails, ...(given.mail ? [mail(given.mail.smarthost, given.mail.to)] : [])],
  };
  const route = (names: readonly string[], name: string, repeat: string) => ({
    receiver: name,
    matchers: [`alertname=~"${names.join("|")}"`],
    // Each alert by itself, so that one that ends is not held up by another that goes on.
    group_by: ["..."],
    group_wait: "1s",
    group_interval: "1s",
    repeat_interval: repeat,
    continue: true,
  });
  const routes = [
    ...(alerts.length > 0 ? [route(alerts, RECEIVER.name, "1h")] : []),
    ...(beating.length > 0 ? [route(beating, BEATING, BEAT)] : []),
    // The root takes what none of its routes does: what was the root lies a level deeper, so that this stays as it was.
    { receiver, routes: own },
  ];
  // One drill may fire an alert that inhibits another's: an outage of the application inhibits its errors.
  const spared = `alertname!~"${alerts.join("|")}"`;
  const inhibitions = (configuration.inhibit_rules ?? []).map((rule) => ({ ...rule, target_matchers: [...rule.target_matchers, spared] }));
  return toYaml({
    ...configuration,
    inhibit_rules: inhibitions,
    route: { ...rest, receiver, routes },
    receivers: [
      ...configuration.receivers,
      { name: RECEIVER.name, ...theirs },
      { name: BEATING, webhook_configs: webhooks, email_configs: mails },
    ],
  });
}
