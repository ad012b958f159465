import { verify as words } from "../../messages/verify.ts";
import { judge, type Verdict } from "../finding.ts";
import { ask, askUnlimited, type IngressEndpoint, originOf } from "../transport/ingress-client.ts";
import type { Check } from "./subject.ts";

/**
 * The value that every answer of the application must carry through the Ingress. Node joins a header that comes twice with a comma, so
 * the whole value is compared: each has one owner (docs/decisions/0009). The first two are Traefik's, the others the application's.
 */
const HEADERS: Readonly<Record<string, RegExp>> = {
  "strict-transport-security": /^max-age=[1-9]\d*$/,
  "x-content-type-options": /^nosniff$/,
  "content-security-policy": /^default-src 'none';[^,]*frame-ancestors 'none'$/,
  "x-frame-options": /^DENY$/,
  "referrer-policy": /^same-origin$/,
  "permissions-policy": /^camera=\(\), geolocation=\(\), microphone=\(\), payment=\(\), usb=\(\)$/,
};
/** A page, and one that is not there: answers of the application itself, good and bad. */
const PAGES: readonly (readonly [path: string, status: number])[] = [
  ["/users", 200],
  ["/no-such-page", 404],
];

async function redirect(ingress: IngressEndpoint): Promise<Verdict> {
  const path = "/users?page=2";
  const { status, headers } = await ask(ingress, path, { secure: false });
  const wanted = `${originOf(ingress)}${path}`;
  const good = [301, 308].includes(status) && headers.location === wanted;
  const saw = words.to(status, String(headers.location ?? words.nowhere));
  return judge(good, good ? saw : `${saw}; ${words.wanted(wanted)}`);
}

async function headers(ingress: IngressEndpoint): Promise<Verdict> {
  const faults = await Promise.all(
    PAGES.map(async ([path, wanted]) => {
      const reply = await askUnlimited(ingress, path);
      const wrong = Object.entries(HEADERS).filter(([name, pattern]) => !pattern.test(String(reply.headers[name] ?? "")));
      return [
        ...(reply.status === wanted ? [] : [`${path} ${reply.status}`]),
        ...wrong.map(([name]) => (reply.headers[name] ? words.is(name, String(reply.headers[name])) : words.isMissing(name))),
        ...(reply.headers.server ? [words.givesAway(String(reply.headers.server))] : []),
      ];
    }),
  );
  const all = [...new Set(faults.flat())];
  return judge(all.length === 0, (all.length > 0 ? all : Object.keys(HEADERS)).join(", "));
}

/** What a browser sees of the sample at the ingress. */
export const applicationChecks: readonly Check[] = [
  { name: "redirect", applies: ({ sample }) => sample, run: ({ ingress }) => redirect(ingress) },
  { name: "headers", applies: ({ sample }) => sample, run: ({ ingress }) => headers(ingress) },
];
