import { z } from "zod";
import { type Form, environment as words } from "../messages/environment.ts";

const MEBI: Record<string, number> = { Mi: 1, Gi: 1024 };
/** Prometheus counts a day as 24 hours, a week as 7 days and a year as 365 days (its documentation, "Time durations"). */
const SECOND: Record<string, number> = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400, w: 604_800, y: 31_536_000 };
const DURATION = /^(?=\d)(?:\d+y)?(?:\d+w)?(?:\d+d)?(?:\d+h)?(?:\d+m)?(?:\d+s)?(?:\d+ms)?$/;

/** A memory or storage quantity such as `64Mi` or `2Gi`, as whole mebibytes (2^20 bytes). */
export function mebibytes(text: string): number {
  const match = /^(\d+)(Mi|Gi)$/.exec(text);
  if (!match?.[1] || !match[2]) throw new RangeError(`not a quantity: ${text}`);
  return Number(match[1]) * (MEBI[match[2]] ?? 1);
}

/** A CPU quantity such as `50m` or `2`, as whole millicores. */
export function millicores(text: string): number {
  return text.endsWith("m") ? Number(text.slice(0, -1)) : Number(text) * 1000;
}

/** Whether a text is a Prometheus duration: whole numbers with units, the largest unit first, each once. */
export const isDuration = (text: string): boolean => DURATION.test(text);

/** A Prometheus duration such as `15s` or `1h30m`, in seconds. @throws RangeError when it is none, such as `1hour` */
export function seconds(text: string): number {
  if (!isDuration(text)) throw new RangeError(`not a duration: ${text}`);
  let total = 0;
  for (const [, value, unit] of text.matchAll(/(\d+)(ms|[smhdwy])/g)) {
    total += Number(value) * (SECOND[unit as string] ?? 0);
  }
  return total;
}

/** What a value must be, in the language that is spoken when it is not. */
export const must = (what: Form) => ({ error: () => words.forms[what] });

/** A text of one form. The checks after it are not run when it fails. */
const form = (pattern: RegExp, what: Form, longest = 255) =>
  z
    .string()
    .max(longest)
    .regex(pattern, { ...must(what), abort: true });

/** Memory or storage: a whole number with `Mi` or `Gi` (Kubernetes' binary units), up to 16384 GiB. */
export const quantity = form(/^[1-9]\d{0,6}(Mi|Gi)$/, "quantity").refine((text) => mebibytes(text) <= 16_384 * 1024, must("mostQuantity"));

/** CPU: millicores such as `50m`, or whole cores such as `"2"`. */
export const cpu = form(/^([1-9]\d{0,4}m|[1-9]\d{0,1})$/, "cpu");

/** A duration as Prometheus writes it: `15s`, `5m`, `1h30m`, `15d`, `1y`; longer than zero. */
export const duration = form(DURATION, "duration", 20).refine((text) => seconds(text) > 0, must("longerThanZero"));

/** A percentage from 0 to 100. */
export const percent = z.number().min(0).max(100);

/** A TCP port that a user may bind: 1–65535. */
export const port = z.int().min(1).max(65_535);

/** A Kubernetes name: RFC 1123 label, up to 63 characters. */
export const label = form(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, "label");

/** A DNS name: RFC 1123 subdomain, labels of up to 63 characters, 253 in all; never an IP address. */
export const dnsName = form(/^([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\.)*[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, "dnsName", 253).refine(
  (text) => !/^[\d.]+$/.test(text),
  must("noAddress"),
);

/** A container image with its version: `name:tag`, `name@sha256:…` or both; `latest` is no version. */
export const image = form(
  /^([a-z0-9.-]+(:\d+)?\/)?[a-z0-9]+([._/-]+[a-z0-9]+)*(:[A-Za-z0-9_][\w.-]{0,127}(@sha256:[0-9a-f]{64})?|@sha256:[0-9a-f]{64})$/,
  "image",
  255,
).refine((text) => !/:latest(@|$)/.test(text), must("noLatest"));

/** A mail address, without a name beside it. */
export const mailAddress = form(/^[^\s@<>,;"]+@[A-Za-z0-9.-]+$/, "mailAddress", 254);

/** A server and its port: `smtp.example.com:587`. */
export const server = form(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?:[1-9]\d{0,4}$/, "server", 260).refine(
  (text) => portOf(text) <= 65_535,
  must("serverPort"),
);

/** The port of a server as `server` writes it. */
export const portOf = (text: string): number => Number(text.replace(/^.*:/, ""));

/** A time of day from `00:00` to `24:00`, the end of the day. */
export const clock = form(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/, "clock", 5);

/** A time zone of the IANA database, such as `Europe/Madrid`, in its capitals: Alertmanager looks for a file of that name. */
export const timeZone = form(/^(UTC|[A-Z][A-Za-z]+(\/[\w+-]+){1,2})$/, "timeZone", 64).refine(known, must("knownTimeZone"));

/** Node takes any capitals, and answers with the name that it prefers: another one altogether for some older and newer names. */
function known(name: string): boolean {
  try {
    const answer = new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone;
    return answer === name || answer.toLowerCase() !== name.toLowerCase();
  } catch {
    return false;
  }
}

/** The address of a page, without a slash at its end. */
export const webAddress = form(/^https?:\/\/[\w.-]+(:\d{1,5})?(\/[\w./~-]*\w)?$/, "webAddress", 200);
