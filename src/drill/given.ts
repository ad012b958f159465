import { isIP } from "node:net";
import { ClusterError } from "../cluster/cluster-error.ts";
import { drillWords } from "../messages/drill.ts";

/** Receivers that the user names: they are notified of the drilled alerts beside the drill's own receiver, which records them. */
export interface Given {
  /** An address that takes Alertmanager's webhook. */
  readonly webhook?: string;
  /** A mail server that takes mail without a login, and the recipient. */
  readonly mail?: { readonly smarthost: string; readonly to: string };
}

/** As they stand on the command line. */
export interface GivenOptions {
  readonly webhook?: string;
  readonly smtp?: string;
  readonly to?: string;
}

/** This machine's own names: for Alertmanager they are its own pod. */
const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[?::1\]?)$/;

function reachable(host: string, given: string): void {
  if (LOOPBACK.test(host)) throw new ClusterError(drillWords.loopback(given), drillWords.giveReachable);
}

function webhookOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) throw new ClusterError(drillWords.noWebhook(text), drillWords.giveWebhook);
  reachable(url.hostname, text);
  return text;
}

function smarthostOf(text: string): string {
  const [, host = "", port = ""] = /^([^\s:]+|\[[\da-f:]+\]):(\d+)$/i.exec(text) ?? [];
  if (!host || Number(port) < 1 || Number(port) > 65_535) throw new ClusterError(drillWords.noSmarthost(text), drillWords.giveSmarthost);
  reachable(host, text);
  return text;
}

/** The receivers that options name. @throws ClusterError for an invalid address, and for a mail server without a recipient */
export function givenBy({ webhook, smtp, to }: GivenOptions): Given {
  if ((smtp === undefined) !== (to === undefined)) throw new ClusterError(drillWords.halfMail, drillWords.giveMail);
  if (to !== undefined && !/^[^\s@,]+@[^\s@,]+$/.test(to)) throw new ClusterError(drillWords.noRecipient(to), drillWords.giveMail);
  return {
    ...(webhook !== undefined && { webhook: webhookOf(webhook) }),
    ...(smtp !== undefined && to !== undefined && { mail: { smarthost: smarthostOf(smtp), to } }),
  };
}

/** Hosts and ports that Alertmanager must reach, for its NetworkPolicy. @returns each with `cidr` where the host is an address */
export function forwardTargets({ webhook, mail }: Given): { readonly cidr?: string; readonly port: number }[] {
  const urls = [...(webhook ? [new URL(webhook)] : []), ...(mail ? [new URL(`smtp://${mail.smarthost}`)] : [])];
  return urls.map(({ protocol, hostname, port }) => {
    const host = hostname.replace(/^\[|\]$/g, "");
    const family = isIP(host);
    return { port: Number(port) || (protocol === "https:" ? 443 : 80), ...(family && { cidr: `${host}/${family === 4 ? 32 : 128}` }) };
  });
}
