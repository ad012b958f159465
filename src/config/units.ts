import { z } from "zod";

const MEBI: Record<string, number> = { Mi: 1, Gi: 1024 };
const SECOND: Record<string, number> = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };
const DURATION = /^(?:\d+w)?(?:\d+d)?(?:\d+h)?(?:\d+m)?(?:\d+s)?(?:\d+ms)?$/;

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

/** A Prometheus duration such as `15s` or `1h30m`, in seconds. */
export function seconds(text: string): number {
  let total = 0;
  for (const [, value, unit] of text.matchAll(/(\d+)(ms|[smhdw])/g)) {
    total += Number(value) * (SECOND[unit as string] ?? 0);
  }
  return total;
}

/** A text of one form. The checks after it are not run when it fails. */
const form = (pattern: RegExp, error: string, longest = 255) => z.string().max(longest).regex(pattern, { error, abort: true });

/** Memory or storage: a whole number with `Mi` or `Gi` (Kubernetes' binary units), up to 16384 GiB. */
export const quantity = form(/^[1-9]\d{0,6}(Mi|Gi)$/, "a whole number with the unit Mi or Gi, such as 64Mi or 2Gi").refine(
  (text) => mebibytes(text) <= 16_384 * 1024,
  "at most 16384Gi",
);

/** CPU: millicores such as `50m`, or whole cores such as `"2"`. */
export const cpu = form(/^([1-9]\d{0,4}m|[1-9]\d{0,1})$/, 'millicores such as 50m, or whole cores such as "2"');

/** A duration as Prometheus writes it: `15s`, `5m`, `1h30m`, `15d`; longer than zero. */
export const duration = form(DURATION, "a Prometheus duration such as 15s, 5m or 1h30m", 20).refine(
  (text) => seconds(text) > 0,
  "a Prometheus duration longer than zero, such as 15s",
);

/** A percentage from 0 to 100. */
export const percent = z.number().min(0).max(100);

/** A TCP port that a user may bind: 1–65535. */
export const port = z.int().min(1).max(65_535);

/** A Kubernetes name: RFC 1123 label, up to 63 characters. */
export const label = form(
  /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/,
  "lower-case letters, digits and '-', up to 63, starting and ending with a letter or digit",
);

/** A DNS name: RFC 1123 subdomain, labels of up to 63 characters, 253 in all; never an IP address. */
export const dnsName = form(
  /^([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\.)*[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/,
  "a DNS name such as app.example.com, in lower case",
  253,
).refine((text) => !/^[\d.]+$/.test(text), "a DNS name, not an IP address");

/** A container image with its version: `name:tag`, `name@sha256:…` or both; `latest` is no version. */
export const image = form(
  /^([a-z0-9.-]+(:\d+)?\/)?[a-z0-9]+([._/-]+[a-z0-9]+)*(:[A-Za-z0-9_][\w.-]{0,127}(@sha256:[0-9a-f]{64})?|@sha256:[0-9a-f]{64})$/,
  "an image with its version, such as mysql:8.4.11",
  255,
).refine((text) => !/:latest(@|$)/.test(text), "an image with a version: 'latest' is none");

/** A mail address, without a name beside it. */
export const mailAddress = form(/^[^\s@<>,;"]+@[A-Za-z0-9.-]+$/, "a mail address such as ops@example.com", 254);

/** A server and its port: `smtp.example.com:587`. */
export const server = form(
  /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?:[1-9]\d{0,4}$/,
  "a server's name and its port, such as smtp.example.com:587",
  260,
).refine((text) => portOf(text) <= 65_535, "a server's name and a port up to 65535");

/** The port of a server as `server` writes it. */
export const portOf = (text: string): number => Number(text.replace(/^.*:/, ""));

/** A time of day from `00:00` to `24:00`, the end of the day. */
export const clock = form(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/, 'a time of day from "00:00" to "24:00", in quotes', 5);

/** A time zone of the IANA database, such as `Europe/Madrid`, in its capitals: Alertmanager looks for a file of that name. */
export const timeZone = form(/^(UTC|[A-Z][A-Za-z]+(\/[\w+-]+){1,2})$/, "a time zone such as UTC or Europe/Madrid", 64).refine(
  known,
  "a time zone of the IANA database, such as UTC or Europe/Madrid",
);

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
export const webAddress = form(
  /^https?:\/\/[\w.-]+(:\d{1,5})?(\/[\w./~-]*\w)?$/,
  "an address such as https://grafana.example.com, without a slash at its end",
  200,
);
