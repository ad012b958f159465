import { isIPv4 } from "node:net";
import { bech32 } from "@scure/base";
import { Cron } from "croner";
import { z } from "zod";
import { type Form, environment as words } from "../messages/environment.ts";
import { SSH_FORM } from "./ssh-form.ts";
import { currentZone } from "./time-zones.ts";

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

/** What a value must be, in the language of the error message. */
export const must = (what: Form) => ({ error: () => words.forms[what] });

/** What YAML reads as something else than text, though a person may have meant text. */
const isQuotable = (input: unknown): boolean => typeof input === "number" || typeof input === "boolean";

/** A text of one form. The checks after it are not run when it fails. */
const form = (pattern: RegExp, what: Form, longest = 255) =>
  z
    .string({ error: ({ input }) => (isQuotable(input) && pattern.test(`${input}`) ? words.quoted(`${input}`) : words.forms[what]) })
    .max(longest)
    .regex(pattern, { ...must(what), abort: true });

/** Memory or storage: a whole number with `Mi` or `Gi` (Kubernetes' binary units), up to 16384 GiB. */
export const quantity = form(/^[1-9]\d{0,6}(Mi|Gi)$/, "quantity").refine((text) => mebibytes(text) <= 16_384 * 1024, must("mostQuantity"));

/** CPU: millicores such as `50m`, or whole cores such as `"2"`. */
export const cpu = form(/^([1-9]\d{0,4}m|[1-9]\d{0,1})$/, "cpu");

/** Prometheus counts in nanoseconds, in a whole number of 64 bits. */
const LONGEST_SECONDS = 2 ** 63 / 1e9;

/** A duration as Prometheus reads it: `15s`, `5m`, `1h30m`, `15d`, `1y`; longer than zero, and at most 292 years. */
export const duration = form(DURATION, "duration", 40)
  .refine((text) => seconds(text) > 0, { ...must("longerThanZero"), abort: true })
  .refine((text) => seconds(text) < LONGEST_SECONDS, must("longestDuration"));

/** A percentage from 0 to 100. */
export const percent = z.number().min(0).max(100);

/** A TCP port that a user may bind: 1–65535. */
export const port = z.int().min(1).max(65_535);

/** A Kubernetes name: RFC 1123 label, up to 63 characters. */
export const label = form(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, "label");

/** A name that Kubernetes takes for most objects: RFC 1123 subdomain, up to 253 characters; a label of it may be longer than 63. */
export const subdomain = form(/^[a-z0-9]+(?:-+[a-z0-9]+)*(?:\.[a-z0-9]+(?:-+[a-z0-9]+)*)*$/, "subdomain", 253);

/**
 * The name of an application: a Service has it, so it is an RFC 1035 label, which begins with a letter; 30 characters leave room for what
 * objects, databases and namespaces add to it.
 */
export const applicationName = form(/^[a-z]([-a-z0-9]{0,28}[a-z0-9])?$/, "applicationName", 30);

/** The name of an environment variable, as shells take it. */
export const variable = form(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/, "variable", 128);

/** A name of up to 63 characters, after a domain and a slash where it has one (Kubernetes, "Annotations", "Labels and Selectors"). */
const OBJECT_KEY = /^([a-z0-9][-a-z0-9.]{0,252}\/)?[A-Za-z0-9]([-\w.]{0,61}[A-Za-z0-9])?$/;
/** The key of an annotation. */
export const annotationKey = form(OBJECT_KEY, "annotationKey", 317);
/** The key of a label. */
export const labelKey = form(OBJECT_KEY, "labelKey", 317);
/** The value of a label. */
export const labelValue = form(/^[A-Za-z0-9]([-\w.]{0,61}[A-Za-z0-9])?$/, "labelValue", 63);

/** An IPv4 address. */
export const ipv4 = z.ipv4(must("ipv4"));

/** A key of a Secret, which is a file's name too. */
export const secretKey = form(/^(?!\.\.?$)[-._A-Za-z0-9]{1,253}$/, "secretKey", 253);

/** A file or folder of this computer, absolute or from the environment file. */
export const filePath = form(/^[^\p{Cc}]+$/u, "filePath", 1024);

/** A path in a container at which something is mounted; Kubernetes takes no `:` in it, and `..` would lead elsewhere. */
export const absolutePath = form(/^(?!.*\/\.{1,2}(\/|$))(\/[^/:\p{Cc}]+)+$/u, "absolutePath", 512);

/** The path of a request, perhaps with a query. */
export const requestPath = form(/^\/[^\s#\p{Cc}]*$/u, "requestPath", 512);

/** The path under which an Ingress sends requests on: `/`, or segments without a slash at the end. */
export const ingressPath = form(/^(\/|(\/[\w.~-]+)+)$/, "ingressPath", 255).refine(
  (text) => !/\/\.{1,2}(\/|$)/.test(text),
  must("ingressPath"),
);

/** A range of IPv4 addresses. */
export const cidr = z.cidrv4(must("range"));

/** RFC 1123 subdomain: labels of up to 63 characters, 253 in all. */
const nameInDns = form(/^([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\.)*[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, "dnsName", 253);
const isNumeric = (text: string) => /^[\d.]+$/.test(text);

/** A DNS name; never an IP address. */
export const dnsName = nameInDns.refine((text) => !isNumeric(text), must("noAddress"));

/** A DNS name, or an IPv4 address. */
export const publicHost = nameInDns.refine((text) => !isNumeric(text) || isIPv4(text), must("publicHost"));

/** A server as ssh reaches it. */
export const sshServer = form(SSH_FORM, "sshServer");

/** A container image with its version: `name:tag`, `name@sha256:…` or both; `latest` is no version. */
export const image = form(
  /^([a-z0-9.-]+(:\d+)?\/)?[a-z0-9]+([._/-]+[a-z0-9]+)*(:[A-Za-z0-9_][\w.-]{0,127}(@sha256:[0-9a-f]{64})?|@sha256:[0-9a-f]{64})$/,
  "image",
  255,
).refine((text) => !/:latest(@|$)/.test(text), must("noLatest"));

/**
 * A registry with the path before the names of its images: `mirror.example.com`, `10.0.0.7:5000/hub`. The first part has a dot or a port,
 * or is `localhost`: every other one is an owner on Docker Hub (distribution's reference format).
 */
export const registry = form(
  /^(?=[^/]*[.:]|localhost(\/|$))[a-z0-9]+([.-]+[a-z0-9]+)*(:[1-9]\d{0,4})?(\/[a-z0-9]+((\.|__?|-+)[a-z0-9]+)*)*$/,
  "registry",
  128,
).refine((text) => Number(/:(\d+)/.exec(text)?.[1] ?? 0) <= 65_535, must("registryPort"));

const LABEL = "[A-Za-z0-9_](?:[\\w\\-]{0,61}[A-Za-z0-9_])?";
const OCTET = "(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
const IPV4 = `${OCTET}(?:\\.${OCTET}){3}`;
/** A machine's name as resolvers take it (labels of 1 to 63 characters), or its IPv4 address; no name has digits alone. */
const HOST = `(?:${IPV4}|(?!\\d+(?:\\.\\d+)*(?:[:/]|$))${LABEL}(?:\\.${LABEL})*)`;

/** RFC 5322's atom, with the letters of any script that RFC 6532 adds. */
const ATOM = "[\\w\\p{L}\\p{M}\\p{N}!#$%&'*+/=?^`{|}~\\-]+";
const MAIL_LABEL = "[\\w\\p{L}\\p{M}\\p{N}](?:[\\w\\p{L}\\p{M}\\p{N}\\-]{0,61}[\\w\\p{L}\\p{M}\\p{N}])?";

/**
 * A mail address that Alertmanager can send to: RFC 5322's dot-atoms as Go's net/mail.ParseAddress reads them, RFC 5321's
 * lengths. Without a name beside it, without quotes (Go sends the local part without them), and without `{{`, which
 * Alertmanager takes for a template.
 */
export const mailAddress = form(
  new RegExp(`^(?!.*\\{\\{)(?=[^@]{1,64}@)${ATOM}(?:\\.${ATOM})*@(?:${MAIL_LABEL}(?:\\.${MAIL_LABEL})*|\\[${IPV4}\\])$`, "u"),
  "mailAddress",
  254,
);

/** A server and its port: `smtp.example.com:587`, `10.0.0.7:25`. */
export const server = form(new RegExp(`^${HOST}:[1-9]\\d{0,4}$`), "server", 260).refine(
  (text) => portOf(text) <= 65_535,
  must("serverPort"),
);

/** The port of a server as `server` writes it. */
export const portOf = (text: string): number => Number(text.replace(/^.*:/, ""));

/** A time of day from `00:00` to `24:00`, the end of the day. */
export const clock = form(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/, "clock", 5);

/** A time zone of the IANA database under any of its names: `Europe/Madrid`, `America/Argentina/Buenos_Aires`, `CET`, `Etc/GMT+5`. */
export const timeZone = form(/^[A-Z][\w+-]*(\/[\w+-]+){0,2}$/, "timeZone", 64).refine(
  (name) => currentZone(name) !== undefined,
  must("knownTimeZone"),
);

/** The address of a server without a path, such as an S3 store's: `https://s3.us-east-1.amazonaws.com`. */
export const origin = form(new RegExp(`^https?:\\/\\/${HOST}(?::[1-9]\\d{0,4})?$`), "origin", 200).refine(
  (text) => URL.canParse(text),
  must("origin"),
);

/** A bucket of an S3 store (Amazon S3, "General purpose bucket naming rules"). */
export const bucket = form(/^(?!.*\.\.)(?!\d+(?:\.\d+){3}$)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, "bucket", 63);

/** What the names of objects in a store begin with, without a slash at either end. */
export const storePrefix = form(/^[\w.-]+(\/[\w.-]+)*$/, "storePrefix", 200);

/** One field of a schedule: `*`, numbers, ranges and steps; a step needs `*` or a range before it, as croner and Kubernetes both read it. */
const CRON_NUMBER = "(?:\\*|\\d{1,2}(?:-\\d{1,2})?)";
const CRON_FIELD = `(?:${CRON_NUMBER}|(?:\\*|\\d{1,2}-\\d{1,2})/[1-9]\\d?)`;
const CRON_LIST = `${CRON_FIELD}(?:,${CRON_FIELD})*`;

/** The shortest time between two runs of a schedule, ms. */
const LEAST_GAP_MS = 600_000;
/** A Friday noon: with runs at least ten minutes apart, 400 of them reach over the weekend. */
const FRIDAY = new Date("2026-01-02T12:00:00Z");
const RUNS = 400;

/** The times between the next runs of a schedule, ms; none where it never runs. @throws Error when croner does not read it */
function gaps(schedule: string): number[] {
  const runs = new Cron(schedule, { mode: "5-part", utcOffset: 0 }).nextRuns(RUNS, FRIDAY);
  return runs.slice(1).map((run, index) => run.getTime() - (runs[index]?.getTime() ?? 0));
}

/** The longest time between two runs of a schedule that `cronSchedule` accepts, in seconds. */
export const longestGap = (schedule: string): number => Math.max(...gaps(schedule)) / 1000;

function isSchedule(text: string): boolean {
  try {
    const between = gaps(text);
    return between.length > 0 && Math.min(...between) >= LEAST_GAP_MS;
  } catch {
    return false;
  }
}

/** When a CronJob runs: five fields of numbers as Kubernetes reads them (Sunday is 0), at least ten minutes between two runs. */
export const cronSchedule = form(new RegExp(`^${CRON_LIST}(?: ${CRON_LIST}){4}$`), "cron", 100)
  .refine((text) => !/7/.test(text.replace(/^.* /, "").replaceAll(/\/\d+/g, "")), { ...must("cron"), abort: true })
  .refine(isSchedule, must("cron"));

/** Whether bech32 decodes a text to a public key of X25519: 32 bytes, with a checksum that fits. */
function isRecipient(text: string): boolean {
  try {
    const { prefix, bytes } = bech32.decodeToBytes(text);
    return prefix === "age" && bytes.length === 32;
  } catch {
    return false;
  }
}

/** A public key of age (C2SP, "The age file encryption format"). */
export const ageRecipient = form(/^age1[a-z0-9]{58}$/, "ageRecipient", 62).refine(isRecipient, must("ageRecipient"));

/** The address of a page, without a slash at its end. */
export const webAddress = form(new RegExp(`^https?:\\/\\/${HOST}(?::[1-9]\\d{0,4})?(?:\\/[\\w./~\\-]*\\w)?$`), "webAddress", 200).refine(
  (text) => URL.canParse(text),
  must("webAddress"),
);
