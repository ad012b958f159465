import fc from "fast-check";
import { timeZoneNames } from "../../src/config/time-zones.ts";
import { GENERATED_SECRETS } from "../../src/secrets.ts";

/** Arbitraries for the values of an environment: of the whole range that the receivers of these values take. */

const UNITS = [
  ["y", 31_536_000],
  ["w", 604_800],
  ["d", 86_400],
  ["h", 3600],
  ["m", 60],
  ["s", 1],
] as const;

/** A number of seconds as Prometheus reads it, in the units from one of them on: `90m` or `1h30m`. */
function spelled(seconds: number, from: number): string {
  let rest = seconds;
  return UNITS.slice(from)
    .map(([unit, size]) => {
      const count = Math.floor(rest / size);
      rest -= count * size;
      return count > 0 ? `${count}${unit}` : "";
    })
    .join("");
}

/** Durations of whole seconds between two bounds, in all forms that Prometheus reads. */
export const durationBetween = (min: number, max: number) =>
  fc.tuple(fc.integer({ min, max }), fc.integer({ min: 0, max: UNITS.length - 1 })).map(([seconds, from]) => spelled(seconds, from));

/** Names that volumes and constructs of the charts have, or had. */
const OWN_NAMES = ["tmp", "run", "files", "tls", "data", "accounts", "service", "pods", "app", "own", "webapp-ca", "tls-secret"];
/** What the bootstrap Job calls the Secrets that it makes. */
const MADE: readonly string[] = Object.values(GENERATED_SECRETS);

/** Any name that Kubernetes takes for a Secret, but those that CloudNova makes. */
export const secretName = fc
  .oneof(
    fc.constantFrom(...OWN_NAMES),
    fc.stringMatching(/^[a-z0-9]([-a-z0-9.]{0,60}[a-z0-9])?$/).filter((name) => !/\.[.-]|-\./.test(name)),
    fc.integer({ min: 64, max: 253 }).map((length) => "x".repeat(length)),
  )
  .filter((name) => !MADE.includes(name));

const atom = fc.stringMatching(/^[A-Za-z0-9!#$%&'*+/=?^_`|~-]{1,12}$/);
const hostLabel = fc.stringMatching(/^[A-Za-z]([A-Za-z0-9-]{0,20}[A-Za-z0-9])?$/);
const host = fc.array(hostLabel, { minLength: 1, maxLength: 4 }).map((labels) => labels.join("."));
const octet = fc.integer({ min: 0, max: 255 });
const ipv4 = fc.tuple(octet, octet, octet, octet).map((octets) => octets.join("."));

/** Mail addresses that Go's net/mail.ParseAddress takes. */
export const mailAddress = fc
  .tuple(
    fc.array(atom, { minLength: 1, maxLength: 4 }),
    fc.oneof({ weight: 5, arbitrary: host }, { weight: 1, arbitrary: ipv4.map((ip) => `[${ip}]`) }),
  )
  .map(([atoms, domain]) => `${atoms.join(".")}@${domain}`);

/** A valid mail address with one fault. */
export const malformedAddress = mailAddress.chain((address) => {
  const [local = "", domain = ""] = address.split(/@(?=[^@]*$)/);
  return fc.constantFrom(
    `${local}..x@${domain}`,
    `.${address}`,
    `${local}.@${domain}`,
    `${local}@x..${domain}`,
    `${address}.`,
    `${local}@.${domain}`,
    `${local} x@${domain}`,
    `${local}@@${domain}`,
    `${"x".repeat(65)}@${domain}`,
    `${local}@${"x".repeat(64)}.example`,
    `X <${address}>`,
    `{{ x }}${address}`,
    local,
    `@${domain}`,
  );
});

/** Mail servers with their port. */
export const server = fc
  .tuple(fc.oneof(host, ipv4), fc.oneof(fc.constantFrom(25, 465, 587, 65_535), fc.integer({ min: 1, max: 65_535 })))
  .map(([name, port]) => `${name}:${port}`);

/** Every name of the IANA database. */
export const timeZone = fc.constantFrom(...timeZoneNames());

/** A time of day, the end of the day included. */
export const clock = fc.oneof(
  fc.constantFrom("00:00", "24:00", "23:59"),
  fc
    .tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }))
    .map((parts) => parts.map((part) => String(part).padStart(2, "0")).join(":")),
);
